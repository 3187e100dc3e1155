"""Messages that the carrier has to delete, because an officer was erased. All functions take a transaction and commit nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, null, select, update

from app.store.dialect import insert_ignore, insert_ignore_from
from app.store.tables import CARRIER_DELETION, CONTACT, INBOUND, OUTBOUND

_COLUMNS = ("sid", "attempts", "due_at", "done_at")


class Due(NamedTuple):
    """A message to delete now."""

    sid: str
    attempts: int


def plan(tx: Connection, now: datetime) -> None:
    """Plan the deletion of every message of erased officers of which that is not planned: also of those whose SID came later."""
    erased = select(CONTACT.c.id).where(CONTACT.c.erased_at.is_not(None))
    for table in (INBOUND, OUTBOUND):
        at = literal(now, CARRIER_DELETION.c.due_at.type)
        wanted = select(table.c.sid, literal(0), at, null()).where(
            table.c.contact_id.in_(erased),
            table.c.sid.is_not(None),
            table.c.sid.not_in(select(CARRIER_DELETION.c.sid)),
        )
        insert_ignore_from(tx, CARRIER_DELETION, _COLUMNS, wanted)


def add(tx: Connection, sids: Sequence[str], now: datetime) -> None:
    """Plan the deletion of messages."""
    rows = [{"sid": sid, "attempts": 0, "due_at": now, "done_at": None} for sid in sids]
    insert_ignore(tx, CARRIER_DELETION, rows)


def claim(tx: Connection, now: datetime, until: datetime, most: int) -> list[Due]:
    """Messages to delete now, which no other process takes until then."""
    due = (
        select(CARRIER_DELETION.c.id)
        .where(CARRIER_DELETION.c.done_at.is_(None), CARRIER_DELETION.c.due_at <= now)
        .order_by(CARRIER_DELETION.c.due_at, CARRIER_DELETION.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(CARRIER_DELETION)
        .where(CARRIER_DELETION.c.id.in_(due))
        .values(due_at=until, attempts=CARRIER_DELETION.c.attempts + 1)
        .returning(CARRIER_DELETION.c.sid, CARRIER_DELETION.c.attempts)
    )
    return [Due(*row) for row in tx.execute(taken)]


def done(tx: Connection, sid: str, now: datetime) -> None:
    """The carrier has the message no more."""
    tx.execute(update(CARRIER_DELETION).where(CARRIER_DELETION.c.sid == sid).values(done_at=now))


def postpone(tx: Connection, sid: str, due_at: datetime) -> None:
    """Try again later."""
    tx.execute(update(CARRIER_DELETION).where(CARRIER_DELETION.c.sid == sid).values(due_at=due_at))


def waiting(tx: Connection) -> int:
    """The messages that the carrier still has to delete."""
    found = select(func.count()).select_from(CARRIER_DELETION).where(CARRIER_DELETION.c.done_at.is_(None))
    return int(tx.execute(found).scalar_one())
