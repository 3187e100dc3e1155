"""Days and moments that a person chooses."""

from collections.abc import Mapping
from datetime import date, datetime

from app.days import DAY, Days
from app.exports.days import is_possible


def days_of(query: Mapping[str, str], default: Days, most: int) -> Days:
    """The days that a query names by `from` and `to`, at most so many; what it does not name, or not as a date, is the default's."""
    first, last = day_of(query.get("from", "")), day_of(query.get("to", ""))
    if first is None and last is None:
        return default
    begin = first or last or default.first
    end = max(last or default.last, begin)
    return Days(begin, min(end, begin + (most - 1) * DAY), default.zone)


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
