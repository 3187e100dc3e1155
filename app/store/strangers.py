"""Strangers: unknown senders of inbound messages, and what becomes of their messages once the stranger is known to be an officer. All functions take a transaction and commit nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.store import sealing
from app.store.sealing import INBOUND_BODY, INBOUND_MEDIA
from app.store.tables import INBOUND

HISTORY = "history"
"""The outcome of a message that came before its number was known to be an officer's: it belongs to the officer, but is no
answer."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """An unknown sender. `sid` and `sealed` are those of the latest message."""

    lookup: str
    sid: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message from a stranger. `media` is JSON."""

    at: datetime
    channel: str
    body: str
    media: str


def of(tx: Connection, lookup: str) -> Stranger | None:
    """The stranger at an address; None if nobody has written from there, or if they are an officer now."""
    columns = (INBOUND.c.lookup, INBOUND.c.sid, INBOUND.c.sealed)
    found = (
        select(*columns)
        .where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == lookup)
        .order_by(INBOUND.c.id.desc())
        .limit(1)
    )
    row = tx.execute(found).one_or_none()
    return None if row is None else Stranger(*row)


def among(tx: Connection, lookups: Collection[str]) -> set[str]:
    """Which of these addresses have written as strangers."""
    found = (
        select(INBOUND.c.lookup).distinct().where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup.in_(list(lookups)))
    )
    return set(tx.execute(found).scalars())


def messages(tx: Connection, lookup: str) -> list[Message]:
    """A stranger's messages, oldest first."""
    columns = (INBOUND.c.received_at, INBOUND.c.channel, INBOUND.c.sid, INBOUND.c.body, INBOUND.c.media)
    found = select(*columns).where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == lookup).order_by(INBOUND.c.id)
    return [
        Message(
            row.received_at,
            row.channel,
            sealing.shown(tx, INBOUND_BODY, row.sid, row.body),
            sealing.readable(tx, INBOUND_MEDIA, row.sid, row.media) or "[]",
        )
        for row in tx.execute(found)
    ]


def adopt(tx: Connection, lookup: str, contact: int) -> int:
    """Hand a stranger's messages to an officer; see `cases.hand_over` for their case. Returns how many there were."""
    done = tx.execute(
        update(INBOUND)
        .where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == lookup)
        .values(contact_id=contact, outcome=HISTORY, needs_person=False)
    )
    return int(done.rowcount)
