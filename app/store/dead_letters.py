"""Dead letters: items that failed even when processed alone. Each is stored in its raw form, encrypted, and can be replayed once
the fault is fixed."""

import json
import os
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.store.tables import DEAD_LETTER
from app.store.vault import Vault

_OURS = f"{Path(__file__).parents[1]}{os.sep}"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The receipt for an item stored as a dead letter."""

    id: int


@dataclass(frozen=True, slots=True)
class PendingLetter:
    """A dead letter that has not been replayed. `raw` is the item as it arrived."""

    id: int
    kind: str
    raw: dict[str, str]
    error: str
    at: datetime


def save(tx: Connection, vault: Vault, kind: str, raw: Mapping[str, str], error: str, now: datetime) -> DeadLetter:
    """Store an item as a dead letter. `error` describes the failure without any of its data."""
    sealed = vault.seal(json.dumps(dict(raw)), f"dead_letter:{kind}")  # ASCII: any input can be written
    row = {"kind": kind, "sid": raw.get("MessageSid"), "sealed": sealed, "error": error, "at": now}
    return DeadLetter(int(tx.execute(insert(DEAD_LETTER).returning(DEAD_LETTER.c.id), row).scalar_one()))


def pending(tx: Connection, vault: Vault) -> list[PendingLetter]:
    """The dead letters not yet replayed, oldest first."""
    rows = tx.execute(select(DEAD_LETTER).where(DEAD_LETTER.c.replayed_at.is_(None)).order_by(DEAD_LETTER.c.id))
    return [
        PendingLetter(
            row.id, row.kind, json.loads(vault.open(row.sealed, f"dead_letter:{row.kind}")), row.error, row.at
        )
        for row in rows
    ]


def known_sids(tx: Connection, sids: Collection[str]) -> set[str]:
    """Which of these inbound messages have ever been a dead letter, replayed or not."""
    return set(tx.execute(select(DEAD_LETTER.c.sid).where(DEAD_LETTER.c.sid.in_(list(sids)))).scalars())


def mark_replayed(tx: Connection, letter: int, now: datetime) -> bool:
    """Mark a dead letter as replayed. False if another process has: do not handle it again."""
    taken = tx.execute(
        update(DEAD_LETTER)
        .where(DEAD_LETTER.c.id == letter, DEAD_LETTER.c.replayed_at.is_(None))
        .values(replayed_at=now)
    )
    return taken.rowcount == 1


def describe(error: BaseException) -> str:
    """The error's type and its place in our code, without any data: `ValueError at conversations/inbound.py:120`. For a database
    error also the driver's name, which tells the violated rule: `IntegrityError (UniqueViolation)`."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        name = f"{name} ({getattr(error.orig, 'sqlite_errorname', type(error.orig).__name__)})"
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_OURS)]
    where = f" at {places[-1].filename.removeprefix(_OURS)}:{places[-1].lineno}" if places else ""
    return f"{name}{where}"
