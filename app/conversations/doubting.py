"""A number in doubt: what its author may mean, and what ends the doubt. While it lasts, nothing that comes from there is an answer of
the officer's, and nothing that names programme or officer goes there. The rule of when there is a doubt is in `store/doubts.py`."""

from datetime import timedelta

from app.channels.base import Inbound
from app.conversations.sessions import Turn, end_hold, new_message, notice, put_on_hold, say, stop
from app.flows.replies.keywords import Keyword, Name
from app.flows.replies.whose import is_theirs
from app.store import addresses, audit, conversations, doubts
from app.store.cases import CaseReason
from app.store.contacts import Officer
from app.store.holds import WHO, WHO_HELP, WHO_NO, Hold
from app.store.tables import ContactStatus

WHO_TEMPLATE = "trato_quien"
"""The approved WhatsApp template of the question, by its name in the environment's map: it has no variables."""

NO_NUMBER = "no number"
"""The reason of the block of an officer without an address."""

HELPED_AGAIN = timedelta(hours=12)
"""A reply that is neither yes nor no is answered once in this time."""


def is_in_doubt(officer: Officer) -> bool:
    """Whether the officer's number is in doubt, and no crisis comes first."""
    return Hold.number in officer.holds and Hold.crisis not in officer.holds


def begin(turn: Turn, officer: Officer) -> None:
    """Somebody says that the number is not the officer's: that is asked at once, and a person reads it."""
    turn.outcome = doubts.DOUBTED
    turn.needs_person, turn.reason = True, turn.reason or CaseReason.number
    put_on_hold(turn, officer, Hold.number)
    if officer.may_be_written_to:
        ask(turn, officer)


def ask(turn: Turn, officer: Officer) -> None:
    """Ask whose the number is now. By WhatsApp this takes a template, unless they have just written; else it goes by SMS."""
    if text := notice(turn, officer, WHO):
        say(turn, officer, WHO, text, WHO_TEMPLATE)


def heard(turn: Turn, officer: Officer, message: Inbound, word: Keyword | None) -> None:
    """A message from a number in doubt that is neither a BAJA nor about safety."""
    turn.outcome = doubts.DOUBTED
    theirs = None
    if word is None and not message.button and doubts.was_asked(turn.tx, officer.id, turn.said_at):
        theirs = is_theirs(message.body, turn.said_at)
    if theirs is True:
        _end(turn, officer)
        return
    turn.needs_person, turn.reason = True, CaseReason.number
    if theirs is False:
        _give_up(turn, officer)
    else:
        _help(turn, officer, asked_for=word is not None and word.name in (Name.AYUDA, Name.ALTA))


def strand(turn: Turn, officer: Officer, actor: str) -> None:
    """Block an officer who has no address left."""
    stop(turn, officer)
    turn.changes.silence(officer.id)
    if officer.status == ContactStatus.active:
        officer.status = ContactStatus.blocked
        turn.changes.contacts.append((officer.id, {"status": ContactStatus.blocked}))
        audit.record(turn.tx, turn.now, actor, "block", f"contact:{officer.id}", {"code": None, "reason": NO_NUMBER})


def _end(turn: Turn, officer: Officer) -> None:
    """It is the officer: what waited is decided on anew."""
    end_hold(turn, officer, Hold.number)
    addresses.confirm(turn.tx, officer.id, turn.now)
    if officer.may_be_written_to and (text := notice(turn, officer, "who_yes")):
        say(turn, officer, "who_yes", text)


def _give_up(turn: Turn, officer: Officer) -> None:
    """It is somebody else: the number is given up, as one that was replaced. Its author is an unknown sender from here on, and is
    told goodbye as one."""
    given_up = addresses.give_up(turn.tx, officer.id, turn.lookups, turn.now)
    audit.record(turn.tx, turn.now, "replies", "give up number", f"contact:{officer.id}", {"addresses": given_up})
    end_hold(turn, officer, Hold.number)
    if not addresses.in_use(turn.tx, officer.id):
        strand(turn, officer, "replies")
    if turn.channel and (text := notice(turn, officer, WHO_NO)):
        turn.changes.outbound.append(new_message(turn, step=WHO_NO, kind="notice", channel=turn.channel, body=text))


def _help(turn: Turn, officer: Officer, *, asked_for: bool) -> None:
    """Repeat what is asked: at once if it was asked for, else once in a while."""
    due = asked_for or (officer.may_be_written_to and not _was_helped(turn, officer))
    if due and (text := notice(turn, officer, WHO_HELP)):
        say(turn, officer, WHO_HELP, text)


def _was_helped(turn: Turn, officer: Officer) -> bool:
    return conversations.said_lately(turn.tx, officer.id, "notice", WHO_HELP, turn.now, HELPED_AGAIN) or any(
        one.contact_id == officer.id and one.step == WHO_HELP for one in turn.changes.outbound
    )
