"""Figures that are hidden for few officers, and those that must be hidden with them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.exports.statistics.suppression import Part, Share, hidden, steps
from tests.shares import asserted, mostly


def share(yes: int, no: int) -> Share:
    return Share(Part(yes, yes), Part(no, no), yes + no)


def test_a_side_of_few_is_hidden_from_either_side() -> None:
    assert share(4, 40).small(5)
    assert share(40, 4).small(5)
    assert not share(5, 5).small(5)
    assert not share(0, 40).small(5)
    assert share(0, 4).small(5)


def test_many_answers_of_few_officers_are_few() -> None:
    assert Part(90, 3).small(5)
    assert Share(Part(90, 9), Part(90, 3), 9).small(5)


def test_what_would_follow_by_subtraction_is_hidden_too() -> None:
    assert hidden([Part(3, 3), Part(20, 20), Part(9, 9), Part(0, 0)]) == {0, 2}
    assert hidden([Part(20, 20), Part(9, 9)]) == set()


def test_two_small_ones_hide_each_other_only_if_they_are_large_together() -> None:
    assert hidden([Part(3, 3), Part(4, 4), Part(20, 20)], disjoint=True) == {0, 1}
    assert hidden([Part(1, 1), Part(1, 1), Part(20, 20)], disjoint=True) == {0, 1, 2}
    assert hidden([Part(3, 3), Part(4, 4), Part(20, 20)]) == {0, 1, 2}  # they may be the same officers


def test_a_step_that_few_did_not_make_is_left_out() -> None:
    falls = [Part(10, 10), Part(2, 2), Part(8, 8)]
    assert steps(falls, Part(30, 30)) == [True, True, False, True]
    assert steps([Part(0, 0)], Part(3, 3)) == [False, False]
    assert steps([Part(10, 10)], Part(0, 0)) == [True, True]


counts = st.lists(st.integers(0, 9) | st.integers(0, 30), min_size=1, max_size=7)


@mostly(0.15)
@given(counts, st.integers(2, 8))
def test_nothing_small_follows_from_a_table_with_its_total(values: list[int], k: int) -> None:
    out = hidden([Part(value, value) for value in values], k, disjoint=True)
    assert all(place in out for place, value in enumerate(values) if 0 < value < k)
    if out and sum(values) >= k:
        asserted()
        assert len(out) > 1 or sum(map(bool, values)) == 1
        assert sum(values[place] for place in out) >= k


@given(counts, st.integers(0, 30), st.integers(2, 8))
def test_nothing_small_follows_from_the_steps_of_a_funnel(values: list[int], last: int, k: int) -> None:
    shown = steps([Part(value, value) for value in values], Part(last, last), k)
    reached = [sum(values[place:]) + last for place in range(len(values) + 1)]
    seen = [count for count, is_shown in zip(reached, shown, strict=True) if is_shown]
    differences = [a - b for a, b in pairwise([*seen, 0])]
    assert all(difference == 0 or difference >= k for difference in differences)


@mostly(0.5)
@given(counts, st.integers(0, 30), st.integers(2, 8), st.sets(st.integers(0, 7)))
def test_nothing_small_follows_beside_steps_that_another_table_shows(
    values: list[int], last: int, k: int, kept: set[int]
) -> None:
    """Those that are kept are another table's to judge; what is shown besides adds no small difference."""
    keep = {place for place in kept if place <= len(values)}
    shown = steps([Part(value, value) for value in values], Part(last, last), k, keep)
    if not any(shown):
        return
    asserted()
    reached = [sum(values[place:]) + last for place in range(len(values) + 1)]
    places = [place for place, is_shown in enumerate(shown) if is_shown]
    assert keep <= set(places)
    for one, other in pairwise([*places, len(reached)]):
        if not {one, other} <= {*keep, len(reached)}:
            fallen = reached[one] - (reached[other] if other < len(reached) else 0)
            assert fallen == 0 or max([*values, last][one:other]) >= k


def test_a_step_beside_a_kept_one_is_hidden() -> None:
    falls = [Part(2, 2), Part(10, 10), Part(0, 0), Part(3, 3)]
    assert steps(falls, Part(20, 20)) == [True, False, True, True, False]
    assert steps(falls, Part(20, 20), keep={1, 3}) == [False, True, True, True, False]
