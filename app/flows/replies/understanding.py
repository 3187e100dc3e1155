"""One message to one open question: what it does, and what it answers if it is an answer."""

from dataclasses import dataclass
from datetime import datetime

from app.flows.replies.acts import NOT_PLAIN, act_of
from app.flows.replies.consent import is_bound, is_express, is_plain_yes
from app.flows.replies.fold import LONGEST, fold
from app.flows.replies.forms import AnswerKind, Reading, Unparsed
from app.flows.replies.message import NO_EXTRA, Act, ActKind, Extra, Purpose
from app.flows.replies.missing import missing_answer
from app.flows.replies.open import AUDIO, is_sound, voice_note
from app.flows.replies.reader import Reader
from app.flows.replies.topics import topic_of

BOUND = Act(ActKind.other, "consent: bound")
"""A reply to a request for consent that speaks of an order, of coercion or of a condition."""
BLANK = Act(ActKind.other, "blank")
"""A message without words, to a question that is not answered by a file."""
UNHEARD = Act(ActKind.other, "audio")
"""A voice note, to a question that is not answered by one."""
REFUSED = "r"
"""The missing code of an officer who prefers not to answer."""
_YES = "sí"
_NO_ANSWER = Unparsed("not_answer")


@dataclass(frozen=True, slots=True)
class Understood:
    """A message understood. `outcome` is the reader's reading, to be recorded only where `is_answer` is true."""

    act: Act
    outcome: Reading

    @property
    def is_answer(self) -> bool:
        """Whether the reading may be recorded."""
        return self.act.kind is ActKind.answer

    @property
    def is_attempt(self) -> bool:
        """Whether the officer tries to answer: if that is not understood, it uses a try."""
        return self.is_answer or (self.act.kind is ActKind.other and self.act not in (BOUND, NOT_PLAIN, BLANK, UNHEARD))

    @property
    def answer(self) -> Reading:
        """The reading to record for an attempt."""
        return _NO_ANSWER if isinstance(self.outcome, Unparsed) is self.is_answer else self.outcome


def understand(
    reader: Reader,
    text: str,
    at: datetime,
    media: tuple[str, ...] = (),
    purpose: Purpose = Purpose.fact,
    extra: Extra = NO_EXTRA,
) -> Understood:
    """Read a message to an open question, and name what it does. `at` is the moment it came, aware, in the officer's zone."""
    outcome = reader.read(text, at, media)
    if purpose is Purpose.consent and isinstance(outcome, Unparsed) and _agrees_expressly(text):
        outcome = reader.read(_YES, at)
    if not text.strip() and isinstance(outcome, Unparsed) and not (media and reader.form.kind is AnswerKind.media):
        return _without_words(reader, media, outcome)
    act = act_of(text, outcome, kind=reader.form.kind, purpose=purpose, extra=extra)
    if act.kind is ActKind.refusal and REFUSED in reader.form.missing:
        return Understood(Act(ActKind.answer, act.rule), missing_answer(reader.form, REFUSED))
    return Understood(BOUND if purpose is Purpose.consent and _is_bound(act, text) else act, outcome)


def _agrees_expressly(text: str) -> bool:
    """«leí el aviso y sí acepto»: a plain yes in more words than the question knows, which says what it agrees to."""
    folded = fold(text[:LONGEST])
    return is_express(folded) and is_plain_yes(folded) and not any(word[0].isdecimal() for word in folded.words)


def _without_words(reader: Reader, media: tuple[str, ...], outcome: Reading) -> Understood:
    """A voice note answers a question for words; nothing else without words answers one."""
    if not is_sound(media):
        return Understood(BLANK, outcome)
    if reader.form.kind is AnswerKind.text:
        return Understood(Act(ActKind.answer, AUDIO), voice_note())
    return Understood(UNHEARD, outcome)


def _is_bound(act: Act, text: str) -> bool:
    """«Acepto si no afecta mi servicio» is a condition; «¿es obligatorio?» is a question that has an answer."""
    asks = act.kind is ActKind.question and topic_of(text) is None
    return (asks or act.kind is ActKind.other) and is_bound(fold(text[:LONGEST]))
