"""Power by simulation against the formula, where there is one."""

from statistics import NormalDist

import numpy as np
import pytest

from app.exports.statistics.effects import Outcome, effects
from app.exports.statistics.power import Trial, design_effect, power, trial


def studies(count: int, effect: float, *, clusters: int = 0) -> list[Trial]:
    """Simulated studies of 60 officers an arm, of a normal outcome, perhaps in clusters that share some of it."""
    chance, found = np.random.default_rng(1), []
    for _ in range(count):
        outcomes = []
        for arm in ("a", "b"):
            common = chance.normal(0, 0.5, clusters or 1)
            for officer in range(60):
                own = officer % clusters if clusters else 0
                value = chance.normal() + (common[own] if clusters else 0) + effect * (arm == "b")
                outcomes.append(Outcome(f"{arm}{officer}", value, arm, cluster=f"{arm}{own}" if clusters else ""))
        first, other = effects(outcomes, ["a", "b"], drawn_again=False)
        one = trial(outcomes, first, other)
        assert one is not None
        found.append(one)
    return found


def test_the_least_detectable_effect_is_that_of_the_formula() -> None:
    told = power(studies(300, 0.4), 0.05, 0.8)
    assert (told.trials, told.control, told.treated) == (300, 60, 60)
    by_hand = 2.8016 * (2 / 60) ** 0.5  # Bloom (1995): (1.96 + 0.84) standard errors
    assert told.by_formula == pytest.approx(by_hand, rel=0.02)
    assert told.detectable == pytest.approx(by_hand, rel=0.12)
    assert told.found == pytest.approx(0.4, abs=0.03)
    exact = NormalDist().cdf(0.4 / (2 / 60) ** 0.5 - 1.96)
    assert told.power == pytest.approx(exact, abs=0.07)


def test_without_an_effect_one_is_found_as_often_as_alpha_says() -> None:
    assert power(studies(300, 0.0), 0.05, 0.8).power == pytest.approx(0.05, abs=0.035)


def test_clusters_raise_the_least_detectable_effect_by_the_design_effect() -> None:
    told = power(studies(200, 0.0, clusters=10), 0.05, 0.8)
    correlation = 0.25 / 1.25
    by_hand = 2.8016 * (1.25 * (1 + (6 - 1) * correlation) * 2 / 60) ** 0.5
    assert told.by_formula == pytest.approx(by_hand, rel=0.06)
    assert told.detectable == pytest.approx(by_hand, rel=0.15)


def test_the_design_effect_of_equal_and_of_no_clusters() -> None:
    copies = [
        Outcome(f"{cluster}{copy}", float(cluster % 3), "ab"[cluster % 2], cluster=str(cluster))
        for cluster in range(12)
        for copy in range(4)
    ]
    assert design_effect(copies) == pytest.approx(4), "copies of one officer are one officer"
    assert design_effect([Outcome(str(place), float(place), "ab"[place % 2]) for place in range(12)]) == 1
