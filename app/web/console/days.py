"""Days and moments that a person chooses, and a span of days in the time zone of a programme."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.exports.days import is_possible

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date
    zone: str

    @classmethod
    def chosen(cls, query: Mapping[str, str], default: "Days", most: int) -> "Days":
        """The days that a query names by `from` and `to`, at most so many; what it does not name, or not as a date, is the default's."""
        first, last = day_of(query.get("from", "")), day_of(query.get("to", ""))
        if first is None and last is None:
            return default
        begin = first or last or default.first
        end = max(last or default.last, begin)
        return cls(begin, min(end, begin + (most - 1) * _DAY), default.zone)

    @classmethod
    def today(cls, now: datetime, zone: str) -> "Days":
        """The day that it is now."""
        day = now.astimezone(ZoneInfo(zone)).date()
        return cls(day, day, zone)

    @property
    def begin(self) -> datetime:
        """The moment at which they begin."""
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment at which they are over."""
        return self._midnight(self.last + _DAY)

    def back(self, days: int) -> "Days":
        """These days and as many more before them as make `days`."""
        return Days(min(self.first, self.last - (days - 1) * _DAY), self.last, self.zone)

    def __iter__(self) -> Iterator["Days"]:
        """Each day by itself."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + number * _DAY
            yield Days(day, day, self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def day_of(text: str) -> date | None:
    """The day that a text names; None if it names none that can be chosen."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if is_possible(found) else None


def moment_of(text: str) -> datetime | None:
    """The moment that a text names, with a time zone or without; None if it names none that can be chosen."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if is_possible(found.date()) else None
