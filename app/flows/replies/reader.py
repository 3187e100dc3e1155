"""The reader of one question's replies: compiled once from its form, then asked for every reply."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache

from app.flows.replies.choices import Choices
from app.flows.replies.dates import Dates, local_day
from app.flows.replies.fold import Folded, fold
from app.flows.replies.forms import AnswerKind, Form, Parsed, Reading, Unparsed
from app.flows.replies.missing import missing_answer, missing_led
from app.flows.replies.multi import Several
from app.flows.replies.open import read_media, read_text
from app.flows.replies.points import SCORE as POINT
from app.flows.replies.points import only_point
from app.flows.replies.probable import Guess, guessing
from app.flows.replies.quantity import Quantity, points, undivided
from app.flows.replies.strays import Strays
from app.flows.replies.times import Times

LONGEST_CLOSED = 300
"""A longer reply to a closed question, in characters beside twice the labels it may quote, is a story: it is asked again."""
_LONGEST_MISSING = 80

_TAG = re.compile(r"[\s,]+¿?(?:no|verdad|vdd|cierto)\s*\?+$", re.IGNORECASE)
"""«pues escucharlos, ¿no?» asks nothing."""
_RADIO = re.compile(r"^10[- ]4[\s,.]+(?=\S)")
"""«10-4» is «enterado» on the radio."""
_ECHOED = re.compile(r"^¿?(?:a|al|con|de|lo|la|el)\b[^?]{0,25}\?\s*(?=(?:s[ií]|no|nel|simon|claro)\b)", re.IGNORECASE)
"""«¿a la señora? sí»: the question said again."""
_AT_YOUR_SERVICE = re.compile(r"\ba (?:sus|tus|la) [oó]rden(?:es)?\b", re.IGNORECASE)
"""Courtesy, which names no order."""

_QUOTED = re.compile(r"\b(?:di[jc]\w*|dec[ií]a\w*|grit\w*|contest\w*)[\s:,]*[«\"“][^«»\"“”]{8,}[»\"”]", re.IGNORECASE)
"""«la señora decía «es riesgo mío»»: another's words, which answer nothing."""
_SAID = " lo que dijo "
"""In the place of the words that another said: no remainder that is explained."""

_Read = Callable[[Folded, datetime], Reading]


def _closed(form: Form) -> _Read | None:
    """The reading of a kind of which a reply is folded first; None for a kind that is read as it was written."""
    match form.kind:
        case AnswerKind.yes_no | AnswerKind.choice:
            choices = _listed(form)
            return lambda folded, _: choices.read(folded)
        case AnswerKind.multi:
            several = Several(_listed(form))
            return lambda folded, _: several.read(folded)
        case AnswerKind.scale:
            scale = points(form)
            marked = Choices(form, scale, {int(o.value): i for i, o in enumerate(scale) if o.value is not None})
            return lambda folded, _: _marked(marked, undivided(folded, form.maximum))
        case AnswerKind.date:
            dates = Dates(form)
            return lambda folded, at: dates.read(folded, local_day(at))
        case AnswerKind.time:
            times = Times(form)
            return lambda folded, _: times.read(folded)
        case AnswerKind.number:
            quantity = Quantity(form)
            return lambda folded, _: quantity.read(folded)
        case AnswerKind.text | AnswerKind.media:
            return None


def _marked(scale: Choices, folded: Folded) -> Reading:
    """A point of a scale; from a reply that says more, the only number in it."""
    found = scale.read(folded)
    if isinstance(found, Parsed) or (point := only_point(folded, scale.form)) is None:
        return found
    said = scale.read(Folded(str(point), (str(point),), (str(point),)))
    agrees = isinstance(said, Parsed) and scale.told(folded, marks=False).named <= {scale.index(said)}
    return replace(said, score=POINT) if agrees and isinstance(said, Parsed) else found


def _listed(form: Form) -> Choices:
    return Choices(form, form.options, {position: position - 1 for position in range(1, len(form.options) + 1)})


class Reader:
    """Reads the replies to one question. Holds no state between replies and may be shared."""

    def __init__(self, form: Form) -> None:
        self.form = form
        quoted = [len(option.label) for option in form.options] or [0]
        self._longest = LONGEST_CLOSED + 2 * (sum(quoted) if form.kind == AnswerKind.multi else max(quoted))
        self._closed = _closed(form)

    def read(self, text: str, at: datetime, media: tuple[str, ...] = ()) -> Reading:
        """The meaning of a reply. `at` is the moment it came, aware, in the officer's zone; `media` are the content types
        of its attachments. No text raises."""
        if self._closed is None:
            # Only a short message can be one of the missing codes.
            folded = fold(text[:_LONGEST_MISSING])
            return (
                read_media(self.form, folded, media)
                if self.form.kind == AnswerKind.media
                else read_text(self.form, text, folded)
            )
        text = text.strip()
        if not text:
            return Unparsed("empty")
        text = _RADIO.sub("", text)
        if self.form.kind in (AnswerKind.choice, AnswerKind.yes_no):
            text = _QUOTED.sub(_SAID, _ECHOED.sub("", text))
        if text in "ñÑ":
            return Unparsed("no_match")  # folded it would be «n»
        if len(text) > self._longest:
            return Unparsed("too_long")
        if self.form.kind is AnswerKind.choice:
            text = _TAG.sub("", text)
        folded = fold(text)
        found = self._closed(folded, at)
        return found if isinstance(found, Parsed) else self._missing(folded, at) or found

    def _missing(self, folded: Folded, at: datetime) -> Parsed | None:
        """A missing code with a reason behind it, which is neither an answer nor a probable one."""
        led = missing_led(folded) if self.form.missing and not folded.has("?") else None
        if led is None or self._closed is None or led[0] not in self.form.missing:
            return None
        behind = self._closed(led[1], at)
        if isinstance(behind, Parsed):
            if behind.missing != led[0]:
                return None  # «no sé, como tres»
        elif self._guess is not None and self._guess(led[1]) is not None:
            return None
        told = missing_answer(self.form, led[0])
        return replace(told, score=0.85) if isinstance(told, Parsed) else None

    def probable(self, text: str) -> Parsed | None:
        """The probable meaning of a reply that was not understood, to be asked about and never recorded; None if nothing is likely.
        No text raises."""
        guess = self._guess if len(text) <= self._longest else None
        return None if guess is None else guess(fold(_AT_YOUR_SERVICE.sub(" ", text).strip()))

    def is_stray(self, text: str) -> bool:
        """Whether a reply that was not understood shares nothing with the question, so that it is hardly an attempt to answer it."""
        return self._strays.is_stray(text)

    @cached_property
    def _strays(self) -> Strays:
        return Strays(self.form)

    @cached_property
    def _guess(self) -> Guess | None:
        """Compiled when it is first needed: most replies are understood."""
        return guessing(self.form)


def reader(form: Form) -> Reader:
    """Compile a form. Cheap enough for a load, too dear for every reply. Questions of one form, of any version, share a reader."""
    return _shared(form, repr(form))


@lru_cache(maxsize=1000)
def _shared(form: Form, _written: str) -> Reader:
    """`_written` tells apart the values 1, 1.0 and True, which are equal."""
    return Reader(form)
