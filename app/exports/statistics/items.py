"""Item analysis: how easy an item is, how well it goes with the others, which items make up a form, and the smallest change of a mean
that a study can detect. Pure functions on plain numbers; None is an item without an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, StatisticsError, correlation, fmean, stdev

from app.exports.statistics import quantiles
from app.exports.statistics.proportions import CONFIDENCE, Interval
from app.exports.statistics.scales import Items

POWER = 0.8
"""The usual probability of detecting a change."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `mean` is the share of right answers, or the mean on the scale; `rest` the correlation with the mean of the same
    person's other items, None if nothing varies or nobody answered another."""

    n: int
    mean: float
    rest: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a mean over the people who have both values. `detectable` is the smallest change that so many people would show
    with a power of .8."""

    n: int
    mean: float
    sd: float
    interval: Interval
    r: float | None
    detectable: float


def item(rows: Sequence[Items], place: int) -> Item | None:
    """The item at a place of all rows; None if nobody answered it."""
    answers = [row[place] for row in rows]
    found = [answer for answer in answers if answer is not None]
    if not found:
        return None
    both = [
        (answer, fmean(others))
        for row, answer in zip(rows, answers, strict=True)
        if answer is not None
        and (others := [value for at, value in enumerate(row) if at != place and value is not None])
    ]
    return Item(len(found), fmean(found), _correlation(both))


def forms(rows: Sequence[Items]) -> list[tuple[int, ...]]:
    """The places of items that people answered together, directly or through others: forms that are crossed over have no item in
    common, and nobody had both at once."""
    found: list[set[int]] = []
    for row in rows:
        own = {place for place, value in enumerate(row) if value is not None}
        if own:
            touched = [form for form in found if form & own]
            found = [form for form in found if not form & own] + [own.union(*touched)]
    return sorted(tuple(sorted(form)) for form in found)


def change(pairs: Sequence[tuple[float, float]], confidence: float = CONFIDENCE) -> Change | None:
    """The change from the first value to the second; None for fewer than two people."""
    if len(pairs) < 2:
        return None
    differences = [after - before for before, after in pairs]
    n, mean, sd = len(pairs), fmean(differences), stdev(differences)
    half = quantiles.student(confidence, n - 1) * sd / sqrt(n)
    return Change(n, mean, sd, Interval(mean - half, mean + half), _correlation(pairs), detectable(sd, n, confidence))


def detectable(sd: float, n: int, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The smallest mean difference that n people show with this power, two-sided, if their differences have this sd: the sd of one value
    times √(2 (1 - r)), with r the correlation of both values."""
    return (quantiles.normal(confidence) + NormalDist().inv_cdf(power)) * sd / sqrt(n)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    try:
        return correlation([one for one, _ in pairs], [other for _, other in pairs])
    except StatisticsError:
        return None
