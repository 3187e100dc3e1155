"""Figures on the items of scores: each item, forms that are crossed over, and the change between waves."""

from collections.abc import Collection, Iterator, Sequence

from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, number, span
from app.exports.report.names import wave_name
from app.exports.report.score_totals import Form, ItemTotal, Total
from app.exports.report.words import Words
from app.exports.statistics.balance import difference


def analysis(
    id_: str, own: Sequence[Total], data: ReportData, words: Words, k: int, hide: Collection[int]
) -> Iterator[Figure]:
    """The analysis of the scores of one kind. `hide` are the places of those that are hidden as a whole."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    listed = [(total, wave_name(total.wave, data.programme), place in hide) for place, total in enumerate(own)]
    if rows := tuple(row for total, wave, no in listed for row in _items(total, wave, words, k, hide=no)):
        columns = (words("score"), words("wave"), words("item"), "n", words("mean"), words("rest"))
        yield Figure(f"{id_}-items", words("items_title"), words("items_note"), columns, rows, words=3)
    if rows := tuple(row for total, wave, no in listed for row in _forms(total, wave, words, k, hide=no)):
        names: tuple[str, ...] = ("form", "items", "n", "mean", "sd", "difference", "alpha")
        columns = (words("score"), words("wave"), *(name if name == "n" else words(name) for name in names))
        yield Figure(f"{id_}-forms", words("forms_title"), words("forms_note"), columns, rows, words=3)
    changed = [_change(total, wave, words, k, hide=no) for total, wave, no in listed if total.change is not None]
    if changed:
        names = ("n", "change", "sd", "interval", "correlation", "detectable")
        columns = (words("score"), words("wave"), *(name if name == "n" else words(name) for name in names))
        yield Figure(f"{id_}-change", words("change_title"), words("change_note"), columns, tuple(changed), words=2)


def _items(total: Total, wave: str, words: Words, k: int, *, hide: bool) -> Iterator[tuple[str, ...]]:
    """If one item is small, all of that score and wave are hidden: it would follow from the others and the total."""
    hide = hide or any(one.small(k) for one in total.items)
    yield from (
        (total.rule.title, wave, one.name, *_item_cells(one, total, words, k, hide=hide)) for one in total.items
    )


def _item_cells(one: ItemTotal, total: Total, words: Words, k: int, *, hide: bool) -> tuple[str, ...]:
    if hide:
        return words("hidden"), "", ""
    few = 0 < abs(total.mean.n - one.item.n) < k
    rest = "" if one.item.rest is None else number(one.item.rest, 2)
    return words("hidden") if few else number(one.item.n), number(one.item.mean, 2), rest


def _forms(total: Total, wave: str, words: Words, k: int, *, hide: bool) -> Iterator[tuple[str, ...]]:
    if len(total.forms) < 2:
        return
    hide = hide or any(form.values.n < k for form in total.forms)
    for form in total.forms:
        yield total.rule.title, wave, form.items[0], *_form_cells(form, total.forms[0], words, k, hide=hide)


def _form_cells(form: Form, first: Form, words: Words, k: int, *, hide: bool) -> tuple[str, ...]:
    count = number(len(form.items))
    if hide:
        return count, words("hidden"), "", "", "", ""
    apart = None if form is first else difference(form.values, first.values)
    alpha = "" if form.alpha is None or form.alpha.n < k else number(form.alpha.alpha, 2)
    values = number(form.values.n), number(form.values.mean, 2), number(form.values.variance**0.5, 2)
    return count, *values, words("reference") if form is first else span(apart, share=False), alpha


def _change(total: Total, wave: str, words: Words, k: int, *, hide: bool) -> tuple[str, ...]:
    found = total.change
    if found is None or hide or found.n < k:
        return total.rule.title, wave, words("hidden"), "", "", "", "", ""
    few = 0 < abs(total.mean.n - found.n) < k
    return (
        total.rule.title,
        wave,
        words("hidden") if few else number(found.n),
        number(found.mean, 2),
        number(found.sd, 2),
        span(found.interval, share=False),
        "" if found.r is None else number(found.r, 2),
        number(found.detectable, 2),
    )
