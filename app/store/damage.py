"""Damaged officers: a row that this release cannot read, found by a job that failed with it alone. Such an officer is on hold, with
an alert, and jobs leave the officer out until a person mends the row. All functions take a transaction and commit nothing."""

import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, select, update

from app.store import alerts, holds
from app.store.holds import Hold
from app.store.tables import CONTACT

log = structlog.get_logger(__name__)

DAMAGED = "damaged"
"""The kind of the alert for a damaged officer."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why an officer is left out: the job that failed, and the error with its place in the code."""

    study_id: str
    job: str
    error: str


def hold(tx: Connection, contact: int, job: str, error: str, now: datetime) -> None:
    """Put a damaged officer on hold. `error` is `dead_letters.describe`'s. Reads only columns that cannot be damaged."""
    holds.add(tx, contact, Hold.damaged, now)
    text = json.dumps({"job": job, "error": error})
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.damage.is_(None)).values(damage=text))
    study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == contact)).scalar_one()
    detail = {"job": job, "error": error, "officer": study_id}
    if alerts.ring(tx, DAMAGED, f"contact:{contact}", now, detail):
        log.error("damaged officer on hold: see `trato officers check`", **detail)


def release(tx: Connection, contact: int, now: datetime) -> bool:
    """Let jobs work on an officer again, and end the hold that the damage began. False if the officer was not damaged."""
    alerts.close(tx, DAMAGED, f"contact:{contact}", now)
    mended = update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.damage.is_not(None)).values(damage=None)
    if not tx.execute(mended).rowcount:
        return False
    holds.lift(tx, contact, {Hold.damaged})
    return True


def damaged(tx: Connection) -> dict[int, Damage]:
    """The damaged officers on hold, by contact id."""
    rows = tx.execute(
        select(CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.damage)
        .where(CONTACT.c.damage.is_not(None))
        .order_by(CONTACT.c.id)
    )
    return {contact: Damage(study_id, **json.loads(text)) for contact, study_id, text in rows}
