"""Messages that belong to a question other than the open one: which question that is, and what becomes of them. An officer can
only answer a question that had been sent when they wrote."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.channels.base import Inbound, MessageKind
from app.conversations.sessions import Turn, contact_of, notice, response, say
from app.flows.engine import engine
from app.flows.engine.buttons import read_payload
from app.flows.engine.compiled import Ask, CompiledProgramme
from app.flows.engine.engine import Reply
from app.flows.engine.state import State
from app.flows.replies.open import AUDIO
from app.flows.replies.understanding import understand
from app.store import conversations, questions
from app.store.cases import CaseReason
from app.store.contacts import Officer
from app.store.questions import AskedQuestion, SentMessage

QUIET_AFTER_NOTICE = timedelta(hours=12)
"""The notice that nothing is open goes to an officer once in this time, and not in reply to older messages: two machines must
not talk in a loop."""

_THUMBS = ("👍", "👎")
_MODIFIERS = "\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_YES_AND_NO = {"si", "no"}
_NO_CONTENT = (MessageKind.sticker, MessageKind.contact)
"""Attachments that do not answer a question for a photo or a document."""


def named(
    turn: Turn, officer: Officer, pressed: tuple[int, str, str] | None, quoted: AskedQuestion | SentMessage | None
) -> AskedQuestion | None:
    """The question that a button or a quotation names. A pressed button comes with the message that carried it, which says
    more than its payload: a step's name may be another flow's too."""
    asked = quoted if isinstance(quoted, AskedQuestion) else None
    if pressed is None:
        return asked
    session, step, _ = pressed
    if asked is not None and (asked.contact_id, asked.session_id, asked.step) == (officer.id, session, step):
        return asked
    return questions.asked_in(turn.tx, officer.id, session, step)


def is_open(officer: Officer, asked: AskedQuestion) -> bool:
    """Whether the officer's session waits for the answer to this question."""
    session = officer.session
    if session is None or (session.id, session.step) != (asked.session_id, asked.step):
        return False
    return State.from_json(session.state).flow == asked.flow


def is_opening(officer: Officer, said: SentMessage) -> bool:
    """Whether a quoted message is a statement before the open question, in the same conversation: an officer who quotes it
    answers the question below it."""
    return said.kind == "say" and officer.session is not None and said.session_id == officer.session.id


def seen(officer: Officer, message: Inbound) -> datetime | None:
    """The latest moment whose messages the author can have seen; None: now."""
    return min([moment for moment in (message.sent_at, officer.held_at) if moment is not None], default=None)


def was_put(officer: Officer, by: datetime, now: datetime) -> bool:
    """Whether the open question had been sent by then. The carrier's moments are whole seconds. One that was asked after `now` was
    asked before the clock was set back."""
    if officer.session is None:
        return False
    asked_at = State.from_json(officer.session.state).asked_at.replace(microsecond=0)
    return asked_at <= by or asked_at > now


def reacted_to(
    turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None
) -> AskedQuestion | None:
    """The question that a reaction answers: a thumb up or down answers a yes-no question, but never gives consent. None for any
    other reaction."""
    asked = quoted if isinstance(quoted, AskedQuestion) else None
    if asked is None and message.quoted_sid is None and message.sent_at is not None:
        asked = questions.open_at(turn.tx, officer.id, message.sent_at)  # the carrier's list does not name the message
    if asked is None or asked.contact_id != officer.id or message.body.strip().rstrip(_MODIFIERS) not in _THUMBS:
        return None
    ask = question(turn.library.compiled(turn.tx, asked.flow_version_id), asked)
    answers_it = {option.key for option in ask.form.options} == _YES_AND_NO and ask.consent is None
    return asked if answers_it else None


def earlier(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Take a message from before the open question was sent as a reply to the question that was open then. False if it is from later,
    or no question was open then or is now."""
    moment = seen(officer, message)
    if moment is None or was_put(officer, moment, turn.now):
        return False
    asked = questions.open_at(turn.tx, officer.id, moment)
    if asked is None and officer.session is None:
        return False
    before(turn, officer, message, asked)
    return True


def before(turn: Turn, officer: Officer, message: Inbound, asked: AskedQuestion | None) -> None:
    """A reply to a question before the open one; None: nothing was asked when it was written."""
    if asked is not None:
        record(turn, officer, message, asked)
    else:
        nothing_open(turn, officer)


def record(turn: Turn, officer: Officer, message: Inbound, asked: AskedQuestion) -> None:
    """A late answer, to a question that its session no longer waits for. If the question has an answer already, that one
    counts and this one is `extra`. A person decides about a late consent."""
    turn.outcome = "late"
    if asked.contact_id != officer.id:  # the quoted message is another officer's
        turn.needs_person = True
        return
    turn.question = asked.session_id, asked.step
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    found = engine.late_response(
        compiled, asked.flow, asked.step, contact_of(officer), given(message), asked.asked_at, turn.said_at
    )
    if found is None:
        turn.needs_person = True
        return
    about_consent = question(compiled, asked).consent is not None
    turn.needs_person |= found.status == "unclear" or about_consent or found.rule == AUDIO
    turn.reason = CaseReason.consent if about_consent else CaseReason.audio if found.rule == AUDIO else None
    if found.status == "ok" and _has_answer(turn, asked):
        found = replace(found, status="extra")
    turn.changes.responses.append(response(turn, officer, asked, found, late=True))


def unquoted(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Record an answer that names no question and comes after the last one expired, within the programme's time and before its wave
    closes, as late, with thanks. False if it is no such answer. Consent is never given so."""
    if officer.session is not None or (message.media and message.body.strip()):
        return False
    found = questions.expired(turn.tx, officer.id)
    moment = seen(officer, message) or turn.now
    if found is None or moment < found.ended_at or (found.closes_at is not None and moment >= found.closes_at):
        return False
    asked = found.asked
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    ask = question(compiled, asked)
    at = moment.astimezone(ZoneInfo(officer.timezone))
    if moment > found.ended_at + compiled.definition.late_answers or ask.consent is not None:
        return False
    if not understand(ask.reader, message.body, at, given(message).media, ask.purpose).is_answer or _has_answer(
        turn, asked
    ):
        return False
    record(turn, officer, message, asked)
    tell(turn, officer, "late_answer")
    return True


def _has_answer(turn: Turn, asked: AskedQuestion) -> bool:
    return questions.is_answered(turn.tx, asked) or any(
        (one.session_id, one.flow, one.step, one.status) == (asked.session_id, asked.flow, asked.step, "ok")
        for one in turn.changes.responses
    )


def question(compiled: CompiledProgramme, asked: AskedQuestion) -> Ask:
    """The step that asked. TypeError if it asks nothing."""
    step = compiled.flows[asked.flow].steps[compiled.flows[asked.flow].index[asked.step]]
    if not isinstance(step, Ask):
        raise TypeError("a message of this step asked something")
    return step


def nothing_open(turn: Turn, officer: Officer) -> None:
    """A message without an open question: a person should look, and the notice is sent now and then."""
    turn.outcome, turn.needs_person = "nothing_open", True
    tell(turn, officer, "nothing_open")


def tell(turn: Turn, officer: Officer, name: str) -> None:
    """Send a notice where no question is open: once in a while, and not in reply to older messages."""
    if officer.session is not None or turn.now - turn.said_at >= QUIET_AFTER_NOTICE:
        return
    said = conversations.said_lately(turn.tx, officer.id, "notice", name, turn.now, QUIET_AFTER_NOTICE) or any(
        one.contact_id == officer.id and one.step == name for one in turn.changes.outbound
    )
    if not said and (text := notice(turn, officer, name)):
        say(turn, officer, name, text)


def given(message: Inbound) -> Reply:
    """The message as input of the engine. The button of a template carries its approved payload: an option's key, at best."""
    pressed = read_payload(message.button) if message.button else None
    media = () if message.kind in _NO_CONTENT else tuple([kind for _, kind in message.media])
    return Reply(message.body, pressed[2] if pressed else message.button, media, message.sent_at)
