"""What is stopped by hand: the whole service, a cohort, an officer; and how many messages wait for it. Sender numbers are in
`senders`. All functions take a transaction and commit nothing."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from app.store.dialect import insert_ignore
from app.store.tables import (
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    OUTBOUND,
    STATE_VALUE,
    MessageStatus,
)


def set_service(tx: Connection, *, stopped: bool, now: datetime) -> bool:
    """The switch for everything. True if that changes anything."""
    insert_ignore(tx, STATE_VALUE, [{"name": "stopped", "value": "0", "updated_at": now}])
    value = "1" if stopped else "0"
    changed = tx.execute(
        update(STATE_VALUE)
        .where(STATE_VALUE.c.name == "stopped", STATE_VALUE.c.value != value)
        .values(value=value, updated_at=now)
    )
    return changed.rowcount == 1


def cohort_id(tx: Connection, code: str) -> int | None:
    """A cohort by its code."""
    return tx.execute(select(COHORT.c.id).where(COHORT.c.code == code)).scalar_one_or_none()


def set_cohort(tx: Connection, cohort: int, at: datetime | None) -> bool:
    """Pause a cohort since then, or (None) let it go on. True if that changes anything."""
    differs = COHORT.c.paused_at.is_not(None) if at is None else COHORT.c.paused_at.is_(None)
    return tx.execute(update(COHORT).where(COHORT.c.id == cohort, differs).values(paused_at=at)).rowcount == 1


def contact_id(tx: Connection, study_id: str) -> int | None:
    """An officer by the study id."""
    return tx.execute(select(CONTACT.c.id).where(CONTACT.c.study_id == study_id)).scalar_one_or_none()


def set_officer(tx: Connection, contact: int, at: datetime | None) -> bool:
    """Hold everything to an officer since then, or (None) let it go on. True if that changes anything."""
    differs = CONTACT.c.held_at.is_not(None) if at is None else CONTACT.c.held_at.is_(None)
    return tx.execute(update(CONTACT).where(CONTACT.c.id == contact, differs).values(held_at=at)).rowcount == 1


def waiting(
    tx: Connection,
    *,
    cohort: int | None = None,
    contact: int | None = None,
    channel: str | None = None,
    programme: str | None = None,
) -> int:
    """Messages that are queued: all of them, or those of a cohort, an officer, or a channel, there of a programme."""
    which: ColumnElement[bool] = true()
    if cohort is not None:
        which = OUTBOUND.c.contact_id.in_(select(CONTACT.c.id).where(CONTACT.c.cohort_id == cohort))
    elif contact is not None:
        which = OUTBOUND.c.contact_id == contact
    elif channel is not None:
        which = OUTBOUND.c.channel == channel
        if programme is not None:
            officers = CONTACT_WITH_COHORT
            which &= OUTBOUND.c.contact_id.in_(
                select(CONTACT.c.id).select_from(officers).where(COHORT.c.programme == programme)
            )
    queued = select(func.count()).select_from(OUTBOUND).where(OUTBOUND.c.status == MessageStatus.queued, which)
    return int(tx.execute(queued).scalar_one())


def paused_cohorts(tx: Connection) -> list[str]:
    """The codes of the cohorts that are paused."""
    return list(
        tx.execute(select(COHORT.c.code).where(COHORT.c.paused_at.is_not(None)).order_by(COHORT.c.code)).scalars()
    )


def held_officers(tx: Connection) -> list[str]:
    """The study ids of the officers who are held."""
    return list(
        tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.held_at.is_not(None)).order_by(CONTACT.c.id)).scalars()
    )
