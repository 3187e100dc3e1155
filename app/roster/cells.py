"""Converters for the cells of a roster, one function a kind: text in, the value out, or a ValueError that says what is expected.
Its text never repeats the cell, which may be a name or a number: lists of errors are printed and mailed. `quoting` adds the
cell where it is plainly a date, an hour or a shift."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process

from app.channels.addresses import parse_number
from app.flows.replies.shifts import hours
from app.flows.shifts import HOURS_OFF, HOURS_ON, is_possible
from app.sheets.columns import folded

CHANNELS = {"whatsapp": "whatsapp", "wa": "whatsapp", "sms": "sms", "mensaje": "sms", "mensaje de texto": "sms"}

MEXICO = (
    "America/Mexico_City",
    "America/Monterrey",
    "America/Merida",
    "America/Chihuahua",
    "America/Cancun",
    "America/Mazatlan",
    "America/Hermosillo",
    "America/Tijuana",
    "America/Ciudad_Juarez",
    "America/Matamoros",
    "America/Ojinaga",
    "America/Bahia_Banderas",
)
"""Mexico's zones since the law of 28 October 2022; each may be written as its city alone."""

_YEAR = r"(?:19|20)\d\d"
_TIMELY = re.compile(
    rf"(?:(?:\d?\d[-/.])?\d?\d[-/.](?:{_YEAR}|\d\d)|{_YEAR}[-/.]\d?\d(?:[-/.]\d?\d)?)(?:[T ]\d?\d[:.]\d\d(?::\d\d)?)?|\d{{1,3}}[xX]\d{{1,3}}"
)
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*[eE]\+[0-9]+")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "enero ene",
            "febrero feb",
            "marzo mar",
            "abril abr",
            "mayo may",
            "junio jun",
            "julio jul",
            "agosto ago",
            "septiembre setiembre sep sept set",
            "octubre oct",
            "noviembre nov",
            "diciembre dic",
        ),
        1,
    )
    for name in names.split()
}


def quoting(convert: Callable[[str], str]) -> Callable[[str], str]:
    """The same conversion, whose error repeats the cell if it is plainly a date, an hour or a shift."""

    def converted(text: str) -> str:
        try:
            return convert(text)
        except ValueError as error:
            raise ValueError(f"{error}, got {text}" if _TIMELY.fullmatch(text) else str(error)) from None

    return converted


def as_name(text: str) -> str:
    """An officer's name. It goes into messages, so it has no braces."""
    if (
        len(text) > 120
        or set("{}\ufffd") & set(text)
        or any(unicodedata.category(character) == "Cc" for character in text)
    ):
        raise ValueError("must be a name of at most 120 characters, on one line, without strange signs")
    return text


def as_number(text: str) -> str:
    """A telephone number, as +525555550101."""
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError("Excel has shortened the number and its digits are lost: format the column as text")
    return parse_number(text)


def as_channel(text: str) -> str:
    """The preferred channel."""
    if (channel := CHANNELS.get(folded(text))) is None:
        raise ValueError("must be whatsapp or sms")
    return channel


def as_cohort(text: str) -> str:
    """A cohort's code."""
    if len(text) > 64:
        raise ValueError("is longer than 64 characters")
    return text


def as_zone(text: str) -> str:
    """An IANA zone, by its name or, in Mexico, by its city. Never an offset, which has no daylight saving time."""
    zones = _zones()
    if (zone := zones.get(text.lower()) or _cities().get(folded(text))) is not None:
        return zone
    near = process.extractOne(folded(text), _cities(), score_cutoff=70) or process.extractOne(text.lower(), zones)
    raise ValueError(f"is not a time zone; did you mean {near[0]}?")


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    names = available_timezones()
    return {name.lower(): name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/"))}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    cities = {folded(zone.partition("/")[2]): zone for zone in MEXICO}
    return {
        **cities,
        "cdmx": "America/Mexico_City",
        "ciudad de mexico": "America/Mexico_City",
        "juarez": "America/Ciudad_Juarez",
    }


def as_date(text: str) -> str:
    """A date: 2026-03-02, 2/3/2026 (day first), 2 de marzo de 2026. In ISO form."""
    for form in _DATES:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return _plausible(found)
    words = [word for word in folded(text).split() if word not in ("de", "del")]
    try:
        day, month, year = words
        found = date(int(year), _MONTHS[month], int(day))
    except (ValueError, KeyError):
        raise ValueError(_A_DATE) from None
    return _plausible(found)


_A_DATE = "must be a date such as 2026-03-02 or 02/03/2026 (day, month, year)"


def _plausible(found: date) -> str:
    if not date(2000, 1, 1) <= found <= date(2100, 1, 1):
        raise ValueError(_A_DATE)
    return found.isoformat()


_MOMENT = re.compile(
    r"(.+?)(?:T|,?\s+)([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2}(?:\.0+)?)?\s*(?:([ap])\.?\s*m\.?|h|hrs?\.?|horas)?",
    re.IGNORECASE,
)
_A_MOMENT = "must be a date and an hour such as 2026-03-02 07:00 or 02/03/2026 07:00 (day, month, year)"


def as_moment(text: str) -> str:
    """A local date with an hour, in ISO form."""
    found = _MOMENT.fullmatch(text.replace("\u202f", " "))
    if found is None:
        raise ValueError(_A_MOMENT)
    hour, half = int(found[2]), (found[4] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(_A_MOMENT)
    try:
        wall = time(hour % 12 + (12 if half == "p" else 0) if half else hour, int(found[3]))
        return f"{as_date(found[1])}T{wall:%H:%M}"
    except ValueError:
        raise ValueError(_A_MOMENT) from None


def as_hours(text: str) -> str:
    """The hours on duty and off of a shift, as 24x48."""
    found = hours(text)
    if found is None or found[2]:
        raise ValueError("must be the hours of work and of rest, such as 24x48")
    on, off, _ = found
    if not is_possible(on, off):
        raise ValueError(
            f"must be {HOURS_ON[0]} to {HOURS_ON[-1]} hours of work and {HOURS_OFF[0]} to {HOURS_OFF[-1]} of rest"
        )
    return f"{on}x{off}"


def as_consent(text: str, today: date | None = None) -> str:
    """The date of consent on paper, not after `today`; "" for a word that means none."""
    if folded(text) in ("no", "0", "pendiente"):
        return ""
    try:
        day = as_date(text)
    except ValueError:
        raise ValueError("must be the date on which consent was given, such as 2026-03-02, or empty") from None
    if today is not None and date.fromisoformat(day) > today:
        raise ValueError("is in the future: write the day on which consent was given, or leave the cell empty")
    return day


def as_paper(text: str) -> str:
    """The version or the place of a consent on paper, in few words."""
    if len(text) > 100:
        raise ValueError("is longer than 100 characters")
    return text


def as_attribute(text: str) -> str:
    """A short text."""
    if len(text) > 200:
        raise ValueError("is longer than 200 characters")
    return text


def typed(text: str) -> str | int:
    """An attribute as conditions compare it: `1` is a number, `01` and `norte` are text."""
    return int(text) if _WHOLE.fullmatch(text) else text


def noon(day: str, zone: str) -> datetime:
    """The middle of a day, in UTC: for a date without an hour."""
    return datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
