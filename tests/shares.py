"""A property test that may end before it has asserted anything says with `asserted()` where it has, and with `@mostly` in what
share of its examples it must."""

from collections.abc import Callable
from functools import wraps
from typing import Any


class _Count:
    tried = 0
    asserted = 0


def asserted() -> None:
    """This example is one that counts. Called at most once in an example."""
    _Count.asserted += 1


def mostly(share: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Above `@given`: the test fails if fewer than this share of its examples come to `asserted()`."""

    def counted(test: Any) -> Callable[..., None]:
        inner = test.hypothesis.inner_test

        @wraps(inner)
        def example(*args: Any, **named: Any) -> None:
            _Count.tried += 1
            inner(*args, **named)

        test.hypothesis.inner_test = example

        @wraps(test)
        def run(*args: Any, **named: Any) -> None:
            _Count.tried = _Count.asserted = 0
            test(*args, **named)
            assert _Count.asserted >= share * _Count.tried, (
                f"{_Count.asserted} of {_Count.tried} examples asserted anything; {share:.0%} should"
            )

        return run

    return counted
