"""Who waits once a fault is over. What was due by then must go out: the number of what is still to be done must fall until it is
none, however slow the machine; if it does not fall for a while, somebody waits longer than the fault."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, or_, select

from app.errors import ExternalError
from app.store.database import Database
from app.store.tables import Contact, DeadLetter, DeferredMessage, InboundMessage, Nudge, OutboundMessage
from tests.chaos.judge import put_off

LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, by the last rows of two tables."""

    at: datetime
    outbound: int
    deferred: int


def mark(tx: Connection) -> Mark:
    """Now."""
    tables = OutboundMessage, DeferredMessage
    last = [tx.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one() for table in tables]
    return Mark(datetime.now(UTC), *last)


def unseen(tx: Connection, inbound: Collection[str]) -> int:
    """How many of these messages of officers are neither stored nor set aside: only the sweep will find them."""
    stored = (InboundMessage.sid, DeferredMessage.sid, DeadLetter.sid)
    return len(set(inbound).difference(*[tx.execute(select(column)).scalars() for column in stored]))


def waiting(tx: Connection, until: Mark, but: Collection[int]) -> dict[str, int]:
    """What was due until then and is not done, of all officers `but` some, and those who are on hold for a person. Without messages in
    doubt, and those behind them: these have their own waiting times, whatever the fault; without what is put off until the morning."""
    but = {*but, *tx.execute(select(Contact.id).where(Contact.held_at.is_not(None))).scalars()}
    in_doubt = select(OutboundMessage.contact_id).where(OutboundMessage.status.in_(("sending", "unknown")))
    rows = tx.execute(
        select(
            OutboundMessage.contact_id, OutboundMessage.due_at, OutboundMessage.created_at, OutboundMessage.status
        ).where(
            OutboundMessage.id <= until.outbound,
            OutboundMessage.status == "queued",
            OutboundMessage.attempts == 0,
            OutboundMessage.resend == 0,
            or_(OutboundMessage.contact_id.is_(None), OutboundMessage.contact_id.not_in(in_doubt)),
        )
    )
    deferred = select(DeferredMessage.contact_id).where(DeferredMessage.id <= until.deferred)
    nudges = (
        select(Nudge.contact_id)
        .join(Contact, Contact.id == Nudge.contact_id)
        .where(Nudge.status == "planned", Nudge.due_at <= until.at, Contact.status == "active")
    )
    return {
        "messages": sum(row.contact_id not in but and not put_off(row) for row in rows),
        "deferred": sum(one not in but for one in tx.execute(deferred).scalars()),
        "nudges": sum(one not in but for one in tx.execute(nudges).scalars()),
    }


async def until_nobody_waits(
    database: Database, inbound: Collection[str], patience: float, but: Collection[int]
) -> tuple[float, str]:
    """Wait until what officers have written is stored, and then until what is due is done: the seconds that this took, and what
    still waited when the number had not fallen for `patience` seconds; empty if nothing."""
    began = fell = time.monotonic()
    since: Mark | None = None
    lowest: tuple[bool, int] | None = None
    while True:
        try:
            since, left = await asyncio.to_thread(_look, database, inbound, since, but)
        except ExternalError:  # our own connections were ended as well
            await asyncio.sleep(LOOK_SECONDS)
            continue
        count, now = sum(left.values()), time.monotonic()
        if since is not None and not count:
            return now - began, ""
        stage = since is None, count
        if lowest is None or stage < lowest:
            lowest, fell = stage, now
        if now - fell > patience:
            return now - began, ", ".join(f"{number} {what}" for what, number in left.items() if number)
        await asyncio.sleep(LOOK_SECONDS)


def _look(
    database: Database, inbound: Collection[str], since: Mark | None, but: Collection[int]
) -> tuple[Mark | None, dict[str, int]]:
    with database.reading() as tx:
        if since is None and (lost := unseen(tx, inbound)):
            return None, {"unseen": lost}
        since = since or mark(tx)
        return since, waiting(tx, since, but)
