"""The owner of a case, and the time for which it may wait."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.cases.handling import begin, lock, stop_calls
from app.cases.reading import known
from app.errors import ConflictError, UsageError
from app.people import accounts
from app.people.actors import name_of
from app.store import accounts as rows
from app.store import audit, cases
from app.store.cases import OF_SAFETY, Case
from app.wording import Sentence

LONGEST_SNOOZE = timedelta(days=60)


def assign(tx: Connection, case_id: int, person: str, now: datetime, actor: str) -> Case:
    """Give a case that is yours, or nobody's, to a person. Raises UsageError for what is no name, and for a person without an account if
    there are accounts: a case that is nobody's calls people, one that is given to a mistyped name calls nobody. Raises ConflictError."""
    if not accounts.is_name(person):
        raise UsageError(
            Sentence("a person is named by the account: a lower-case word such as ana or ana.prueba"), "no_account"
        )
    if rows.exist(tx) and not accounts.exists(tx, person):
        raise UsageError(
            Sentence("there is no account {person} in use: `trato user list` has the accounts", person=person),
            "no_account",
        )
    return _give(tx, begin(tx, case_id, actor), person, now, actor)


def take(tx: Connection, case_id: int, now: datetime, actor: str) -> Case:
    """Take a case, from another person too. Raises ConflictError if it is closed, or yours already."""
    case = lock(tx, case_id)
    if case.owner == name_of(actor):
        raise ConflictError(Sentence("case {case} is yours already", case=case_id), "yours_already")
    return _give(tx, case, name_of(actor), now, actor)


def _give(tx: Connection, case: Case, person: str, now: datetime, actor: str) -> Case:
    cases.own(tx, case.id, person, now)
    stop_calls(tx, case.id, now)
    audit.record(tx, now, actor, "case assign", f"case:{case.id}", {"to": person, "from": case.owner})
    return known(tx, case.id)


def release(tx: Connection, case_id: int, now: datetime, actor: str) -> Case:
    """Give a case back: it is nobody's, and people are called to it again. Raises ConflictError."""
    case = begin(tx, case_id, actor)
    if case.owner is None:
        raise ConflictError(Sentence("nobody has case {case}", case=case_id), "nobodys")
    cases.own(tx, case_id, None, now)
    audit.record(tx, now, actor, "case release", f"case:{case_id}", {"from": case.owner})
    return known(tx, case_id)


def snooze(tx: Connection, case_id: int, until: datetime, now: datetime, actor: str) -> Case:
    """Leave a case until a moment, or until the next message. Raises UsageError for a matter of safety and for a moment that is not
    in the next 60 days, ConflictError."""
    case = begin(tx, case_id, actor)
    if case.reason in OF_SAFETY:
        text = Sentence(
            "case {case} is about safety and cannot wait: `trato cases assign` gives it to somebody", case=case_id
        )
        raise UsageError(text, "cannot_wait")
    if not now < until <= now + LONGEST_SNOOZE:
        text = Sentence(
            "a case waits for at most {most} days, and not until a moment that is over", most=LONGEST_SNOOZE.days
        )
        raise UsageError(text, "bad_wait", days=LONGEST_SNOOZE.days)
    cases.snooze(tx, case_id, until)
    stop_calls(tx, case_id, now)
    audit.record(tx, now, actor, "case snooze", f"case:{case_id}", {"until": until.isoformat()})
    return known(tx, case_id)
