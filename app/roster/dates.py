"""Dates and hours as people and spreadsheets write them in Spanish: text in, ISO out, or a ValueError that says what is expected. A
day comes before its month. A number that a spreadsheet counts days by is named, and never taken for a date."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.replies.fold import phrase
from app.wording import Sentence

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "enero ene january jan",
            "febrero feb february",
            "marzo mar march",
            "abril abr april apr",
            "mayo may",
            "junio jun june",
            "julio jul july",
            "agosto ago august aug",
            "septiembre setiembre sep sept set september",
            "octubre oct october",
            "noviembre nov november",
            "diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: day
    for day, names in enumerate(
        (
            "lunes lun monday mon",
            "martes mar tuesday tue",
            "miercoles mie wednesday wed",
            "jueves jue thursday thu",
            "viernes vie friday fri",
            "sabado sab saturday sat",
            "domingo dom sunday sun",
        )
    )
    for name in names.split()
}
_SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")

_HOUR = re.compile(
    r"(?:^|[T,\s]\s*)([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?"
    r"\s*(?:([ap])\.?\s*m\.?|h(?:rs?|oras)?\.?)?\s*(z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?$",
    re.IGNORECASE,
)
_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_DAY_NUMBER = re.compile(r"([0-9]{5})(?:[.,]([0-9]+))?")
_IN_WORDS = re.compile(r"[^\W\d_]+|[0-9]+")
_FILLERS = frozenset({"de", "del", "of", "o", "er", "st", "nd", "rd", "th", "ro", "a", "dia", "ano"})
_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheets, for days after February 1900."""
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)
_CENTURY = 2000

A_DATE = Sentence("must be a date such as 2026-03-02 or 02/03/2026 (day, month, year)")
A_MOMENT = Sentence("must be a date and an hour such as 2026-03-02 07:00 or 02/03/2026 07:00 (day, month, year)")


class DayNumber(ValueError):
    """A number by which a spreadsheet counts days. Its text has the date that it would be."""

    def __init__(self, shown: str) -> None:
        super().__init__(
            Sentence(
                "looks like a spreadsheet's day number, {shown}: format the column as a date, or write the date",
                shown=shown,
            )
        )


@dataclass(frozen=True, slots=True)
class _Moment:
    """A date, the hour if there is one, and its zone as it is written: `Z` or an offset."""

    day: date
    hour: time | None = None
    zone: str = ""

    @property
    def offset(self) -> timezone | None:
        """The zone, if it is written."""
        if not self.zone:
            return None
        sign, digits = self.zone[0], self.zone[1:].replace(":", "")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)) if digits else timedelta()
        return timezone(-ahead if sign == "-" else ahead)

    def at_home(self, zone: str) -> datetime:
        """The moment by the clock of an IANA zone."""
        return datetime.combine(self.day, self.hour or time(), self.offset).astimezone(ZoneInfo(zone))


def as_date(text: str, zone: str | None = None) -> str:
    """A date in ISO form: 2026-03-02, 2/3/2026 (day first), 02-mar-26, lunes, 2 de marzo de 2026; an hour behind it is left out. An
    hour with a zone is of the day that it is in `zone`; midnight is of its own day, as programs write a day without an hour."""
    found = _read(text)
    if found is None:
        raise ValueError(A_DATE)
    if found.offset is None or found.hour in {None, time()}:
        return found.day.isoformat()
    if zone is None:
        raise ValueError(
            Sentence(
                "has an hour of a time zone ({zone}), where the day may be another: write the day alone",
                zone=found.zone,
            )
        )
    return found.at_home(zone).date().isoformat()


def as_moment(text: str, zone: str | None = None) -> str:
    """A local date with an hour, in ISO form. An hour with a zone is converted to that of `zone`."""
    found = _read(text)
    if found is None or found.hour is None:
        raise ValueError(A_MOMENT)
    if found.offset is None:
        return f"{found.day.isoformat()}T{found.hour:%H:%M}"
    if zone is None:
        raise ValueError(
            Sentence(
                "has the hour of a time zone ({zone}): write it by the officer's own clock, without a zone",
                zone=found.zone,
            )
        )
    return f"{found.at_home(zone):%Y-%m-%dT%H:%M}"


@lru_cache(maxsize=4096)
def _read(text: str) -> _Moment | None:
    """The moment of a text; None if it is none. Raises ValueError for what is nearly one."""
    plain = " ".join(text.replace("\u200b", "").replace("\u202f", " ").split())
    if number := _DAY_NUMBER.fullmatch(plain):
        _refuse_number(number[1], number[2])
    hour = _HOUR.search(plain)
    day = _day(plain[: hour.start()].rstrip(" ,T") if hour else plain)
    if day is None or not _FIRST <= day <= _LAST:
        return None
    if hour is None:
        return _Moment(day)
    clock = _clock(hour)
    return None if clock is None else _Moment(day, clock, hour[5] or "")


def _refuse_number(whole: str, fraction: str | None) -> None:
    day = _EPOCH + timedelta(days=int(whole))
    if _FIRST <= day <= _LAST:
        minutes = round(float(f"0.{fraction or 0}") * 24 * 60)
        raise DayNumber(day.isoformat() if not minutes else f"{day.isoformat()} {minutes // 60:02d}:{minutes % 60:02d}")


def _clock(found: re.Match[str]) -> time | None:
    hour, half = int(found[1]), (found[4] or "").lower()
    if half and (hour > 12 or (half == "p" and not hour)):
        return None
    try:
        return time(hour % 12 + (12 if half == "p" else 0) if half else hour, int(found[2]))
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1] or found[5]), int(found[3] or found[6]), int(found[4] or found[7]))
        if found := _DAY_FIRST.fullmatch(text):
            return date(_year(found[4]), int(found[3]), int(found[1]))
    except ValueError:
        return None
    return _in_words(text)


def _year(text: str) -> int:
    return int(text) + (_CENTURY if len(text) == len("26") else 0)


def _in_words(text: str) -> date | None:
    """`02-mar-26`, `lunes, 2 de marzo de 2026`, `Mar 2, 2026`."""
    words = [
        word
        for word in _IN_WORDS.findall(" ".join(phrase(text.replace("º", " ").replace("°", " "))))
        if word not in _FILLERS
    ]
    weekday = _WEEKDAYS.get(words[0]) if len(words) == 4 else None
    if weekday is not None:
        del words[0]
    if len(words) != 3:
        return None
    first, second, year = words
    day, month = (first, second) if second in _MONTHS else (second, first)
    if month not in _MONTHS or not (day.isdecimal() and year.isdecimal() and len(year) in {2, 4}):
        return None
    try:
        found = date(_year(year), _MONTHS[month], int(day))
    except ValueError:
        return None
    if weekday is not None and found.weekday() != weekday:
        raise ValueError(
            Sentence(
                "says {weekday}, but {date} is a {right}",
                weekday=_SPANISH_DAYS[weekday],
                date=found.isoformat(),
                right=_SPANISH_DAYS[found.weekday()],
            )
        )
    return found
