"""Days that recur as in cron, as far as flow files are checked for them: fields that cannot be read, and days that
never come. Pure. The fields mean the same as in APScheduler's `CronTrigger`, which plans campaigns; tests compare
the two."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from app.flows.language.campaign import Recurrence
from app.wording import Sentence, one_of

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH = ("1st", "2nd", "3rd", "4th", "5th", "last")

_RANGE = re.compile(r"(\*|\d+|[a-z]+)(?:-(\d+|[a-z]+))?(?:/(\d+))?")
_WEEKDAY = re.compile(r"(\w+) +(\w+)")
_FIRST, _LAST = date(2024, 1, 1), date(2051, 12, 31)
"""Twenty-eight years have every day of the year on every day of the week."""

Test = Callable[[date], bool]


class Unreadable(ValueError):
    """A field is not valid in cron. `text` says how to correct it."""

    def __init__(self, text: Sentence) -> None:
        super().__init__(text)
        self.text = text


def happens(recurrence: Recurrence) -> bool:
    """Whether such a day ever comes. Raises Unreadable."""
    tests = _tests(recurrence)
    days = (_FIRST + timedelta(days=place) for place in range((_LAST - _FIRST).days + 1))
    return any(all(test(day) for test in tests) for day in days)


def holds(recurrence: Recurrence, day: date) -> bool:
    """Whether a day matches every field. Raises Unreadable."""
    return all(test(day) for test in _tests(recurrence))


def _tests(recurrence: Recurrence) -> list[Test]:
    return [read(name, text) for name in Recurrence.model_fields if (text := getattr(recurrence, name)) is not None]


def read(field: str, text: str) -> Test:
    """The test of a field: one of its comma-separated items must match. Raises Unreadable."""
    tests = [_item(field, item.strip()) for item in text.strip().split(",")]
    return lambda day: any(test(day) for test in tests)


def _item(field: str, item: str) -> Test:
    match field:
        case "month":
            months = _numbers(item, 1, 12, MONTHS)
            return lambda day: day.month in months
        case "week":
            weeks = _numbers(item, 1, 53)
            return lambda day: day.isocalendar().week in weeks
        case "day_of_week":
            weekdays = _numbers(item, 0, 6, WEEKDAYS)
            return lambda day: day.weekday() in weekdays
        case _:
            return _of_month(item)


def _of_month(item: str) -> Test:
    if item == "last":
        return lambda day: day.day == _length(day)
    if (match := _WEEKDAY.fullmatch(item)) is not None:
        nth, weekday = match.groups()
        if nth not in _NTH or weekday not in WEEKDAYS:
            raise Unreadable(Sentence("write {item!r} as 2nd tue or last fri", item=item))
        return lambda day: day.weekday() == WEEKDAYS.index(weekday) and _is_nth(day, nth)
    days = _numbers(item, 1, 31)
    return lambda day: day.day in days


def _is_nth(day: date, nth: str) -> bool:
    return day.day + 7 > _length(day) if nth == "last" else (day.day - 1) // 7 == _NTH.index(nth)


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _numbers(item: str, least: int, most: int, names: tuple[str, ...] = ()) -> range:
    match = _RANGE.fullmatch(item)
    if match is None or (match[1] == "*" and match[2]):
        raise Unreadable(Sentence("{item!r} is none of {like}", item=item, like=_like(least, most, names)))
    step = int(match[3] or 1)
    if match[1] == "*":
        first, last = least, most
    else:
        first = _number(match[1], least, most, names)
        last = _number(match[2], least, most, names) if match[2] else most if match[3] else first
    if first > last:
        raise Unreadable(Sentence("{item!r} goes backwards: write two, with a comma between", item=item))
    if match[3] and (not 1 <= step <= last - first or match[1].isalpha()):
        raise Unreadable(Sentence("{item!r} takes steps of {step}, which do not fit into it", item=item, step=step))
    return range(first, last + 1, step)


def _number(word: str, least: int, most: int, names: tuple[str, ...]) -> int:
    if word in names:
        return names.index(word) + least
    if not word.isdecimal() or not least <= int(word) <= most:
        raise Unreadable(Sentence("{item!r} is none of {like}", item=word, like=_like(least, most, names)))
    return int(word)


def _like(least: int, most: int, names: tuple[str, ...]) -> str:
    return one_of([f"{least}-{most}", *([", ".join(names)] if names else [])])
