"""How far the carrier's list of messages to us has been read: everything before that moment is kept here. All functions take
a transaction and commit nothing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from app.store.dialect import insert_ignore
from app.store.tables import ALERT, STATE_VALUE

CURSOR = "swept_until"
SWEEP_ALERT = ("sweep", "carrier")
"""Kind and subject of the alert that the list cannot be had."""

FRESH = timedelta(minutes=20)
"""How long after a sweep what officers have written is taken to be known: webhooks have brought what came since."""

PATIENCE = timedelta(hours=1)
"""How long, once it is known that the list cannot be had, everything that must come after a sweep waits for it."""


def cursor(tx: Connection) -> datetime | None:
    """Up to when the list has been read; None if never."""
    found = tx.execute(select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == CURSOR)).scalar_one_or_none()
    return None if found is None else datetime.fromisoformat(found)


def move(tx: Connection, until: datetime, now: datetime) -> None:
    """The list has been read up to then. Never goes back."""
    value = until.isoformat(timespec="microseconds")  # in UTC, of one width: sorts as time does
    insert_ignore(tx, STATE_VALUE, [{"name": CURSOR, "value": value, "updated_at": now}])
    tx.execute(
        update(STATE_VALUE)
        .where(STATE_VALUE.c.name == CURSOR, STATE_VALUE.c.value < value)
        .values(value=value, updated_at=now)
    )


def is_current(tx: Connection, now: datetime) -> bool:
    """Whether what officers wrote is known, so that they may be reminded, given up, or written to unasked. After an outage
    that is so once a sweep has been made; or, if the list cannot be had, after a while nevertheless."""
    read = cursor(tx)
    if read is not None and now - read <= FRESH:
        return True
    kind, subject = SWEEP_ALERT
    failing = tx.execute(
        select(ALERT.c.first_at).where(ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None))
    ).scalar_one_or_none()
    return failing is not None and now - failing >= PATIENCE
