"""A message about a question that was answered before the open one, or in a conversation that has just ended: what goes on about that
answer, and what corrects it. Pure; the service and rehearsals decide by it, each about its own answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.flows.engine.compiled import YES, Ask
from app.flows.replies import bubbles
from app.flows.replies.bubbles import Bubble, BubbleKind, refers
from app.flows.replies.fold import fold
from app.flows.replies.forms import AnswerKind, Parsed, is_open
from app.flows.replies.message import Act, ActKind
from app.flows.replies.understanding import Understood, understand

QUICK = timedelta(minutes=2)
"""Within this time another answer to the same question corrects the first one, even if it does not say so."""

AFTER_THE_END = timedelta(minutes=10)
"""How long after its end a conversation's answers can be corrected."""

_NAMED = (AnswerKind.choice, AnswerKind.number, AnswerKind.date, AnswerKind.time)
"""Kinds of answers that say nothing else by themselves."""

_STEMMED = 5
"""Letters of a word from which its last vowel is left out."""

ATTEMPTS = (ActKind.answer, ActKind.correction, ActKind.other)
_QUIET = (*ATTEMPTS, ActKind.greeting, ActKind.ack, ActKind.deferral, ActKind.auto_reply)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that was answered, with the officer's words and their meaning. `at` is the local moment of the message that comes now.
    `is_understood`: whether it has a meaning that counts."""

    ask: Ask
    raw: str
    answer: Parsed
    at: datetime
    is_understood: bool = True


def is_talk(before: Answered, open_ask: Ask | None, text: str) -> bool:
    """Whether a message is a question to us, a remark or the like, both beside the question before and beside the open one."""
    asks = [before.ask] if open_ask is None else [before.ask, open_ask]
    acts = [understand(ask.reader, text, before.at, purpose=ask.purpose).act.kind for ask in asks]
    # What beside a consent is a question may be its condition («¿y si me pagan?»).
    return before.ask.consent is None and not any(act in _QUIET for act in acts)


def follow(before: Answered, text: str) -> Bubble:
    """The meaning of a message for the answer before, if nothing else could be seen when it was written."""
    return bubbles.follow(before.ask.reader, before.raw, before.answer, text, before.at, before.ask.purpose)


def is_what_counts(said: str | None, text: str, answer: str = "") -> bool:
    """Whether the message before, `said`, only said that the last answer was wrong, and this one says more («calle», «no», «comercio»).
    `answer` is the officer's text of that answer: «no», «sí» are two answers."""
    if bubbles.announces(text) and fold(text).words != ("no",):
        return False
    return said is not None and said != answer and bubbles.announces(said)


def put_right(text: str) -> str:
    """The text of such a message as the correction that it is."""
    return f"perdón, {text}"


def corrected(before: Answered, text: str) -> Bubble | None:
    """The correction of the answer before that a message says it is; None if it is none."""
    parsed = fitting(before.ask, text, before.at)
    if parsed is None or bubbles.is_same(parsed, before.answer):
        return None
    return Bubble(BubbleKind.correction, parsed, text, is_said=True)


def slip(before: Answered, text: str, passed: timedelta) -> Bubble | None:
    """The correction in an option, a number or a time alone that comes just after the end («perdón», «se calmó»), where nothing else can
    be meant. None for another message, and for a yes or a no, which may answer our farewell."""
    if passed > QUICK or before.ask.form.kind not in _NAMED or before.ask.consent is not None:
        return None
    bubble = follow(before, text)
    is_word = bubble.parsed is None or bubble.parsed.key in (YES, "no") or bubble.parsed.missing is not None
    return None if bubble.kind is not BubbleKind.correction or is_word else replace(bubble, is_said=True)


def fitting(ask: Ask, text: str, at: datetime) -> Parsed | None:
    """The answer that a message which says that it corrects would give to a question."""
    return bubbles.correction(ask.reader, text, at, ask.purpose)


def anew(ask: Ask, text: str, at: datetime) -> Understood | None:
    """The answer to the first question in the words of a correction, of a message that was none («perdón, se me fue mal: sí»). Consent
    takes a plain yes."""
    parsed = None if ask.consent is not None else fitting(ask, text, at)
    return None if parsed is None else Understood(Act(ActKind.answer, parsed.rule), parsed)


def would_consent(before: Answered, bubble: Bubble) -> bool:
    """Whether a correction would give consent, which its question alone does."""
    return before.ask.consent is not None and bubble.parsed is not None and bubble.parsed.key == YES


def counts(before: Answered, bubble: Bubble, passed: timedelta) -> bool:
    """Whether a correction counts so long after the answer: one that is said, or a slip."""
    return bubble.parsed is not None and not would_consent(before, bubble) and (bubble.is_said or passed <= QUICK)


def named(answers: Sequence[Answered], open_ask: Ask | None, text: str) -> tuple[int, Bubble] | None:
    """The place of the answer that a correction names («perdón, la primera era no»), and what it says of it; None if it names none, or
    one that was not understood. Where it does not say that it corrects, an open question for the officer's own words comes first."""
    reference = refers(text)
    if reference is None or (open_ask is not None and not reference.is_said and is_open(open_ask.form.kind)):
        return None
    if reference.instead:
        if open_ask is not None and is_open(open_ask.form.kind):
            return None
        given = [place for place, one in enumerate(answers) if _says(one, reference.instead)]
        place = given[0] if len(given) == 1 else None
    elif reference.word:
        if open_ask is not None and _mentions(open_ask, reference.word):
            return None
        found = [place for place, one in enumerate(answers) if _mentions(one.ask, reference.word)]
        place = found[0] if len(found) == 1 else None
    elif reference.place == bubbles.OTHER and open_ask is not None:
        place = -1
    else:
        place = reference.place
    if place is None or not -len(answers) <= place < len(answers) or not answers[place].is_understood:
        return None
    parsed = _heard(answers[place], reference.rest)
    if parsed is None and open_ask is None and reference.place == -1 and len(answers) > 1:
        place -= 1  # after the end «la anterior» may be the one before the last
        parsed = _heard(answers[place], reference.rest) if answers[place].is_understood else None
    if parsed is None:
        return None
    kind = BubbleKind.same if bubbles.is_same(parsed, answers[place].answer) else BubbleKind.correction
    return place, Bubble(kind, parsed, text, is_said=True)


def _heard(one: Answered, text: str) -> Parsed | None:
    heard = understand(one.ask.reader, text, one.at, purpose=one.ask.purpose)
    return heard.outcome if heard.is_answer and isinstance(heard.outcome, Parsed) else None


def _says(one: Answered, text: str) -> bool:
    """Whether a text gives the answer that was given, or has no more than its words."""
    if not one.is_understood or is_open(one.ask.form.kind):
        return False
    parsed = _heard(one, text)
    return bubbles.is_part(text, one.raw) if parsed is None else bubbles.is_same(parsed, one.answer)


def _mentions(ask: Ask, word: str) -> bool:
    return any(_stem(one) == _stem(word) for one in ask.form.asked)


def _stem(word: str) -> str:
    """«contactos» asks of contact, «pregunté» of what one asked."""
    word = word.removesuffix("s").replace("qu", "c")  # «explicó», «expliqué»
    return word[:-1] if len(word) > _STEMMED and word[-1] in "aeo" else word
