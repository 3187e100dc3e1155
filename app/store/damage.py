"""Damaged officers: a row that this release cannot read, found by a job that failed with it alone. Such an officer is on hold, with
an alert, and jobs leave the officer out until a person mends the row. All functions take a transaction and commit nothing."""

import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, select, update

from app.store import alerts
from app.store.tables import CONTACT

log = structlog.get_logger(__name__)

DAMAGED = "damaged"
"""The kind of the alert for a damaged officer."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why an officer is left out: the job that failed, the error with its place in the code, and whether that put the officer on
    hold (or the officer was on hold already)."""

    study_id: str
    job: str
    error: str
    held: bool


def hold(tx: Connection, contact: int, job: str, error: str, now: datetime) -> None:
    """Put a damaged officer on hold. `error` is `dead_letters.describe`'s. Reads only columns that cannot be damaged."""
    held = tx.execute(update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.held_at.is_(None)).values(held_at=now))
    text = json.dumps({"job": job, "error": error, "held": bool(held.rowcount)})
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.damage.is_(None)).values(damage=text))
    study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == contact)).scalar_one()
    detail = {"job": job, "error": error, "officer": study_id}
    if alerts.ring(tx, DAMAGED, f"contact:{contact}", now, detail):
        log.error("damaged officer on hold: see `trato officers check`", **detail)


def release(tx: Connection, contact: int, now: datetime) -> bool:
    """Let jobs work on an officer again, and end the hold that the damage began. False if the officer was not damaged."""
    text = tx.execute(select(CONTACT.c.damage).where(CONTACT.c.id == contact)).scalar_one_or_none()
    alerts.close(tx, DAMAGED, f"contact:{contact}", now)
    if text is None:
        return False
    values = {"damage": None, **({"held_at": None} if json.loads(text)["held"] else {})}
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**values))
    return True


def damaged(tx: Connection) -> dict[int, Damage]:
    """The damaged officers on hold, by contact id."""
    rows = tx.execute(
        select(CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.damage)
        .where(CONTACT.c.damage.is_not(None))
        .order_by(CONTACT.c.id)
    )
    return {contact: Damage(study_id, **json.loads(text)) for contact, study_id, text in rows}
