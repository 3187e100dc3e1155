"""The alert that the clock was set, and conversations of the other clock. All functions take a transaction and commit nothing."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from app.clock import FARTHEST_AHEAD
from app.store import alerts
from app.store.tables import ALERT, SESSION

CLOCK_ALERT = ("clock", "service")
"""Kind and subject of the alert. `trato resume` closes it, or time."""


def note(tx: Connection, now: datetime, seconds: int) -> None:
    """Open the alert, or count another step."""
    alerts.ring(tx, *CLOCK_ALERT, now, {"seconds": seconds})


def close(tx: Connection, now: datetime) -> None:
    """Close the alert, if it is open."""
    alerts.close(tx, *CLOCK_ALERT, now)


def move_starts(tx: Connection, now: datetime, step: timedelta) -> None:
    """Move the starts of open conversations that lie farther ahead than two clocks may differ, after a step back: what is said in them
    from now on comes after their start."""
    ahead = select(SESSION.c.id, SESSION.c.started_at).where(
        SESSION.c.ended_at.is_(None), SESSION.c.started_at > now + FARTHEST_AHEAD
    )
    moved = [{"its_id": row.id, "to": row.started_at + step} for row in tx.execute(ahead)]
    if moved:
        tx.execute(update(SESSION).where(SESSION.c.id == bindparam("its_id")).values(started_at=bindparam("to")), moved)


def wrong_by(tx: Connection) -> timedelta:
    """How far stored moments may be from the carrier's: the step that opened the alert; zero if it is not open."""
    kind, subject = CLOCK_ALERT
    found = select(ALERT.c.detail).where(ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None))
    detail = tx.execute(found).scalar_one_or_none()
    return timedelta() if detail is None else timedelta(seconds=abs(json.loads(detail)["seconds"]))
