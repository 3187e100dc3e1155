"""Item analysis, against figures worked out by hand."""

from math import sqrt

import pytest

from app.exports.statistics.items import change, detectable, forms, item
from app.exports.statistics.scales import alpha

ROWS = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 0]]


def test_how_easy_an_item_is_and_how_well_it_goes_with_the_others() -> None:
    found = item(ROWS, 0)
    assert found is not None
    # The item 1 1 1 0 1 0 against the mean of the others 1 .5 0 0 1 .5: cov .7/6 … by hand, sums of squares 4/3 and 1.
    own, rest = [1, 1, 1, 0, 1, 0], [1, 0.5, 0, 0, 1, 0.5]
    mean_own, mean_rest = sum(own) / 6, sum(rest) / 6
    products = sum((a - mean_own) * (b - mean_rest) for a, b in zip(own, rest, strict=True))
    assert products == pytest.approx(0.5)
    assert (found.n, found.mean) == (6, pytest.approx(4 / 6))
    assert found.rest == pytest.approx(0.5 / sqrt(4 / 3 * 1.0))


def test_what_cannot_be_known_of_an_item_is_none() -> None:
    assert item([[None, 1], [None, 0]], 0) is None
    lone = item([[1, None], [0, None]], 0)
    assert lone is not None
    assert (lone.n, lone.mean, lone.rest) == (2, 0.5, None), "no other item"
    all_right = item([[1, 1], [1, 0]], 0)
    assert all_right is not None
    assert all_right.rest is None, "what does not vary goes with nothing"


def test_forms_are_items_that_people_got_together() -> None:
    rows = [[1, 0, None, None], [None, None, 1, 1], [1, None, None, None], [None, None, None, 0], [None] * 4]
    assert forms(rows) == [(0, 1), (2, 3)]
    assert forms([[1, 1, None], [None, 1, 1]]) == [(0, 1, 2)], "through a third"
    assert forms([]) == []


def test_the_change_of_people_who_have_both_values() -> None:
    # Differences 2, 0, 1, 1: mean 1, sd sqrt(2/3).
    found = change([(1, 3), (2, 2), (3, 4), (4, 5)])
    assert found is not None
    assert (found.n, found.mean, found.sd) == (4, 1, pytest.approx(sqrt(2 / 3)))
    assert found.interval.low == pytest.approx(1 - 3.182446 * sqrt(2 / 3) / 2, abs=1e-5)
    assert found.r == pytest.approx(4 / sqrt(5 * 5))  # both have sums of squares of 5
    assert change([(1, 2)]) is None


def test_forty_people_detect_ten_points_of_a_hundred() -> None:
    # Cohen (1988): (1.95996 + .84162) sd / sqrt(n). SD 20 and r .4 give differences with sd 20 sqrt(1.2).
    assert detectable(20 * sqrt(2 * (1 - 0.4)), 40) == pytest.approx(9.705, abs=0.001)
    assert detectable(20 * sqrt(1.2), 160) == pytest.approx(9.705 / 2, abs=0.001)


def test_alpha_of_right_and_wrong_is_kuder_and_richardson_20() -> None:
    # KR-20: k/(k-1) (1 - sum pq / var): p 4/6, 4/6, 2/6; pq summed 2/3, with sample variances 6/5 of it; totals 3 2 1 0 3 1.
    found = alpha(ROWS)
    assert found is not None
    assert found.alpha == pytest.approx(3 / 2 * (1 - (2 / 3 * 6 / 5) / (22 / 3 / 5)))
