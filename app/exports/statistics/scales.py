"""Means of scores, Cronbach's alpha with Feldt's interval, and the index of Anderson (2008). Pure functions on plain numbers; None is
an item without an answer. `flows/scoring.py` makes scores of items; the flow file defines the scales, and never mixes the three
levels of the evaluation in one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, variance

from app.exports.statistics import quantiles
from app.exports.statistics.libraries import numpy
from app.exports.statistics.proportions import CONFIDENCE, Interval

Items = Sequence[float | None]

_SINGULAR = 1e10
"""The condition number from which a matrix counts as singular."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its interval by Student's t; a single value has none, nor have equal ones, which say nothing of how others differ."""

    n: int
    mean: float
    sd: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha over the people who answered every item."""

    n: int
    items: int
    alpha: float
    interval: Interval


def mean(values: Sequence[float], confidence: float = CONFIDENCE) -> Mean | None:
    """The mean of values and its interval; None of none."""
    if not values:
        return None
    middle = fmean(values)
    if len(values) < 2:
        return Mean(1, middle, None, None)
    sd = sqrt(variance(values))
    if sd == 0:
        return Mean(len(values), middle, 0.0, None)
    half = quantiles.student(confidence, len(values) - 1) * sd / sqrt(len(values))
    return Mean(len(values), middle, sd, Interval(middle - half, middle + half))


def mean_of_several(values: Collection[Sequence[float]], confidence: float = CONFIDENCE) -> Mean | None:
    """The mean of values of which each officer has some: the interval is of a ratio, clustered by officer, by Student's t. None of none."""
    every = [value for some in values for value in some]
    found = mean(every, confidence)
    if found is None or len(values) == len(every):
        return found
    if len(values) < 2:
        return replace(found, interval=None)
    spread = sum((sum(some) - found.mean * len(some)) ** 2 for some in values)
    variance_ = len(values) / (len(values) - 1) * spread / len(every) ** 2
    half = quantiles.student(confidence, len(values) - 1) * sqrt(variance_)
    return replace(found, interval=Interval(found.mean - half, found.mean + half) if half else None)


def alpha(rows: Sequence[Items], confidence: float = CONFIDENCE) -> Alpha | None:
    """Cronbach's alpha over rows without gaps (Cronbach 1951), with Feldt's interval (Feldt 1965). None for fewer than two items
    or complete rows, or where nobody differs."""
    complete = [[item for item in row if item is not None] for row in rows if None not in row]
    size = len(complete[0]) if complete else 0
    if size < 2 or len(complete) < 2:
        return None
    whole = variance([sum(row) for row in complete])
    if whole == 0:
        return None
    parts = sum(variance(column) for column in zip(*complete, strict=True))
    found = size / (size - 1) * (1 - parts / whole)
    return Alpha(len(complete), size, found, feldt(found, len(complete), size, confidence))


def feldt(found: float, people: int, items: int, confidence: float = CONFIDENCE) -> Interval:
    """Feldt's interval of an alpha: (1 - alpha) F with n - 1 and (n - 1)(k - 1) degrees of freedom. Feldt (1965), Psychometrika
    30, 357-370; Feldt, Woodruff, Salih (1987), Applied Psychological Measurement 11, 93-103."""
    tail, df1 = (1 - confidence) / 2, people - 1
    upper, lower = (quantiles.f(p, df1, df1 * (items - 1)) for p in (1 - tail, tail))
    return Interval(1 - (1 - found) * upper, 1 - (1 - found) * lower)


def index(rows: Sequence[Items], reference: Sequence[bool]) -> list[float | None]:
    """Anderson's index: items as z-scores by the reference group (the control arm), weighted by the row sums of the inverse of
    their covariance matrix, each row by those of its items that are there, and the result scaled so that the reference group
    has mean 0 and sd 1. Anderson (2008), JASA 103, 1481-1495. Raises ValueError if an item does not vary, or is a sum of others.
    """
    base = [row for row, is_reference in zip(rows, reference, strict=True) if is_reference]
    standard = list(zip(*(_standardised(column, own) for column, own in _columns(rows, base)), strict=True))
    weights = [sum(row) for row in inverse(_covariances(standard))]
    raw = [_weighted(row, weights) for row in standard]
    known = [value for value, is_reference in zip(raw, reference, strict=True) if is_reference and value is not None]
    centre, spread = fmean(known), sqrt(variance(known))
    return [None if value is None else (value - centre) / spread for value in raw]


def inverse(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """The inverse of a covariance matrix. Raises ValueError if it has none, or nearly none."""
    linalg = numpy().linalg
    if linalg.cond(matrix) > _SINGULAR:
        raise ValueError("an item is a sum of others: their covariance matrix has no inverse")
    found: list[list[float]] = linalg.inv(matrix).tolist()
    return found


def _columns(rows: Sequence[Items], base: Sequence[Items]) -> list[tuple[Items, Items]]:
    return list(zip(zip(*rows, strict=True), zip(*base, strict=True), strict=True))


def _standardised(column: Items, base: Items) -> list[float | None]:
    known = [value for value in base if value is not None]
    if len(known) < 2 or (spread := sqrt(variance(known))) == 0:
        raise ValueError("an item does not vary in the reference group")
    centre = fmean(known)
    return [None if value is None else (value - centre) / spread for value in column]


def _covariances(rows: Sequence[Items]) -> list[list[float]]:
    """Of each pair of items over the rows that have both."""
    columns = list(zip(*rows, strict=True))
    return [[_covariance(one, other) for other in columns] for one in columns]


def _covariance(one: Items, other: Items) -> float:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    if len(pairs) < 2:
        raise ValueError("two items were never answered together")
    mean_a, mean_b = fmean(a for a, _ in pairs), fmean(b for _, b in pairs)
    return sum((a - mean_a) * (b - mean_b) for a, b in pairs) / (len(pairs) - 1)


def _weighted(row: Items, weights: Sequence[float]) -> float | None:
    there = [(value, weight) for value, weight in zip(row, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in there)
    return sum(value * weight for value, weight in there) / total if there and total else None
