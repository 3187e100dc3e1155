"""Effects of arms, intervals and tests that know that an officer's conversations are alike, and Lee's bounds."""

import numpy as np
import pytest
from scipy.stats import permutation_test
from statsmodels.regression.linear_model import OLS

from app.exports.report.tally import Shares
from app.exports.statistics.effects import Outcome, alike, effects, lee_bounds
from app.exports.statistics.proportions import clustered, wilson
from app.exports.statistics.scales import mean_of_several


def replies() -> list[tuple[int, int]]:
    """Officers who answer all or nothing, mostly: (officer, answered)."""
    chance = np.random.default_rng(7)
    shares = chance.beta(0.5, 0.5, 60)
    asked = [officer for officer in range(60) for _ in range(int(chance.integers(1, 12)))]
    return [(officer, int(chance.random() < shares[officer])) for officer in asked]


def test_the_interval_of_a_rate_is_clustered_by_officer() -> None:
    given, told = replies(), Shares[str]()
    for officer, yes in given:
        told.add("", officer, yes=bool(yes))
    share, values = told.all()[""], [yes for _, yes in given]
    fit = OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": [one for one, _ in given]})
    spread = share.officers / (share.officers - 1) * (share.spread or 0) / share.of**2
    assert spread**0.5 == pytest.approx(fit.bse[0])
    interval, plain = (
        clustered(share.yes.count, share.of, share.officers, share.spread),
        wilson(sum(values), len(values)),
    )
    assert interval is not None
    assert plain is not None
    assert interval.high - interval.low == pytest.approx(2 * fit.bse[0] * 2.001, rel=0.05)  # t of 59, and Wilson
    assert interval.high - interval.low > 1.5 * (plain.high - plain.low)
    by_officer = [[float(yes) for one, yes in given if one == officer] for officer in range(60)]
    mean = mean_of_several([some for some in by_officer if some])
    assert mean is not None
    assert mean.interval is not None
    assert (mean.interval.high - mean.interval.low) / 2 == pytest.approx(2.001 * fit.bse[0], rel=1e-3)


def test_of_all_or_none_officers_are_counted_and_of_one_officer_nothing_is_known() -> None:
    every = clustered(30, 30, 10, 0.0)
    assert every is not None
    assert every.high == 1
    ten = wilson(10, 10)
    assert ten is not None
    assert every.low < ten.low  # by t of 9
    assert clustered(3, 4, 1, 0.5) is None
    assert clustered(3, 10, 10, None) == wilson(3, 10)


def test_arms_are_drawn_again_as_they_were() -> None:
    here, there = [4.0, 5.5, 6.1, 7.2, 5.0], [3.0, 4.2, 3.9, 5.1, 4.4]
    outcomes = [
        Outcome(f"{arm}{place}", value, arm)
        for arm, some in (("a", there), ("b", here))
        for place, value in enumerate(some)
    ]
    first, second = effects(outcomes, ["a", "b"])
    assert (first.n, first.mean, first.p) == (5, pytest.approx(4.12), None)
    assert second.difference == pytest.approx(1.44)
    exact = permutation_test((here, there), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf).pvalue
    assert second.p_drawn == pytest.approx(exact, abs=0.03)
    # Every outcome five times over, in its cluster: nothing more is known.
    copies = [
        Outcome(f"{one.officer}-{copy}", one.value, one.arm, cluster=one.officer)
        for one in outcomes
        for copy in range(5)
    ]
    _, clusters = effects(copies, ["a", "b"])
    assert clusters.p_drawn == pytest.approx(exact, abs=0.03)
    assert clusters.p == pytest.approx(second.p, abs=0.01)
    _, careless = effects([Outcome(one.officer, one.value, one.arm) for one in copies], ["a", "b"])
    assert (careless.p or 0) < 0.001 < (clusters.p or 0)


def test_a_difference_between_strata_is_no_effect() -> None:
    outcomes = [
        Outcome(f"{stratum}{arm}{place}", 10 * (stratum == "s") + place % 2, arm, stratum)
        for stratum, arms in (("r", "aab"), ("s", "abb"))
        for arm in arms
        for place in range(10)
    ]
    _, effect = effects(outcomes, ["a", "b"])
    assert effect.difference == pytest.approx(0, abs=1e-9)
    assert effect.p_drawn == pytest.approx(1, abs=0.1)


def test_shares_of_clusters_are_compared_by_clusters() -> None:
    same = {"a": {"1": (5, 10), "2": (2, 10), "3": (9, 10)}, "b": {"4": (4, 10), "5": (3, 10), "6": (9, 10)}}
    found = alike(same)
    assert found is not None
    assert found.p is not None
    assert found.p > 0.9
    assert alike({"a": {"1": (5, 10)}, "b": {"4": (3, 10)}}) is None, "two clusters say nothing of how others differ"


def test_lee_trims_the_arm_that_answers_more() -> None:
    # All four of one arm answer, two of four of the other: half of the first is trimmed, from above or from below.
    full, half = [1.0, 2.0, 3.0, 4.0], [2.0, 3.0, None, None]
    found, turned = lee_bounds(full, half), lee_bounds(half, full)
    assert found is not None
    assert turned is not None
    assert (found.low, found.high, found.trimmed) == (-1.0, 1.0, 0.5)
    assert (turned.low, turned.high) == (-1.0, 1.0)
    # Nobody lost: the difference itself. A quarter of an observation is weighted.
    same = lee_bounds(full, [1.0, 1.0])
    assert same is not None
    assert (same.low, same.high) == (1.5, 1.5)
    part = lee_bounds(full, [0.0] * 15 + [None])
    assert part is not None
    assert part.low == pytest.approx((1 + 2 + 3 + 0.75 * 4) / 3.75)
    # The bounds of a uniform outcome are known: with the share q trimmed, the mean without an end is (1 ± q) / 2.
    uniform = lee_bounds([(place + 0.5) / 1000 for place in range(1000)], [0.0] * 80 + [None] * 20)
    assert uniform is not None
    assert (uniform.low, uniform.high) == (pytest.approx(0.4), pytest.approx(0.6))
    assert lee_bounds([None], full) is None
