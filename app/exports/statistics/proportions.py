"""Shares, their intervals, and tests that shares differ between groups. Pure functions on counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from app.exports.statistics import quantiles

CONFIDENCE = 0.95
SMALLEST_EXPECTED = 5.0
"""Below this the chi-square distribution is no good approximation (Cochran 1954)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of a confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Test:
    """A test of independence. Where the approximation does not hold, `p` is None and `why` gives the reason."""

    name: str  # chi-square, fisher, F
    statistic: float | None
    df: int | None
    p: float | None
    why: str | None = None


def wilson(count: float, of: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson's score interval of a share, without continuity correction; None of nothing. Counts of weighted
    observations need not be whole. Wilson (1927), JASA 22, 209-212.
    Raises ValueError unless 0 <= count <= of."""
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share")
    if of == 0:
        return None
    z2, share = quantiles.normal(confidence) ** 2, count / of
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = sqrt(z2 * (share * (1 - share) / of + z2 / (4 * of * of))) / (1 + z2 / of)
    return Interval(0.0 if count == 0 else middle - half, 1.0 if count == of else middle + half)


def independence(table: Sequence[Sequence[int]]) -> Test | None:
    """Whether the rows of a table of counts are alike: Pearson's chi-square, without correction, or Fisher's exact test where
    a table of two by two expects fewer than 5 in a cell. None if fewer than two rows or columns hold anything."""
    rows = [list(row) for row in table if sum(row)]
    kept = [place for place in range(len(rows[0]) if rows else 0) if any(row[place] for row in rows)]
    rows = [[row[place] for place in kept] for row in rows]
    if len(rows) < 2 or len(kept) < 2:
        return None
    columns = [sum(column) for column in zip(*rows, strict=True)]
    total = sum(columns)
    expected = [[sum(row) * column / total for column in columns] for row in rows]
    if min(map(min, expected)) < SMALLEST_EXPECTED and len(rows) == len(kept) == 2:
        return Test("fisher", None, None, quantiles.fisher(rows))
    statistic = sum(
        (seen - wanted) ** 2 / wanted
        for row, line in zip(rows, expected, strict=True)
        for seen, wanted in zip(row, line, strict=True)
    )
    df = (len(rows) - 1) * (len(kept) - 1)
    if not _approximates(expected):
        return Test("chi-square", statistic, df, None, "too few in too many cells for the approximation (Cochran 1954)")
    return Test("chi-square", statistic, df, quantiles.chi_square_beyond(statistic, df))


def _approximates(expected: Sequence[Sequence[float]]) -> bool:
    """Cochran's rule: no cell expects fewer than 1, and at most a fifth of them fewer than 5."""
    cells = [cell for row in expected for cell in row]
    return min(cells) >= 1 and sum(cell < SMALLEST_EXPECTED for cell in cells) <= len(cells) / 5
