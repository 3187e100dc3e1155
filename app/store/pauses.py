"""Pauses by hand: of the whole service, a cohort or an officer; and the messages that wait meanwhile. Pauses of our numbers are
in `our_numbers`. All functions take a transaction and commit nothing."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from app.store import addresses, holds, spending, state_values
from app.store.dialect import literal
from app.store.holds import Hold
from app.store.tables import (
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    OUTBOUND,
    MessageStatus,
)

STOPPED = "stopped"
"""The name of the switch for the whole service."""


def set_service(tx: Connection, *, stopped: bool, now: datetime) -> bool:
    """Stop or start the whole service. True if this changed the switch."""
    return state_values.change(tx, STOPPED, "1" if stopped else "0", now, default="0")


def is_stopped(tx: Connection) -> bool:
    """Whether the whole service is stopped: the kill switch."""
    return state_values.read(tx, STOPPED) == "1"


def stopped_or_over(tx: Connection) -> tuple[bool, frozenset[str]]:
    """Whether the whole service is stopped, and the programmes whose budget is spent."""
    state = state_values.read_all(tx, (STOPPED, spending.OVER_BUDGET))
    return state.get(STOPPED) == "1", spending.listed(state.get(spending.OVER_BUDGET))


def cohort_id(tx: Connection, code: str) -> int | None:
    """The id of a cohort, by code; None if there is none."""
    return tx.execute(select(COHORT.c.id).where(COHORT.c.code == code)).scalar_one_or_none()


def set_cohort(tx: Connection, cohort: int, at: datetime | None) -> bool:
    """Pause a cohort from this moment, or (None) resume it. True if this changed it."""
    differs = COHORT.c.paused_at.is_not(None) if at is None else COHORT.c.paused_at.is_(None)
    return tx.execute(update(COHORT).where(COHORT.c.id == cohort, differs).values(paused_at=at)).rowcount == 1


def contact_id(tx: Connection, study_id: str) -> int | None:
    """The id of an officer, by study id; None if there is none."""
    return tx.execute(select(CONTACT.c.id).where(CONTACT.c.study_id == study_id)).scalar_one_or_none()


def set_officer(tx: Connection, contact: int, at: datetime | None, now: datetime) -> bool:
    """Hold all messages to an officer from this moment, or (None) resume them; then jobs try a damaged officer again, and a number
    in doubt counts as the officer's. Holds of safety stay: they end with their case. True if this changed anything."""
    if at is not None:
        return holds.add(tx, contact, Hold.person, at)
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(damage=None))
    lifted = holds.lift(tx, contact, frozenset(Hold) - holds.OF_SAFETY)
    if Hold.number in lifted:
        addresses.confirm(tx, contact, now)
    return bool(lifted)


def waiting(
    tx: Connection,
    *,
    cohort: int | None = None,
    contact: int | None = None,
    channel: str | None = None,
    programme: str | None = None,
) -> int:
    """How many messages are queued: all of them, or those of a cohort, of an officer, or of a channel and perhaps a programme."""
    which: ColumnElement[bool] = true()
    if cohort is not None:
        officers = select(CONTACT.c.id).where(CONTACT.c.cohort_id == cohort)
        # Among what is queued, not among all messages to these officers: no index of officers.
        which = (OUTBOUND.c.contact_id + 0).in_(officers)
    elif contact is not None:
        which = OUTBOUND.c.contact_id == contact
    elif channel is not None:
        which = OUTBOUND.c.channel == channel
        if programme is not None:
            theirs = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme == programme)
            which &= OUTBOUND.c.contact_id.in_(theirs)
    is_queued = OUTBOUND.c.status == literal(MessageStatus.queued)
    queued = select(func.count()).select_from(OUTBOUND).where(is_queued, which)
    return int(tx.execute(queued).scalar_one())


def paused_cohorts(tx: Connection) -> list[str]:
    """The codes of the paused cohorts."""
    return list(
        tx.execute(select(COHORT.c.code).where(COHORT.c.paused_at.is_not(None)).order_by(COHORT.c.code)).scalars()
    )


def held_officers(tx: Connection) -> list[str]:
    """The study ids of the officers on hold."""
    return list(
        tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.held_at.is_not(None)).order_by(CONTACT.c.id)).scalars()
    )
