"""Statistics against published values. Each test names its source."""

import math
from itertools import product

import numpy as np
import pytest

from app.exports.statistics import agreement, balance, dispositions, effects, proportions, scales, times
from app.exports.statistics.dispositions import Disposition, WaveHistory, final_disposition

D = Disposition


def rounded(values: dict[str, float | None]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items() if value is not None}


def test_aapor_standard_definitions() -> None:
    """The example of AAPOR's Outcome Rate Calculator's formulas: I=4, P=2, all others 1, e=.9."""
    counts = dict.fromkeys(D, 1) | {D.complete: 4, D.partial: 2}
    wanted = {
        "RR1": 0.364,
        "RR2": 0.545,
        "RR3": 0.370,
        "RR4": 0.556,
        "RR5": 0.444,
        "RR6": 0.667,
        "COOP1": 0.5,
        "REF1": 0.091,
        "CON1": 0.727,
    }
    assert rounded(dispositions.rates(counts, e=0.9)) == wanted
    assert dispositions.estimated_e(counts) == pytest.approx(0.9)  # CASRO: nine of ten whose eligibility is known
    assert rounded(dispositions.rates(counts)) == wanted


def test_rates_of_nobody_are_none_and_an_impossible_e_is_refused() -> None:
    assert set(dispositions.rates({}).values()) == {None}
    with pytest.raises(ValueError, match="between 0 and 1"):
        dispositions.rates({}, e=1.1)


@pytest.mark.parametrize(
    ("history", "wanted"),
    [
        (WaveHistory(6, 6, answered=True, delivered=True), D.complete),
        (WaveHistory(5, 4, answered=True), D.complete),  # 80 %, not a hair less
        (WaveHistory(6, 4, answered=True, refused=True), D.partial),  # what was given counts before the BAJA
        (WaveHistory(6, 3, answered=True), D.partial),
        (WaveHistory(6, 2, answered=True, delivered=True), D.refusal),  # a break-off
        (WaveHistory(6, refused=True, delivered=True), D.refusal),
        (WaveHistory(6, delivered=True, wrote=True), D.other),
        (WaveHistory(6, delivered=True, failed=True), D.non_contact),  # one arrived
        (WaveHistory(6, failed=True), D.unknown_other),
        (WaveHistory(6), D.unknown_household),
        (WaveHistory(6, enrolled_late=True), D.not_eligible),
        (WaveHistory(0), D.not_eligible),
    ],
)
def test_the_final_disposition_is_that_of_the_first_rule_that_holds(history: WaveHistory, wanted: Disposition) -> None:
    assert final_disposition(history) is wanted


def test_wilson_by_its_formula() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (count, of), wanted in published.items():
        found = proportions.wilson(count, of)
        assert found is not None
        assert (round(found.low, 4), round(found.high, 4)) == wanted


def test_the_lady_tasting_tea() -> None:
    """Fisher (1935), The Design of Experiments: 3 of 4 cups right, two-sided p = 34/70."""
    found = proportions.independence([[3, 1], [1, 3]])
    assert found is not None
    assert (found.name, round(found.p or 0, 4)) == ("fisher", 0.4857)


def test_chi_square_of_pearson() -> None:
    """Agresti (2007), An Introduction to Categorical Data Analysis, table 2.5, gender and party: X² = 30.1, df 2."""
    found = proportions.independence([[762, 327, 468], [484, 239, 477]])
    assert found is not None
    assert found.statistic == pytest.approx(30.07, abs=0.005)
    assert (found.name, found.df) == ("chi-square", 2)
    assert found.p == pytest.approx(math.exp(-found.statistic / 2))  # of two degrees of freedom, exactly


def test_chi_square_is_not_used_where_it_is_no_approximation() -> None:
    found = proportions.independence([[1, 2], [2, 1], [3, 0]])
    assert found is not None
    assert found.p is None
    assert "Cochran" in (found.why or "")
    assert proportions.independence([[3, 0], [4, 0]]) is None


def test_fleiss_1971_psychiatric_diagnoses() -> None:
    """Fleiss (1971), Psychological Bulletin 76, 378-382: 30 patients, 6 psychiatrists, 5 diagnoses; kappa .430."""
    table = [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ]
    assert agreement.fleiss(table) == pytest.approx(0.4302, abs=0.00005)


def test_cohen_of_three_codes() -> None:
    """scikit-learn's and statsmodels' example of Cohen's kappa."""
    assert agreement.cohen([[0, 4, 1], [0, 8, 0], [0, 1, 5]]) == pytest.approx(0.4842, abs=0.00005)
    assert agreement.cohen([[3, 0], [0, 0]]) is None
    with pytest.raises(ValueError, match="square"):
        agreement.cohen([[1, 2]])


@pytest.mark.parametrize(("metric", "wanted"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorff_of_four_coders(metric: agreement.Metric, wanted: float) -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D: 4 coders, 12 units, with gaps."""
    gap = None
    coders = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
    ]
    units = list(zip(*coders, strict=True))
    assert agreement.krippendorff(units, metric) == pytest.approx(wanted, abs=0.0005)


def test_nobody_differs() -> None:
    assert agreement.krippendorff([[1, 1], [1, 1]]) is None
    assert agreement.krippendorff([[1, None]]) is None
    assert agreement.fleiss([[3, 0], [3, 0]]) is None


ATTITUDE = [
    [43, 51, 30, 39, 61, 92, 45],
    [63, 64, 51, 54, 63, 73, 47],
    [71, 70, 68, 69, 76, 86, 48],
    [61, 63, 45, 47, 54, 84, 35],
    [81, 78, 56, 66, 71, 83, 47],
    [43, 55, 49, 44, 54, 49, 34],
    [58, 67, 42, 56, 66, 68, 35],
    [71, 75, 50, 55, 70, 66, 41],
    [72, 82, 72, 67, 71, 83, 31],
    [67, 61, 45, 47, 62, 80, 41],
    [64, 53, 53, 58, 58, 67, 34],
    [67, 60, 47, 39, 59, 74, 41],
    [69, 62, 57, 42, 55, 63, 25],
    [68, 83, 83, 45, 59, 77, 35],
    [77, 77, 54, 72, 79, 77, 46],
    [81, 90, 50, 72, 60, 54, 36],
    [74, 85, 64, 69, 79, 79, 63],
    [65, 60, 65, 75, 55, 80, 60],
    [65, 70, 46, 57, 75, 85, 46],
    [50, 58, 68, 54, 64, 78, 52],
    [50, 40, 33, 34, 43, 64, 33],
    [64, 61, 52, 62, 66, 80, 41],
    [53, 66, 52, 50, 63, 80, 37],
    [40, 37, 42, 58, 50, 57, 49],
    [63, 54, 42, 48, 66, 75, 33],
    [66, 77, 66, 63, 88, 76, 72],
    [78, 75, 58, 74, 80, 78, 49],
    [48, 57, 44, 45, 51, 83, 38],
    [85, 85, 71, 71, 77, 74, 55],
    [82, 82, 39, 59, 64, 78, 39],
]
"""Chatterjee and Price (1977), Regression Analysis by Example; R's data set `attitude`."""


def test_alpha_and_feldt_of_the_attitude_data() -> None:
    """The manual of R's package psych, `alpha(attitude)`: raw alpha .84, Feldt's bounds .74 and .92."""
    assert [round(sum(column) / 30, 2) for column in zip(*ATTITUDE, strict=True)] == [
        64.63,
        66.6,
        53.13,
        56.37,
        64.63,
        74.77,
        42.93,
    ]
    found = scales.alpha(ATTITUDE)
    assert found is not None
    assert found.interval is not None
    assert round(found.alpha, 4) == 0.8431
    assert (round(found.interval.low, 2), round(found.interval.high, 2)) == (0.74, 0.92)


def test_alpha_is_the_reliability_of_an_analysis_of_variance() -> None:
    """Hoyt (1941), Psychometrika 6, 153-160: alpha = 1 - MS(residual) / MS(people) of the two-way layout, worked by hand."""
    people, items = len(ATTITUDE), 7
    grand = sum(map(sum, ATTITUDE)) / (people * items)
    between = items * sum((sum(row) / items - grand) ** 2 for row in ATTITUDE)
    columns = people * sum((sum(column) / people - grand) ** 2 for column in zip(*ATTITUDE, strict=True))
    total = sum((value - grand) ** 2 for row in ATTITUDE for value in row)
    residual = (total - between - columns) / ((people - 1) * (items - 1))
    found = scales.alpha(ATTITUDE)
    assert found is not None
    assert found.alpha == pytest.approx(1 - residual / (between / (people - 1)))
    assert (found.n, found.items) == (people, items)


def test_feldt_of_the_published_example() -> None:
    """Feldt, Woodruff, Salih (1987), the interval of one alpha: 1 - (1 - a) F, here with quantiles of F from tables
    (Pearson and Hartley): F(.975; 40, 120) = 1.61, and by its reciprocal F(.025; 40, 120) = 1 / F(.975; 120, 40) = 1 / 1.72."""
    found = scales.feldt(0.80, 41, 4)
    assert found is not None
    assert found.low == pytest.approx(1 - 0.2 * 1.614, abs=0.0005)
    assert found.high == pytest.approx(1 - 0.2 / 1.724, abs=0.0005)


def test_alpha_leaves_out_rows_with_gaps_and_says_when_there_is_none() -> None:
    whole = scales.alpha(ATTITUDE)
    assert scales.alpha([*ATTITUDE, [5, None, 1, 5, 5, 5, 5]]) == whole
    assert scales.alpha([[1, 2], [1, 2]]) is None
    assert scales.alpha([[1], [2]]) is None


def test_equal_values_have_a_mean_and_no_interval() -> None:
    assert scales.mean([1.0] * 10) == scales.Mean(10, 1.0, 0.0, None)


def test_a_mean_has_students_interval() -> None:
    """Student (1908), the sleep data, drug 2 less drug 1: mean 1.58, sd 1.23, interval .70 to 2.46 (R: t.test(sleep))."""
    found = scales.mean([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert found is not None
    assert found.interval is not None
    assert [round(x, 4) for x in (found.mean, found.interval.low, found.interval.high)] == [1.58, 0.7001, 2.4599]


def test_andersons_index_weighs_what_is_new_more() -> None:
    """Anderson (2008), section 3.2.1: weights are row sums of the inverse covariance. Of items with unit variance where two
    correlate .5 and a third with neither, they are 2/3, 2/3 and 1."""
    assert [round(sum(row), 6) for row in scales.inverse([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])] == [
        0.666667,
        0.666667,
        1,
    ]
    rows = [list(map(float, row)) for row in product((-1, 1), repeat=3)]  # eight rows, items that do not correlate
    found = scales.index(rows, [True] * 8)
    base = [value for value in found if value is not None]
    assert sum(base) == pytest.approx(0)
    assert sum(value * value for value in base) / 7 == pytest.approx(1)
    # Items are independent and weigh the same: the index goes with their sum.
    assert [round((value or 0) / (base[-1] / 3), 6) for value in found] == [sum(row) for row in rows]
    gaps = scales.index([*rows, [1.0, None, None], [None, None, None]], [True] * 8 + [False] * 2)
    assert gaps[8] == pytest.approx(base[-1], rel=0.05)  # of one item, as of three that are alike
    assert gaps[9] is None


def test_andersons_index_where_the_reference_group_has_gaps() -> None:
    """Against the formulas of Anderson (2008) written down once more, with NumPy, and each pair of items over the rows that have both."""
    gap = math.nan
    rows = np.array(
        [
            *([1, 5, 2], [2, gap, 4], [4, 3, gap], [5, 1, 7], [gap, 2, 1], [3, 2, 6]),
            *([2, 2, 5], [5, gap, gap], [1, 4, 1], [gap, gap, gap]),
        ]
    )
    reference = np.array([True] * 6 + [False] * 4)
    base = rows[reference]
    z = (rows - np.nanmean(base, axis=0)) / np.nanstd(base, axis=0, ddof=1)
    there = ~np.isnan(z)
    covariances = np.empty((3, 3))
    for one, other in product(range(3), repeat=2):
        both = there[:, one] & there[:, other]
        covariances[one, other] = np.cov(z[both, one], z[both, other])[0, 1]
    weights = np.linalg.inv(covariances).sum(axis=1)
    raw = np.array(
        [np.average(row[own], weights=weights[own]) if own.any() else gap for row, own in zip(z, there, strict=True)]
    )
    wanted = (raw - np.nanmean(raw[reference])) / np.nanstd(raw[reference], ddof=1)
    given = [[None if math.isnan(item) else float(item) for item in row] for row in rows]
    found = scales.index(given, list(reference))
    assert [value is None for value in found] == [False] * 9 + [True]
    assert found[:9] == pytest.approx(list(wanted[:9]))


@pytest.mark.parametrize("together", [[], [(1.0, 3.0)]], ids=["never", "once"])
def test_an_index_of_items_that_were_not_answered_together_is_refused(together: list[tuple[float, float]]) -> None:
    apart = [(1.0, None), (2.0, None), (None, 1.0), (None, 2.0)]
    with pytest.raises(ValueError, match="never answered together"):
        scales.index([*apart, *together], [True] * (4 + len(together)))


def test_an_index_of_items_that_do_not_vary_is_refused() -> None:
    with pytest.raises(ValueError, match="does not vary"):
        scales.index([[1, 1], [1, 2]], [True, True])
    with pytest.raises(ValueError, match="sum of others"):
        scales.index([[1, 1], [2, 2], [3, 3]], [True] * 3)


def test_kaplan_and_meier_of_the_leukaemia_trial() -> None:
    """Freireich et al. (1963) as in Kleinbaum and Klein, Survival Analysis, table 2.1: weeks in remission under 6-MP."""
    relapsed = {6.0: 3, 7.0: 1, 10.0: 1, 13.0: 1, 16.0: 1, 22.0: 1, 23.0: 1}
    censored = {6.0: 1, 9.0: 1, 10.0: 1, 11.0: 1, 17.0: 1, 19.0: 1, 20.0: 1, 25.0: 1, 32.0: 2, 34.0: 1, 35.0: 1}
    found = times.kaplan_meier(relapsed, censored, [0, 6, 7, 10, 13, 16, 22, 23, 40])
    assert [round(share, 4) for share in found] == [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482, 0.4482]


def test_quartiles_as_r_and_numpy_have_them() -> None:
    """Type 7 of Hyndman and Fan (1996), worked by hand: of 1 2 2 10 the ranks are .75, 1.5 and 2.25."""
    found = times.quartiles({1: 1, 2: 2, 10: 1})
    assert found == times.Quartiles(4, 1.75, 2, 4)
    assert times.quartiles({7: 1}) == times.Quartiles(1, 7, 7, 7)
    assert times.quartiles({}) is None


def test_means_apart_do_not_grow_with_n() -> None:
    one, other = balance.Moments(10, 12.0, 4.0), balance.Moments(1000, 10.0, 4.0)
    assert balance.normalised_difference(one, other) == pytest.approx(1.0)
    assert balance.normalised_difference(balance.Moments(1, 3, 0), balance.Moments(1, 4, 0)) is None
    assert balance.Moments.of_share(1, 2) == balance.Moments.of([0, 1])


def test_welchs_interval_of_students_sleep() -> None:
    """Student (1908); `t.test(extra ~ group, data = sleep)` of R."""
    one = balance.Moments.of([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    other = balance.Moments.of([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = balance.difference(one, other)
    assert found is not None
    assert (round(found.low, 7), round(found.high, 7)) == (-3.3654832, 0.2054832)
    assert balance.difference(one, balance.Moments.of([1.0])) is None


def test_analysis_of_variance() -> None:
    """R's PlantGrowth (Dobson 1983, table 7.1): F = 4.846 with 2 and 27 degrees of freedom, p = .01591."""
    groups = {
        "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
        "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
        "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
    }
    found = balance.analysis_of_variance({name: balance.Moments.of(values) for name, values in groups.items()})
    assert found is not None
    assert (round(found.statistic or 0, 3), round(found.p or 0, 5)) == (4.846, 0.01591)


def counted(values: dict[float, int], silent: int) -> list[float | None]:
    """Outcomes by how often each came, and those that are missing."""
    return [*(value for value, count in values.items() for _ in range(count)), *([None] * silent)]


def test_lees_bounds_of_an_r_packages_example() -> None:
    """The example of `estimator_trim` in the reference of the R package attrition by Coppock, Gerber, Green and Kern
    (github.com/acoppock/attrition, reference/estimator_trim), which estimates the bounds of Lee (2009). Its data are R's after `set.seed(343)`: 1,000 people with outcomes from 1 to 5, of whom 417 of 513 and 331 of 487 answered. The counts below are of
    these data, made again with R's generator (Mersenne Twister, rejection, inversion); that they are the same shows in the printed mean of
    the control group, 2.93353474, and in the trimmed means. The package keeps whole observations, 348 for one bound and 349 for the other;
    here the 348.67 that the shares leave are weighted, so that the bounds differ in the third decimal place."""
    treated = counted({1: 37, 2: 51, 3: 152, 4: 133, 5: 44}, 513 - 417)
    control = counted({1: 29, 2: 91, 3: 110, 4: 75, 5: 26}, 487 - 331)
    assert round(sum(one for one in control if one is not None) / 331, 8) == 2.93353474
    kept = sorted(one for one in treated if one is not None)
    assert round(sum(kept[:348]) / 348, 8) == 2.95114943, "printed as Out1L_mono"
    assert round(sum(kept[-349:]) / 349, 8) == 3.57593123, "printed as Out1U_mono"
    found = effects.lee_bounds(treated, control)
    assert found is not None
    assert round(found.trimmed, 8) == 0.16385742, "printed as Q"
    assert found.low == pytest.approx(0.01761468, abs=0.0025)
    assert found.high == pytest.approx(0.64239649, abs=0.0025)


def test_lees_bounds_of_a_binary_outcome() -> None:
    """World Bank, Development Impact, “Lee Bounds in Practice, Part 2”, example 1: of a control group of 392, 109 answered with 1 and 119 with 0;
    nine too many answered, so that for the upper bound its ones count as 100 of 109. (The post takes the nine from the attrition; here the
    other arm has as many people, and nine answers fewer.) And part 1: of 84 % and 75.6 % who answered, 10 % are trimmed."""
    treated, control = counted({1: 100, 0: 119}, 392 - 219), counted({1: 109, 0: 119}, 392 - 228)
    found = effects.lee_bounds(treated, control)
    assert found is not None
    assert found.high == pytest.approx(100 / 219 - 100 / 219), "the mean of the control group without nine ones"
    assert found.low == pytest.approx(100 / 219 - 109 / 219), "and without nine zeros"
    shares = effects.lee_bounds(counted({1: 840}, 160), counted({1: 756}, 244))
    assert shares is not None
    assert shares.trimmed == pytest.approx(0.1)
