"""What is stopped by hand: the whole service, a cohort, an officer; and how many messages wait for it. Sender numbers are in
`senders`. All functions take a transaction and commit nothing."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from app.store.dialect import insert_ignore
from app.store.tables import Cohort, Contact, MessageStatus, OutboundMessage, Setting

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_outbound = OutboundMessage.__table__  # type: ignore[attr-defined]
_setting = Setting.__table__  # type: ignore[attr-defined]


def set_service(tx: Connection, *, stopped: bool, now: datetime) -> bool:
    """The switch for everything. True if that changes anything."""
    insert_ignore(tx, _setting, [{"name": "stopped", "value": "0", "updated_at": now}])
    value = "1" if stopped else "0"
    changed = tx.execute(
        update(_setting)
        .where(_setting.c.name == "stopped", _setting.c.value != value)
        .values(value=value, updated_at=now)
    )
    return changed.rowcount == 1


def cohort_id(tx: Connection, code: str) -> int | None:
    """A cohort by its code."""
    return tx.execute(select(_cohort.c.id).where(_cohort.c.code == code)).scalar_one_or_none()


def set_cohort(tx: Connection, cohort: int, at: datetime | None) -> bool:
    """Pause a cohort since then, or (None) let it go on. True if that changes anything."""
    differs = _cohort.c.paused_at.is_not(None) if at is None else _cohort.c.paused_at.is_(None)
    return tx.execute(update(_cohort).where(_cohort.c.id == cohort, differs).values(paused_at=at)).rowcount == 1


def contact_id(tx: Connection, study_id: str) -> int | None:
    """An officer by the study id."""
    return tx.execute(select(_contact.c.id).where(_contact.c.study_id == study_id)).scalar_one_or_none()


def set_officer(tx: Connection, contact: int, at: datetime | None) -> bool:
    """Hold everything to an officer since then, or (None) let it go on. True if that changes anything."""
    differs = _contact.c.held_at.is_not(None) if at is None else _contact.c.held_at.is_(None)
    return tx.execute(update(_contact).where(_contact.c.id == contact, differs).values(held_at=at)).rowcount == 1


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
        which = _outbound.c.contact_id.in_(select(_contact.c.id).where(_contact.c.cohort_id == cohort))
    elif contact is not None:
        which = _outbound.c.contact_id == contact
    elif channel is not None:
        which = _outbound.c.channel == channel
        if programme is not None:
            officers = _contact.join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            which &= _outbound.c.contact_id.in_(
                select(_contact.c.id).select_from(officers).where(_cohort.c.programme == programme)
            )
    queued = select(func.count()).select_from(_outbound).where(_outbound.c.status == MessageStatus.queued, which)
    return int(tx.execute(queued).scalar_one())


def paused_cohorts(tx: Connection) -> list[str]:
    """The codes of the cohorts that are paused."""
    return list(
        tx.execute(select(_cohort.c.code).where(_cohort.c.paused_at.is_not(None)).order_by(_cohort.c.code)).scalars()
    )


def held_officers(tx: Connection) -> list[str]:
    """The study ids of the officers who are held."""
    return list(
        tx.execute(select(_contact.c.study_id).where(_contact.c.held_at.is_not(None)).order_by(_contact.c.id)).scalars()
    )
