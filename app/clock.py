"""Time as an argument. Only composition roots read the system clock; other code is passed a time or a `Clock`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC."""

FARTHEST_AHEAD = timedelta(minutes=15)
"""How far the clocks of two of our processes may differ. A moment that was past when it was stored, and lies farther ahead now,
was stored by a clock that has been set back since."""


def system_clock() -> datetime:
    """The system time, in UTC."""
    return datetime.now(UTC)


class PacedClock:
    """A clock for rehearsals: it starts at `start`, runs `pace` times as fast as `base`, and can be moved forward, never back."""

    def __init__(self, start: datetime | None = None, pace: float = 1.0, base: Clock = system_clock) -> None:
        self._base = base
        self._began = base()
        self._start = (start or self._began).astimezone(UTC)
        self._pace = pace

    def __call__(self) -> datetime:
        """The current time, aware, in UTC."""
        return self._start + (self._base() - self._began) * self._pace

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` and return the new time. Raises ValueError if `by` is negative."""
        if by < timedelta():
            raise ValueError("a clock cannot be moved back")
        self._start += by
        return self()
