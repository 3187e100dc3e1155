"""The scores of the programme file over officers, by wave. Values are those of the exported table `scores`, from the same code. No
officer's score leaves this module."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.exports.report.tally import Parts, Shares
from app.exports.source import Source
from app.exports.statistics import scales
from app.exports.statistics.balance import Moments
from app.exports.statistics.proportions import wilson
from app.exports.statistics.scales import Alpha, Items, Mean
from app.exports.statistics.suppression import Part, Share
from app.exports.tables import scores
from app.flows.language import definition as d
from app.flows.language.reports_and_scores import Score, ScoreKind
from app.flows.scoring import RATED, ScoreResult
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
class Total:
    """One score in one wave over the officers who have a value. `sides` are those of them who had a point and those who missed one,
    of shares only; `not_applicable` those to whom nothing was applicable; `low` and `high` the least and the most that it can be. `arms` in
    the study's order, the first being the one that the others are compared with; those who were not drawn come last, under
    "". None: there are no two arms to compare, or the items do not vary in the first. `lowest` is the mean if what was not needed
    counts as not applied, `unneeded` those who said so of anything."""

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
    unneeded: Part = field(default_factory=lambda: Part(0, 0))

    def small(self, k: int) -> bool:
        """Whether it would tell of fewer than k officers."""
        return self.mean.n < k or (self.sides is not None and self.sides.small(k))


@dataclass(slots=True)
class _ScoreValues:
    """One score in one wave, officer by officer. `once`: each value is one answer, right or wrong, done or not."""

    rule: Score
    values: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    unneeded: Parts[str] = field(default_factory=Parts)
    once: bool = True
    sides: Shares[str | None] = field(default_factory=Shares)
    not_applicable: Parts[str] = field(default_factory=Parts)
    items: list[Items] = field(default_factory=list)
    arms: list[tuple[str, Items]] = field(default_factory=list)

    def add(self, officer: str, arm: str, rule: Score, scored: ScoreResult) -> None:
        by_name = dict(zip(rule.items, scored.by_item, strict=True))
        row = [by_name.get(name) for name in self.rule.items]  # an earlier version of the score may have had others
        if scored.reason == "not_applicable":
            self.not_applicable.add("", officer)
        if scored.answered:
            self.items.append(row)
        if scored.low is not None:
            self.lows.append(scored.low)
        if scored.unneeded:
            self.unneeded.add("", officer)
        if scored.value is None:
            return
        self.values.append(scored.value)
        self.arms.append((arm, row))
        self.once = self.once and scored.possible == 1
        for group in (None, arm):
            self.sides.add_some(group, officer, scored.points, scored.possible)


def totals(source: Source, programmes: Iterable[d.Programme], arms_by_officer: Mapping[str, str]) -> list[Total]:
    """Every score in every wave in which somebody has a value, in the order of the files. `programmes` are the versions that were
    used, the newest last; `drawn` has the arms of officers by their study ids."""
    known: dict[str, Score] = {}
    items: dict[str, ItemScale] = {}
    arms: list[str] = []
    for programme in programmes:
        known, items = {**known, **programme.scores}, {**items, **measured(programme)}
        arms = list(programme.study.arms) if programme.study else arms
    columns: dict[tuple[str, str], _ScoreValues] = {}
    for (study_id, _, _), waves in scores.officers(source):
        for wave, found in waves.items():
            for code, (rule, scored) in found.items():
                columns.setdefault((code, wave), _ScoreValues(rule)).add(
                    study_id, arms_by_officer.get(study_id, ""), rule, scored
                )
    made = [
        total
        for (code, wave), column in columns.items()
        if (total := _total(code, wave, column, items, arms)) is not None
    ]
    order = {code: place for place, code in enumerate(known)}
    return sorted(made, key=lambda total: (order.get(total.code, len(order)), total.code, total.wave))


def _total(code: str, wave: str, column: _ScoreValues, items: dict[str, ItemScale], arms: list[str]) -> Total | None:
    mean, not_applicable = scales.mean(column.values), column.not_applicable.get("")
    if mean is None:
        return None
    is_rated = column.rule.kind in RATED
    sides = {} if is_rated else column.sides.all()
    compared = _compared(column, sides, arms)
    if is_rated:
        low, high = _ends([items[name] for name in column.rule.items if name in items], column.values)
        alpha = scales.alpha(column.items) if column.rule.kind is ScoreKind.mean else None
        return Total(code, wave, column.rule, mean, None, not_applicable, alpha, low, high, compared)
    if column.once:
        mean = replace(mean, interval=wilson(round(sum(column.values)), mean.n))
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
        unneeded=column.unneeded.get(""),
    )


def _compared(column: _ScoreValues, sides: Mapping[str | None, Share], order: list[str]) -> tuple[Arm, ...]:
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
