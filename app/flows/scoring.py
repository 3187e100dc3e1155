"""Scores one officer in one measurement wave. Pure; the checks ensure that a score has one level. An unanswered item
never counts as wrong, and "don't know" never as right."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import sqrt

from app.flows.language.reports_and_scores import Score, ScoreKind
from app.flows.variables import ItemScale

DOES_NOT_KNOW, NOT_APPLICABLE, UNNEEDED, SKIPPED = "d", "n", "u", "s"
_UNKNOWN = ItemScale()
RATED = (ScoreKind.mean, ScoreKind.acquiescence)
"""Kinds on the scale of their items. All others are shares."""


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The last valid answer to an item. `missing` is an extended missing code; `s` if the flow skipped the question."""

    value: str | None = None
    number: float | None = None
    missing: str | None = None
    correct: bool | None = None


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """The result of a score. If `value` is None, `missing` is its code and `reason` the cause. `points` out of
    `possible`; `raw_sum` is the sum of a scale before items are reversed. `unneeded` counts the items that, the officer says, were
    not needed: `value` leaves them out, `low` counts them as not applied. `se` is the standard error of a share of right answers.
    `by_item` has the points of each item in the order of the file, None for one without an answer."""

    items: int
    answered: int
    possible: float
    points: float
    raw_sum: float | None
    value: float | None
    missing: str | None = None
    reason: str | None = None
    unneeded: int = 0
    low: float | None = None
    se: float | None = None
    by_item: tuple[float | None, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Point:
    points: float
    possible: float
    raw: float = 0.0
    unneeded: bool = False


def score(
    rule: Score,
    items: Mapping[str, ItemScale],
    given: Mapping[str, ItemAnswer],
    never_put: Collection[str] = (),
) -> ScoreResult:
    """One score of one officer in one wave. `items` has the scale of each variable, `given` the answers. The items `never_put`
    belong to a variant that the officer did not get: the score is of the others."""
    is_applied = rule.kind is ScoreKind.share_applied
    count = sum(name not in never_put for name in rule.items) if never_put else len(rule.items)
    each = [_point(rule.kind, items.get(name, _UNKNOWN), given[name]) if name in given else None for name in rule.items]
    found = [point for point in each if point is not None]
    excused = sum(name in given and given[name].missing == SKIPPED for name in rule.items) if is_applied else 0
    points, possible = sum(point.points for point in found), sum(point.possible for point in found)
    raw = sum(point.raw for point in found) if rule.kind in RATED else None
    by_item = tuple(None if point is None else point.points for point in each)
    if rule.kind is ScoreKind.straight_line and found:
        points, possible = float(len({point.points for point in found}) == 1), 1
    value, missing, reason = _value(rule.minimum * count, len(found) + excused, points, possible)
    unneeded = sum(point.unneeded for point in found) if is_applied else 0
    low = points / (possible + unneeded) if missing != "m" and possible + unneeded > 0 else None
    return ScoreResult(
        count,
        len(found),
        possible,
        points,
        raw,
        value,
        missing,
        reason,
        unneeded,
        low if is_applied else None,
        _error(value, len(found)) if rule.kind is ScoreKind.share_right else None,
        by_item,
    )


def _value(
    minimum: float, answered: int, points: float, possible: float
) -> tuple[float | None, str | None, str | None]:
    """The value; or None, with the code and the reason."""
    if answered == 0:
        return None, "m", "not_answered"
    if answered < minimum - 1e-9:
        return None, "m", "too_few"
    return (None, "n", "not_applicable") if possible == 0 else (points / possible, None, None)


def _error(share: float | None, items: int) -> float | None:
    """The standard error of one officer's share of right answers, if other items of the same kind had been asked (Lord 1955, 1957). It
    is 0 where all or none are right, which says too much."""
    return None if share is None or items < 2 else sqrt(share * (1 - share) / (items - 1))


def _point(kind: ScoreKind, item: ItemScale, given: ItemAnswer) -> _Point | None:
    """The points of one answer; None if it does not count."""
    match kind:
        case ScoreKind.share_right:
            is_answer = given.missing == DOES_NOT_KNOW or (given.missing is None and given.correct is not None)
            return _Point(float(given.missing is None and bool(given.correct)), 1) if is_answer else None
        case ScoreKind.mean:
            return None if given.missing is not None or given.number is None else _rated(item, given.number)
        case ScoreKind.acquiescence | ScoreKind.straight_line:
            raw = None if given.missing is not None else given.number
            return None if raw is None else _Point(raw, 1, raw)
        case ScoreKind.share_applied:
            return _applied(item, given)


def _rated(item: ItemScale, number: float) -> _Point | None:
    if not item.reverse:
        return _Point(number, 1, number)
    return None if item.low is None or item.high is None else _Point(item.low + item.high - number, 1, number)


def _applied(item: ItemScale, given: ItemAnswer) -> _Point | None:
    """Applied or not, out of one time or out of the number of times that the question counts."""
    said = given.value if given.missing is None else given.missing
    if said in {NOT_APPLICABLE, UNNEEDED}:
        return _Point(0, 0, unneeded=said == UNNEEDED)
    if given.missing is not None or given.number is None:
        return None
    return _Point(given.number, item.high or 1)
