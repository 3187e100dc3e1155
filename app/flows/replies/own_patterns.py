"""A programme's own wordings: as they are looked for, and what is wrong with one that cannot be used."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from app.flows.replies.fold import fold
from app.flows.replies.lexicon import NO, YES
from app.flows.replies.patterns import Patterns, line_of
from app.wording import Sentence

_KNOWN = re.compile(r"!\(|[()|~^$#_?]|[a-zñ0-9]+\*?|\s")
_INNERMOST = re.compile(r"\([^()]*\)")
_ORDINARY = (
    "1", "2", "3", "10", "15 minutos", "hola", "buenas tardes", "gracias", "ok", "de nada", "ahorita le contesto",
    "estoy en servicio", "estoy en turno", "no entendí la pregunta", "quién es", "sí tuve contacto", "no tuve contacto con nadie",
    "ayer tuve como tres", "todo tranquilo", "todo bien jefe", "no me dio tiempo", "falta de personal", "por órdenes del mando",
    "le expliqué el motivo y se calmó", "la persona estaba agresiva", "nadie", "nunca", "siempre", "a veces", "no sé",
    "prefiero no decir", "me tocó un pleito de vecinos", "fue por una infracción", "escuché a los dos y luego decidí",
    "el ciudadano se molestó más", "la verdad sí me sirvió el taller", "hoy descanso", "mañana entro a las siete",
    "acepto participar", "no acepto", "se me olvidó contestar", "perdón, era la dos",
)  # fmt: skip
"""Replies that are neither a crisis nor an incident nor a wish to leave. A pattern that finds one of them is too broad."""


def normal(pattern: str) -> str:
    """A pattern in small letters and without accents."""
    plain = "".join(_plain(char) for char in pattern.lower())
    return " ".join(plain.split())


def _plain(char: str) -> str:
    return char if char == "ñ" else unicodedata.normalize("NFD", char)[0]


def fault(pattern: str, labels: Iterable[str]) -> str | None:
    """The fault of a pattern, in words: it cannot be read, or it would find an ordinary reply or one of the labels. None
    if it is good."""
    written = normal(pattern)
    if wrong := _notation(written):
        return wrong
    try:
        patterns = Patterns([written])
        patterns.compile()
    except ValueError:
        return Sentence("needs a word of three letters or more that is not optional")
    found = next((reply for reply in _replies(labels) if patterns.first_in(line_of(fold(reply)))), None)
    return None if found is None else Sentence("is too broad: it would find «{found}»", found=found)


def _notation(written: str) -> str | None:
    if strange := _KNOWN.sub("", written):
        return Sentence("{sign} has no meaning here", sign=strange[0])
    outside, inside = written, None
    while outside != inside:
        outside, inside = _INNERMOST.sub("", outside), outside
    if set(outside) & set("()"):
        return Sentence("its parentheses do not match")
    if "|" in outside:
        return Sentence("| stands between parentheses only")
    if "^" in written[1:] or "$" in written[:-1]:
        return Sentence("^ stands at the beginning only, $ at the end only")
    return None


def _replies(labels: Iterable[str]) -> Iterator[str]:
    yield from ("sí", "no")
    yield from labels
    yield from _ORDINARY
    yield from map(" ".join, sorted(YES | NO))
