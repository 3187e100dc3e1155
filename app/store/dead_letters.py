"""What could not be processed even alone. Kept with its raw form, encrypted; visible, counted, and replayed once the fault
is mended."""

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
    """The receipt for something that was set aside."""

    id: int


@dataclass(frozen=True, slots=True)
class PendingLetter:
    """A dead letter that nobody has replayed. `raw` is what came in."""

    id: int
    kind: str
    raw: dict[str, str]
    error: str
    at: datetime


def save(tx: Connection, vault: Vault, kind: str, raw: Mapping[str, str], error: str, now: datetime) -> DeadLetter:
    """Set something aside."""
    sealed = vault.seal(json.dumps(dict(raw)), f"dead_letter:{kind}")  # ASCII: whatever came in can be written
    row = {"kind": kind, "sid": raw.get("MessageSid"), "sealed": sealed, "error": error, "at": now}
    return DeadLetter(int(tx.execute(insert(DEAD_LETTER).returning(DEAD_LETTER.c.id), row).scalar_one()))


def pending(tx: Connection, vault: Vault) -> list[PendingLetter]:
    """All that wait, oldest first."""
    rows = tx.execute(select(DEAD_LETTER).where(DEAD_LETTER.c.replayed_at.is_(None)).order_by(DEAD_LETTER.c.id))
    return [
        PendingLetter(
            row.id, row.kind, json.loads(vault.open(row.sealed, f"dead_letter:{row.kind}")), row.error, row.at
        )
        for row in rows
    ]


def known_sids(tx: Connection, sids: Collection[str]) -> set[str]:
    """Which of these inbound messages have been set aside, whatever became of them since."""
    return set(tx.execute(select(DEAD_LETTER.c.sid).where(DEAD_LETTER.c.sid.in_(list(sids)))).scalars())


def mark_replayed(tx: Connection, letter: int, now: datetime) -> bool:
    """Note that one is being replayed. False if somebody else has done so: then it must not be handled again."""
    taken = tx.execute(
        update(DEAD_LETTER)
        .where(DEAD_LETTER.c.id == letter, DEAD_LETTER.c.replayed_at.is_(None))
        .values(replayed_at=now)
    )
    return taken.rowcount == 1


def describe(error: BaseException) -> str:
    """What went wrong and where in our code, without any of the data: `ValueError at conversations/inbound.py:120`. Of a
    database's error the driver's own name for it, which says which rule was broken: `IntegrityError (UniqueViolation)`."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        name = f"{name} ({getattr(error.orig, 'sqlite_errorname', type(error.orig).__name__)})"
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_OURS)]
    where = f" at {places[-1].filename.removeprefix(_OURS)}:{places[-1].lineno}" if places else ""
    return f"{name}{where}"
