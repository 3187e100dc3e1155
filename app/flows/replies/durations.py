"""How long something took, in the measure that a question counts: «hora y media» is 90 where it asks for minutes."""

import re
from collections.abc import Sequence

from app.flows.replies.lexicon import Words
from app.flows.replies.numbers import cardinal

MINUTES = {
    "minuto": 1, "minutos": 1, "min": 1, "mins": 1, "minutitos": 1, "hora": 60, "horas": 60, "hr": 60, "hrs": 60, "h": 60, "hs": 60, "horita": 60, "horitas": 60,
    "dia": 1440, "dias": 1440, "semana": 10080, "semanas": 10080,
}  # fmt: skip
_ENDING = frozenset((",", ".", ";", "por", "porque", "hasta", "aprox"))
"""Behind these a number of minutes stands alone: «una hora con veinte por el papeleo»."""
_HOURS = frozenset(("hora", "horas", "hr", "hrs", "h", "hs", "horita", "horitas"))
_PARTS: dict[Words, float] = {
    ("tres", "cuartos"): 0.75, ("3", "cuartos"): 0.75, ("3/4",): 0.75, ("un", "cuarto"): 0.25, ("cuarto",): 0.25, ("media",): 0.5,
    ("medio",): 0.5, ("pico",): 0.0,
}  # fmt: skip
_DECIMAL = re.compile(r"\d{1,2}[.,]\d")
_CLOCK = re.compile(r"(\d):([0-5]\d)")
_LINKS = frozenset(("y", "con", "de", "i"))


def asked_in(units: Sequence[str]) -> int | None:
    """The minutes of the measure that a question counts in; None for what is no time."""
    return next((MINUTES[unit] for unit in units if unit in MINUTES), None)


def lasting(words: Words, place: int, asked: int) -> tuple[float, int] | None:
    """How many of the asked measure of a length of time that begins at a place and the place after it: «media hora», «2 hrs y cuarto», «un par de horas».
    None if none begins there."""
    found = _minutes(words, place)
    if found is None or (found[1] > 60) != (asked > 60):
        return None  # nobody tells days in minutes
    return found[0] / asked, found[2]


def _minutes(words: Words, place: int) -> tuple[float, int, int] | None:
    """The minutes, those of the unit that was said, and the place after it."""
    clock = _CLOCK.fullmatch(words[place])
    if clock is not None and (of := _unit(words, place + 1)) and words[place + 1] in _HOURS:
        return int(clock[1]) * 60 + int(clock[2]), 60, of[1]
    part = _part(words, place)
    if part is not None and part[0] and (of := _unit(words, part[1] + (words[part[1] : part[1] + 1] == ("de",)))):
        return part[0] * of[0], of[0], of[1]
    many = _how_many(words, place)
    if many is None or (of := _unit(words, many[1])) is None:
        return None
    behind = _and_minutes if words[of[1] - 1] in _HOURS else _halved
    value, end = behind(words, many[0] * of[0], of)
    return value, of[0], end


def _part(words: Words, place: int) -> tuple[float, int] | None:
    return next(
        ((share, place + len(said)) for said, share in _PARTS.items() if words[place : place + len(said)] == said),
        None,
    )


def _unit(words: Words, place: int) -> tuple[int, int] | None:
    return (MINUTES[words[place]], place + 1) if place < len(words) and words[place] in MINUTES else None


def _how_many(words: Words, place: int) -> tuple[float, int] | None:
    """«2», «dos», «un par de»; nothing before «hora» is one («hora y media»)."""
    if words[place] in ("hora", "horita") and _part(words, place + 2) is not None:
        return 1, place
    if words[place : place + 3] == ("un", "par", "de"):
        return 2, place + 3
    if _DECIMAL.fullmatch(words[place]):
        return float(words[place].replace(",", ".")), place + 1
    number = cardinal(words, place)
    if number is None:
        return None
    if words[number[1] : number[1] + 2] in (("y", "media"), ("y", "medio")):
        return number[0] + 0.5, number[1] + 2  # «2 y media horas»
    return number


def _halved(words: Words, minutes: float, of: tuple[int, int]) -> tuple[float, int]:
    """«minuto y medio»."""
    if words[of[1] : of[1] + 2] in (("y", "medio"), ("y", "media")):
        return minutes + of[0] / 2, of[1] + 2
    return minutes, of[1]


def _and_minutes(words: Words, minutes: float, of: tuple[int, int]) -> tuple[float, int]:
    """The minutes said after hours: «y media», «con 20 minutos», «15»."""
    end = of[1]
    at = end + (words[end : end + 1] != () and words[end] in _LINKS)
    part = _part(words, at)
    if part is not None:
        return minutes + part[0] * 60, part[1]
    rest = cardinal(words, at)
    if rest is None or rest[0] >= 60:
        return minutes, end
    unit = _unit(words, rest[1])
    if unit is None:
        alone = rest[1] == len(words) or words[rest[1]] in _ENDING
        return (minutes + rest[0], rest[1]) if alone else (minutes, end)
    return (minutes + rest[0], unit[1]) if unit[0] == 1 else (minutes, end)
