"""The scores of the programme file over officers, by wave. Values are those of the exported table `scores`, from the same code. No
officer's score leaves this module."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.exports.report.officers import Drawn
from app.exports.report.score_values import ScoreValues, score_values
from app.exports.report.wave_answers import WaveAnswers
from app.exports.source import Source
from app.exports.statistics import items as analysis
from app.exports.statistics import scales
from app.exports.statistics.balance import Moments
from app.exports.statistics.effects import Bounds, Effect, effects, lee_bounds
from app.exports.statistics.items import Change, Item
from app.exports.statistics.proportions import wilson
from app.exports.statistics.scales import Alpha, Mean
from app.exports.statistics.suppression import Part, Share
from app.flows.language import definition as d
from app.flows.language.reports_and_scores import Score, ScoreKind
from app.flows.scoring import RATED
from app.flows.variables import ItemScale, measured


@dataclass(frozen=True, slots=True)
class Arm:
    """One score in one wave over the officers of an arm who have a value: Anderson's index of its items, and the sides of shares."""

    name: str
    index: Moments
    sides: Share | None

    def small(self, k: int) -> bool:
        """Whether it would tell of fewer than k officers."""
        return self.index.n < k or (self.sides is not None and self.sides.small(k))


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """One item over the officers who answered it, and the sides of a right or wrong answer."""

    name: str
    item: Item
    sides: Share | None

    def small(self, k: int) -> bool:
        """Whether it would tell of fewer than k officers."""
        return self.item.n < k or (self.sides is not None and self.sides.small(k))


@dataclass(frozen=True, slots=True)
class Form:
    """The items that officers got together, and the score of those who did."""

    items: tuple[str, ...]
    values: Moments
    alpha: Alpha | None


@dataclass(frozen=True, slots=True)
class Total:
    """One score in one wave over the officers who have a value. `sides` are those of them who had a point and those who missed one,
    of shares only; `not_applicable` those to whom nothing was applicable; `low` and `high` the least and the most that it can be. `arms` in
    the study's order, the first being the one that the others are compared with; those who were not drawn come last, under
    "". None: there are no two arms to compare, or the items do not vary in the first. `lowest` is the mean if what was not needed
    counts as not applied, `unneeded` those who said so of anything. `forms` has one form, or those that are crossed over; `change` is
    from the first wave that has the score. `effects` are the arms by intention to treat, `bounds` Lee's of each arm but the first."""

    code: str
    wave: str
    rule: Score
    mean: Mean
    sides: Share | None
    not_applicable: Part
    alpha: Alpha | None
    low: float = 0.0
    high: float = 1.0
    arms: tuple[Arm, ...] = ()
    lowest: Mean | None = None
    items: tuple[ItemTotal, ...] = ()
    forms: tuple[Form, ...] = ()
    change: Change | None = None
    unneeded: Part = field(default_factory=lambda: Part(0, 0))
    effects: tuple[Effect, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    def small(self, k: int) -> bool:
        """Whether it would tell of fewer than k officers."""
        return self.mean.n < k or (self.sides is not None and self.sides.small(k))


def totals(
    source: Source, answers: WaveAnswers, programmes: Iterable[d.Programme], drawn: Mapping[str, Drawn]
) -> list[Total]:
    """Every score in every wave in which somebody has a value, in the order of the files. `programmes` are the versions that were
    used, the newest last; `drawn` has the draws of officers by their study ids."""
    known: dict[str, Score] = {}
    items: dict[str, ItemScale] = {}
    arms: list[str] = []
    days: dict[str, int] = {}
    for programme in programmes:
        known, items = {**known, **programme.scores}, {**items, **measured(programme)}
        arms = list(programme.study.arms) if programme.study else arms
        for measuring in (one for campaign in programme.campaigns.values() for one in campaign.waves.values()):
            days.setdefault(measuring.suffix, measuring.day)
    columns = score_values(source, answers, drawn)
    first: dict[str, str] = {}
    for code, suffix in sorted(columns, key=lambda key: (days.get(key[1], 0), key[1])):
        first.setdefault(code, suffix)
    allocated = Counter(one.arm for one in drawn.values())
    made = [
        replace(
            total,
            change=_change(columns[code, first[code]], column) if first[code] != suffix else None,
            **_by_arm(total, column, allocated),
        )
        for (code, suffix), column in columns.items()
        if (total := _total(code, suffix, column, items, arms)) is not None
    ]
    order = {code: place for place, code in enumerate(known)}
    return sorted(made, key=lambda total: (order.get(total.code, len(order)), total.code, total.wave))


def _total(code: str, wave: str, column: ScoreValues, items: dict[str, ItemScale], arms: list[str]) -> Total | None:
    mean, not_applicable = scales.mean(column.values), Part(column.not_applicable, column.not_applicable)
    if mean is None:
        return None
    is_rated = column.rule.kind in RATED
    sides = {} if is_rated else column.sides.all()
    compared = _compared(column, sides, arms)
    if is_rated:
        low, high = _ends([items[name] for name in column.rule.items if name in items], column.values)
        alpha = scales.alpha(column.items) if column.rule.kind is ScoreKind.mean else None
        total = Total(code, wave, column.rule, mean, None, not_applicable, alpha, low, high, compared)
        return replace(total, items=_items(column), forms=_forms(column))
    if column.once:
        mean = replace(mean, interval=wilson(round(sum(column.values)), mean.n))
    made = () if column.rule.kind is ScoreKind.straight_line else _items(column)
    lowest = scales.mean(column.lows) if column.rule.kind is ScoreKind.share_applied else None
    return Total(
        code,
        wave,
        column.rule,
        mean,
        sides[None],
        not_applicable,
        None,
        arms=compared,
        lowest=lowest,
        items=made,
        forms=_forms(column),
        unneeded=Part(column.unneeded, column.unneeded),
    )


def _by_arm(total: Total, column: ScoreValues, allocated: Mapping[str, int]) -> dict[str, Any]:
    """The effects of arms and their bounds, if there are arms to compare."""
    arms = [arm.name for arm in total.arms if arm.name]
    if len(arms) < 2:
        return {}
    values = {arm: [one.value for one in column.outcomes if one.arm == arm] for arm in arms}
    every = {arm: [*some, *[None] * (allocated[arm] - len(some))] for arm, some in values.items()}
    bounds = {arm: found for arm in arms[1:] if (found := lee_bounds(every[arm], every[arms[0]])) is not None}
    return {"effects": tuple(effects(column.outcomes, arms)), "bounds": bounds}


def _items(column: ScoreValues) -> tuple[ItemTotal, ...]:
    """The items that anybody answered, in the order of the file."""
    found = []
    for place, name in enumerate(column.rule.items):
        if (made := analysis.item(column.items, place)) is not None:
            answers = [row[place] for row in column.items if row[place] is not None]
            right = sum(answer == 1 for answer in answers)
            sides = Share(Part(right, right), Part(len(answers) - right, len(answers) - right), len(answers))
            found.append(ItemTotal(name, made, None if column.rule.kind in RATED else sides))
    return tuple(found)


def _forms(column: ScoreValues) -> tuple[Form, ...]:
    made = []
    for places in analysis.forms(column.items):
        rows = [[row[place] for place in places] for row in column.items]
        values = [value for value, row in column.by_officer.values() if any(row[place] is not None for place in places)]
        names = tuple(column.rule.items[place] for place in places)
        made.append(
            Form(names, Moments.of(values), scales.alpha([row for row in rows if any(one is not None for one in row)]))
        )
    return tuple(made)


def _change(before: ScoreValues, after: ScoreValues) -> Change | None:
    """The change over the officers who have the score in both waves."""
    both = before.by_officer.keys() & after.by_officer.keys()
    return analysis.change([(before.by_officer[one][0], after.by_officer[one][0]) for one in sorted(both)])


def _compared(column: ScoreValues, sides: Mapping[str | None, Share], order: list[str]) -> tuple[Arm, ...]:
    """Arms by Anderson's index; none if there is nothing to compare, or nothing to compare with."""
    there = {arm for arm, _ in column.arms}
    names = sorted(there - {""}, key=lambda arm: (order.index(arm) if arm in order else len(order), arm))
    if len(names) < 2:
        return ()
    # Whoever was not drawn is standardised as well: that they are few must not show.
    try:
        found = scales.index([row for _, row in column.arms], [arm == names[0] for arm, _ in column.arms])
    except ValueError:
        return ()
    values = {
        name: [value for (arm, _), value in zip(column.arms, found, strict=True) if arm == name and value is not None]
        for name in (*names, "")
    }
    return tuple(Arm(name, Moments.of(own), sides.get(name)) for name, own in values.items() if own)


def _ends(items: list[ItemScale], values: list[float]) -> tuple[float, float]:
    """The ends of a scale; of one whose items are in no version any more, what its values need."""
    lows, highs = (
        (
            [end for end in ends if end is not None]
            for ends in zip(*((item.low, item.high) for item in items), strict=True)
        )
        if items
        else ([], [])
    )
    return min(lows, default=float(int(min(values)))), max(highs, default=float(int(max(values)) + 1))
