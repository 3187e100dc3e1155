"""The status of officers when a nudge is due: whether they may be written to, whether a session is open, and how recent ones
ended. Reads what nudge policy needs for a set of officers in few statements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, or_, select

from app.clock import FARTHEST_AHEAD
from app.flows.shifts import UNKNOWN, Duty
from app.store import doubts, holds, shift_changes
from app.store.consents import has_declined
from app.store.dialect import literal, one_of
from app.store.holds import Hold
from app.store.tables import (
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    NUDGE,
    RESPONSE,
    SESSION,
    NudgeStatus,
)

_STANDING = (
    select(
        CONTACT.c.id,
        CONTACT.c.status,
        CONTACT.c.timezone,
        CONTACT.c.consented_at,
        CONTACT.c.paused_until,
        COHORT.c.paused_at,
        CONTACT.c.held_at,
        CONTACT.c.held_for,
        CONTACT.c.shift,
        CONTACT.c.consented_to,
        has_declined().label("declined"),
        exists()
        .where(
            NUDGE.c.contact_id == CONTACT.c.id,
            NUDGE.c.status == literal(NudgeStatus.planned),
            NUDGE.c.wave.is_not(None),
            NUDGE.c.planned_for <= bindparam("now"),
            NUDGE.c.closes_at > bindparam("now"),
        )
        .label("measuring"),
    )
    .select_from(CONTACT_WITH_COHORT)
    .where(one_of(CONTACT.c.id, "contacts"))
)
_SESSIONS = (
    select(
        SESSION.c.contact_id,
        SESSION.c.started_at,
        SESSION.c.ended_at,
        SESSION.c.outcome,
        SESSION.c.wave,
        SESSION.c.flow,
        exists().where(RESPONSE.c.session_id == SESSION.c.id).label("answered"),
    )
    .where(
        one_of(SESSION.c.contact_id, "contacts"),
        or_(SESSION.c.started_at >= bindparam("since"), SESSION.c.ended_at.is_(None)),
    )
    .order_by(SESSION.c.contact_id, SESSION.c.started_at.desc(), SESSION.c.id.desc())
)


@dataclass(slots=True)
class OfficerStatus:
    """An officer at this moment. `begun` has the starts of recent sessions; `ignored` is how many of them, back from the latest,
    expired without an answer; `measuring` tells whether a measurement wave's flow is due, `session_measures` whether the open
    session belongs to one, `open_flow` its flow; `consented_to` is the version of the notice agreed to,
    `declined` tells whether consent was refused or withdrawn, `sign_at` is the last sign that the number is still theirs. Updated while a batch is decided."""

    status: str
    timezone: str
    consented: bool
    paused_until: datetime | None
    cohort_paused: bool
    session_open: bool = False
    measuring: bool = False
    begun: tuple[datetime, ...] = ()
    ignored: int = 0
    holds: frozenset[Hold] = frozenset()
    session_measures: bool = False
    duty: Duty = UNKNOWN
    consented_to: str | None = None
    declined: bool = False
    open_flow: str | None = None
    sign_at: datetime | None = None


def statuses(tx: Connection, contacts: Collection[int], now: datetime, since: datetime) -> dict[int, OfficerStatus]:
    """The status of these officers, by id. Sessions count from `since` on. Lock the officers first, so that no other process
    changes them meanwhile."""
    changes, signs = shift_changes.changes(tx, contacts), doubts.signs(tx, contacts)
    found = {
        row.id: OfficerStatus(
            row.status,
            row.timezone,
            row.consented_at is not None,
            row.paused_until,
            row.paused_at is not None,
            measuring=row.measuring,
            holds=holds.read(row.held_at, row.held_for),
            duty=shift_changes.duty(row.shift, row.timezone, changes.get(row.id, ())),
            consented_to=row.consented_to,
            declined=row.declined,
            sign_at=signs.get(row.id),
        )
        for row in tx.execute(_STANDING, {"contacts": list(contacts), "now": now}).all()
    }
    _read_sessions(tx, found, since, now + FARTHEST_AHEAD)
    return found


def ignored(tx: Connection, contacts: Collection[int], now: datetime, since: datetime) -> dict[int, int]:
    """How many recent sessions of each of these officers, back from the latest, expired without an answer: only this part of their status."""
    found = {one: OfficerStatus("", "", consented=False, paused_until=None, cohort_paused=False) for one in contacts}
    _read_sessions(tx, found, since, now + FARTHEST_AHEAD)
    return {contact: one.ignored for contact, one in found.items()}


def _read_sessions(tx: Connection, found: dict[int, OfficerStatus], since: datetime, until: datetime) -> None:
    """Sessions that could not be answered (they asked nothing, or were stopped) count as neither answered nor ignored. Those
    begun after `until`, before the clock was set back, hold up no other."""
    heard: set[int] = set()
    for row in tx.execute(_SESSIONS, {"contacts": list(found), "since": since}).all():
        status = found[row.contact_id]
        if row.started_at <= until:
            status.begun = (*status.begun, row.started_at)
        if row.ended_at is None:
            status.session_open, status.session_measures, status.open_flow = True, row.wave is not None, row.flow
        if row.answered:
            heard.add(row.contact_id)
        elif row.outcome == "expired" and row.contact_id not in heard:
            status.ignored += 1
