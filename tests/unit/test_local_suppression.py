"""Local suppression: each combination that is shown is that of k people, the same people give the same blanks, and few are blanked."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports.statistics.local_suppression import Combination, blanks, rare

PEOPLE = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("mnopq")), min_size=5)


def shown(people: list[Combination], found: list[frozenset[int]]) -> list[Combination]:
    return [
        tuple(".k" if place in hidden else value for place, value in enumerate(one))
        for one, hidden in zip(people, found, strict=True)
    ]


@given(PEOPLE, st.integers(2, 5))
def test_what_is_shown_of_anybody_is_shown_of_k(people: list[Combination], k: int) -> None:
    found = blanks(people, k)
    counts = Counter(shown(people, found))
    assert min(counts.values()) >= k
    assert rare(shown(people, found), k) == 0
    assert found == blanks(people, k)


@given(PEOPLE)
def test_what_is_last_is_blanked_only_where_nothing_else_is_shown(people: list[Combination]) -> None:
    for hidden in blanks(people, 5, last={0}):
        assert 0 not in hidden or hidden == {0, 1, 2}


def test_who_is_in_no_rare_combination_loses_nothing() -> None:
    people: list[Combination] = [("norte", "noche")] * 5 + [("sur", "noche")] * 6
    assert blanks(people, 5) == [frozenset()] * 11


@pytest.mark.parametrize(
    ("people", "cells"),
    [
        # Five who differ in one attribute only lose that one.
        ([("norte", 2, one) for one in "abcde"], 5),
        # One alone takes four others with it, and no more: theirs is a group of nine.
        ([("norte", "a")] * 9 + [("norte", "b")], 5),
        # One who is alone in two ways keeps the rest, and so do the four.
        ([("norte", "a", "x", "m")] * 9 + [("norte", "b", "y", "m")], 10),
        # A group that can spare too few comes along whole, and keeps the rest.
        ([("norte", "a", "x", "m")] * 6 + [("norte", "b", "y", "m")], 14),
        # The rest of a small cohort is not worth less than the rare one's: everything but the cohort goes.
        ([("norte", "a", 1)] * 2 + [("norte", "b", 2)] * 3, 10),
    ],
)
def test_few_are_blanked(people: list[Combination], cells: int) -> None:
    assert sum(map(len, blanks(people, 5, last={0}))) == cells


def test_the_rest_of_a_cohort_that_is_too_small_is_shown_nowhere() -> None:
    people: list[Combination] = [("norte",)] * 5 + [("sur",)] * 2
    assert shown(people, blanks(people, 5, last={0})) == [(".k",)] * 7


def test_fewer_than_k_cannot_be_helped() -> None:
    with pytest.raises(ValueError, match="fewer"):
        blanks([("norte",)] * 4, 5)
