"""How far the carrier's list of inbound messages has been read: every message before that moment is stored here. All functions
take a transaction and commit nothing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import FARTHEST_AHEAD
from app.store import alerts, state_values

CURSOR = "swept_until"
SWEEP_ALERT = ("sweep", "carrier")
"""Kind and subject of the alert that the list cannot be read."""

FRESH = timedelta(minutes=20)
"""How long after a sweep we assume that every inbound message is known: webhooks have brought those that came since."""

PATIENCE = timedelta(hours=1)
"""How long work that needs a sweep waits for one while the list cannot be read."""


def cursor(tx: Connection) -> datetime | None:
    """The moment up to which the list has been read; None if never."""
    found = state_values.read(tx, CURSOR)
    return None if found is None else datetime.fromisoformat(found)


def position(tx: Connection, now: datetime) -> datetime | None:
    """The moment up to which the list has certainly been read; None if never, or if that cannot be known because the clock was set
    back. A moment that lies ahead is of a clock that ran ahead of ours, by `FARTHEST_AHEAD` at most."""
    found = cursor(tx)
    if found is None or found > now + FARTHEST_AHEAD:
        return None
    return found if found <= now else now - FARTHEST_AHEAD


def advance(tx: Connection, until: datetime, now: datetime) -> None:
    """Record that the list has been read up to this moment. Goes back only from a moment that lies ahead, after the clock was
    set back."""
    value = until.isoformat(timespec="microseconds")  # UTC, of one width: sorts as time
    if (found := cursor(tx)) is not None and found > now + FARTHEST_AHEAD:
        state_values.write(tx, CURSOR, value, now)
    else:
        state_values.advance(tx, CURSOR, value, now)


def is_current(tx: Connection, now: datetime) -> bool:
    """Whether every inbound message is known, so that officers may be reminded, expired, or sent a nudge. After an outage this
    is so once a sweep has succeeded or, if the list cannot be read, after `PATIENCE`."""
    read = position(tx, now)
    if read is not None and now - read <= FRESH:
        return True
    failing = alerts.open_since(tx, *SWEEP_ALERT)
    return failing is not None and not (now - PATIENCE < failing <= now + FARTHEST_AHEAD)


def state(tx: Connection, now: datetime) -> str:
    """The state of the sweep, in a word: never, current or behind."""
    if is_current(tx, now):
        return "current"
    return "never" if cursor(tx) is None else "behind"
