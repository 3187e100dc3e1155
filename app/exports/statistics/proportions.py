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
    return _score(count / of, of, quantiles.normal(confidence))


def clustered(
    count: int, of: int, officers: int, spread: float | None, confidence: float = CONFIDENCE
) -> Interval | None:
    """Wilson's interval of a share of things of which officers have several, such as conversations: by the effective number of things,
    which is the number over the design effect (Korn and Graubard 1998, Survey Methodology 24, 193-201). The variance is that of a ratio, `spread`
    the sum over officers of (yes - share · all)²; None: each has one thing. Of all or none the officers are counted. None of nothing,
    and of a single officer with several."""
    if spread is None or of == 0:
        return wilson(count, of, confidence)
    if officers < 2:
        return None
    share, z = count / of, quantiles.normal(confidence)
    variance = officers / (officers - 1) * spread / of**2
    effective = min(of, share * (1 - share) / variance) if variance else officers
    return _score(share, effective * (z / quantiles.student(confidence, officers - 1)) ** 2, z)


def _score(share: float, of: float, z: float) -> Interval:
    middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = sqrt(z**2 * (share * (1 - share) / of + z**2 / (4 * of * of))) / (1 + z**2 / of)
    return Interval(0.0 if share == 0 else middle - half, 1.0 if share == 1 else middle + half)


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
