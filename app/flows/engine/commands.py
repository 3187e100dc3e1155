"""What a keyword asks for, as far as that needs no store: how long a pause is, which language is meant, what a TURNO says and
what is answered to it. The service and the rehearsal's phone both do what is found here. Pure; obeys nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.flows.language.definition import Programme
from app.flows.replies.dates import named
from app.flows.replies.keywords import LANGUAGES, Keyword
from app.flows.replies.shifts import ImpossibleShift, UnreadableShift, read_shift
from app.flows.shifts import Shift, next_start

PAUSE_DAYS = 7
"""A pause of which nobody said how long."""
LONGEST_PAUSE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice that answers a keyword, what is filled in there, and the shift that is to be kept from now on, if any."""

    notice: str
    values: Mapping[str, object] = field(default_factory=dict)
    shift: Shift | None = None


def pause_days(word: Keyword) -> int:
    """How long a pause lasts."""
    return min(word.days or PAUSE_DAYS, LONGEST_PAUSE_DAYS)


def language(programme: Programme, wanted: str) -> str | None:
    """The programme's language that is meant by a code (`en`, `es-mx`), None if it has none like it."""
    family = wanted.partition("-")[0]
    return next((one for one in _offered(programme) if family and one.partition("-")[0] == family), None)


def languages(programme: Programme, wanted: str, *, asked: bool) -> Notice | None:
    """What there is to choose from. None if another one is named while a question is open (`asked`): «idioma maya» may well be
    the answer."""
    if wanted and asked:
        return None
    families = [one.partition("-")[0] for one in _offered(programme)]
    return Notice("language_choice", {"idiomas": ", ".join(LANGUAGES.get(family, family) for family in families)})


def _offered(programme: Programme) -> list[str]:
    return [programme.language, *programme.languages]


def shift(word: Keyword, known: Shift | None, at: datetime, timezone: str, *, asked: bool) -> Notice | None:
    """What a TURNO comes to. None if it has words that say nothing of a shift while a question is open (`asked`): then it
    may well be the answer."""
    if not word.argument:
        return _stated(known, next_start(known, at)) if known else Notice("shift_none")
    match read_shift(word.argument, at, timezone):
        case Shift() as said:
            return replace(_stated(said, said.anchor.replace(tzinfo=ZoneInfo(timezone))), shift=said)
        case ImpossibleShift(on, off):
            return Notice("shift_impossible", {"turno": f"{on} x {off}"})
        case UnreadableShift(stray):
            return None if stray and asked else Notice("shift_unclear")


def _stated(known: Shift, begins: datetime) -> Notice:
    local = begins.astimezone(ZoneInfo(known.timezone))
    return Notice(
        "shift", {"turno": f"{known.on} x {known.off}", "entra": f"{named(local)} a las {local.hour}:{local:%M}"}
    )
