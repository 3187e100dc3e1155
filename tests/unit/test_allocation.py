"""The draw of a study and its balance table: reproducible, balanced in every stratum and over all, fair to everyone."""

import hashlib
from collections import Counter
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.study.allocation import Unit, draw
from app.study.balance import NONE, OTHERS, table

HALVES = {"mensajes": 1, "control": 1}


def _units(*sizes: int) -> list[Unit]:
    return [
        Unit(f"ID{stratum}{place:04d}", f"s{stratum}") for stratum, size in enumerate(sizes) for place in range(size)
    ]


def _hash(arms: object) -> str:
    return hashlib.sha256(repr(sorted(arms.items())).encode()).hexdigest()  # type: ignore[attr-defined]


def test_the_draw_of_a_seed_never_changes() -> None:
    drawn = draw(_units(7, 12, 1, 30), {"a": 2, "b": 1, "c": 1}, "7|centro-1")
    assert _hash(drawn.arms) == "2a69cca60d4e7e8d4c58c33b78d385ac93fcc3809886952a2a224bae3175946f"
    assert drawn.misfits == {"s0": 3, "s1": 0, "s2": 1, "s3": 2}


def test_it_knows_no_order_and_no_doubles() -> None:
    units = _units(7, 12, 5)
    assert draw([*reversed(units), *units], HALVES, "1").arms == draw(units, HALVES, "1").arms


def test_another_seed_is_another_draw() -> None:
    found = {_hash(draw(_units(20, 20), HALVES, str(seed)).arms) for seed in range(50)}
    assert len(found) == 50


def test_a_block_is_of_the_shares_without_what_they_have_in_common() -> None:
    assert draw(_units(5), {"a": 50, "b": 50}, "1").misfits == {"s0": 1}
    assert draw([], HALVES, "1").arms == {}


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=15),
    st.lists(st.integers(1, 7), min_size=2, max_size=6),
    st.integers(0, 2**31),
)
def test_every_arm_has_its_share_of_every_stratum_and_of_all(sizes: list[int], parts: list[int], seed: int) -> None:
    shares = {f"arm{place}": part for place, part in enumerate(parts)}
    units, total = _units(*sizes), sum(parts)
    drawn = draw(units, shares, str(seed)).arms
    assert set(drawn) == {unit.id for unit in units}
    counts = Counter((unit.stratum, drawn[unit.id]) for unit in units)
    for stratum, size in enumerate(sizes):
        for arm, share in shares.items():
            assert abs(counts[f"s{stratum}", arm] - size * share / total) < 1
    for arm, share in shares.items():
        assert abs(sum(got == arm for got in drawn.values()) - len(units) * share / total) < 1


def test_everybody_has_the_probability_of_the_share() -> None:
    units, shares, draws = _units(3, 1, 2, 5, 1), {"a": 2, "b": 1, "c": 1}, 2000
    counts = Counter((unit, arm) for seed in range(draws) for unit, arm in draw(units, shares, str(seed)).arms.items())
    for unit in units:
        for arm, p in (("a", 0.5), ("b", 0.25), ("c", 0.25)):
            assert abs(counts[unit.id, arm] / draws - p) < 5 * sqrt(p * (1 - p) / draws)


def test_two_officers_of_a_stratum_are_drawn_apart_of_each_other() -> None:
    """Those who are neighbours by study id fall into the same arm as often as any two."""
    units, draws = _units(20), 1000
    same = sum(
        arms[one.id] == arms[other.id]
        for seed in range(draws)
        for arms in [draw(units, HALVES, str(seed)).arms]
        for one, other in pairwise(units)
    )
    assert abs(same / draws / 19 - 9 / 19) < 0.02


# -- the balance table ------------------------------------------------------------------------------------------------


def test_numbers_are_compared_by_their_means() -> None:
    a, b = [{"edad": edad} for edad in (20, 30, 40)], [{"edad": edad} for edad in (30, 40, 50)]
    (line,) = table({"a": a, "b": [*b, {}]}, ["edad"])
    assert (line.n, line.mean, line.sd) == ({"a": 3, "b": 3}, {"a": 30, "b": 40}, {"a": 10, "b": 10})
    assert line.difference == pytest.approx(1.0)


def test_values_are_compared_by_their_shares() -> None:
    a = [{"sector": "norte"}] * 3 + [{"sector": "sur"}]
    b = [{"sector": "norte"}] * 2 + [{"sector": "sur"}, {}]
    lines = {line.value: line for line in table({"a": a, "b": b}, ["sector"])}
    assert set(lines) == {"norte", "sur", NONE}
    assert (lines["norte"].n, lines["norte"].share) == ({"a": 3, "b": 2}, {"a": 0.75, "b": 0.5})
    assert lines["norte"].difference == pytest.approx(0.25 / sqrt((0.1875 + 0.25) / 2))
    assert lines["sur"].difference == 0


def test_a_difference_that_has_no_measure_is_left_out() -> None:
    (line, _) = table({"a": [{"x": "1"}], "b": [{"x": "2"}]}, ["x"])
    assert line.difference is None


def test_rare_values_are_counted_together() -> None:
    some = [{"sector": f"s{place:02d}"} for place in range(30)] + [{"sector": "grande"}] * 5
    lines = table({"a": some, "b": some}, ["sector"])
    assert [line.value for line in lines][-1] == OTHERS
    assert (len(lines), sum(line.n["a"] for line in lines)) == (13, 35)


def test_an_arm_without_officers_is_not_compared() -> None:
    (line,) = table({"a": [{"sexo": "M"}], "b": []}, ["sexo"])
    assert (line.n, line.share, line.difference) == ({"a": 1, "b": 0}, {"a": 1.0}, None)
