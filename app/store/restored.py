"""The mark of a database that was restored from a backup: nothing is sent, and no message is handled, until the carrier's list since
the backup has been read and compared (`app.recovery`). All functions take a transaction and commit nothing."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from app.store import state_values

HELD = "held_after_restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """A database that was restored at `restored_at` with everything stored before `since`; what came afterwards only the carrier knows.
    `replayed` is how far it has been gone through."""

    since: datetime
    restored_at: datetime
    replayed: datetime


def mark(tx: Connection, since: datetime, now: datetime) -> None:
    """Hold a database that has nothing of what happened from `since` on."""
    _write(tx, Restored(since, now, since), now)


def pending(tx: Connection) -> Restored | None:
    """The mark; None if the database is not held."""
    found = state_values.read(tx, HELD)
    if found is None:
        return None
    return Restored(
        **{name: datetime.fromisoformat(value).astimezone(UTC) for name, value in json.loads(found).items()}
    )


def proceed(tx: Connection, held: Restored, replayed: datetime) -> None:
    """Keep how far the list has been gone through."""
    _write(tx, Restored(held.since, held.restored_at, replayed), replayed)


def finish(tx: Connection) -> None:
    """Everything since the backup is known again: messages go out, and are handled."""
    state_values.remove(tx, HELD)


def _write(tx: Connection, restored: Restored, now: datetime) -> None:
    moments = {name: moment.isoformat() for name, moment in asdict(restored).items()}
    state_values.write(tx, HELD, json.dumps(moments), now)
