"""Time, as an argument. Nothing below the edges reads the machine's clock: it is handed `at` or a `Clock`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's own time, in UTC."""
    return datetime.now(UTC)


class PacedClock:
    """A clock for rehearsals: it starts where it is told, runs `pace` times as fast as `base`, and can be moved on.

    It never goes back.
    """

    def __init__(self, start: datetime | None = None, pace: float = 1.0, base: Clock = system_clock) -> None:
        self._base = base
        self._began = base()
        self._start = (start or self._began).astimezone(UTC)
        self._pace = pace

    def __call__(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._start + (self._base() - self._began) * self._pace

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` and return the new moment. ValueError if that is back."""
        if by < timedelta():
            raise ValueError("a clock cannot be moved back")
        self._start += by
        return self()
