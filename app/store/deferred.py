"""Inbound messages of officers whose row another transaction holds: stored at once, taken up in their order when the row is free.
Nobody else waits for it. Only PostgreSQL locks rows: on SQLite the table stays empty. All functions take a transaction and commit
nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from app.store.dialect import insert_ignore, locks_rows, one_of
from app.store.tables import CONTACT, DEFERRED


@dataclass(frozen=True, slots=True)
class Deferred:
    """A deferred message. `sealed` is the whole message, encrypted for `purpose(sid)`; `at` is when it arrived."""

    id: int
    sid: str
    contact_id: int
    sealed: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class NewDeferred:
    """A message to defer."""

    sid: str
    contact_id: int
    sealed: bytes
    at: datetime


def purpose(sid: str) -> str:
    """The purpose under which the vault seals a deferred message."""
    return f"deferred:{sid}"


def save(tx: Connection, messages: Sequence[NewDeferred]) -> None:
    """Defer messages, each once."""
    rows = [{"sid": one.sid, "contact_id": one.contact_id, "sealed": one.sealed, "at": one.at} for one in messages]
    insert_ignore(tx, DEFERRED, rows)


def queues(tx: Connection, contacts: Collection[int]) -> dict[int, list[int]]:
    """The ids of the deferred messages of these contacts, in their order. Contacts without any are absent."""
    found: dict[int, list[int]] = {}
    if contacts and locks_rows(tx):
        for contact, row in tx.execute(_QUEUES, {"contacts": list(contacts)}).all():
            found.setdefault(contact, []).append(row)
    return found


def ready(tx: Connection, limit: int) -> list[Deferred]:
    """The oldest deferred messages of contacts whose row is free at this moment."""
    return [Deferred(*row) for row in tx.execute(_READY, {"most": limit}).all()]


def oldest(tx: Connection) -> dict[int, datetime]:
    """When the oldest deferred message of each contact arrived."""
    found: dict[int, datetime] = {}
    for contact, at in tx.execute(select(DEFERRED.c.contact_id, DEFERRED.c.at).order_by(DEFERRED.c.id)).all():
        found.setdefault(contact, at)
    return found


def remove(tx: Connection, ids: Collection[int]) -> None:
    """Remove messages that have been handled."""
    if ids:
        tx.execute(delete(DEFERRED).where(DEFERRED.c.id.in_(list(ids))))


_QUEUES = (
    select(DEFERRED.c.contact_id, DEFERRED.c.id)
    .where(one_of(DEFERRED.c.contact_id, "contacts"))
    .order_by(DEFERRED.c.id)
)
_READY = (
    select(DEFERRED.c.id, DEFERRED.c.sid, DEFERRED.c.contact_id, DEFERRED.c.sealed, DEFERRED.c.at)
    .select_from(DEFERRED.join(CONTACT, CONTACT.c.id == DEFERRED.c.contact_id))
    .order_by(DEFERRED.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=CONTACT, skip_locked=True)
)
