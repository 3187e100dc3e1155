"""The right notation of a wrongly written value, where the meaning is clear: `2 horas` is `2h`, `9am` is `09:00`,
`1–4` is `1-4`, `Aplicó` is `aplico`. Each function returns the right notation, or nothing."""

import re
from collections.abc import Callable

from app.flows.language.nearby import slug
from app.flows.replies.numbers import cardinals
from app.wording import Sentence

_UNITS = {"m": "m min mins minuto minutos", "h": "h hr hrs hora horas", "d": "d dia dias", "w": "w sem semana semanas"}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_TIMED = re.compile(r"(\d{1,4})\s*([a-zñáéíóú]+)\.?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{2}))?\s*(?:([ap])\.?\s*m\.?|hrs?\.?|horas|h)?", re.IGNORECASE)
_WEEKS = re.compile(r"(?:semanas?\s*)?(\d{1,3})(?:\s*(?:[-–—−‐‑]|a|al|to)\s*(\d{1,3}))?", re.IGNORECASE)
_NUMBER_OR_WORD = re.compile(r"(?:(?<![\w.,])[-−–])?\d+(?:[.,]\d+)*|[^\W\d_]+|%")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_MONTHS = ("mes", "meses", "anio", "anios", "month", "months")
_LANGUAGES = {
    "espaniol": "es-MX",
    "espanol": "es-MX",
    "castellano": "es-MX",
    "spanish": "es-MX",
    "ingles": "en",
    "english": "en",
}


def _bare(value: object) -> str:
    return str(value).strip(" \"'“”‘’«»")


def duration(value: object) -> str:
    """A duration in its short form."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Sentence("{value}h for hours, or {value}d for days", value=value) if 0 < value < 10_000 else ""
    found = _TIMED.fullmatch(_bare(value))
    unit = _UNIT.get(slug(found[2])) if found else None
    return f"{int(found[1])}{unit}" if found and unit and int(found[1]) else ""


def number(value: object, *, whole: bool, in_days: bool) -> str:
    """The one number of a text such as `60 días`. Where days are counted, weeks are written in days, and `antes` as a minus."""
    words = _NUMBER_OR_WORD.findall(_bare(value).lower())
    plain = tuple(slug(word) for word in words)
    found = [_numeral(word) for word in words if word[-1].isdecimal()]
    found = found or [float(one[0]) for one in cardinals(tuple(filter(None, plain)), ("un", "una")) or ()]
    if len(found) != 1:
        return ""
    result = abs(found[0]) / 100 if "%" in words else found[0]
    if in_days:
        units = {_UNIT.get(word, "") for word in plain} | {"mes" for word in plain if word in _MONTHS}
        if units & {"m", "h", "mes"}:
            return ""
        result *= (7 if "w" in units else 1) * (-1 if "antes" in plain and result > 0 else 1)
    return "" if whole and result % 1 else f"{result:.10g}"


def _numeral(text: str) -> float:
    """`1,500` is more than a thousand, `1,5` one and a half."""
    text = text.replace("−", "-").replace("–", "-")
    return float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", "."))


def hour(value: object) -> str:
    """An hour of the day in 24 hours."""
    if _bare(value) in ("24:00", "24"):
        return "23:59"
    found = _CLOCK.fullmatch(f"{value:.2f}" if isinstance(value, float) else _bare(value))
    if found is None:
        return ""
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        hours = hours % 12 + (12 if half == "p" else 0) if hours <= 12 else 24
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else ""


def weeks(value: object) -> str:
    """A week, or two with a plain hyphen."""
    found = _WEEKS.fullmatch(_bare(value))
    if found is None:
        return ""
    first, last = sorted((int(found[1]), int(found[2] or found[1])))
    return f"{first}-{last}" if found[2] and first else f"{first}" if first else ""


def name(value: object) -> str:
    """A name of small letters, digits and _."""
    plain = slug(str(value))[:32].rstrip("_")
    return plain if plain and plain[0].isalpha() else f"a_{plain}"[:32] if plain else ""


def language(value: object) -> str:
    """The code of a language."""
    known = _LANGUAGES.get(slug(str(value)))
    written = re.fullmatch(r"([a-zA-Z]{2,3})[-_ ]([a-zA-Z]{2})", str(value).strip())
    return known or (f"{written[1].lower()}-{written[2].upper()}" if written else "")


NOTATIONS: dict[str, Callable[[object], str]] = {"duration": duration, "hour": hour, "weeks": weeks}
"""By the code of the problem."""
