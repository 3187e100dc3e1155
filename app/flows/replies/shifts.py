"""Reading a shift as officers write it behind TURNO: «24x48 hoy 7», «12 x 36 desde mañana a las 19:00», «24 por 48 entro el
lunes 7am». Hours first, then a day and an hour in any order; both are read as answers of those kinds are. A bare «7» is
seven in the morning, as on the clock of 24 hours, and «el lunes» the next one, unless the officer says «entré»: the officer
gets the shift as it was understood, and can correct it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.flows.replies.dates import DAYS, Dates
from app.flows.replies.fold import fold
from app.flows.replies.forms import AnswerKind, Form, Parsed, Unparsed
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.numbers import cardinal
from app.flows.replies.times import Times
from app.flows.shifts import Shift, is_possible

_BY = re.compile(r"(\d)\s*(?:[*/-]|por|x|×)\s*(\d)", re.IGNORECASE)
_HOUR_WORDS = frozenset(word_list("h hs hr hrs hora horas"))
_ABOUT = frozenset(word_list("de del trabajo servicio labor jornada guardia descanso franco libre libres"))
_OPENING = frozenset(word_list("de es a un una el mi las"))
_BEGINS = frozenset(
    word_list("desde entro entrando entrada empiezo empezando inicio iniciando comienzo me toca que con horario")
)
_BEGAN = frozenset(word_list("entre empece inicie comence entraba"))
_POLITE = (("por", "favor"), ("porfa",), ("porfavor",), ("gracias",))
_TURNED = frozenset(word_list("pasado anterior ultimo proximo viene siguiente entra"))
_AROUND_A_DAY = frozenset(word_list("el dia a la las de"))
_MORNING = re.compile(r"\b(?:de|por|en) la manana\b")
_FROM = re.compile(r"\ba partir (?:de|desde)\b|\ba partir\b")
_MOST_WORDS = 14

_dates, _times = Dates(Form(AnswerKind.date)), Times(Form(AnswerKind.time))


@dataclass(frozen=True, slots=True)
class UnreadableShift:
    """A shift that could not be read. `stray`: there are words that say nothing of a shift, so this may be a story."""

    stray: bool


@dataclass(frozen=True, slots=True)
class ImpossibleShift:
    """Hours that nobody can work."""

    on: int
    off: int


def hours(text: str) -> tuple[int, int, Words] | None:
    """The hours on and off that a text begins with, and the words behind them; None if it does not begin so."""
    words = fold(_BY.sub(r"\1 x \2", text, count=1)).words
    place = _skip(words, 0, _OPENING)
    on = cardinal(words, place)
    if on is None:
        return None
    place = _skip(words, on[1], _HOUR_WORDS | _ABOUT)
    if place < len(words) and words[place] in ("x", "por"):
        off = cardinal(words, _skip(words, place + 1, _ABOUT))
        return (
            None if off is None else (on[0], off[0], words[_skip(words, off[1], _HOUR_WORDS | _ABOUT, behind=True) :])
        )
    if on[0] == 8 and place > on[1]:  # «8 horas» can only be three turns a day
        return 8, 16, words[place:]
    return None


def _skip(words: Words, place: int, of: frozenset[str], *, behind: bool = False) -> int:
    """The place behind words of a kind. `behind`: «del» belongs to «del lunes», unless «descanso» follows."""
    while place < len(words) and words[place] in of:
        if behind and words[place] in ("de", "del") and (place + 1 >= len(words) or words[place + 1] not in _ABOUT):
            break
        place += 1
    return place


def read_shift(text: str, at: datetime, timezone: str) -> Shift | ImpossibleShift | UnreadableShift:
    """The shift that an officer means, who writes at this moment. No text raises."""
    found = hours(text)
    if found is None:
        return UnreadableShift(stray=True)
    on, off, rest = found
    if not is_possible(on, off):
        return ImpossibleShift(on, off)
    local = at.astimezone(ZoneInfo(timezone))
    words = _cleaned(rest)
    if len(words) > _MOST_WORDS:
        return UnreadableShift(stray=True)
    began = any(word in _BEGAN for word in rest)
    for day, hour in _readings(words, local, began):
        first = local.date() if day is None and on + off == 24 else day  # the same every day: the day need not be said
        if hour is None or first is None:
            return UnreadableShift(stray=False)
        return Shift(on, off, datetime.combine(first, hour), timezone)
    return UnreadableShift(stray=bool(words))


def _cleaned(words: Words) -> Words:
    """The words that say when, without those that only lead to them."""
    for polite in _POLITE:
        if words[-len(polite) :] == polite:
            words = words[: -len(polite)]
    line = _MORNING.sub("am", _FROM.sub("", " ".join(words)))
    return tuple(["el" if word == "del" else word for word in line.split() if word not in _BEGINS | _BEGAN])


def _readings(words: Words, local: datetime, began: bool) -> Iterator[tuple[date | None, time | None]]:
    """Every way to read the words as a day and an hour, the longest day first; then one of them alone."""
    count = len(words)
    days = [
        (start, end, day)
        for length in range(count, 0, -1)
        for start in range(count - length + 1)
        if (day := _day(words[start : (end := start + length)], local, began)) is not None
    ]
    for start, end, day in days:
        if (hour := _hour(words[:start] + words[end:])) is not None:
            yield day, hour
    for start, end, day in days:
        if end - start == count:
            yield day, None
    if (hour := _hour(words)) is not None:
        yield None, hour


def _day(words: Words, local: datetime, began: bool) -> date | None:
    ahead = not began and not _TURNED & set(words)
    if ahead and set(words) & set(DAYS):
        words = ("proximo", *words)
    read = _dates.read(fold(" ".join(words)), local.date())
    if not isinstance(read, Parsed):
        return None
    day = date.fromisoformat(str(read.value))
    bare = [word for word in words if word not in _AROUND_A_DAY]
    if (
        ahead and day < local.date() and len(bare) == 1 and cardinal((bare[0],), 0) is not None
    ):  # «el 5» is the next fifth
        day = _next_month(day)
    return day


def _next_month(day: date) -> date:
    """The next day of this number."""
    following = day + timedelta(days=1)
    while following.day != day.day:
        following += timedelta(days=1)
    return following


def _hour(words: Words) -> time | None:
    if not words:
        return None
    words = tuple("hrs" if word == "horas" else word for word in words)  # an hour and no span: «7 horas»
    read = _times.read(fold(" ".join(words)))
    if isinstance(read, Unparsed) and read.reason == "ambiguous":
        read = _times.read(fold(" ".join((*words, "hrs"))))
    return time.fromisoformat(str(read.value)) if isinstance(read, Parsed) and read.value is not None else None
