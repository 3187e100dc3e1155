"""The programme's keywords: BAJA, ALTA, AYUDA, PAUSA, ATRÁS, TURNO, IDIOMA.

Only a whole message is a keyword, blind to accents, case, signs, emoji and a «por favor». A bare «no», «sí» or «yes» never
is: those are answers, although carriers count YES among their words to come back. The effect of a keyword is not decided here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.flows.replies.fold import LONGEST, NO, SHRUG, YES, fold, squeeze
from app.flows.replies.numbers import cardinal
from app.flows.replies.shifts import hours


class Name(StrEnum):
    """The keywords, by the word that texts for officers name."""

    BAJA = "BAJA"
    ALTA = "ALTA"
    AYUDA = "AYUDA"
    PAUSA = "PAUSA"
    ATRAS = "ATRAS"
    TURNO = "TURNO"
    IDIOMA = "IDIOMA"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword as sent. `days` is the length of a pause, None if none was named; `argument` is what follows TURNO as it
    was written (`24x48 desde hoy 7am`), or the language code of IDIOMA."""

    name: Name
    days: int | None = None
    argument: str = ""


_WORDS = {
    Name.BAJA: "baja alto stop cancelar unsubscribe end quit stopall revoke optout cancel",
    Name.ALTA: "alta start unstop",
    Name.AYUDA: "ayuda help info",
    Name.PAUSA: "pausa",
    Name.ATRAS: "atras corregir",
    Name.TURNO: "turno",
    Name.IDIOMA: "idioma",
}
_OPT_OUT_PHRASES = (
    "darme de baja", "dar de baja", "quiero darme de baja", "me quiero dar de baja", "dame de baja", "deme de baja",
    "denme de baja", "me doy de baja", "stop all", "opt out",
)  # fmt: skip

_NAMES = {word: name for name, words in _WORDS.items() for word in words.split()}
_WHOLE = _NAMES | dict.fromkeys(_OPT_OUT_PHRASES, Name.BAJA)
KEYWORDS: frozenset[str] = frozenset(_NAMES)
"""Every word that is a keyword when it is a whole message, folded. A flow must not use one as an answer."""

_COURTESY = frozenset(
    f"por x favor porfavor xfavor porfa porfas xfa please pls muchas gracias {YES} {NO} {SHRUG} 🤔".split()
)
_DAYS = {"dia": 1, "dias": 1, "d": 1, "semana": 7, "semanas": 7, "mes": 30, "meses": 30, "ano": 365, "anos": 365}
_LONGEST_PAUSE = 9999
LANGUAGES = {"es": "español", "en": "inglés", "yua": "maya", "nah": "náhuatl"}
"""The names of languages by their codes."""
_LANGUAGES = {
    "espanol": "es",
    "castellano": "es",
    "ingles": "en",
    "english": "en",
    "spanish": "es",
    "maya": "yua",
    "nahuatl": "nah",
}
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2})?")
_SHIFT = re.compile(r"\W*turno\b[\s:,.;-]*(.+?)[\s.]*", re.IGNORECASE | re.DOTALL)


def keyword(text: str) -> Keyword | None:
    """The keyword that a whole message is, or None: then it is an answer."""
    if len(text) > LONGEST or text.isdecimal():
        return None
    folded = fold(text)
    if not folded.words or folded.has("?"):
        return None
    words = _without_courtesy(folded.words)
    if (name := _WHOLE.get(" ".join(words)) or _held_down(words)) is not None:
        return Keyword(name)
    match words[:1]:
        case ("pausa",):
            days = _pause(words[1:])
            return None if days is None else Keyword(Name.PAUSA, days)
        case ("turno",):
            shift = _SHIFT.fullmatch(text)
            return None if shift is None or hours(shift[1]) is None else Keyword(Name.TURNO, argument=shift[1])
        case ("idioma",):
            code = _language(words[1:])
            return None if code is None else Keyword(Name.IDIOMA, argument=code)
        case _:
            return None


def _without_courtesy(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without «por favor», «gracias» and signs of the hand around them."""
    start, end = 0, len(words)
    while start < end and words[start] in _COURTESY:
        start += 1
    while start < end and words[end - 1] in _COURTESY:
        end -= 1
    return words[start:end]


def _held_down(words: tuple[str, ...]) -> Name | None:
    """«bajaaa», «STOP STOP»: one keyword, said more than once."""
    return _NAMES.get(squeeze(words[0])) if len(set(words)) == 1 else None


def _pause(words: tuple[str, ...]) -> int | None:
    """The days in «3», «3 días», «por una semana»; None for anything else."""
    words = words[1:] if words[:1] in (("por",), ("de",)) else words
    number = cardinal(words, 0)
    if number is None:
        return None
    unit = words[number[1] :]
    days = number[0] * (_DAYS.get(unit[0], 0) if len(unit) == 1 else not unit)
    return days if 0 < days <= _LONGEST_PAUSE else None


def _language(words: tuple[str, ...]) -> str | None:
    wanted = "-".join(words)
    return _LANGUAGES.get(wanted) or (wanted if _CODE.fullmatch(wanted) else None)
