"""Durations: quartiles, and survival curves with censored times (Kaplan and Meier 1958). Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The middle of `n` times and of its halves."""

    n: int
    low: float
    median: float
    high: float


def quartiles(times: Mapping[float, int]) -> Quartiles | None:
    """Quartiles of times, each with how often it came, by linear interpolation (Hyndman and Fan's type 7); None of none."""
    values, ends, n = [], [], 0
    for value, count in sorted(times.items()):
        n += count
        values.append(value)
        ends.append(n)
    if not n:
        return None

    def at(rank: float) -> float:
        below = values[bisect_left(ends, int(rank) + 1)]
        above = values[bisect_left(ends, min(int(rank) + 2, n))]
        return below + (above - below) * (rank - int(rank))

    return Quartiles(n, *(at((n - 1) * share) for share in (0.25, 0.5, 0.75)))


def kaplan_meier(happened: Mapping[float, int], given_up: Mapping[float, int], grid: Sequence[float]) -> list[float]:
    """The share to which it has not happened yet at each moment of `grid` (ascending), by Kaplan and Meier: who was given up at
    a moment was still waited for when it happened to others at the same moment."""
    left = sum(happened.values()) + sum(given_up.values())
    events = Counter(happened)
    share, found = 1.0, []
    moments = iter(sorted({*happened, *given_up}))
    moment = next(moments, None)
    for end in grid:
        while moment is not None and moment <= end:
            share *= 1 - events[moment] / left
            left -= events[moment] + given_up.get(moment, 0)
            moment = next(moments, None)
        found.append(share)
    return found
