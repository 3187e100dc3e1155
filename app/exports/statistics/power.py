"""Power by simulation: of many simulated studies with a known effect, how well it was found, and the least effect that would be found. Pure
functions on plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, stdev

from app.exports.statistics.effects import Effect, Outcome


@dataclass(frozen=True, slots=True)
class Trial:
    """An outcome of one simulated study: officers with it in both arms, the difference that was found, its p, the variance within arms, and
    the design effect of clusters."""

    control: int
    treated: int
    difference: float
    p: float
    variance: float
    design_effect: float


@dataclass(frozen=True, slots=True)
class Power:
    """What simulated studies tell of an outcome. `power`: the share in which p was below alpha; `found`: the mean of the differences, and
    `spread` their standard deviation; `detectable`: the least effect that would be found with the wanted power, and `by_formula` the same
    by Bloom (1995) from the officers who were left and the variance, for clusters times the root of the design effect."""

    trials: int
    control: float
    treated: float
    found: float
    spread: float
    power: float
    detectable: float
    by_formula: float
    sd: float


def trial(outcomes: Sequence[Outcome], first: Effect, other: Effect) -> Trial | None:
    """The trial of an arm and the first one; None if it could not be tested."""
    if other.difference is None or other.p is None:
        return None
    arms = [[one.value for one in outcomes if one.arm == arm.arm] for arm in (first, other)]
    spreads = [sum((value - fmean(values)) ** 2 for value in values) for values in arms]
    variance = sum(spreads) / (sum(map(len, arms)) - 2)
    both = [one for one in outcomes if one.arm in {first.arm, other.arm}]
    return Trial(first.n, other.n, other.difference, other.p, variance, design_effect(both))


def design_effect(outcomes: Sequence[Outcome]) -> float:
    """By how much clusters of these sizes raise the variance: 1 + (m - 1) · ICC (Kish 1965), with the intraclass correlation by analysis of
    variance within arms; 1 without clusters."""
    clusters: dict[str, list[float]] = {}
    for one in outcomes:
        clusters.setdefault(f"{one.arm} {one.unit}", []).append(one.value)
    n, groups, arms = len(outcomes), len(clusters), {one.arm for one in outcomes}
    if groups >= n or groups <= len(arms):
        return 1.0
    means = {arm: fmean(one.value for one in outcomes if one.arm == arm) for arm in arms}
    between = sum(
        len(values) * (fmean(values) - means[arm]) ** 2
        for arm in arms
        for name, values in clusters.items()
        if name.startswith(f"{arm} ")
    ) / (groups - len(arms))
    within = sum((value - fmean(values)) ** 2 for values in clusters.values() for value in values) / (n - groups)
    m = (n - sum(len(values) ** 2 for values in clusters.values()) / n) / (groups - 1)
    correlation = max(0.0, (between - within) / (between + (m - 1) * within)) if between + within else 0.0
    return 1 + (n / groups - 1) * correlation


def power(trials: Sequence[Trial], alpha: float, wanted: float) -> Power:
    """What at least two trials tell together."""
    several = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(wanted)
    differences = [one.difference for one in trials]
    formula = [several * sqrt(one.variance * one.design_effect * (1 / one.control + 1 / one.treated)) for one in trials]
    return Power(
        len(trials),
        fmean(one.control for one in trials),
        fmean(one.treated for one in trials),
        fmean(differences),
        stdev(differences),
        sum(one.p < alpha for one in trials) / len(trials),
        several * stdev(differences),
        fmean(formula),
        sqrt(fmean(one.variance for one in trials)),
    )
