"""Keywords that need no store: the length of a pause, the language chosen, and the shift in a TURNO, with the notice
that answers each. Used by the service and by rehearsals. Pure: the caller carries the command out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.flows.language.definition import Programme
from app.flows.replies.dates import named
from app.flows.replies.keywords import LANGUAGES, Keyword, Name
from app.flows.replies.shifts import ImpossibleShift, UnreadableShift, read_shift
from app.flows.shifts import Shift, next_start

OBEYED_AFTER_THE_END = (Name.BAJA, Name.AYUDA)
"""The keywords that mean something when a programme takes no answers any more."""
PAUSE_DAYS = 7
"""The length of a pause without a number of days."""
LONGEST_PAUSE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice that answers a keyword, the values of its variables, and the new shift, if any."""

    notice: str
    values: Mapping[str, object] = field(default_factory=dict)
    shift: Shift | None = None


def pause_days(word: Keyword) -> int:
    """How long a pause lasts."""
    return min(word.days or PAUSE_DAYS, LONGEST_PAUSE_DAYS)


def language(programme: Programme, wanted: str) -> str | None:
    """The programme's language for a code (`en`, `es-mx`); None if it has none of that family."""
    family = wanted.partition("-")[0]
    return next((one for one in _offered(programme) if family and one.partition("-")[0] == family), None)


def languages(programme: Programme, wanted: str, *, asked: bool) -> Notice | None:
    """The languages to choose from. None if another language is named while a question is open (`asked`): «idioma
    maya» may be the answer."""
    if wanted and asked:
        return None
    families = [one.partition("-")[0] for one in _offered(programme)]
    return Notice("language_choice", {"idiomas": ", ".join(LANGUAGES.get(family, family) for family in families)})


def _offered(programme: Programme) -> list[str]:
    return [programme.language, *programme.languages]


def shift(word: Keyword, known: Shift | None, at: datetime, timezone: str, *, asked: bool) -> Notice | None:
    """The notice that answers a TURNO. None if it has words unrelated to a shift while a question is open (`asked`):
    it may be the answer."""
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
