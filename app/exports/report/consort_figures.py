"""The flow of participants as a table and a chart, and the places where arms may tell each other what they receive."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.exports.report.consort import Line
from app.exports.report.figures import Box, Figure, number, percent
from app.exports.report.officers import STATUSES
from app.exports.report.words import Words
from app.exports.statistics.suppression import Part, hidden

_WIDE, _ROW, _GAP = 300.0, 16.0, 26.0


@dataclass(frozen=True, slots=True)
class Hidden:
    """The stages that must not be shown: their totals, and their reasons."""

    totals: Collection[str] = ()
    reasons: Collection[str] = ()

    def has(self, line: Line) -> bool:
        """Whether a line is hidden."""
        return line.stage in self.totals or bool(line.reason and line.stage in self.reasons)


def flow(lines: Sequence[Line], words: Words, out: Hidden = Hidden()) -> Figure:
    """The table and the chart. Of hidden reasons there are no rows."""
    rows = tuple(
        (
            words(line.stage),
            words(line.reason) if line.reason else "",
            line.arm,
            words("hidden") if out.has(line) else number(line.officers),
        )
        for line in lines
        if not (line.reason and out.has(line))
    )
    columns = (words("stage"), words("reason"), words("arm"), words("officers"))
    boxes, arrows = _chart(lines, words, out)
    return Figure(
        "consort", words("consort"), words("consort_note"), columns, rows, words=3, boxes=boxes, arrows=arrows
    )


def small(lines: Sequence[Line], standings: Mapping[str, Part], k: int, *, attrition: bool, letters: bool) -> Hidden:
    """What would tell of fewer than k officers, and what follows from other figures that hide something. `attrition`: who was lost in
    the last wave is hidden there; `letters`: a final disposition is. Reasons of a stage are shown or hidden together, and so are those of
    who was excluded and who left, for they add up to the table of status."""
    few_totals = {line.stage for line in lines if not line.reason and 0 < line.officers < k}
    reasons = {line.stage for line in lines if line.reason and 0 < line.officers < k} | few_totals
    counts = Counter(
        {
            stage: sum(line.officers for line in lines if line.stage == stage and not line.reason)
            for stage in ("assessed", "consented")
        }
    )
    left = bool(hidden([standings.get(name, Part(0, 0)) for name in STATUSES], k, disjoint=True))
    totals = set(few_totals)
    if left or 0 < counts["assessed"] - counts["consented"] < k:
        totals.add("consented")
    one_group = all(not line.arm for line in lines)  # there, who consented is who is allocated
    if few_totals & {"allocated", "excluded"} or (one_group and "consented" in totals):
        every = {line.stage for line in lines} - {"assessed"}
        return Hidden(every, every)
    if left or reasons & {"excluded", "discontinued"}:
        reasons |= {"excluded"}
        totals.add("discontinued")
    if totals & {"received", "not_received"}:
        totals |= {"received", "not_received"}
    if attrition or totals & {"lost_last", "analysed"}:
        totals |= {"lost_last", "analysed"}
    return Hidden(totals, reasons | ({"lost_last"} if letters else set()))


def _chart(
    lines: Sequence[Line], words: Words, out: Hidden
) -> tuple[tuple[Box, ...], tuple[tuple[float, float, float, float], ...]]:
    arms = list(dict.fromkeys(line.arm for line in lines if line.stage == "allocated"))
    wide = max(len(arms), 2) * (_WIDE + _GAP) - _GAP
    middle = 2 + (wide / 2 if len(arms) > 1 else _WIDE / 2)
    top = _box(middle - _WIDE / 2, 2, _text(lines, ("assessed",), "", words, out))
    side = _box(middle + _WIDE / 2 + _GAP, top.y + top.high + 8, _text(lines, ("excluded",), "", words, out))
    drawn = _box(middle - _WIDE / 2, side.y + side.high + 8, _text(lines, ("consented",), "", words, out))
    boxes, arrows = [top, side, drawn], [(middle, top.y + top.high, middle, drawn.y)]
    arrows.append((middle, side.y + side.high / 2, side.x, side.y + side.high / 2))
    start = drawn.y + drawn.high
    steps = (("allocated", "received", "not_received"), ("discontinued", "lost_last"), ("analysed",))
    above = dict.fromkeys(arms, (middle, start))
    for stages in steps:
        y = start + _GAP
        for place, arm in enumerate(arms):
            text = _text(lines, stages, arm, words, out)
            if not text:
                continue
            box = _box(place * (_WIDE + _GAP) + 2, y, text)
            boxes.append(box)
            x = box.x + _WIDE / 2
            arrows.append((*above[arm], x, box.y))
            above[arm] = (x, box.y + box.high)
            start = max(start, box.y + box.high)
    return tuple(boxes), tuple(arrows)


def _box(x: float, y: float, lines: tuple[str, ...]) -> Box:
    return Box(x, y, _WIDE, 12 + _ROW * len(lines), lines)


def _text(lines: Sequence[Line], stages: Sequence[str], arm: str, words: Words, out: Hidden) -> tuple[str, ...]:
    """The lines of a box: a stage with its number, then its reasons. The arm's name stands first where it has one."""
    found = [
        f"{words(line.reason)}: {number(line.officers)}"
        if line.reason
        else f"{words(line.stage)}: {words('hidden') if out.has(line) else number(line.officers)}"
        for stage in stages
        for line in lines
        if line.stage == stage and line.arm == arm and not (line.reason and out.has(line))
    ]
    return (arm, *found) if arm and found and "allocated" in stages else tuple(found)


# -- spill-over -------------------------------------------------------------------------------------------------------

Place = tuple[str, str]
"""An attribute and one of its values."""


def mixed(officers: Mapping[Place, Counter[str]]) -> Iterator[tuple[Place, Counter[str]]]:
    """The places where officers of several arms work."""
    yield from ((place, arms) for place, arms in sorted(officers.items()) if len(arms) > 1)


def spillover(officers: Mapping[Place, Counter[str]], words: Words, k: int) -> Iterator[Figure]:
    """How many values of each attribute have several arms, and how many officers work there; nothing if no attribute has any."""
    by_name: defaultdict[str, list[Counter[str]]] = defaultdict(list)
    for (name, _), arms in sorted(officers.items()):
        by_name[name].append(arms)
    rows = []
    for name, places in by_name.items():
        several = [arms for arms in places if len(arms) > 1]
        there, every = (sum(sum(arms.values()) for arms in some) for some in (several, places))
        few = 0 < there < k or 0 < every - there < k
        cells = (words("hidden"), "") if few else (number(there), percent(there / every))
        rows.append((name, number(len(places)), words("hidden") if few else number(len(several)), *cells))
    if rows:
        names = ("attribute", "places", "places_mixed", "officers_mixed", "share")
        yield Figure("spillover", words("spillover"), words("spillover_note"), tuple(map(words, names)), tuple(rows))
