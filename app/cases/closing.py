"""Closing a case. It ends the holds that the case brought, and after a false alarm the officer gets a notice of it. This is the one way out of
a crisis."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.cases import handling
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, end_hold, notice, say, write_batch
from app.store import alerts, audit, cases, contacts, damaged_rows, holds
from app.store.cases import CHOSEN, OF_SAFETY, Case, CaseOutcome
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.holds import Hold
from app.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Closed:
    """The effect: the holds that ended, those that stay, and whether the officer gets a notice. `reached`: messages go to the officer but
    for holds; not to one who has left, or whom the carrier does not reach."""

    study_id: str | None
    ended: frozenset[Hold]
    left: frozenset[Hold]
    told: bool
    reached: bool


def close(
    tx: Connection,
    library: Library,
    vault: Vault,
    case_id: int,
    outcome: CaseOutcome,
    note: str | None,
    now: datetime,
    actor: str,
) -> Closed:
    """Close an open case, with an outcome that a person chooses and perhaps a note, which is sealed. Raises UsageError if there is no
    such case, ConflictError if another person has it or has closed it, or if it is about safety and has messages that nobody has read."""
    if outcome not in CHOSEN:
        raise ValueError(outcome)
    case = handling.begin(tx, case_id, actor)
    handling.check_read_by_somebody(tx, case)
    sealed = vault.seal(note, cases.note_context(case_id)) if note else None
    cases.close(tx, case_id, outcome, now, sealed)
    for kind in OF_SAFETY:
        alerts.close(tx, kind, cases.subject(case.contact_id, case.lookup), now)
    handling.stop_calls(tx, case_id, now)
    closed = _release(tx, library, case, outcome, now)
    detail = {"outcome": outcome, "reason": case.reason, "ended": sorted(closed.ended), "told": closed.told}
    audit.record(tx, now, actor, "case close", f"case:{case_id}", detail)
    return closed


def _release(tx: Connection, library: Library, case: Case, outcome: CaseOutcome, now: datetime) -> Closed:
    """End the officer's holds of safety, and the talk with a person; tell the officer after a false alarm. A nudge's rules are kept: not in
    the quiet hours, and not to somebody who has left."""
    if case.contact_id is None:
        return Closed(None, frozenset(), frozenset(), told=False, reached=False)
    officer = contacts.officers(tx, [case.contact_id])[case.contact_id]
    ended = officer.holds & holds.OF_SAFETY
    turn = Turn(tx, library, Changes(contacts=[(officer.id, {"person_wrote_at": None})]), now, NUDGE)
    for hold in ended:
        end_hold(turn, officer, hold)
    if ended and outcome is CaseOutcome.false_alarm and not damaged_rows.is_damaged(tx, officer.id):
        _tell(turn, officer)
    told = bool(turn.changes.outbound)
    write_batch(tx, library, turn.changes, now)
    return Closed(officer.study_id, ended, officer.holds, told, officer.may_be_written_to)


def _tell(turn: Turn, officer: Officer) -> None:
    if officer.may_be_written_to and (text := notice(turn, officer, "false_alarm")):
        say(turn, officer, "false_alarm", text)
