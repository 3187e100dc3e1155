"""A write as large as that of a message, to show that a message can be stored; and whether the clock of any process ticks. All functions take a transaction and commit nothing."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import FARTHEST_AHEAD
from app.store import leases, state_values

TICKS = "wake"
"""The job of the clock whose lease shows that it ticks."""

LONGEST_LEASE = timedelta(minutes=2)
"""How long that job stays with a process that has died; then another takes it over."""

BYTES = 8_192
"""About as much as a message and its answer need."""

_ROWS = ("heartbeat_a", "heartbeat_b")


def beat(tx: Connection, now: datetime) -> None:
    """Write `BYTES` into one of two rows before the other one is emptied, so that every beat needs room: on a full disk it fails, as
    a message would."""
    filled, empty = _ROWS if state_values.read(tx, _ROWS[0]) else _ROWS[::-1]
    state_values.write(tx, empty, secrets.token_hex(BYTES // 2), now)
    state_values.write(tx, filled, "", now)


def is_ticking(tx: Connection, now: datetime) -> bool:
    """Whether the clock of any process ticks, by the lease that it renews at every tick."""
    until = leases.until(tx, TICKS)
    return until is not None and now < until <= now + LONGEST_LEASE + FARTHEST_AHEAD
