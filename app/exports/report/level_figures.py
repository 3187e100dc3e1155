"""Figures on the three levels of the evaluation. No figure combines two levels."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.exports.report import figures, item_figures
from app.exports.report.data import ReportData
from app.exports.report.field_reports import LABELLED, Cell, Times
from app.exports.report.figures import PERCENT_AXIS, Bar, Figure, Line, count_cell, number, p_cell, percent, span
from app.exports.report.names import label, wave_name
from app.exports.report.score_totals import Arm, Total
from app.exports.report.words import Words
from app.exports.statistics.balance import difference
from app.exports.statistics.effects import Bounds, Effect
from app.exports.statistics.scales import Alpha
from app.exports.statistics.suppression import Part, Share
from app.flows.language.reports_and_scores import ScoreKind
from app.flows.scoring import RATED

ANALYSED = (ScoreKind.share_right, ScoreKind.mean)
"""Kinds that are a scale of items, which are analysed one by one. What was applied in the field is none."""


def scores(data: ReportData, level: str, words: Words, k: int) -> Iterator[Figure]:
    """The scores of one level, wave by wave: a figure for each kind, for they have no axis in common."""
    waves = [wave.suffix for wave in data.waves]
    for kind in ScoreKind:
        own = [total for total in data.scores if total.rule.level == level and total.rule.kind is kind]
        place = {code: at for at, code in enumerate(dict.fromkeys(total.code for total in own))}
        own.sort(
            key=lambda total: (
                place[total.code],
                waves.index(total.wave) if total.wave in waves else len(waves),
                total.wave,
            )
        )
        if own:
            named = f"{level}-{kind.value.replace('_', '-')}"
            yield _scores(named, kind, own, data, words, k)
            if any(total.arms for total in own):
                yield _compared(f"{named}-arms", own, data, words, k)
                yield _effects(f"{named}-effects", own, data, words, k)
            if kind in ANALYSED:
                yield from item_figures.analysis(named, own, data, words, k, hide=_hidden(own, k))


def _scores(id_: str, kind: ScoreKind, own: Sequence[Total], data: ReportData, words: Words, k: int) -> Figure:
    low, high = min(total.low for total in own), max(total.high for total in own)
    hide = _hidden(own, k)
    is_mean = kind in RATED
    axis = (
        tuple(((point - low) / (high - low), number(point)) for point in range(int(low), int(high) + 1))
        if is_mean
        else PERCENT_AXIS
    )
    bars = []
    for _, group in groupby(enumerate(own), key=lambda item: item[1].code):
        listed = list(group)
        bars.append(Bar(listed[0][1].rule.title, None, "", head=True))
        bars += [_bar(total, low, high, data, words, hide=place in hide) for place, total in listed]
    columns = (
        "n",
        words("mean"),
        words("sd"),
        words("interval"),
        words("items"),
        words("alpha"),
        words("interval"),
        words("alpha_n"),
    )
    if not is_mean:
        columns = (
            "n",
            words("share"),
            words("interval"),
            *((words("lowest"), words("no_occasion")) if kind is ScoreKind.share_applied else ()),
        )
    cells = _mean_cells if is_mean else _share_cells
    rows = tuple(
        (total.rule.title, wave_name(total.wave, data.programme), *cells(total, words, k, hide=place in hide))
        for place, total in enumerate(own)
    )
    return Figure(
        id_,
        words("mean_title" if kind is ScoreKind.mean else kind.value),
        words(f"{kind.value}_note"),
        (words("score"), words("wave"), *columns),
        rows,
        tuple(bars),
        axis=axis,
        words=2,
    )


def _compared(id_: str, own: Sequence[Total], data: ReportData, words: Words, k: int) -> Figure:
    """Arms side by side. If one is small, or those who were not drawn are, all of that score and wave is hidden: how many they are in all
    stands in the figure before it."""
    hide = _hidden_arms(own, k)
    rows = tuple(
        (
            total.rule.title,
            wave_name(total.wave, data.programme),
            arm.name,
            *_arm_cells(arm, total.arms[0], words, hide=place in hide),
        )
        for place, total in enumerate(own)
        for arm in total.arms
        if arm.name
    )
    columns = (words("score"), words("wave"), words("arm"), "n", words("index"), words("sd"), words("difference"))
    return Figure(id_, words("compared"), words("compared_note"), columns, rows, words=3)


def _arm_cells(arm: Arm, first: Arm, words: Words, *, hide: bool) -> tuple[str, ...]:
    if hide:
        return words("hidden"), "", "", ""
    apart = difference(arm.index, first.index)
    ends = "" if apart is None else f"[{number(apart.low, 2)}, {number(apart.high, 2)}]"
    return (
        number(arm.index.n),
        number(arm.index.mean, 2),
        number(arm.index.variance**0.5, 2),
        words("reference") if arm is first else ends,
    )


def _hidden_arms(own: Sequence[Total], k: int) -> set[int]:
    return _hidden(own, k, [total for total in own if any(arm.small(k) for arm in total.arms)])


def _effects(id_: str, own: Sequence[Total], data: ReportData, words: Words, k: int) -> Figure:
    """Arms by intention to treat, hidden as their comparison is."""
    hide = _hidden_arms(own, k)
    rows = tuple(
        (
            total.rule.title,
            wave_name(total.wave, data.programme),
            effect.arm,
            *_effect_cells(
                effect, total.bounds.get(effect.arm), words, first=effect is total.effects[0], hide=place in hide
            ),
        )
        for place, total in enumerate(own)
        for effect in total.effects
    )
    names = ("mean", "difference", "p_clustered", "p_drawn", "lee")
    columns = (words("score"), words("wave"), words("arm"), "n", *map(words, names))
    return Figure(id_, words("effects"), words("effects_note"), columns, rows, words=3)


def _effect_cells(
    effect: Effect, bounds: Bounds | None, words: Words, *, first: bool, hide: bool
) -> tuple[str, str, str, str, str, str]:
    if hide:
        return words("hidden"), "", "", "", "", ""
    n, mean = number(effect.n), number(effect.mean, 3)
    if first or effect.difference is None or effect.interval is None:
        return n, mean, words("reference") if first else "", "", "", ""
    difference = f"{number(effect.difference, 3)} [{number(effect.interval.low, 3)}, {number(effect.interval.high, 3)}]"
    ends = "" if bounds is None else f"[{number(bounds.low, 3)}, {number(bounds.high, 3)}]"
    return n, mean, difference, p_cell(effect.p), p_cell(effect.p_drawn), ends


def _hidden(own: Sequence[Total], k: int, besides: Sequence[Total] = ()) -> set[int]:
    """Those that must not be shown: the small ones and some `besides`, and those of the same wave that contain one, for it would follow
    from them and the others."""
    small = [total for total in own if total.small(k) or total in besides]
    return {
        place
        for place, total in enumerate(own)
        if any(total.wave == other.wave and set(other.rule.items) <= set(total.rule.items) for other in small)
    }


def _bar(total: Total, low: float, high: float, data: ReportData, words: Words, *, hide: bool) -> Bar:
    name = wave_name(total.wave, data.programme)
    if hide:
        return Bar(name, None, words("hidden"))

    def at(value: float) -> float:
        return min(1.0, max(0.0, (value - low) / (high - low)))

    ends = total.mean.interval
    text = number(total.mean.mean, 2) if total.rule.kind in RATED else percent(total.mean.mean)
    return Bar(name, at(total.mean.mean), text, *((None, None) if ends is None else (at(ends.low), at(ends.high))))


def _share_cells(total: Total, words: Words, k: int, *, hide: bool) -> tuple[str, ...]:
    shown = (words("hidden"), "", "")
    if not hide:
        shown = (number(total.mean.n), percent(total.mean.mean), span(total.mean.interval))
    if total.rule.kind is not ScoreKind.share_applied:
        return shown
    few = total.lowest is None or total.lowest.n < k or total.unneeded.small(k)
    lowest = "" if hide or few or total.lowest is None else percent(total.lowest.mean)
    return (*shown, lowest, words("hidden") if total.not_applicable.small(k) else number(total.not_applicable.count))


def _mean_cells(total: Total, words: Words, k: int, *, hide: bool) -> tuple[str, ...]:
    mean = (words("hidden"), "", "", "")
    if not hide:
        sd = "" if total.mean.sd is None else number(total.mean.sd, 2)
        mean = (number(total.mean.n), number(total.mean.mean, 2), sd, span(total.mean.interval, share=False))
    return (*mean, number(len(total.rule.items)), *_alpha_cells(total.alpha, total.mean.n, words, k))


def _alpha_cells(alpha: Alpha | None, n: int, words: Words, k: int) -> tuple[str, str, str]:
    """Those who answered every item are nearly all of those who answered enough: how many, only if the rest is nobody or k."""
    if alpha is None:
        return "", "", ""
    if alpha.n < k:
        return words("hidden"), "", ""
    few = 0 < abs(n - alpha.n) < k
    return number(alpha.alpha, 2), span(alpha.interval, share=False), words("hidden") if few else number(alpha.n)


def application(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """Level 3 from month to month, by officers' own account, and what they tell of it."""
    reports = data.field_reports
    names = (words("principle"), words("month"), words("applied_column"), words("applicable"))
    cells, counts = reports.applied.all(), reports.times
    apart, unneeded = reports.not_applicable.all(), reports.unneeded.all()
    months = sorted({month for month, _ in (*cells, *counts, *apart, *unneeded)})
    codes = dict.fromkeys((*data.programme.principles, *(code for _, code in sorted((*cells, *counts)))))
    principles = {code: label("principle", code, data.programme, words) for code in codes}
    if cells:
        yield figures.grid(
            "applied",
            words("applied"),
            words("applied_note"),
            names,
            cells,
            dict(zip(months, months, strict=True)),
            principles,
            words,
            k,
            {
                words("not_applicable"): lambda cell: count_cell(apart.get(cell, Part(0, 0)), words, k),
                words("unneeded"): lambda cell: count_cell(unneeded.get(cell, Part(0, 0)), words, k),
                words("lowest"): lambda cell: _lowest(cells[cell], unneeded.get(cell, Part(0, 0)), k),
            },
        )
    if counts:
        yield _times(counts, months, principles, words, k)
    for name in LABELLED:
        listed = sorted(reports.labelled[name].all().items(), key=lambda item: (-item[1].count, item[0]))
        if listed:
            yield figures.categories(
                name, words(name), words("options_note"), (words("option"), words("answers")), listed, words, k
            )


def _lowest(share: Share, unneeded: Part, k: int) -> str:
    """The share, if what was not needed counts as not applied. Hidden with any of its parts."""
    hide = share.small(k) or unneeded.small(k) or not share.of + unneeded.count
    return "" if hide else percent(share.yes.count / (share.of + unneeded.count))


def _times(counts: dict[Cell, Times], months: list[str], principles: dict[str, str], words: Words, k: int) -> Figure:
    rows, lines = [], []
    for code, name in principles.items():
        points: list[float | None] = []
        for month in months:
            times = counts.get((month, code))
            hide = times is None or times.small(k)
            points.append(None if times is None or hide else times.mean.mean)
            if times is not None:
                shown = (
                    (words("hidden"), "", "")
                    if hide
                    else (number(times.mean.n), percent(times.mean.mean), span(times.mean.interval))
                )
                rows.append((name, month, *shown))
        if any((month, code) in counts for month in months):
            lines.append(Line(name, tuple(points)))
    columns = (words("principle"), words("month"), "n", words("mean"), words("interval"))
    return Figure(
        "times",
        words("times"),
        words("times_note"),
        columns,
        tuple(rows),
        lines=tuple(lines),
        marks=tuple(months),
        words=2,
    )
