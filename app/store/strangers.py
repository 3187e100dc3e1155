"""Strangers: unknown senders of inbound messages. Lists those that need a person, and hands their messages to an officer once the
stranger is identified. All functions take a transaction and commit nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from app.store.tables import INBOUND

HISTORY = "history"
"""The outcome of a message that came before its number was known to be an officer's: it belongs to the officer, but is no
answer."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """An unknown sender. `id` is the id of the first message; `sid` and `sealed` are those of the latest."""

    id: int
    lookup: str
    channel: str
    messages: int
    first_at: datetime
    last_at: datetime
    sid: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message from a stranger."""

    at: datetime
    channel: str
    body: str
    media: str


def waiting(tx: Connection) -> list[Stranger]:
    """The strangers that need a person, latest first."""
    groups = (
        select(
            func.min(INBOUND.c.id).label("first"),
            func.max(INBOUND.c.id).label("last"),
            func.count().label("messages"),
            func.min(INBOUND.c.received_at).label("since"),
        )
        .where(INBOUND.c.contact_id.is_(None), INBOUND.c.needs_person.is_(True))
        .group_by(INBOUND.c.lookup)
        .subquery()
    )
    columns = (
        groups.c.first,
        INBOUND.c.lookup,
        INBOUND.c.channel,
        groups.c.messages,
        groups.c.since,
        INBOUND.c.received_at,
        INBOUND.c.sid,
        INBOUND.c.sealed,
    )
    found = (
        select(*columns).select_from(groups.join(INBOUND, INBOUND.c.id == groups.c.last)).order_by(groups.c.last.desc())
    )
    return [Stranger(*row) for row in tx.execute(found)]


def among(tx: Connection, lookups: Collection[str]) -> set[str]:
    """Which of these addresses have written as strangers."""
    found = (
        select(INBOUND.c.lookup).distinct().where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup.in_(list(lookups)))
    )
    return set(tx.execute(found).scalars())


def messages(tx: Connection, lookup: str) -> list[Message]:
    """A stranger's messages, oldest first."""
    columns = (INBOUND.c.received_at, INBOUND.c.channel, INBOUND.c.body, INBOUND.c.media)
    found = select(*columns).where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == lookup).order_by(INBOUND.c.id)
    return [Message(*row) for row in tx.execute(found)]


def adopt(tx: Connection, lookup: str, contact: int) -> int:
    """Hand a stranger's messages to an officer; see `cases.hand_over` for their case. Returns how many there were."""
    done = tx.execute(
        update(INBOUND)
        .where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == lookup)
        .values(contact_id=contact, outcome=HISTORY, needs_person=False)
    )
    return int(done.rowcount)
