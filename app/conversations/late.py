"""Messages that belong to a question other than the open one: which question that is, and what becomes of them. An officer can
only answer a question that had been sent when they wrote."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.channels.base import Inbound, MessageKind
from app.conversations.answers import answers_in
from app.conversations.seeing import is_after
from app.conversations.sessions import Turn, apply, contact_of, notice, response, say
from app.flows.engine import engine
from app.flows.engine.afterwards import Begun, Standing, as_read, is_acknowledged, reopened, standing, thanks
from app.flows.engine.buttons import read_payload
from app.flows.engine.compiled import Ask
from app.flows.engine.engine import Reply
from app.flows.engine.events import ResponseRecorded, SessionOutcome, Sprint
from app.flows.engine.state import State
from app.flows.replies.forms import Parsed
from app.flows.replies.message import ActKind
from app.flows.replies.open import AUDIO
from app.store import conversations, questions
from app.store.cases import CaseReason
from app.store.contacts import Officer, OpenSession
from app.store.questions import AskedQuestion, End, SentMessage, Unanswered
from app.store.records import Settled

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
    """Whether the open question had been sent by then. One that was asked after `now` was asked before the clock was set back."""
    if officer.session is None:
        return False
    asked_at = State.from_json(officer.session.state).asked_at
    return not is_after(asked_at, by) or is_after(asked_at, now)


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
    ask = turn.library.compiled(turn.tx, asked.flow_version_id).ask(asked.flow, asked.step)
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
    """A late answer, to a question that its session no longer waits for. A person decides about a late consent."""
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
    about_consent = compiled.ask(asked.flow, asked.step).consent is not None
    turn.needs_person |= found.status == "unclear" or about_consent or found.rule == AUDIO
    turn.reason = CaseReason.consent if about_consent else CaseReason.audio if found.rule == AUDIO else None
    _keep(turn, officer, asked, found, late=True)


def _keep(turn: Turn, officer: Officer, asked: AskedQuestion, found: ResponseRecorded, *, late: bool) -> None:
    """Record a response. If the question has an answer already, that one counts and this one is `extra`."""
    if found.status == "ok":
        turn.name(ActKind.answer, found.rule)
        if _has_answer(turn, asked):
            found = replace(found, status="extra")
    turn.changes.responses.append(response(turn, officer, asked, found, late=late))


def unquoted(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Record an answer that names no question and comes after the last session ended without it. False if it is no such answer.

    After an end on replies that were not understood it is the answer, as long as the question could have been open: the conversation is
    reopened and goes on from it. After that, and after a question that expired, it is late, with thanks, within the programme's time.
    Neither counts once the wave has closed."""
    if officer.session is not None or (message.media and message.body.strip()):
        return False
    if (found := _standing(turn, officer, message)) is None:
        return False
    ended, ask, how, parsed = found
    if how is Standing.in_time:
        return _reopen(turn, officer, message, ended, ask, parsed)
    record(turn, officer, message, ended.asked)
    tell(turn, officer, thanks(ask, how))
    return True


def is_answer_afterwards(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Whether a message can be the answer on which a conversation ended unclear."""
    found = _standing(turn, officer, message)
    return found is not None and found[2] is Standing.in_time


def _standing(turn: Turn, officer: Officer, message: Inbound) -> tuple[Unanswered, Ask, Standing, Parsed] | None:
    ended = _unanswered(turn, officer)
    moment = seen(officer, message) or turn.now
    if ended is None or moment < ended.ended_at or (ended.closes_at is not None and moment >= ended.closes_at):
        return None
    compiled = turn.library.compiled(turn.tx, ended.asked.flow_version_id)
    ask, at = compiled.ask(ended.asked.flow, ended.asked.step), moment.astimezone(ZoneInfo(officer.timezone))
    found = standing(
        compiled,
        ended.asked.flow,
        ask,
        given(message),
        at,
        moment - ended.ended_at,
        is_unclear=ended.tries is not None,
    )
    return None if found is None else (ended, ask, *found)


def _reopen(turn: Turn, officer: Officer, message: Inbound, ended: Unanswered, ask: Ask, parsed: Parsed) -> bool:
    """Take the answer to the question on which a conversation has ended unclear, tell it back, and go on with the conversation from
    there; unless the officer is on hold, or wrote long ago, or the way there has changed since: then an answer is recorded alone, and
    consent is not (False)."""
    asked = ended.asked
    sprint = None if _is_old(turn) or officer.held_at is not None else _gone_on(turn, officer, message, ended, parsed)
    if sprint is None and ask.consent is not None:
        return False
    turn.question = asked.session_id, asked.step
    turn.changes.settled.append(Settled(officer.id, asked.session_id, asked.step))
    if not _is_old(turn) and not (sprint is not None and is_acknowledged(sprint)):
        name = thanks(ask, Standing.in_time)
        if text := notice(turn, officer, name, respuesta=parsed.label):
            say(turn, officer, name, text)
    if sprint is not None:
        turn.name(ActKind.answer, parsed.rule)
        apply(turn, officer, sprint)
        return True
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    found = engine.response_to(compiled, asked.flow, asked.step, message.body, parsed, asked.asked_at)
    turn.outcome = "answer"
    if found.rule == AUDIO:
        turn.needs_person, turn.reason = True, CaseReason.audio
    _keep(turn, officer, asked, replace(found, attempt=(ended.tries or 0) + 1), late=False)
    return True


def _gone_on(turn: Turn, officer: Officer, message: Inbound, ended: Unanswered, parsed: Parsed) -> Sprint | None:
    """Reopen the officer's last session, and answer the question on which it ended. None if there is no way back to it."""
    asked = ended.asked
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    stored = conversations.begun(turn.tx, asked.session_id)
    answers = {
        (one.asked.flow, one.asked.step): as_read(
            compiled.ask(one.asked.flow, one.asked.step), one.value, one.key, one.label, one.missing
        )
        if one.status == "ok"
        else None
        for one in answers_in(turn, asked.session_id)
    }
    sprint = reopened(
        compiled,
        Begun(stored.flow, stored.variant, stored.opening, ended.closes_at),
        contact_of(officer),
        answers,
        (asked.flow, asked.step),
        (given(message), parsed),
        asked.asked_at,
        ended.tries or 0,
        turn.now,
    )
    if sprint is not None:
        officer.session = OpenSession(
            asked.session_id, asked.flow_version_id, stored.flow, asked.wave, stored.channel, "", None, None
        )
    return sprint


def _unanswered(turn: Turn, officer: Officer) -> Unanswered | None:
    """The question that the officer was asked last, if its session has ended without its answer."""
    asked = questions.last_asked(turn.tx, officer.id)
    if asked is None or _has_answer(turn, asked):
        return None
    state = turn.changes.sessions.get(asked.session_id)
    end = End(state.outcome, state.ended_at) if state is not None else questions.end_of(turn.tx, asked.session_id)
    if end.ended_at is None:
        return None
    closes_at = questions.closing_of(turn.tx, asked, end.ended_at)
    if end.outcome == SessionOutcome.expired:
        return Unanswered(asked, end.ended_at, closes_at)
    tries = _unclear_tries(turn, asked) if end.outcome == SessionOutcome.completed else None
    return None if tries is None else Unanswered(asked, end.ended_at, closes_at, tries)


def _unclear_tries(turn: Turn, asked: AskedQuestion) -> int | None:
    in_batch = [
        one.attempt
        for one in turn.changes.responses
        if (one.session_id, one.flow, one.step, one.status) == (asked.session_id, asked.flow, asked.step, "unclear")
    ]
    return max(in_batch, default=None) or questions.unclear_tries(turn.tx, asked)


def _has_answer(turn: Turn, asked: AskedQuestion) -> bool:
    return questions.is_answered(turn.tx, asked) or any(
        (one.session_id, one.flow, one.step, one.status) == (asked.session_id, asked.flow, asked.step, "ok")
        for one in turn.changes.responses
    )


def nothing_open(turn: Turn, officer: Officer) -> None:
    """A message without an open question: a person should look, and the notice is sent now and then."""
    turn.outcome, turn.needs_person = "nothing_open", True
    tell(turn, officer, "nothing_open")


def tell(turn: Turn, officer: Officer, name: str) -> None:
    """Send a notice where no question is open: once in a while, and not in reply to older messages."""
    if officer.session is not None or _is_old(turn):
        return
    said = conversations.said_lately(turn.tx, officer.id, "notice", name, turn.now, QUIET_AFTER_NOTICE) or any(
        one.contact_id == officer.id and one.step == name for one in turn.changes.outbound
    )
    if not said and (text := notice(turn, officer, name)):
        say(turn, officer, name, text)


def _is_old(turn: Turn) -> bool:
    return turn.now - turn.said_at >= QUIET_AFTER_NOTICE


def given(message: Inbound) -> Reply:
    """The message as input of the engine. The button of a template carries its approved payload: an option's key, at best."""
    pressed = read_payload(message.button) if message.button else None
    media = () if message.kind in _NO_CONTENT else tuple([kind for _, kind in message.media])
    return Reply(message.body, pressed[2] if pressed else message.button, media, message.sent_at)
