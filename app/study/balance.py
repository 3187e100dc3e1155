"""The balance table of a draw: the officers' attributes before it, by arm. Pure. The difference is standardised, the largest between
any two arms; above 0.1 it deserves a look. There is no test of significance: all differences are due to chance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import fmean, stdev

MOST_VALUES = 12
"""Values of an attribute in the table; rarer ones are counted together."""
OTHERS, NONE = "(others)", "(none)"

Value = str | int | None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One attribute, or one value of it. By arm: the number of officers with it and their share of the arm; for a number, the
    number of officers with one, the mean and the standard deviation. `difference` is None where it is undefined."""

    attribute: str
    value: str | None
    n: Mapping[str, int]
    share: Mapping[str, float] | None
    mean: Mapping[str, float] | None
    sd: Mapping[str, float] | None
    difference: float | None


def table(officers: Mapping[str, Sequence[Mapping[str, str | int]]], attributes: Sequence[str]) -> list[BalanceRow]:
    """The lines of each attribute. `officers` are the attributes of each officer, by arm."""
    lines = []
    for attribute in attributes:
        values = {arm: [one.get(attribute) for one in some] for arm, some in officers.items()}
        known = {value for some in values.values() for value in some if value is not None}
        if len(known) > 2 and all(isinstance(value, int) for value in known):
            lines.append(_number(attribute, values))
        else:
            lines += _values(attribute, values)
    return lines


def _number(attribute: str, values: Mapping[str, list[Value]]) -> BalanceRow:
    numbers = {arm: [value for value in some if isinstance(value, int)] for arm, some in values.items()}
    means = {arm: fmean(some) for arm, some in numbers.items() if some}
    spread = {arm: stdev(some) if len(some) > 1 else 0.0 for arm, some in numbers.items() if some}
    return BalanceRow(
        attribute,
        None,
        {arm: len(some) for arm, some in numbers.items()},
        None,
        means,
        spread,
        _largest(means, {arm: spread[arm] ** 2 for arm in means}),
    )


def _values(attribute: str, values: Mapping[str, list[Value]]) -> list[BalanceRow]:
    counts = {arm: Counter(NONE if value is None else str(value) for value in some) for arm, some in values.items()}
    ordered = sorted(sum(counts.values(), Counter()).items(), key=lambda pair: (-pair[1], pair[0]))
    names = [name for name, _ in ordered]
    rare = names[MOST_VALUES:] if len(names) > MOST_VALUES + 1 else []
    shown = {name: [name] for name in sorted(set(names) - set(rare))} | ({OTHERS: rare} if rare else {})
    lines = []
    for name, members in shown.items():
        n = {arm: sum(count[member] for member in members) for arm, count in counts.items()}
        share = {arm: n[arm] / len(some) for arm, some in values.items() if some}
        variance = {arm: part * (1 - part) for arm, part in share.items()}
        lines.append(BalanceRow(attribute, name, n, share, None, None, _largest(share, variance)))
    return lines


def _largest(means: Mapping[str, float], variances: Mapping[str, float]) -> float | None:
    """The largest standardised difference between two arms; None with fewer than two, or if the arms differ without any variance
    within them."""
    found = []
    for one, other in combinations(means, 2):
        apart, pooled = abs(means[one] - means[other]), sqrt((variances[one] + variances[other]) / 2)
        if apart and not pooled:
            return None
        found.append(apart / pooled if apart else 0.0)
    return max(found, default=None)
