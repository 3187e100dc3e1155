"""The meaning of an officer's message, the most certain one first: the carrier's own opt-out, a keyword, the answer to the
question that it names, the answer to the open question, or none of these. An officer can only answer a question that had been
sent when they wrote: a late message, or one from an officer on hold, never answers a later question."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.channels.base import Inbound, MessageKind
from app.clock import FARTHEST_AHEAD
from app.conversations import keywords
from app.conversations.sessions import Turn, apply, contact_of, following, notice, response, say
from app.flows.engine import engine
from app.flows.engine.buttons import read_payload
from app.flows.engine.compiled import Ask, CompiledProgramme
from app.flows.engine.engine import Reply
from app.flows.engine.events import ReplyUnclear, ResponseRecorded, Sprint
from app.flows.engine.state import State
from app.flows.replies.acts import ActKind, Purpose, act_of
from app.flows.replies.keywords import Keyword, Name, keyword
from app.store import alerts, conversations, questions
from app.store.contacts import Officer
from app.store.questions import AskedQuestion, SentMessage

QUIET_AFTER_NOTICE = timedelta(hours=12)
"""The notice that nothing is open goes to an officer once in this time, and not in reply to older messages: two machines must
not talk in a loop."""

MOST_EQUAL = 5
EQUAL_WITHIN = timedelta(minutes=1)
"""This many equal messages within that time, none of them an answer, come from a machine: it gets no more replies."""

_THUMBS = ("👍", "👎")
_MODIFIERS = "\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_YES_AND_NO = {"si", "no"}
_DECISIONS = (Name.BAJA, Name.ALTA)
_NO_CONTENT = (MessageKind.sticker, MessageKind.contact)
"""Attachments that do not answer a question for a photo or a document."""


def understand(turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None) -> None:
    """Find the meaning and act on it."""
    pressed = read_payload(message.button) if message.button else None
    word = keyword(message.body) if pressed is None and message.kind is not MessageKind.reaction else None
    if word is not None and word.name is Name.BAJA:
        turn.act = act_of(message.body)
    if message.opt_out and _obeyed_carrier(turn, officer, message):
        return
    if word is not None and _obeyed(turn, officer, message, word):
        return
    if pressed is None and message.kind is not MessageKind.reaction and _came_first(turn, officer, message):
        return
    if not officer.may_be_written_to:
        turn.outcome = "opted_out"
    elif message.kind is MessageKind.reaction:
        _reaction(turn, officer, message, quoted)
    else:
        _reply(turn, officer, message, quoted)


def is_opt_out(message: Inbound) -> bool:
    """Whether the message is a BAJA, by its text or by the carrier."""
    if message.opt_out == "STOP":
        return True
    if message.kind is MessageKind.reaction or (message.button and read_payload(message.button)):
        return False
    word = keyword(message.body)
    return word is not None and word.name is Name.BAJA


def leave(turn: Turn, officer: Officer) -> None:
    """Obey the BAJA of an officer whose row or session cannot be read: without a confirmation, unless a later keyword exists."""
    turn.outcome = "keyword"
    if not _is_outdated(turn, officer):
        keywords.opt_out(turn, officer, confirm=False)


def _came_first(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Act on a crisis, a serious incident or a clear wish to leave, which come before every answer. False for any other message.

    The first two reach a person by an alert, which `trato resume --officer` closes, and are never an answer. The message is read
    as a reply to an invitation, to which «no quiero participar» is a no: only a text that cannot be such a no is a wish to leave."""
    act = turn.act = act_of(message.body, purpose=Purpose.invitation)
    match act.kind:
        case ActKind.crisis | ActKind.serious:
            turn.outcome, turn.needs_person = act.kind.value, True
            alerts.ring(turn.tx, act.kind.value, f"contact:{officer.id}", turn.now, {"officer": officer.study_id})
            if act.kind is ActKind.crisis and officer.may_be_written_to:
                _support(turn, officer)
            return True
        case ActKind.leave if officer.may_be_written_to:
            return _obeyed(turn, officer, message, Keyword(Name.BAJA))
        case _:
            return False


def _support(turn: Turn, officer: Officer) -> None:
    if text := notice(turn, officer, "support"):
        say(turn, officer, "support", text)


def _reply(turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None) -> None:
    seen = _seen(officer, message)
    pressed = read_payload(message.button) if message.button else None
    asked = _named(turn, officer, pressed, quoted)
    if asked is not None and not _is_open(officer, asked):
        _late(turn, officer, message, asked)
    elif asked is None and pressed is not None:
        # A button of ours, of a question that this officer never got: not an answer to anything.
        turn.outcome, turn.needs_person = "late", True
    elif (
        asked is None
        and isinstance(quoted, SentMessage)
        and officer.session is not None
        and not _is_opening(officer, quoted)
    ):
        # About another message of ours: not an answer to the open question.
        turn.outcome, turn.needs_person = "quoted", True
    elif asked is None and seen is not None and not _was_put(officer, seen):
        _earlier(turn, officer, message, seen)
    elif officer.session is not None:
        _go_on(turn, officer, message)
    else:
        _nothing_open(turn, officer)


# -- which question -----------------------------------------------------------------------------------------------------


def _named(
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


def _is_open(officer: Officer, asked: AskedQuestion) -> bool:
    session = officer.session
    if session is None or (session.id, session.step) != (asked.session_id, asked.step):
        return False
    return State.from_json(session.state).flow == asked.flow


def _is_opening(officer: Officer, said: SentMessage) -> bool:
    """Whether a quoted message is a statement before the open question, in the same conversation: an officer who quotes it
    answers the question below it."""
    return said.kind == "say" and officer.session is not None and said.session_id == officer.session.id


def _seen(officer: Officer, message: Inbound) -> datetime | None:
    """The latest moment whose messages the author can have seen; None: now."""
    return min([moment for moment in (message.sent_at, officer.held_at) if moment is not None], default=None)


def _was_put(officer: Officer, by: datetime) -> bool:
    """Whether the open question had been sent by then. The carrier's moments are whole seconds."""
    session = officer.session
    return session is not None and State.from_json(session.state).asked_at.replace(microsecond=0) <= by


# -- what becomes of it -------------------------------------------------------------------------------------------------


def _go_on(turn: Turn, officer: Officer, message: Inbound) -> None:
    """The answer to the open question."""
    sprint = following(turn, officer, _given(message))
    if _is_unclear(sprint) and _is_machine(turn, officer, message):
        turn.outcome, turn.needs_person = "repeated", True
    else:
        apply(turn, officer, sprint)


def _earlier(turn: Turn, officer: Officer, message: Inbound, seen: datetime) -> None:
    """A message from before the open question was sent: it belongs to the question that was open then."""
    asked = questions.open_at(turn.tx, officer.id, seen)
    if asked is not None:
        _late(turn, officer, message, asked)
    else:
        _nothing_open(turn, officer)


def _late(turn: Turn, officer: Officer, message: Inbound, asked: AskedQuestion) -> None:
    """A late answer, to a question that its session no longer waits for. If the question has an answer already, that one
    counts and this one is `extra`. A person decides about a late consent."""
    turn.outcome = "late"
    if asked.contact_id != officer.id:  # the quoted message is another officer's
        turn.needs_person = True
        return
    turn.question = asked.session_id, asked.step
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    late = engine.late_response(
        compiled, asked.flow, asked.step, contact_of(officer), _given(message), asked.asked_at, turn.said_at
    )
    if late is None:
        turn.needs_person = True
        return
    turn.needs_person = late.status == "unclear" or _question(compiled, asked).consent is not None
    if late.status == "ok" and _has_answer(turn, asked):
        late = replace(late, status="extra")
    turn.changes.responses.append(response(turn, officer, asked, late, late=True))


def _has_answer(turn: Turn, asked: AskedQuestion) -> bool:
    return questions.is_answered(turn.tx, asked) or any(
        (one.session_id, one.flow, one.step, one.status) == (asked.session_id, asked.flow, asked.step, "ok")
        for one in turn.changes.responses
    )


def _reaction(turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None) -> None:
    """A thumb up or down answers a yes-no question, but never gives consent. Any other reaction needs neither a person nor a
    reply."""
    turn.outcome = "reaction"
    asked = quoted if isinstance(quoted, AskedQuestion) else None
    if asked is None and message.quoted_sid is None and message.sent_at is not None:
        asked = questions.open_at(turn.tx, officer.id, message.sent_at)  # the carrier's list does not name the message
    if asked is None or asked.contact_id != officer.id or message.body.strip().rstrip(_MODIFIERS) not in _THUMBS:
        return
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    ask = _question(compiled, asked)
    if {option.key for option in ask.form.options} != _YES_AND_NO or ask.consent is not None:
        return
    if _is_open(officer, asked):
        _go_on(turn, officer, message)
    else:
        _late(turn, officer, message, asked)


def _question(compiled: CompiledProgramme, asked: AskedQuestion) -> Ask:
    step = compiled.flows[asked.flow].steps[compiled.flows[asked.flow].index[asked.step]]
    if not isinstance(step, Ask):
        raise TypeError("a message of this step asked something")
    return step


def _nothing_open(turn: Turn, officer: Officer) -> None:
    """A message without an open question: a person should look, and the notice is sent now and then."""
    turn.outcome, turn.needs_person = "nothing_open", True
    if officer.session is not None or turn.now - turn.said_at >= QUIET_AFTER_NOTICE:
        return
    said = conversations.said_lately(
        turn.tx, officer.id, "notice", "nothing_open", turn.now, QUIET_AFTER_NOTICE
    ) or any(one.contact_id == officer.id and one.step == "nothing_open" for one in turn.changes.outbound)
    if not said and (text := notice(turn, officer, "nothing_open")):
        say(turn, officer, "nothing_open", text)


# -- keywords -----------------------------------------------------------------------------------------------------------


def _obeyed_carrier(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Record the carrier's own opt-out or opt-in, unless a later one exists. False if it means nothing to us."""
    found, word = message.opt_out or "", keyword(message.body)
    decides = found == "STOP" or (word is not None and word.name in _DECISIONS)
    if decides and _is_outdated(turn, officer):
        turn.outcome = "keyword"
        return True
    return keywords.carrier_opt_out(turn, officer, found, message.body)


def _obeyed(turn: Turn, officer: Officer, message: Inbound, word: Keyword) -> bool:
    """Obey a keyword, unless a later one exists. False if it means nothing here."""
    seen = _seen(officer, message)
    if word.name in _DECISIONS and _is_outdated(turn, officer):
        turn.outcome = "keyword"
        return True
    if word.name is Name.ATRAS and seen is not None and not _was_put(officer, seen):
        turn.outcome, turn.needs_person = "keyword", True  # back from a question that is not the open one
        return True
    if word.name is not Name.BAJA and _is_machine(turn, officer, message):
        turn.outcome, turn.needs_person = "repeated", True
        return True
    return keywords.obey(turn, officer, word)


def _is_outdated(turn: Turn, officer: Officer) -> bool:
    """Whether the officer has opted out or in since they wrote this: the later keyword counts."""
    if turn.written_at is None:
        return False
    later = conversations.heard_since(turn.tx, officer.id, turn.written_at, 1000)
    words = [keyword(body) for body, outcome in later if outcome == "keyword"]
    return any(word is not None and word.name in _DECISIONS for word in words)


def _is_machine(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Whether the same words arrived many times without being an answer."""
    since = turn.said_at - EQUAL_WITHIN
    until = turn.now + FARTHEST_AHEAD  # what came later came before the clock was set back
    heard = conversations.heard_since(turn.tx, officer.id, since, 10 * MOST_EQUAL, until) + [
        (one.body, one.outcome)
        for one in turn.changes.inbound
        if one.contact_id == officer.id and one.received_at > since
    ]
    return sum(body == message.body and outcome != "answer" for body, outcome in heard) >= MOST_EQUAL


def _is_unclear(sprint: Sprint) -> bool:
    return any(
        isinstance(event, ReplyUnclear) or (isinstance(event, ResponseRecorded) and event.status == "unclear")
        for event in sprint.events
    )


def _given(message: Inbound) -> Reply:
    """The message as input of the engine. The button of a template carries its approved payload: an option's key, at best."""
    pressed = read_payload(message.button) if message.button else None
    media = () if message.kind in _NO_CONTENT else tuple([kind for _, kind in message.media])
    return Reply(message.body, pressed[2] if pressed else message.button, media, message.sent_at)
