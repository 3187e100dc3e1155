"""The alert that the clock was set. All functions take a transaction and commit nothing."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.store import alerts
from app.store.tables import ALERT

CLOCK_ALERT = ("clock", "service")
"""Kind and subject of the alert. `trato resume` closes it, or time."""


def note(tx: Connection, now: datetime, seconds: int) -> None:
    """Open the alert, or count another step."""
    alerts.ring(tx, *CLOCK_ALERT, now, {"seconds": seconds})


def close(tx: Connection, now: datetime) -> None:
    """Close the alert, if it is open."""
    alerts.close(tx, *CLOCK_ALERT, now)


def wrong_by(tx: Connection) -> timedelta:
    """How far stored moments may be from the carrier's: the step that opened the alert; zero if it is not open."""
    kind, subject = CLOCK_ALERT
    found = select(ALERT.c.detail).where(ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None))
    detail = tx.execute(found).scalar_one_or_none()
    return timedelta() if detail is None else timedelta(seconds=abs(json.loads(detail)["seconds"]))
