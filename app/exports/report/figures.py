"""Figures for the page: a chart with coordinates from 0 to 1, and a table with every number as text. Small numbers are hidden here,
before any markup is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.exports.report.words import Words
from app.exports.statistics.proportions import Interval, Test, clustered
from app.exports.statistics.suppression import Part, Share, hidden

PERCENT_AXIS = ((0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from 0 to `at`, or none if it is hidden, with the ends of its interval; or the `head` of the bars beneath it."""

    label: str
    at: float | None
    text: str
    low: float | None = None
    high: float | None = None
    head: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line through the points that are shown; None leaves a gap."""

    label: str
    points: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a flow chart at `x`, `y`, with its size and its lines, the first of which is its head."""

    x: float
    y: float
    wide: float
    high: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (bars, lines over `marks`, or boxes with arrows from point to point) with its table. `wide`: how many of the first columns are words."""

    id: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[str, ...] = ()
    axis: tuple[tuple[float, str], ...] = PERCENT_AXIS
    words: int = 1
    remarks: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    arrows: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    id: str
    title: str
    figures: tuple[Figure, ...] = field(default=())
    text: tuple[str, ...] = ()


def number(value: float, digits: int = 0) -> str:
    """A number as Mexico and English write it: 1,234.5."""
    return f"{value:z,.{digits}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share to the tenth of a per cent."""
    return f"{100 * share:.1f} %"


def span(interval: Interval | None, *, share: bool = True) -> str:
    """An interval, as shares or as numbers."""
    if interval is None:
        return ""
    low, high = (percent(end).removesuffix(" %") if share else number(end, 2) for end in (interval.low, interval.high))
    return f"{low}–{high}{' %' if share else ''}"


def p_value(test: Test, words: Words) -> str:
    """A test in one line."""
    name = words(test.name)
    if test.statistic is not None and test.df is not None:
        name += f", {number(test.statistic, 2)} ({test.df})"
    if test.p is None:
        return f"{name}; {words('no_p')}: {test.why}"
    return f"{name}; p {'< 0.001' if test.p < 0.001 else f'= {test.p:.3f}'}"


def p_cell(p: float | None) -> str:
    """A p in a cell; empty if there is none."""
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def share_cells(share: Share, words: Words, *, hide: bool) -> tuple[str, str, str, str]:
    """Numerator, denominator, share and interval."""
    if hide:
        return (words("hidden"),) * 2 + ("", "")
    if not share.of:
        return "0", "0", "", ""
    interval = _interval(share)
    return number(share.yes.count), number(share.of), percent(share.yes.count / share.of), span(interval)


def share_bar(label: str, share: Share, words: Words, *, hide: bool) -> Bar:
    """The bar of a share."""
    interval = None if hide else _interval(share)
    if hide or not share.of:
        return Bar(label, None, words("hidden") if hide else "")
    at = share.yes.count / share.of
    return Bar(label, at, percent(at), *((None, None) if interval is None else (interval.low, interval.high)))


def _interval(share: Share) -> Interval | None:
    return clustered(share.yes.count, share.of, share.officers, share.spread)


def shares(
    id_: str,
    title: str,
    note: str,
    names: tuple[str, str, str],
    groups: Sequence[tuple[str, Share]],
    words: Words,
    k: int,
    *,
    total: Share | None = None,
    disjoint: bool = False,
    hide: bool = False,
    remarks: tuple[str, ...] = (),
) -> Figure:
    """A share for each group. `names` are those of the groups, the numerator and the denominator. With a `total` the groups
    are its parts, and none may follow from the others. `hide`: all of it, for another figure has the total hidden."""
    parts = [share for _, share in groups]
    out = (
        {place for place, part in enumerate(parts) if part.small(k)}
        if total is None
        else hidden(parts, k, disjoint=disjoint)
    )
    hide = hide or (total is not None and total.small(k))
    lines = [(label, share, hide or place in out) for place, (label, share) in enumerate(groups)]
    if total is not None:
        lines.insert(0, (words("all"), total, hide))
    return Figure(
        id_,
        title,
        note,
        (names[0], names[1], names[2], words("share"), words("interval")),
        tuple((label, *share_cells(share, words, hide=no)) for label, share, no in lines),
        tuple(share_bar(label, share, words, hide=no) for label, share, no in lines),
        remarks=() if hide else remarks,
    )


def categories(
    id_: str,
    title: str,
    note: str,
    names: tuple[str, str],
    parts: Sequence[tuple[str, Part]],
    words: Words,
    k: int,
    *,
    disjoint: bool = False,
    hide: bool = False,
) -> Figure:
    """The parts of a total, with the total. `hide`: all of it, for it follows from figures that are hidden."""
    out = hidden([part for _, part in parts], k, disjoint=disjoint)
    total = sum(part.count for _, part in parts)
    people = [part.officers for _, part in parts]
    too_few = hide or 0 < (sum(people) if disjoint else max(people, default=0)) < k

    def count(part: Part, place: int) -> tuple[str, str]:
        if too_few or place in out:
            return words("hidden"), ""
        return number(part.count), percent(part.count / total) if total else ""

    rows = [(label, *count(part, place)) for place, (label, part) in enumerate(parts)]
    bars = [
        Bar(label, None if row[2] == "" else part.count / total, row[2] or row[1])
        for (label, part), row in zip(parts, rows, strict=True)
    ]
    whole = (words("all"), words("hidden") if too_few else number(total), "")
    return Figure(id_, title, note, (names[0], names[1], words("share")), (*rows, whole), tuple(bars))


def funnel(
    id_: str, title: str, note: str, stages: Sequence[tuple[str, Part]], shown: Sequence[bool], words: Words
) -> Figure:
    """How many came to each stage; `stages` says how many came so far and no farther. Shares are of the first, if it is shown."""
    parts = [part for _, part in stages]
    reached = [sum(part.count for part in parts[place:]) for place in range(len(parts))]
    rows, bars = [], []
    for (label, _), count, show in zip(stages, reached, shown, strict=True):
        at = count / reached[0] if show and shown[0] and reached[0] else None
        text = number(count) if show else words("hidden")
        rows.append((label, text, "" if at is None else percent(at)))
        bars.append(Bar(label, at, text))
    return Figure(id_, title, note, (words("step"), words("flows"), words("share")), tuple(rows), tuple(bars))


def grid(
    id_: str,
    title: str,
    note: str,
    names: tuple[str, str, str, str],
    cells: Mapping[tuple[str, str], Share],
    across: Mapping[str, str],
    series: Mapping[str, str],
    words: Words,
    k: int,
    extra: Mapping[str, Callable[[tuple[str, str]], str]],
) -> Figure:
    """Shares by time (`across`, in its order) and series, as lines. `names` are those of both, the numerator and the denominator;
    `extra` has further columns, each with its cells. Nothing is the total of anything here: each cell is judged alone."""
    present = [name for name in series if any(key[1] == name for key in cells)]
    rows, lines = [], []
    for name in present:
        points = []
        for moment in across:
            share = cells.get((moment, name))
            hide = share is None or share.small(k) or not share.of
            points.append(None if share is None or hide else share.yes.count / share.of)
            if share is not None:
                more = [cell((moment, name)) for cell in extra.values()]
                rows.append((series[name], across[moment], *share_cells(share, words, hide=hide), *more))
        lines.append(Line(series[name], tuple(points)))
    return Figure(
        id_,
        title,
        note,
        (*names, words("share"), words("interval"), *extra),
        tuple(rows),
        lines=tuple(lines),
        marks=tuple(across.values()),
        words=2,
    )


def count_cell(part: Part, words: Words, k: int) -> str:
    """A count in a cell, hidden if it is of few officers."""
    return words("hidden") if part.small(k) else number(part.count)
