"""Opens cases for what needs a person and is no message of an officer: a message of ours that the carrier refuses, or whose fate is not
known, and what could not be processed. Compares the store with the cases, so that nothing depends on the moment of the fault."""

from datetime import datetime

from sqlalchemy import Connection

from app.store import audit, case_openings, cases, contacts
from app.store.case_openings import UNKNOWN_FATE, GivenUp
from app.store.cases import CaseOutcome, CaseReason, Need

AT_ONCE = 200


def look(tx: Connection, now: datetime) -> int:
    """Open or join cases, and close the one of dead letters that have all been processed. Returns how many were found: call again."""
    sent = case_openings.given_up(tx, AT_ONCE)
    contacts.lock(tx, {one.contact_id for one in sent})
    cases.join_ours(tx, {one.id: _need(one, now) for one in sent})
    letters = case_openings.letters(tx, AT_ONCE)
    if letters:
        cases.join_letters(tx, letters, now)
    for case in case_openings.processed(tx):
        if cases.close(tx, case, CaseOutcome.gone, now):
            audit.record(tx, now, "clock", "case close", f"case:{case}", {"outcome": CaseOutcome.gone})
    return len(sent) + len(letters)


def _need(one: GivenUp, now: datetime) -> Need:
    reason = CaseReason.unknown_fate if one.error_class == UNKNOWN_FATE else CaseReason.refused
    return Need(one.contact_id, None, reason, None, one.created_at, now)
