"""A write as large as that of a message, to show that a message can be stored; the check that the key is the one of this database;
and whether the clock of any process ticks. All functions take a transaction and commit nothing."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import FARTHEST_AHEAD
from app.errors import ConfigurationError
from app.store import leases, state_values
from app.store.vault import Vault

TICKS = "wake"
"""The job of the clock whose lease shows that it ticks."""

LONGEST_LEASE = timedelta(minutes=2)
"""How long that job stays with a process that has died; then another takes it over."""

BYTES = 8_192
"""About as much as a message and its answer need."""

_ROWS = ("heartbeat_a", "heartbeat_b")
_KEY = "key_check"


def beat(tx: Connection, now: datetime) -> None:
    """Write `BYTES` into one of two rows before the other one is emptied, so that every beat needs room: on a full disk it fails, as
    a message would."""
    filled, empty = _ROWS if state_values.read(tx, _ROWS[0]) else _ROWS[::-1]
    state_values.write(tx, empty, secrets.token_hex(BYTES // 2), now)
    state_values.write(tx, filled, "", now)


def is_key(tx: Connection, vault: Vault, now: datetime) -> bool:
    """Whether the vault has the key of this database, which is the key of the first process that asks."""
    own, known = _mark(vault), state_values.read(tx, _KEY)
    if known is None:
        state_values.write(tx, _KEY, own, now)
    return known in (None, own)


def check_key(tx: Connection, vault: Vault) -> None:
    """Raise ConfigurationError if this database is known to have another key: no number would be found by the vault's."""
    if state_values.read(tx, _KEY) not in (None, _mark(vault)):
        raise ConfigurationError("TRATO_SECRET_KEY is not the key of this database: set the one that `trato serve` has")


def _mark(vault: Vault) -> str:
    return vault.lookup("the key of this database")


def is_ticking(tx: Connection, now: datetime) -> bool:
    """Whether the clock of any process ticks, by the lease that it renews at every tick."""
    until = leases.until(tx, TICKS)
    return until is not None and now < until <= now + LONGEST_LEASE + FARTHEST_AHEAD
