"""Rate limits and pauses of our numbers: one token bucket per number, shared by all processes. In the tables a number of ours is
called `sender`, as at the carrier. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, or_, select, update

from app.store.dialect import insert_ignore
from app.store.tables import BUCKET


def lock(tx: Connection, senders: Collection[str]) -> None:
    """Lock the rows of several numbers, always in the same order, so that two processes do not deadlock."""
    if len(senders) > 1:
        tx.execute(
            select(BUCKET.c.sender)
            .where(BUCKET.c.sender.in_(list(senders)))
            .order_by(BUCKET.c.sender)
            .with_for_update()
        )


class Grant(NamedTuple):
    """Tokens taken from a bucket. `probe`: the number has been refused, so that one message tries it."""

    tokens: int
    probe: bool = False


def take_tokens(tx: Connection, sender: str, rate: float, now: datetime, wanted: int) -> Grant:
    """Take up to `wanted` tokens from a number's bucket, which fills at `rate` a second up to one second's worth: none while the
    number is paused or throttled, one if it is to be probed. The row is locked, so that all processes together keep to the
    rate."""
    locked = select(BUCKET).where(BUCKET.c.sender == sender).with_for_update()
    if (row := tx.execute(locked).one_or_none()) is None:
        insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": max(1.0, rate), "at": now}])
        row = tx.execute(locked).one()
    if row.paused_at is not None or (row.not_before is not None and now < row.not_before):
        return Grant(0)
    filled = min(max(1.0, rate), row.tokens + rate * max(0.0, (now - row.at).total_seconds()))
    taken = min(wanted, int(filled), 1 if row.probes else wanted)
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(tokens=filled - taken, at=max(now, row.at)))
    return Grant(taken, row.probes > 0)


def return_tokens(tx: Connection, sender: str, tokens: int) -> None:
    """Return unused tokens."""
    if tokens > 0:
        tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(tokens=BUCKET.c.tokens + tokens))


def pause(tx: Connection, sender: str, code: int | None, now: datetime) -> bool:
    """Pause a number until a person resumes it; `code` is the carrier's error, if one caused it. True if it was not paused."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    result = tx.execute(
        update(BUCKET)
        .where(BUCKET.c.sender == sender, BUCKET.c.paused_at.is_(None))
        .values(paused_at=now, pause_code=code)
    )
    return result.rowcount == 1


def set_paused(tx: Connection, sender: str, at: datetime | None, now: datetime) -> bool:
    """Pause a number by hand from this moment, or (None) resume it, which also ends a rest. True if this changed it."""
    if at is not None:
        return pause(tx, sender, None, now)
    held = or_(BUCKET.c.paused_at.is_not(None), BUCKET.c.not_before > now, BUCKET.c.probes > 0)
    result = tx.execute(
        update(BUCKET)
        .where(BUCKET.c.sender == sender, held)
        .values(paused_at=None, pause_code=None, not_before=None, probes=0)
    )
    return result.rowcount == 1


def throttle(tx: Connection, sender: str, until: datetime, now: datetime) -> None:
    """Send nothing from this number before `until`, in any process, because the carrier limits its rate. A later limit stays."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    shorter = or_(BUCKET.c.not_before.is_(None), BUCKET.c.not_before < until)
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender, shorter).values(not_before=until))


def probe_later(tx: Connection, sender: str, now: datetime, rests: Sequence[timedelta], *, probe: bool) -> bool:
    """Note that a number is answered by something that is not the carrier. It rests for `rests`, one after the other, with a `probe`
    after each. Returns False once all have failed. Other messages that were on their way meanwhile do not count."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    row = tx.execute(select(BUCKET).where(BUCKET.c.sender == sender).with_for_update()).one()
    if row.paused_at is not None or (row.not_before is not None and now < row.not_before and not probe):
        return True
    if row.probes >= len(rests):
        return False
    changes = {"probes": row.probes + 1, "not_before": now + rests[row.probes]}
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(changes))
    return True


def probe_by_one(tx: Connection, sender: str, until: datetime) -> None:
    """Send nothing else from a number while a probe is on its way, until this moment at the latest."""
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(not_before=until))


def probe_first(tx: Connection, sender: str) -> None:
    """Let one message try a number after its rest, before the others follow."""
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender, BUCKET.c.probes == 0).values(probes=1))


def recovered(tx: Connection, sender: str) -> None:
    """A probe of a number was answered by the carrier: the others follow."""
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(probes=0, not_before=None))


def resting(tx: Connection, now: datetime) -> list[str]:
    """The numbers that rest, or are probed, and are not paused."""
    found = select(BUCKET.c.sender).where(
        BUCKET.c.paused_at.is_(None), or_(BUCKET.c.not_before > now, BUCKET.c.probes > 0)
    )
    return list(tx.execute(found.order_by(BUCKET.c.sender)).scalars())


OwnNumbers = Mapping[str, Collection[str]]
"""By channel, the programmes with a number of their own. The others share one."""


def name(carrier: str, channel: str, programme: str = "") -> str:
    """The name of the number that sends on a channel: a programme's own, or the shared one."""
    return f"{carrier}:{programme}:{channel}" if programme else f"{carrier}:{channel}"


def paused_channels(tx: Connection, programmes: Collection[str], own: OwnNumbers) -> set[tuple[str, str]]:
    """The (programme, channel) pairs whose number is paused."""
    names = tx.execute(select(BUCKET.c.sender).where(BUCKET.c.paused_at.is_not(None))).scalars()
    found: set[tuple[str, str]] = set()
    for sender in names:
        _, _, number = sender.partition(":")
        programme, _, channel = number.rpartition(":")
        alone = own.get(channel, ())
        found |= {(one, channel) for one in programmes if (one if one in alone else "") == programme}
    return found
