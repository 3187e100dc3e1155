"""The effect of an arm against the first, by intention to treat: everybody in the arm that was drawn. Cluster-robust tests by statsmodels,
randomisation-based ones by SciPy: arms are drawn again within strata, clusters as a whole. Lee's bounds for outcomes that are lost
differently in the arms. Plain functions on plain numbers; raise ConfigurationError if a library is not installed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from app.exports.statistics.libraries import numpy, scipy_stats, statsmodels
from app.exports.statistics.proportions import Interval, Test

DRAWS = 999
"""Draws of the randomisation-based test."""
MOST_UNITS = 20_000
"""Units up to which arms are drawn again; with more, both tests agree."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An officer's outcome, with the arm, the stratum of its draw, and the cluster that was drawn as a whole, if any."""

    officer: str
    value: float
    arm: str
    stratum: str = ""
    cluster: str = ""

    @property
    def unit(self) -> str:
        """What was drawn: the cluster, or the officer."""
        return f"cluster {self.cluster}" if self.cluster else f"officer {self.officer}"


@dataclass(frozen=True, slots=True)
class Effect:
    """An arm beside the first one: its officers with an outcome, their mean, and, but for the first, the difference within strata, its
    interval and p, and p by drawing the arms again. None where there are too few units."""

    arm: str
    n: int
    mean: float
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    p_drawn: float | None = None


def effects(outcomes: Sequence[Outcome], arms: Sequence[str], *, drawn_again: bool = True) -> list[Effect]:
    """The arms in their order, each against the first; without `drawn_again` by the clustered test alone."""
    found = []
    for arm in arms:
        values = [one.value for one in outcomes if one.arm == arm]
        if not values:
            continue
        plain = Effect(arm, len(values), fmean(values))
        both = [one for one in outcomes if one.arm in {arms[0], arm}]
        found.append(plain if arm == arms[0] else _against(plain, both, drawn_again=drawn_again))
    return found


def _against(plain: Effect, both: Sequence[Outcome], *, drawn_again: bool) -> Effect:
    np = numpy()
    centred = _within_strata([one.value for one in both], both)
    treated = _within_strata([float(one.arm == plain.arm) for one in both], both)
    units, strata = {one.unit for one in both}, {one.stratum for one in both}
    if len(units) < 2 + len(strata) or not np.any(treated) or np.ptp(centred) == 0:
        return plain
    # Deviations from the stratum's mean are the same as a column for each stratum, of which there may be thousands.
    numbers = {unit: place for place, unit in enumerate(sorted(units))}
    groups = np.array([numbers[one.unit] for one in both])
    fit = (
        statsmodels()
        .OLS(centred, treated)
        .fit(cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True)
    )
    low, high = fit.conf_int()[0]
    drawn = _drawn_again(centred, both, plain.arm) if drawn_again and len(units) <= MOST_UNITS else None
    return Effect(
        plain.arm,
        plain.n,
        plain.mean,
        float(fit.params[0]),
        Interval(float(low), float(high)),
        float(fit.pvalues[0]),
        drawn,
    )


def _within_strata(values: Sequence[float], outcomes: Sequence[Outcome]) -> Any:  # noqa: ANN401 - an array
    by_stratum: defaultdict[str, list[float]] = defaultdict(list)
    for value, one in zip(values, outcomes, strict=True):
        by_stratum[one.stratum].append(value)
    means = {stratum: fmean(some) for stratum, some in by_stratum.items()}
    return numpy().array([value - means[one.stratum] for value, one in zip(values, outcomes, strict=True)])


def _drawn_again(centred: Any, both: Sequence[Outcome], arm: str) -> float:  # noqa: ANN401 - an array
    """P by drawing the arms of units again within strata, each stratum with as many units in each arm as it had."""
    np = numpy()
    sums: dict[str, list[Any]] = {}
    for value, one in zip(centred, both, strict=True):
        entry = sums.setdefault(one.unit, [one.stratum, float(one.arm == arm), 0.0, 0])
        entry[2] += value
        entry[3] += 1
    units = sorted(sums.values(), key=lambda entry: entry[0])
    drawn, total, count = (np.array([entry[place] for entry in units], dtype=float) for place in (1, 2, 3))
    stratum = np.unique([entry[0] for entry in units], return_inverse=True)[1]
    chance = np.random.default_rng(0)

    def again(size: tuple[int, ...]) -> Any:  # noqa: ANN401 - an array
        order = np.argsort(stratum + chance.random(size), axis=-1)  # strata keep their places
        return drawn[order]

    def difference(arms: Any, axis: int = -1) -> Any:  # noqa: ANN401 - arrays
        here, there = arms, 1 - arms
        return (here * total).sum(axis) / (here * count).sum(axis) - (there * total).sum(axis) / (there * count).sum(
            axis
        )

    test = scipy_stats().monte_carlo_test(drawn, again, difference, n_resamples=DRAWS, vectorized=True, batch=100)
    return float(test.pvalue)


# -- the same shares in all arms -----------------------------------------------------------------------------------------


def alike(groups: Mapping[str, Mapping[str, tuple[int, int]]]) -> Test | None:
    """Whether a share is alike in groups of clusters: Wald's test, clustered. `groups` have (yes, all) of each cluster. None if there
    are fewer than two groups, clusters no more than groups, or nothing varies."""
    np = numpy()
    there = {name: one for name, one in groups.items() if one}
    clusters = sorted({cluster for one in there.values() for cluster in one})
    rows = [
        (place, cluster, yes / of, of) for place, one in enumerate(there.values()) for cluster, (yes, of) in one.items()
    ]
    if len(there) < 2 or len(clusters) <= len(there) or len({share for _, _, share, _ in rows}) < 2:
        return None
    numbers = {cluster: place for place, cluster in enumerate(clusters)}
    design = np.array([[1.0, *(float(place == other) for other in range(1, len(there)))] for place, *_ in rows])
    fit = (
        statsmodels()
        .WLS([row[2] for row in rows], design, weights=[row[3] for row in rows])
        .fit(cov_type="cluster", cov_kwds={"groups": np.array([numbers[row[1]] for row in rows])}, use_t=True)
    )
    found = fit.wald_test(np.eye(len(there))[1:], scalar=True)
    return Test("wald", float(found.statistic), len(there) - 1, float(found.pvalue))


# -- Lee's bounds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest effect on those who would be observed in either arm, and the share that was trimmed."""

    low: float
    high: float
    trimmed: float


def lee_bounds(treated: Sequence[float | None], control: Sequence[float | None]) -> Bounds | None:
    """Bounds on the effect where outcomes are missing (None) in different shares, if the arm moves everybody's response one way: Lee (2009),
    Review of Economic Studies 76, 1071-1102. The arm that answers more is trimmed by the excess share, from above and from below;
    ties and fractions are weighted. None if nobody answered in an arm."""
    there = [[value for value in arm if value is not None] for arm in (treated, control)]
    if not all(there):
        return None
    shares = [len(known) / len(arm) for known, arm in zip(there, (treated, control), strict=True)]
    more = 0 if shares[0] >= shares[1] else 1
    excess = 1 - shares[1 - more] / shares[more]
    other = fmean(there[1 - more])
    ends = sorted(_trimmed(sorted(there[more], reverse=turn), excess) - other for turn in (False, True))
    low, high = ends if more == 0 else [-end for end in reversed(ends)]
    return Bounds(low, high, excess)


def _trimmed(values: Sequence[float], share: float) -> float:
    """The mean without the first part of the values."""
    gone = share * len(values)
    whole = int(gone)
    return ((1 - (gone - whole)) * values[whole] + sum(values[whole + 1 :])) / (len(values) - gone)
