"""The three levels of the evaluation as figures, each apart: nothing here is made of two of them."""

from collections.abc import Iterator

from app.exports.report import figures
from app.exports.report.answers import Scale
from app.exports.report.catalogue import Catalogue
from app.exports.report.figures import Bar, Figure, Line, number, percent, span
from app.exports.report.found import Found
from app.exports.report.names import flow_name, wave_name
from app.exports.report.words import Words
from app.exports.statistics import quantiles
from app.flows.replies.forms import Kind


def knowledge(found: Found, words: Words, k: int) -> Iterator[Figure]:
    """Level 1."""
    cells = found.answers.right.all()
    if cells:
        names = (words("principle"), words("wave"), words("right_column"), words("of"))
        yield figures.grid("right", words("right"), words("right_note"), names, cells, _wave_marks(found), _principles(found), words, k)


def internal(found: Found, words: Words, k: int) -> Iterator[Figure]:
    """Level 2."""
    order = list(_wave_marks(found))
    scales = sorted(found.answers.scales, key=lambda scale: (scale.flow, order.index(scale.wave) if scale.wave in order else len(order)))
    if not scales:
        return
    low, high = _ends(found.known, {scale.flow for scale in scales})
    axis = tuple(((point - low) / (high - low), number(point)) for point in range(int(low), int(high) + 1))
    bars = tuple(_scale_bar(scale, found.known, low, high, words, k) for scale in scales)
    rows = tuple(_scale_row(scale, found.known, words, k) for scale in scales)
    columns = (
        words("scale"), words("wave"), words("items"), "n", words("mean"), words("sd"), words("interval"), words("alpha_n"),
        words("alpha"), words("interval"),
    )
    remarks = () if quantiles.available() else (f"{words('no_feldt')}: {quantiles.WANTS_SCIPY}",)
    yield Figure("scales", words("scales"), words("scales_note"), columns, rows, bars, axis=axis, words=2, remarks=remarks)


def _ends(known: Catalogue, flows: set[str]) -> tuple[float, float]:
    """The ends of the axis that holds all scales."""
    asked = [question for code in flows if code in known.latest for question in known.latest[code].questions.values()]
    lows = [question.low for question in asked if question.kind is Kind.scale and question.low is not None]
    highs = [question.high for question in asked if question.kind is Kind.scale and question.high is not None]
    return min(lows, default=0.0), max(highs, default=10.0)


def _scale_bar(scale: Scale, known: Catalogue, low: float, high: float, words: Words, k: int) -> Bar:
    label = f"{scale.wave}: {flow_name(scale.flow, known)}"
    if scale.mean is None or scale.mean.n < k:
        return Bar(label, None, words("hidden"))
    at, ends = scale.mean.mean, scale.mean.interval
    edges = (None, None) if ends is None else (max(0.0, (ends.low - low) / (high - low)), min(1.0, (ends.high - low) / (high - low)))
    return Bar(label, (at - low) / (high - low), number(at, 2), *edges)


def _scale_row(scale: Scale, known: Catalogue, words: Words, k: int) -> tuple[str, ...]:
    mean = (words("hidden"), "", "", "")
    if scale.mean is not None and scale.mean.n >= k:
        sd = "" if scale.mean.sd is None else number(scale.mean.sd, 2)
        mean = (number(scale.mean.n), number(scale.mean.mean, 2), sd, span(scale.mean.interval, share=False))
    alpha = ("", "", "") if scale.alpha is None else (words("hidden"), "", "")
    if scale.alpha is not None and scale.alpha.n >= k:
        alpha = (number(scale.alpha.n), number(scale.alpha.alpha, 2), span(scale.alpha.interval, share=False))
    return (flow_name(scale.flow, known), wave_name(scale.wave, known), number(scale.items), *mean, *alpha)


def behaviour(found: Found, words: Words, k: int) -> Iterator[Figure]:
    """Level 3, by officers' own account."""
    answers = found.answers
    names = (words("principle"), words("month"), words("applied_column"), words("applicable"))
    cells = answers.applied.all()
    if cells:
        months = {month: month for month in sorted({month for month, _ in cells})}
        yield figures.grid(
            "applied", words("applied"), words("applied_note"), names, cells, months, _principles(found), words, k,
            (words("not_applicable"), answers.not_applicable.all()),
        )
    by_wave = answers.applied_by_wave.all()
    if by_wave:
        yield figures.grid(
            "applied-wave", words("applied_wave"), words("applied_wave_note"), (names[0], words("wave"), *names[2:]), by_wave,
            _wave_marks(found), _principles(found), words, k,
        )
    if answers.last_contacts:
        yield _last_contacts(found, words, k)
    for name, parts in (("reactions", answers.reactions), ("barriers", answers.barriers)):
        listed = sorted(parts.all().items(), key=lambda item: (-item[1].count, item[0]))
        if listed:
            yield figures.categories(name, words(name), words("options_note"), (words("option"), words("answers")), listed, words, k)


def _last_contacts(found: Found, words: Words, k: int) -> Figure:
    rows, lines = [], []
    marks = _wave_marks(found)
    for code, label in _principles(found).items():
        points = []
        for wave in marks:
            mean = found.answers.last_contacts.get((wave, code))
            shown = mean is not None and mean.n >= k
            points.append(mean.mean if mean is not None and shown else None)
            if mean is not None:
                cells = (number(mean.n), percent(mean.mean), span(mean.interval)) if shown else (words("hidden"), "", "")
                rows.append((label, marks[wave], *cells))
        if any(point is not None for point in points):
            lines.append(Line(label, tuple(points)))
    columns = (words("principle"), words("wave"), "n", words("mean"), words("interval"))
    return Figure(
        "last-contacts", words("last_contacts"), words("last_contacts_note"), columns, tuple(rows), lines=tuple(lines),
        marks=tuple(marks.values()), words=2,
    )


def _wave_marks(found: Found) -> dict[str, str]:
    return {wave.suffix: wave_name(wave.suffix, found.known) for wave in found.waves}


def _principles(found: Found) -> dict[str, str]:
    return found.known.principles
