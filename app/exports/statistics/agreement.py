"""How far coders agree beyond chance, for free text that two or more have coded: Cohen's kappa of two, Fleiss' kappa of many,
Krippendorff's alpha for gaps, orders and distances. Pure functions on plain numbers. None: agreement cannot be told from chance,
because everything was given one code."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

Metric = Literal["nominal", "ordinal", "interval"]
Distance = Callable[[float, float], float]


def cohen(table: Sequence[Sequence[int]]) -> float | None:
    """Cohen's kappa of a square table: one coder's codes down, the other's across. Cohen (1960). ValueError if not square."""
    if any(len(row) != len(table) for row in table):
        raise ValueError("the table of two coders must be square")
    total = sum(map(sum, table))
    if not total:
        return None
    seen = sum(row[place] for place, row in enumerate(table)) / total
    chance = sum(sum(row) * sum(column) for row, column in zip(table, zip(*table, strict=True), strict=True)) / total**2
    return _beyond(seen, chance)


def fleiss(table: Sequence[Sequence[int]]) -> float | None:
    """Fleiss' kappa of a table with one row for each text and, in each column, how many coders gave that code. Fleiss (1971).
    Raises ValueError unless every text was coded by the same number of coders, at least two."""
    coders = {sum(row) for row in table}
    if len(coders) != 1 or (size := coders.pop()) < 2:
        raise ValueError("every text must be coded by the same number of coders, at least two")
    seen = sum(sum(count * (count - 1) for count in row) / (size * (size - 1)) for row in table) / len(table)
    chance = sum((sum(column) / (len(table) * size)) ** 2 for column in zip(*table, strict=True))
    return _beyond(seen, chance)


def krippendorff(units: Sequence[Sequence[float | None]], metric: Metric = "nominal") -> float | None:
    """Krippendorff's alpha: a row for each unit, in it the value that each coder gave or None. Units with fewer than two values
    are left out. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability."""
    alike = Counter(tuple(value for value in unit if value is not None) for unit in units)
    coded = {unit: number for unit, number in alike.items() if len(unit) >= 2}
    totals = Counter[float]()
    for unit, number in coded.items():
        for value in unit:
            totals[value] += number
    size = totals.total()
    distance = _distance(metric, totals)
    seen = sum(number * _spread(Counter(unit), distance) / (len(unit) - 1) for unit, number in coded.items())
    chance = _spread(totals, distance) / (size - 1) if size > 1 else 0.0
    return 1 - seen / chance if chance else None


def _spread(counts: Counter[float], distance: Distance) -> float:
    """The squared distances of all ordered pairs of values."""
    return sum(n * m * distance(a, b) for a, n in counts.items() for b, m in counts.items() if a != b)


def _distance(metric: Metric, totals: Counter[float]) -> Distance:
    match metric:
        case "nominal":
            return lambda a, b: float(a != b)
        case "interval":
            return lambda a, b: (a - b) ** 2
        case "ordinal":
            return _ordinal(totals)


def _ordinal(totals: Counter[float]) -> Distance:
    """How many values lie from the middle of one to the middle of the other, squared."""
    values = sorted(totals)
    place = {values[0]: 0.0} if values else {}
    for low, high in pairwise(values):
        place[high] = place[low] + (totals[low] + totals[high]) / 2
    return lambda a, b: (place[a] - place[b]) ** 2


def _beyond(seen: float, chance: float) -> float | None:
    return None if chance == 1 else (seen - chance) / (1 - chance)
