"""Converters for the cells of a roster, one function a kind: text in, the value out, or a ValueError that says what is expected.
Its text never repeats the cell, which may be a name or a number: lists of errors are printed and mailed. `quoting` adds the
cell where it is plainly a date, an hour or a shift."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process

from app.channels.addresses import parse_number
from app.flows.replies.shifts import hours
from app.flows.shifts import HOURS_OFF, HOURS_ON, is_possible
from app.roster.dates import DayNumber, as_date
from app.sheets.columns import folded
from app.sheets.encodings import repaired
from app.sheets.spellings import unseen
from app.wording import Sentence

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
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")

_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*[eE]\+[0-9]+")
_FRACTION = re.compile(r"(\+?[0-9]{7,})[.,]0+")
_LABEL = re.compile(r"(?:tel[eé]fono|tel|celular|cel|m[oó]vil|whats ?app|wa)\b[.:\s]*(?=[+(0-9])", re.IGNORECASE)
_EXTENSION = re.compile(r"[\s,;0-9)](?:extensi[oó]n|ext|x|#)\.?:?\s*[0-9]+$", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_TWO_NUMBERS = 16
"""Digits that are more than one number has."""
_SECOND_ENDING = re.compile(r"[0-9]\s*[/;|]\s*[0-9]")
_TWO = Sentence("has two numbers: keep the one to write to")
_ROUNDED = re.compile(r"0{6,}$")

_PLAIN_NAME = re.compile(r"[A-Za-zÁÉÍÓÚÜÑáéíóúüñ0-9 .]*")
_IN_NAMES = frozenset(" '’‘´`.,-‐‑()/&\"“”º°ª#")
_DASHES = frozenset("–—")


def quoting(convert: Callable[[str], str]) -> Callable[[str], str]:
    """The same conversion, whose error repeats the cell if it is plainly a date, an hour or a shift."""

    def converted(text: str) -> str:
        try:
            return convert(text)
        except ValueError as error:
            fault = error.args[0]
            raise ValueError(
                Sentence("{fault}, got {value}", fault=fault, value=text) if _TIMELY.fullmatch(text) else fault
            ) from None

    return converted


def as_name(text: str) -> str:
    """An officer's name, with single spaces. It goes into messages, so it has no braces; a sign that no name has is a letter that
    was lost when the file was saved."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > _LONGEST_NAME or {"{", "}"} & set(name) or len(text.splitlines()) > 1:
        raise ValueError(
            Sentence(
                "must be a name of at most {most} characters, on one line, without braces",
                most=_LONGEST_NAME,
            )
        )
    if _PLAIN_NAME.fullmatch(name):
        return name
    if hidden := unseen(name):
        raise ValueError(Sentence("has a sign that nobody sees ({hidden}): write the name again", hidden=hidden))
    if repaired(name) != name or any(map(partial(_is_impossible, name), range(len(name)))):
        raise ValueError(Sentence("has a sign that no name has: save the file as UTF-8, or write the name again"))
    return name


_LONGEST_NAME = 120


def _is_impossible(name: str, place: int) -> bool:
    """Whether the sign at a place of a name cannot be there: symbols, and dashes or ordinals within a word, were letters."""
    char = name[place]
    if char.isascii() and char.isalnum():
        return False
    inside = 0 < place < len(name) - 1 and name[place - 1].isalpha() and name[place + 1].isalpha()
    if char.isalpha() and char not in "ºª":
        return not unicodedata.name(char, "").startswith("LATIN") and inside and name[place - 1].isascii()
    if char in _DASHES or char in "º°ª#":
        return inside
    return char not in _IN_NAMES and not char.isdigit() and not unicodedata.category(char).startswith("M")


def as_number(text: str) -> str:
    """A telephone number, as +525555550101."""
    text = _LABEL.sub("", text, count=1)
    if whole := _FRACTION.fullmatch(text):
        text = whole[1]
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(Sentence("Excel has shortened the number and its digits are lost: format the column as text"))
    if len(_DIGIT.findall(text)) >= _TWO_NUMBERS:
        raise ValueError(_TWO)
    if _EXTENSION.search(text):
        raise ValueError(Sentence("has an extension, which no message reaches: write a mobile number"))
    try:
        return parse_number(text)
    except ValueError:
        if _SECOND_ENDING.search(text):
            raise ValueError(_TWO) from None
        raise


def is_rounded(number: str) -> bool:
    """Whether a number ends as if a spreadsheet had rounded it."""
    return _ROUNDED.search(number) is not None


def as_channel(text: str) -> str:
    """The preferred channel."""
    if (channel := CHANNELS.get(folded(text))) is None:
        raise ValueError(Sentence("must be whatsapp or sms"))
    return channel


def as_cohort(text: str) -> str:
    """A cohort's code."""
    return _category(text, 64)


def _category(text: str, longest: int) -> str:
    """A text that officers share: as long as it may be, with nothing in it that nobody sees, each letter with its accent as one."""
    text = unicodedata.normalize("NFC", text)
    if len(text) > longest:
        raise ValueError(Sentence("is longer than {longest} characters", longest=longest))
    if hidden := unseen(text):
        raise ValueError(
            Sentence(
                "has a sign that nobody sees ({hidden}), and would be a category of its own: write it again",
                hidden=hidden,
            )
        )
    if "\ufffd" in text or repaired(text) != text:
        raise ValueError(
            Sentence("has letters that were lost when the file was saved: save it as UTF-8, or write it again")
        )
    return text


def as_zone(text: str) -> str:
    """An IANA zone, by its name or, in Mexico, by its city. Never an offset, which has no daylight saving time."""
    zones = _zones()
    if (zone := zones.get(text.lower()) or _cities().get(folded(text))) is not None:
        return zone
    near = process.extractOne(folded(text), _cities(), score_cutoff=70) or process.extractOne(text.lower(), zones)
    raise ValueError(Sentence("is not a time zone; did you mean {zone}?", zone=near[0]))


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


def as_hours(text: str) -> str:
    """The hours on duty and off of a shift, as 24x48."""
    found = hours(text)
    if found is None or found[2]:
        raise ValueError(Sentence("must be the hours of work and of rest, such as 24x48"))
    on, off, _ = found
    if not is_possible(on, off):
        raise ValueError(
            Sentence(
                "must be {least} to {most} hours of work and {least_rest} to {most_rest} of rest",
                least=HOURS_ON[0],
                most=HOURS_ON[-1],
                least_rest=HOURS_OFF[0],
                most_rest=HOURS_OFF[-1],
            )
        )
    return f"{on}x{off}"


def as_consent(text: str, today: date | None = None, zone: str | None = None) -> str:
    """The date of consent on paper in a zone, not after `today`; "" for a word that means none."""
    if folded(text) in ("no", "0", "pendiente"):
        return ""
    try:
        day = as_date(text, zone)
    except DayNumber:
        raise
    except ValueError:
        raise ValueError(
            Sentence("must be the date on which consent was given, such as 2026-03-02, or empty")
        ) from None
    if today is not None and date.fromisoformat(day) > today:
        raise ValueError(
            Sentence("is in the future: write the day on which consent was given, or leave the cell empty")
        )
    return day


def as_paper(text: str) -> str:
    """The version or the place of a consent on paper, in few words."""
    if len(text) > 100:
        raise ValueError(Sentence("is longer than 100 characters"))
    return text


def as_attribute(text: str) -> str:
    """A short text."""
    return _category(text, 200)


def typed(text: str) -> str | int:
    """An attribute as conditions compare it: `1` is a number, `01` and `norte` are text."""
    return int(text) if _WHOLE.fullmatch(text) else text


def noon(day: str, zone: str) -> datetime:
    """The middle of a day, in UTC: for a date without an hour."""
    return datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
