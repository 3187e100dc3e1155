"""A span of days in a time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date
    zone: str

    @classmethod
    def at(cls, now: datetime, zone: str) -> "Days":
        """The day that it is at a moment."""
        day = now.astimezone(ZoneInfo(zone)).date()
        return cls(day, day, zone)

    @property
    def begin(self) -> datetime:
        """The moment at which they begin."""
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment at which they are over."""
        return self._midnight(self.last + DAY)

    def back(self, days: int) -> "Days":
        """These days and as many more before them as make `days`."""
        return Days(min(self.first, self.last - (days - 1) * DAY), self.last, self.zone)

    def __iter__(self) -> Iterator["Days"]:
        """Each day by itself."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + number * DAY
            yield Days(day, day, self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)
