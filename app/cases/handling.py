"""The beginning of each act on a case: the case must be open, and no other person's. Locks the officer and the case, so that of
two people who act at once the second gets an error."""

from datetime import datetime

from sqlalchemy import Connection

from app.cases.reading import SHOWN, known
from app.errors import ConflictError, UsageError
from app.people.actors import name_of
from app.store import alerts, audit, cases, contacts, damaged_rows
from app.store.cases import OF_SAFETY, Case
from app.store.contacts import Officer
from app.wording import Sentence, messages

WAITS, DANGER_WAITS = "case_waits", "danger_waits"
"""The alerts of a case that nobody has taken, and of one about safety."""


def begin(tx: Connection, case_id: int, actor: str) -> Case:
    """Lock a case for its owner, or for anybody if nobody has it. Raises UsageError for an unknown one, ConflictError if it is closed
    or another person's."""
    case = lock(tx, case_id)
    if case.owner not in (None, name_of(actor)):
        text = Sentence(
            "case {case} is {owner}'s: `trato cases take {case}` takes it over", case=case_id, owner=case.owner
        )
        raise ConflictError(text, "taken", owner=case.owner)
    return case


def lock(tx: Connection, case_id: int) -> Case:
    """Lock an open case of any owner. Raises UsageError for an unknown one, ConflictError for a closed one."""
    case = known(tx, case_id)
    if case.contact_id is not None:
        contacts.lock(tx, [case.contact_id])
    cases.lock(tx, case_id)
    case = known(tx, case_id)
    if case.closed_at is not None:
        text = Sentence(
            "case {case} was closed at {at:%Y-%m-%d %H:%M} UTC, as {outcome}",
            case=case_id,
            at=case.closed_at,
            outcome=case.outcome,
        )
        raise ConflictError(text, "closed")
    return case


def keep(tx: Connection, case: Case, actor: str, now: datetime) -> None:
    """Give a case without an owner to the person who acts on it, and call nobody else."""
    if case.owner is None or case.snoozed_until is not None:
        cases.own(tx, case.id, case.owner or name_of(actor), now)
    stop_calls(tx, case.id, now)


def stop_calls(tx: Connection, case_id: int, now: datetime) -> None:
    """End the alerts that call somebody to a case."""
    for kind in (WAITS, DANGER_WAITS):
        alerts.close(tx, kind, f"case:{case_id}", now)


def check_read(tx: Connection, case: Case, actor: str) -> None:
    """Refuse to act for a person who has not read all messages: one may have come since."""
    read = audit.latest(tx, SHOWN, f"case:{case.id}", actor).get("messages", 0)
    if case.messages > read:
        raise ConflictError(
            Sentence(
                "you have not read {messages} of case {case}: `trato cases show {case}` first",
                messages=messages(case.messages - read),
                case=case.id,
            ),
            "unread",
        )


def check_read_by_somebody(tx: Connection, case: Case) -> None:
    """Refuse to end a matter of safety unread: a message may have come since the person looked."""
    unread = case.messages - audit.latest(tx, SHOWN, f"case:{case.id}").get("messages", 0)
    if case.reason in OF_SAFETY and unread > 0:
        raise ConflictError(
            Sentence(
                "nobody has read {messages} of case {case}: `trato cases show {case}` first",
                messages=messages(unread),
                case=case.id,
            ),
            "unread",
        )


def check_sound(tx: Connection, officer: Officer) -> None:
    """Refuse an act that needs to read the whole row of a damaged officer."""
    if damaged_rows.is_damaged(tx, officer.id):
        raise ConflictError(
            Sentence(
                "the row of officer {officer} is damaged: `trato officers check` names the field, and how to mend it",
                officer=officer.study_id,
            ),
            "damaged",
        )


def officer_of(tx: Connection, case: Case) -> Officer:
    """The officer of a case, locked. Raises UsageError if it is no officer's."""
    if case.contact_id is None:
        raise UsageError(
            Sentence(
                "case {case} is no officer's: `trato cases identify` gives an unknown number to its officer",
                case=case.id,
            ),
            "no_officer",
        )
    return contacts.officers(tx, [case.contact_id])[case.contact_id]
