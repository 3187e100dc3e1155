"""How fast each sender number may send, and whether it may at all: a row for each, shared by all processes, and one switch
for the whole service. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from app.store.dialect import insert_ignore
from app.store.tables import BUCKET, STATE_VALUE


def lock(tx: Connection, senders: Collection[str]) -> None:
    """Lock the rows of several senders, always in the same order: two processes must not wait for each other."""
    if len(senders) > 1:
        tx.execute(
            select(BUCKET.c.sender)
            .where(BUCKET.c.sender.in_(list(senders)))
            .order_by(BUCKET.c.sender)
            .with_for_update()
        )


def take(tx: Connection, sender: str, rate: float, now: datetime, wanted: int) -> int:
    """Take up to `wanted` tokens from a sender's bucket, which fills at `rate` a second up to one second's worth. 0 while
    the sender is paused, or the carrier has asked for a pause. The row is locked, so that all processes together keep to
    the rate."""
    locked = select(BUCKET).where(BUCKET.c.sender == sender).with_for_update()
    if (row := tx.execute(locked).one_or_none()) is None:
        insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": max(1.0, rate), "at": now}])
        row = tx.execute(locked).one()
    if row.paused_at is not None or (row.not_before is not None and now < row.not_before):
        return 0
    filled = min(max(1.0, rate), row.tokens + rate * max(0.0, (now - row.at).total_seconds()))
    taken = min(wanted, int(filled))
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(tokens=filled - taken, at=max(now, row.at)))
    return taken


def give_back(tx: Connection, sender: str, tokens: int) -> None:
    """Return tokens that were not used."""
    if tokens > 0:
        tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(tokens=BUCKET.c.tokens + tokens))


def pause_sender(tx: Connection, sender: str, code: int | None, now: datetime) -> bool:
    """Stop a sender until a person has mended the installation. True if it was not paused before."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    result = tx.execute(
        update(BUCKET)
        .where(BUCKET.c.sender == sender, BUCKET.c.paused_at.is_(None))
        .values(paused_at=now, pause_code=code)
    )
    return result.rowcount == 1


def set_paused(tx: Connection, sender: str, at: datetime | None, now: datetime) -> bool:
    """A person stops a sender since then, or (None) starts it again. True if that changes anything."""
    if at is not None:
        return pause_sender(tx, sender, None, now)
    result = tx.execute(
        update(BUCKET)
        .where(BUCKET.c.sender == sender, BUCKET.c.paused_at.is_not(None))
        .values(paused_at=None, pause_code=None, not_before=None)
    )
    return result.rowcount == 1


def hold(tx: Connection, sender: str, until: datetime, now: datetime) -> None:
    """The carrier gets too much from this number: nothing before then, from any process. A longer pause stays."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    shorter = or_(BUCKET.c.not_before.is_(None), BUCKET.c.not_before < until)
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender, shorter).values(not_before=until))


Own = Mapping[str, Collection[str]]
"""By channel, the programmes that send by a number of their own. Those that are not named share one."""


def name(carrier: str, channel: str, programme: str = "") -> str:
    """What the number is called that sends on a channel: a programme's own, or the shared one."""
    return f"{carrier}:{programme}:{channel}" if programme else f"{carrier}:{channel}"


def paused(tx: Connection, programmes: Collection[str], own: Own) -> set[tuple[str, str]]:
    """What waits because its number is stopped until a person starts it again: as (programme, channel)."""
    names = tx.execute(select(BUCKET.c.sender).where(BUCKET.c.paused_at.is_not(None))).scalars()
    found: set[tuple[str, str]] = set()
    for sender in names:
        _, _, number = sender.partition(":")
        programme, _, channel = number.rpartition(":")
        alone = own.get(channel, ())
        found |= {(one, channel) for one in programmes if (one if one in alone else "") == programme}
    return found


_STOPPED = select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == "stopped")


def is_stopped(tx: Connection) -> bool:
    """Whether somebody has stopped the whole service: the kill switch."""
    return tx.execute(_STOPPED).scalar_one_or_none() == "1"
