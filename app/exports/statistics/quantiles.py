"""The distributions that statistics need: the normal one from Python, the others and Fisher's exact test from SciPy. Functions
that use SciPy raise ConfigurationError if it is not installed."""

from collections.abc import Sequence
from statistics import NormalDist

from app.exports.statistics.libraries import scipy_stats


def normal(confidence: float) -> float:
    """The two-sided quantile of the normal distribution: 1.96 for .95. Raises ValueError unless 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def student(confidence: float, df: float) -> float:
    """The two-sided quantile of Student's t."""
    return float(scipy_stats().t.ppf((1 + confidence) / 2, df))


def f(probability: float, df1: float, df2: float) -> float:
    """The quantile of the F distribution."""
    return float(scipy_stats().f.ppf(probability, df1, df2))


def f_beyond(statistic: float, df1: float, df2: float) -> float:
    """The probability that F is at least as large by chance."""
    return float(scipy_stats().f.sf(statistic, df1, df2))


def chi_square_beyond(statistic: float, df: int) -> float:
    """The probability that chi-square is at least as large by chance."""
    return float(scipy_stats().chi2.sf(statistic, df))


def fisher(table: Sequence[Sequence[int]]) -> float:
    """The two-sided p of Fisher's exact test of a table of two by two."""
    return float(scipy_stats().fisher_exact([list(row) for row in table]).pvalue)
