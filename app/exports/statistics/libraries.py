"""NumPy, SciPy and statsmodels, which come with the extra `analysis`. They are loaded on first use, because they take seconds;
no other module imports them."""

from functools import cache
from importlib import import_module
from typing import Any

from app import with_extra
from app.errors import ConfigurationError
from app.wording import Sentence


@cache
def numpy() -> Any:  # noqa: ANN401 - loaded by its name
    """NumPy. Raises ConfigurationError if it is not installed."""
    return _load("numpy")


@cache
def scipy_stats() -> Any:  # noqa: ANN401 - loaded by its name
    """`scipy.stats`. Raises ConfigurationError if it is not installed."""
    return _load("scipy.stats")


@cache
def statsmodels() -> Any:  # noqa: ANN401 - loaded by its name
    """`statsmodels.regression.linear_model`. Raises ConfigurationError if it is not installed."""
    return _load("statsmodels.regression.linear_model")


def require() -> None:
    """Raise ConfigurationError unless NumPy and SciPy are installed; statsmodels is needed for arms only."""
    numpy()
    scipy_stats()


def _load(name: str) -> Any:  # noqa: ANN401
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            Sentence(
                "statistics need {library}, which is not installed: {command}",
                library=error.name,
                command=with_extra("analysis"),
            )
        ) from None
