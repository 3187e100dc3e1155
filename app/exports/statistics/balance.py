"""Balance of arms at baseline: means and shares by arm, normalised differences, and a test. Pure functions on plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from app.exports.statistics import quantiles
from app.exports.statistics.proportions import CONFIDENCE, Interval, Test


@dataclass(frozen=True, slots=True)
class Moments:
    """How many values, their mean and their variance; enough for every comparison below."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Moments":
        """The moments of values; a single one has no variance, and counts as not varying."""
        return cls(len(values), fmean(values) if values else 0.0, variance(values) if len(values) > 1 else 0.0)

    @classmethod
    def of_share(cls, count: int, of: int) -> "Moments":
        """The moments of a share: of zeros and ones."""
        share = count / of if of else 0.0
        return cls(of, share, share * (1 - share) * of / (of - 1) if of > 1 else 0.0)


def normalised_difference(one: Moments, other: Moments) -> float | None:
    """The normalised difference: means apart over the root of the mean of both variances (Imbens and Rubin 2015, 14.2). It does
    not grow with n; beyond 0.25 it is large. None if neither varies."""
    spread = sqrt((one.variance + other.variance) / 2)
    return (one.mean - other.mean) / spread if spread else None


def difference(one: Moments, other: Moments, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of one mean less the other: Welch (1947), Biometrika 34, 28-35, by Student's t. None
    if a group has a single value, or if nothing varies."""
    if one.n < 2 or other.n < 2 or one.variance + other.variance == 0:
        return None
    parts = [(group.variance / group.n, group.n - 1) for group in (one, other)]
    squared = sum(part for part, _ in parts)
    df = squared**2 / sum(part**2 / freedom for part, freedom in parts)
    half = quantiles.student(confidence, df) * sqrt(squared)
    return Interval(one.mean - other.mean - half, one.mean - other.mean + half)


def analysis_of_variance(groups: Mapping[str, Moments]) -> Test | None:
    """One-way analysis of variance: whether the groups' means are equal. None if fewer than two groups, or nothing varies."""
    there = [group for group in groups.values() if group.n]
    n, arms = sum(group.n for group in there), len(there)
    within = sum((group.n - 1) * group.variance for group in there)
    if arms < 2 or n <= arms or within == 0:
        return None
    grand = sum(group.n * group.mean for group in there) / n
    between = sum(group.n * (group.mean - grand) ** 2 for group in there)
    statistic = (between / (arms - 1)) / (within / (n - arms))
    return Test("F", statistic, arms - 1, quantiles.f_beyond(statistic, arms - 1, n - arms))
