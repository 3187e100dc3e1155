"""Cases for the person who looks after them: the list, by study id and without words; and one case with its words, whose reading the
audit log keeps. Used by the command line, and by whatever comes beside it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.errors import ConfigurationError, UsageError
from app.store import audit, cases, holds
from app.store.cases import Case, Message, SupportText
from app.store.holds import Hold
from app.store.vault import Vault

SHOWN = "case show"
"""The action of the audit entry of a case that was read."""

UNREADABLE = "(cannot be opened: TRATO_SECRET_KEY is another one, or it is damaged)"


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """A case with its words. `holds` are the officer's; `support` the texts of support that answered its messages;
    `note` what the person who closed it wrote."""

    case: Case
    messages: list[Message]
    holds: frozenset[Hold]
    support: list[SupportText]
    note: str | None


def listed(tx: Connection, *, closed: bool = False) -> list[Case]:
    """The open cases, the most urgent first, or the closed ones."""
    return cases.listed(tx, closed=closed)


def show(tx: Connection, vault: Vault, case_id: int, now: datetime, actor: str) -> CaseDetails:
    """A case with the words of its messages, which the audit log keeps. Raises UsageError for an unknown id."""
    case = known(tx, case_id)
    messages = cases.messages(tx, case_id)
    audit.record(tx, now, actor, SHOWN, f"case:{case_id}", {"messages": len(messages)})
    contact = case.contact_id
    return CaseDetails(
        case,
        messages,
        holds.of(tx, contact) if contact is not None else frozenset(),
        cases.support(tx, case_id),
        _note(vault, case),
    )


def known(tx: Connection, case_id: int) -> Case:
    """A case by its id. Raises UsageError for an unknown one."""
    case = cases.one(tx, case_id)
    if case is None:
        raise UsageError(f"there is no case {case_id}: `trato cases` lists them")
    return case


def _note(vault: Vault, case: Case) -> str | None:
    if case.note is None:
        return None
    try:
        return vault.open(case.note, cases.note_context(case.id))
    except (ConfigurationError, UnicodeDecodeError):
        return UNREADABLE
