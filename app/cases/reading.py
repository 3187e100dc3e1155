"""Cases for the person who looks after them: the list, by study id and without words; and one case with its words, whose reading the
audit log keeps. Used by the command line, and by whatever comes beside it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.channels.files import ending
from app.errors import UsageError
from app.store import audit, cases, holds, sealing
from app.store.audit import Entry
from app.store.cases import Case, Letter, Message, OurMessage, SupportText
from app.store.files import of_case, sealed_for
from app.store.holds import PERSON, Hold
from app.store.sealing import CASE_NOTE
from app.store.vault import Vault
from app.wording import Sentence

SHOWN = "case show"
"""The action of the audit entry of a case that was read."""


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """A case with its words. `answers` are what persons have written, `ours` the messages of ours that it is about, `letters` what could
    not be processed; `holds` are the officer's; `support` the texts of support that answered its messages; `note` what the person
    who closed it wrote; `history` who did what."""

    case: Case
    messages: list[Message]
    answers: list[OurMessage]
    ours: list[OurMessage]
    letters: list[Letter]
    holds: frozenset[Hold]
    support: list[SupportText]
    note: str | None
    history: list[Entry]


def listed(tx: Connection, *, closed: bool = False, owner: str | None = None) -> list[Case]:
    """The open cases, the most urgent first, or the closed ones; all, or those of a person."""
    return [one for one in cases.listed(tx, closed=closed) if owner is None or one.owner == owner]


def show(tx: Connection, case_id: int, now: datetime, actor: str) -> CaseDetails:
    """A case with the words of its messages, which the audit log keeps. Raises UsageError for an unknown id."""
    case = known(tx, case_id)
    history = audit.about(tx, f"case:{case_id}")
    audit.record(tx, now, actor, SHOWN, f"case:{case_id}", {"messages": case.messages})
    contact = case.contact_id
    ours = cases.ours(tx, case_id)
    return CaseDetails(
        case,
        cases.messages(tx, case_id),
        [one for one in ours if one.kind == PERSON],
        [one for one in ours if one.kind != PERSON],
        cases.letters(tx, case_id),
        holds.of(tx, contact) if contact is not None else frozenset(),
        cases.support(tx, case_id),
        _note(tx, case),
        history,
    )


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file of a case: its bytes, or None with what became of it."""

    name: str
    status: str
    content: bytes | None


def files(tx: Connection, vault: Vault, case_id: int, now: datetime, actor: str) -> list[OpenedFile]:
    """The files of a case, to be listened to or looked at, which the audit log keeps. Raises UsageError for an unknown id."""
    known(tx, case_id)
    found = [
        OpenedFile(
            f"{case_id}_{one.message}_{one.position}.{ending(one.content_type)}",
            one.status,
            None if one.sealed is None else vault.open_bytes(one.sealed, sealed_for(one.id)),
        )
        for one in of_case(tx, case_id)
    ]
    audit.record(tx, now, actor, "case files", f"case:{case_id}", {"files": len(found)})
    return found


def known(tx: Connection, case_id: int) -> Case:
    """A case by its id. Raises UsageError for an unknown one."""
    case = cases.one(tx, case_id)
    if case is None:
        raise UsageError(Sentence("there is no case {case}: `trato cases` lists them", case=case_id), "no_case")
    return case


def _note(tx: Connection, case: Case) -> str | None:
    return None if case.note is None else sealing.shown(tx, CASE_NOTE, case.id, case.note)
