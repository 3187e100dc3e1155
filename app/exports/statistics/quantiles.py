"""The distributions that statistics ask for. The normal one is Python's own; F, t and chi-square, and Fisher's exact test, are
SciPy's, which is an optional extra: where it is not installed these give None, and whoever asked leaves the figure out and
says why. No other module imports SciPy."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from statistics import NormalDist
from typing import Any

WANTS_SCIPY = "SciPy is not installed: pip install 'trato[analysis]'"


@cache
def _stats() -> Any:  # noqa: ANN401 - a module without types, if it is there
    try:
        return import_module("scipy.stats")  # half a second, and optional
    except ImportError:
        return None


def available() -> bool:
    """Whether F, t, chi-square and Fisher can be had."""
    return _stats() is not None


def normal(confidence: float) -> float:
    """The two-sided quantile of the normal distribution: 1.96 for .95. Raises ValueError unless 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def student(confidence: float, df: float) -> float | None:
    """The two-sided quantile of Student's t."""
    return None if (stats := _stats()) is None else float(stats.t.ppf((1 + confidence) / 2, df))


def f(probability: float, df1: float, df2: float) -> float | None:
    """The quantile of the F distribution."""
    return None if (stats := _stats()) is None else float(stats.f.ppf(probability, df1, df2))


def f_beyond(statistic: float, df1: float, df2: float) -> float | None:
    """How probable an F as large is by chance."""
    return None if (stats := _stats()) is None else float(stats.f.sf(statistic, df1, df2))


def chi_square_beyond(statistic: float, df: int) -> float | None:
    """How probable a chi-square as large is by chance."""
    return None if (stats := _stats()) is None else float(stats.chi2.sf(statistic, df))


def fisher(table: Sequence[Sequence[int]]) -> float | None:
    """The two-sided p of Fisher's exact test of a table of two by two."""
    return None if (stats := _stats()) is None else float(stats.fisher_exact([list(row) for row in table]).pvalue)
