"""Lets an officer out who asked for it in other words than BAJA, and puts the question for consent again to one who never decided. Nobody
but the officer, by ALTA, brings back an officer who has left."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.conversations import consenting, ending, keywords
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, begin_anew, write_batch
from app.errors import ConflictError, UsageError
from app.flows.quiet_hours import Quiet, quiet_until
from app.store import addresses, audit, contacts, damaged_rows
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.tables import ContactStatus
from app.wording import Sentence

INVITED = "invite"
"""The action of the audit entry."""


@dataclass(frozen=True, slots=True)
class Left:
    """An officer who was let out. `told_at`: when the confirmation goes at the earliest; None if there is none."""

    study_id: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An officer to whom the question for consent is put, by its flow."""

    study_id: str
    flow: str


def let_out(tx: Connection, library: Library, study_id: str, quiet: Quiet, now: datetime, actor: str) -> Left:
    """Let an officer out, as a BAJA does: what is queued is cancelled, consent is withdrawn, and one confirmation goes out after the quiet
    hours, none to an officer whose row is damaged. Raises UsageError for an unknown study id, ConflictError if the officer has left already."""
    officer = _officer(tx, study_id)
    if officer.status == ContactStatus.opted_out:
        raise ConflictError(Sentence("officer {officer} has left already", officer=officer.study_id), "left_already")
    turn = Turn(tx, library, Changes(), now)
    damaged = damaged_rows.is_damaged(tx, officer.id)
    keywords.opt_out(turn, officer, confirm=not damaged, actor=actor)
    due_at = now if damaged else quiet_until(now, officer.timezone, quiet) or now
    turn.changes.outbound = [one._replace(due_at=due_at) for one in turn.changes.outbound]
    write_batch(tx, library, turn.changes, now)
    audit.record(tx, now, actor, "let out", f"contact:{officer.id}")
    return Left(officer.study_id, due_at if turn.changes.outbound else None)


def invite(tx: Connection, library: Library, study_id: str, now: datetime, actor: str) -> Invited:
    """Put the question for consent to an officer who has not decided, by the rules of every nudge. Raises UsageError for an unknown
    study id or a programme that does not ask, ConflictError if the officer has left or agreed, or may not be written to now, and after the programme's last day."""
    officer = _officer(tx, study_id)
    turn = Turn(tx, library, Changes(), now, NUDGE)
    if officer.status == ContactStatus.opted_out:
        raise ConflictError(
            Sentence(
                "officer {officer} has left: only the officer's own ALTA brings them back", officer=officer.study_id
            ),
            "only_alta",
        )
    if officer.status == ContactStatus.blocked:
        raise ConflictError(
            Sentence(
                "the carrier does not reach officer {officer}: another number is needed", officer=officer.study_id
            ),
            "blocked",
        )
    if officer.is_left_alone(now):
        raise ConflictError(
            Sentence(
                "officer {officer} is on hold or has paused: `trato officers show` says until when",
                officer=officer.study_id,
            ),
            "held_or_paused",
        )
    if (ended_at := ending.ended_at(turn, officer)) is not None:
        text = Sentence("the programme ended at {at:%Y-%m-%d %H:%M}: no conversation begins any more", at=ended_at)
        raise ConflictError(text, "programme_over")
    flow = consenting.missing(turn, officer)
    if flow is None:
        agreed = officer.consented_at is not None
        raise (ConflictError if agreed else UsageError)(
            Sentence("officer {officer} has agreed already", officer=officer.study_id)
            if agreed
            else Sentence("the programme does not ask for consent"),
            "agreed_already" if agreed else "asks_no_consent",
        )
    if officer.session is not None and officer.session.flow == flow:
        raise ConflictError(
            Sentence("officer {officer} is being asked: the question is open", officer=officer.study_id), "being_asked"
        )
    begin_anew(turn, officer, flow)
    write_batch(tx, library, turn.changes, now)
    audit.record(tx, now, actor, INVITED, f"contact:{officer.id}", {"flow": flow})
    return Invited(officer.study_id, flow)


def _officer(tx: Connection, study_id: str) -> Officer:
    contact = addresses.known(tx, study_id)
    return contacts.officers(tx, [contact])[contact]
