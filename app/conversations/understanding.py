"""The meaning of an officer's message, the most certain one first: the carrier's own opt-out, a keyword, the answer to the
question that it names, the answer to the open question, or none of these. An officer can only answer a question that had been
sent when they wrote: a late message, or one from an officer on hold, never answers a later question."""

from dataclasses import replace
from datetime import timedelta

from app.channels.base import Inbound, MessageKind
from app.clock import FARTHEST_AHEAD
from app.conversations import bubbles, consenting, danger, doubting, ending, keywords, late, talking
from app.conversations.sessions import Turn, apply, begin_anew, following, hearing, notice, say, wordings
from app.flows.engine.asides import unasked
from app.flows.engine.buttons import read_payload
from app.flows.engine.commands import OBEYED_AFTER_THE_END
from app.flows.engine.events import ReplySetAside, ReplyUnclear, ResponseRecorded, Sprint
from app.flows.replies.acts import act_of
from app.flows.replies.bubbles import corrects
from app.flows.replies.danger import PERHAPS_DANGER
from app.flows.replies.keywords import Keyword, Name, keyword
from app.flows.replies.message import Act, ActKind, Purpose
from app.flows.replies.open import is_sound
from app.flows.replies.understanding import Understood
from app.flows.replies.whose import denies
from app.store import conversations
from app.store.cases import CaseReason
from app.store.contacts import Officer
from app.store.conversations import HeardMessage
from app.store.endings import FAREWELL
from app.store.holds import OF_SAFETY, Hold
from app.store.questions import AskedQuestion, SentMessage

MOST_EQUAL = 5
EQUAL_WITHIN = timedelta(minutes=1)
"""This many equal messages within that time, none of them an answer, come from a machine: it gets no more replies."""

_DECISIONS = (Name.BAJA, Name.ALTA)


def understand(turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None) -> None:
    """Find the meaning and act on it."""
    typed = _is_typed(message)
    word = keyword(message.body) if typed else None
    if officer.holds & OF_SAFETY:  # a person reads everything; BAJA is obeyed even so
        turn.needs_person = True
        turn.reason = CaseReason.crisis if Hold.crisis in officer.holds else CaseReason.serious
    if message.opt_out and _obeyed_carrier(turn, officer, message):
        return
    if doubting.is_in_doubt(officer):
        _doubted(turn, officer, message, word)
        return
    over = ending.is_over(turn, officer)
    if (
        word is not None
        and word.name is not Name.BAJA
        and (not over or word.name in OBEYED_AFTER_THE_END)
        and _obeyed(turn, officer, message, word)
    ):
        return
    heard = _hear(turn, officer, message) if typed else None
    if typed:
        turn.act = heard.act if heard else act_of(message.body, extra=wordings(turn, officer.programme))
    if turn.act == PERHAPS_DANGER:  # the answer is recorded, and the conversation goes on
        turn.needs_person, turn.reason = True, turn.reason or CaseReason.serious
    if turn.act is not None and _came_first(turn, officer, message, turn.act):
        return
    if over and Hold.crisis not in officer.holds and not talking.is_for_person(officer, quoted, turn.said_at):
        ending.too_late(turn, officer)
        return
    _read(turn, officer, message, quoted, heard)


def _read(
    turn: Turn,
    officer: Officer,
    message: Inbound,
    quoted: AskedQuestion | SentMessage | None,
    heard: Understood | None,
) -> None:
    """A message that is neither a keyword nor about safety or leaving."""
    if Hold.crisis in officer.holds:
        turn.outcome = "held"
    elif turn.act is not None and denies(turn.act):
        doubting.begin(turn, officer)
    elif not officer.may_be_written_to:
        _unanswerable(turn, message)
    elif message.kind is MessageKind.reaction:
        _reaction(turn, officer, message, quoted)
    else:
        _reply(turn, officer, message, quoted, heard)


def _unanswerable(turn: Turn, message: Inbound) -> None:
    """A message of an officer who has left, or cannot be reached: no message answers it. A person hears a voice note and reads a question
    and a complaint, and can telephone."""
    turn.outcome = "opted_out"
    if is_sound(late.given(message).media):
        turn.needs_person, turn.reason = True, CaseReason.audio
    elif turn.act is not None and turn.act.kind in (ActKind.question, ActKind.complaint):
        turn.needs_person = True


def _doubted(turn: Turn, officer: Officer, message: Inbound, word: Keyword | None) -> None:
    """A message from a number that may be somebody else's now. Only safety and a wish to leave count as the officer's."""
    if _is_typed(message) and (word is None or word.name is Name.BAJA):
        turn.act = act_of(message.body, extra=wordings(turn, officer.programme))
    if turn.act is not None and _came_first(turn, officer, message, turn.act):
        return
    if message.kind is MessageKind.reaction:
        turn.outcome = "reaction"
    elif _is_machine(turn, officer, message):
        turn.outcome, turn.needs_person = "repeated", True
    else:
        doubting.heard(turn, officer, message, word)


def _is_typed(message: Inbound) -> bool:
    """Whether the message is no reaction, and no pressed button of ours."""
    return message.kind is not MessageKind.reaction and not (message.button and read_payload(message.button))


def _hear(turn: Turn, officer: Officer, message: Inbound) -> Understood | None:
    """The message as a reply to the open question; None if there is none."""
    return None if officer.session is None else hearing(turn, officer, late.given(message))


def lets_out(message: Inbound) -> bool:
    """Whether the message lets its author out of the programme, whatever question is open: the carrier says so, or it is a clear
    wish to leave, which cannot be a no to an invitation."""
    if message.opt_out == "STOP":
        return True
    return _is_typed(message) and act_of(message.body, purpose=Purpose.invitation).kind is ActKind.leave


def is_danger(message: Inbound) -> bool:
    """Whether the message speaks of a crisis or a serious incident, by the default wordings."""
    return _is_typed(message) and act_of(message.body).kind in (ActKind.crisis, ActKind.serious)


def understand_damaged(turn: Turn, officer: Officer, message: Inbound) -> None:
    """Act on what cannot wait until an officer is mended whose row or session cannot be read: a BAJA, without a confirmation and unless
    a later keyword exists; a crisis, a serious incident."""
    officer.stored_attributes = "{}"
    if not lets_out(message):
        turn.act = act_of(message.body)
        _came_first(turn, officer, message, turn.act)
        return
    turn.outcome = "keyword"
    if not _is_outdated(turn, officer):
        keywords.opt_out(turn, officer, confirm=False)


def _came_first(turn: Turn, officer: Officer, message: Inbound, act: Act) -> bool:
    """Act on a crisis, a serious incident or a clear wish to leave, which come before every answer. False for any other message.

    A person reads the first two, and they are never an answer."""
    match act.kind:
        case ActKind.crisis:
            danger.crisis(turn, officer)
            return True
        case ActKind.serious:
            danger.serious(turn, officer)
            return True
        case ActKind.leave:
            return _obeyed(turn, officer, message, Keyword(Name.BAJA))
        case _:
            return False


def _reply(
    turn: Turn,
    officer: Officer,
    message: Inbound,
    quoted: AskedQuestion | SentMessage | None,
    heard: Understood | None,
) -> None:
    pressed = read_payload(message.button) if message.button else None
    asked = late.named(turn, officer, pressed, quoted)
    if asked is None and pressed is None and talking.is_for_person(officer, quoted, turn.said_at):
        talking.hand_on(turn)
    elif asked is not None and not late.is_open(officer, asked):
        late.record(turn, officer, message, asked)
    elif asked is None and pressed is not None:
        # A button of ours, of a question that this officer never got: not an answer to anything.
        turn.outcome, turn.needs_person = "late", True
    elif (
        asked is None
        and isinstance(quoted, SentMessage)
        and officer.session is not None
        and not late.is_opening(officer, quoted)
    ):
        # About another message of ours: not an answer to the open question.
        turn.outcome, turn.needs_person = "quoted", True
    elif asked is None and (
        (officer.session is None and not corrects(message.body) and late.unquoted(turn, officer, message))
        or _accepts_late(turn, officer, message)
        or bubbles.take(turn, officer, message)
        or late.unquoted(turn, officer, message)
        or late.earlier(turn, officer, message)
    ):
        pass
    elif officer.session is not None:
        _go_on(turn, officer, message, heard)
    else:
        _unasked(turn, officer, message)


def _accepts_late(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Put the question for consent again to an officer who accepts after it has ended: consent is given to a text. Not after the last day,
    which is said instead."""
    if officer.session is not None or not _is_typed(message):
        return False
    flow = consenting.accepted_late(turn, officer, message.body)
    if flow is None:
        return False
    if ending.ended_at(turn, officer) is not None:
        turn.outcome = ending.ENDED
        late.tell(turn, officer, FAREWELL)
        return True
    turn.outcome = "asked_again"
    if text := notice(turn, officer, "consent_again"):
        say(turn, officer, "consent_again", text)
    begin_anew(turn, officer, flow)
    return True


def _unasked(turn: Turn, officer: Officer, message: Inbound) -> None:
    """A message while no question is open."""
    name, wanted = unasked(turn.act, message.body)
    turn.needs_person |= wanted
    turn.outcome = "nothing_open"
    if name is not None:
        late.tell(turn, officer, name)


def _go_on(turn: Turn, officer: Officer, message: Inbound, heard: Understood | None) -> None:
    """A reply to the open question."""
    sprint = following(turn, officer, replace(late.given(message), understood=heard))
    if _is_unclear(sprint) and _is_machine(turn, officer, message):
        turn.outcome, turn.needs_person = "repeated", True
    else:
        apply(turn, officer, sprint)


def _reaction(turn: Turn, officer: Officer, message: Inbound, quoted: AskedQuestion | SentMessage | None) -> None:
    """A reaction that answers nothing needs neither a person nor a reply."""
    turn.outcome = "reaction"
    asked = late.reacted_to(turn, officer, message, quoted)
    if asked is None:
        return
    if late.is_open(officer, asked):
        _go_on(turn, officer, message, None)
    else:
        late.record(turn, officer, message, asked)


# -- keywords -----------------------------------------------------------------------------------------------------------


def _obeyed_carrier(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Record the carrier's own opt-out or opt-in, unless a later one exists. False if it means nothing to us."""
    found, word = message.opt_out or "", keyword(message.body)
    if found == "STOP":
        turn.act = Act(ActKind.leave, "leave: carrier")
    decides = found == "STOP" or (word is not None and word.name in _DECISIONS)
    if decides and _is_outdated(turn, officer):
        turn.outcome = "keyword"
        return True
    return keywords.carrier_opt_out(turn, officer, found, message.body)


def _obeyed(turn: Turn, officer: Officer, message: Inbound, word: Keyword) -> bool:
    """Obey a keyword, unless a later one exists. False if it means nothing here."""
    seen = late.seen(officer, message)
    if word.name in _DECISIONS and _is_outdated(turn, officer):
        turn.outcome = "keyword"
        return True
    if word.name is Name.ATRAS and seen is not None and not late.was_put(officer, seen, turn.now):
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
    return any(_decides(one) for one in later)


def _decides(heard: HeardMessage) -> bool:
    """Whether a message that was obeyed let the officer out or in."""
    if heard.outcome != "keyword":
        return False
    word = keyword(heard.body or "")
    return heard.act == ActKind.leave or (word is not None and word.name in _DECISIONS)


def _is_machine(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Whether the same words arrived many times without being an answer."""
    since = turn.said_at - EQUAL_WITHIN
    until = turn.now + FARTHEST_AHEAD  # what came later came before the clock was set back
    heard = conversations.heard_since(turn.tx, officer.id, since, 10 * MOST_EQUAL, until) + [
        HeardMessage(one.body, one.outcome, one.act)
        for one in turn.changes.inbound
        if one.contact_id == officer.id and one.received_at > since
    ]
    return sum(one.body == message.body and one.outcome != "answer" for one in heard) >= MOST_EQUAL


def _is_unclear(sprint: Sprint) -> bool:
    return any(
        isinstance(event, ReplyUnclear | ReplySetAside)
        or (isinstance(event, ResponseRecorded) and event.status == "unclear")
        for event in sprint.events
    )
