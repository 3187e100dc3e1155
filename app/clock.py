"""Time, as an argument. Nothing below the edges reads the machine's clock: it is handed `at` or a `Clock`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's own time, in UTC."""
    return datetime.now(UTC)


class ShiftedClock:
    """A clock that can be moved forward by hand: for the simulated phone, rehearsals and tests.

    It runs on at the pace of `base`, displaced by all the `advance()` calls so far.
    """

    def __init__(self, base: Clock = system_clock) -> None:
        self._base = base
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return self._base() + self._shift

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` and return the new moment. Time never goes back: ValueError."""
        if by < timedelta():
            raise ValueError("a clock cannot be moved back")
        self._shift += by
        return self()
