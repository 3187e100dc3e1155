"""Rate limits and pauses of our numbers: one token bucket per number, shared by all processes. In the tables a number of ours is
called `sender`, as at the carrier. All functions take a transaction and commit nothing."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select, update

from app.clock import FARTHEST_AHEAD
from app.flows.tryouts import programme_of
from app.store.dialect import insert_ignore
from app.store.tables import BUCKET, OUTBOUND

LONGEST_THROTTLE = timedelta(minutes=15)
"""The longest rest of a number at a time, whether the carrier asks for it or a probe waits. A later end was set by a clock that ran
ahead."""


LONG_REST = timedelta(minutes=1)
"""A shorter rest keeps an officer's messages on other channels in order behind it."""

MOST_REFUSED = 50
"""How many refused messages of a row are kept for each number."""


@dataclass(slots=True)
class BucketTimes:
    """The buckets whose time lies ahead of the clock of this process, because that clock was set back or another process's runs
    ahead. Their tokens are counted from the moment at which this process first saw that time: the number goes on sending, at
    no more than its rate."""

    _seen: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def elapsed(self, sender: str, at: datetime, now: datetime) -> timedelta:
        """The time since a bucket was last filled, `at` by its row."""
        if at <= now:
            self._seen.pop(sender, None)
            return now - at
        seen, since = self._seen.get(sender, (None, now))
        if seen != at or since > now:
            since = now
        self._seen[sender] = (at, since)
        return now - since

    def filled(self, sender: str, at: datetime, now: datetime) -> None:
        """Note that this process has filled a bucket, whose time is now `at`."""
        if at > now:
            self._seen[sender] = (at, now)


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


_LOCKED = select(BUCKET).where(BUCKET.c.sender == bindparam("by")).with_for_update()
_FILLED = (
    update(BUCKET).where(BUCKET.c.sender == bindparam("by")).values(tokens=bindparam("tokens"), at=bindparam("at"))
)
_RETURNED = (
    update(BUCKET).where(BUCKET.c.sender == bindparam("by")).values(tokens=BUCKET.c.tokens + bindparam("unused"))
)


def take_tokens(tx: Connection, sender: str, rate: float, now: datetime, wanted: int, times: BucketTimes) -> Grant:
    """Take up to `wanted` tokens from a number's bucket, which fills at `rate` a second up to one second's worth: none while the
    number is paused or throttled, one if it is to be probed. The row is locked, so that all processes together keep to the
    rate; `times` are those that this process keeps."""
    if (row := tx.execute(_LOCKED, {"by": sender}).one_or_none()) is None:
        insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": max(1.0, rate), "at": now}])
        row = tx.execute(_LOCKED, {"by": sender}).one()
    if row.paused_at is not None or _is_ahead(row.not_before, now):
        return Grant(0)
    elapsed = times.elapsed(sender, row.at, now)
    filled = min(max(1.0, rate), row.tokens + rate * elapsed.total_seconds())
    taken, at = min(wanted, int(filled), 1 if row.probes else wanted), max(now, row.at + elapsed)
    tx.execute(_FILLED, {"by": sender, "tokens": filled - taken, "at": at})
    times.filled(sender, at, now)
    return Grant(taken, row.probes > 0)


def _is_ahead(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until <= now + LONGEST_THROTTLE + FARTHEST_AHEAD


def return_tokens(tx: Connection, sender: str, tokens: int) -> None:
    """Return unused tokens."""
    if tokens > 0:
        tx.execute(_RETURNED, {"by": sender, "unused": tokens})


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
    """Send nothing from this number before `until`, in any process, because the carrier limits its rate. A later limit stays. No
    limit is longer than `LONGEST_THROTTLE`."""
    until = min(until, now + LONGEST_THROTTLE)
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    latest = now + LONGEST_THROTTLE + FARTHEST_AHEAD
    shorter = or_(BUCKET.c.not_before.is_(None), BUCKET.c.not_before < until, BUCKET.c.not_before > latest)
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender, shorter).values(not_before=until))


def end_throttles(tx: Connection) -> None:
    """End all rests that the carrier has imposed: their ends mean nothing after the clock was set back."""
    tx.execute(update(BUCKET).where(BUCKET.c.not_before.is_not(None)).values(not_before=None))


def probe_later(tx: Connection, sender: str, now: datetime, rests: Sequence[timedelta], *, probe: bool) -> bool:
    """Note that a number is answered by something that is not the carrier. It rests for `rests`, one after the other, with a `probe`
    after each. Returns False once all have failed. Other messages that were on their way meanwhile do not count."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    row = tx.execute(select(BUCKET).where(BUCKET.c.sender == sender).with_for_update()).one()
    if row.paused_at is not None or (_is_ahead(row.not_before, now) and not probe):
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


def refuse(tx: Connection, sender: str, message: int, now: datetime) -> int:
    """Note that the destination of a number's message was refused. Returns how many officers' were in a row, since a message of this
    number last went through."""
    insert_ignore(tx, BUCKET, [{"sender": sender, "tokens": 0.0, "at": now}])
    known = tx.execute(select(BUCKET.c.refused).where(BUCKET.c.sender == sender).with_for_update()).scalar_one()
    messages = [*json.loads(known), message][-MOST_REFUSED:]
    _note_refused(tx, sender, messages)
    officers = select(func.count(OUTBOUND.c.contact_id.distinct())).where(OUTBOUND.c.id.in_(messages))
    return int(tx.execute(officers).scalar_one())


_REFUSED = select(BUCKET.c.sender, BUCKET.c.refused).where(BUCKET.c.refused != "[]").order_by(BUCKET.c.sender)
"""All of them: we have few numbers, and mostly none."""


def accepted(tx: Connection, senders: Collection[str]) -> None:
    """The carrier has accepted messages of these numbers: what it refused at once before is no row any more."""
    if not senders:
        return
    for sender, messages in tx.execute(_REFUSED).all():
        if sender not in senders:
            continue
        later = select(OUTBOUND.c.id).where(OUTBOUND.c.id.in_(json.loads(messages)), OUTBOUND.c.sid.is_not(None))
        _note_refused(tx, sender, sorted(tx.execute(later).scalars()))


def delivered(tx: Connection, sids: Collection[str]) -> None:
    """These messages have arrived: whatever their numbers were refused before is no row any more."""
    among = set(tx.execute(_REFUSED).scalars()) if sids else set()
    if not among:
        return
    through = select(OUTBOUND.c.sender).where(OUTBOUND.c.sid.in_(list(sids)), OUTBOUND.c.sender.in_(among)).distinct()
    for sender in sorted(tx.execute(through).scalars()):
        _note_refused(tx, sender, [])


def forget_refused(tx: Connection, sender: str) -> list[int]:
    """Forget the row of refused destinations of a number. Returns its officers."""
    found = tx.execute(select(BUCKET.c.refused).where(BUCKET.c.sender == sender)).scalar_one_or_none() or "[]"
    whose = select(OUTBOUND.c.contact_id).where(OUTBOUND.c.id.in_(json.loads(found)))
    officers = sorted(set(tx.execute(whose.where(OUTBOUND.c.contact_id.is_not(None))).scalars()))
    _note_refused(tx, sender, [])
    return officers


def _note_refused(tx: Connection, sender: str, messages: list[int]) -> None:
    tx.execute(update(BUCKET).where(BUCKET.c.sender == sender).values(refused=json.dumps(messages)))


_IDLE = select(BUCKET.c.sender).where(
    or_(
        BUCKET.c.paused_at.is_not(None),
        BUCKET.c.probes > 0,
        BUCKET.c.not_before.between(bindparam("longer_than"), bindparam("at_most")),
    )
)


def idle(tx: Connection, now: datetime) -> set[str]:
    """The numbers that are paused, probed, or rest for more than `LONG_REST`."""
    long = {"longer_than": now + LONG_REST, "at_most": now + LONGEST_THROTTLE + FARTHEST_AHEAD}
    return set(tx.execute(_IDLE, long).scalars())


def resting(tx: Connection, now: datetime) -> list[str]:
    """The numbers that rest, or are probed, and are not paused."""
    found = select(BUCKET.c.sender).where(
        BUCKET.c.paused_at.is_(None),
        or_(BUCKET.c.not_before.between(now, now + LONGEST_THROTTLE + FARTHEST_AHEAD), BUCKET.c.probes > 0),
    )
    return list(tx.execute(found.order_by(BUCKET.c.sender)).scalars())


OwnNumbers = Mapping[str, Collection[str]]
"""By channel, the programmes with a number of their own. The others share one."""


def name(carrier: str, channel: str, programme: str = "") -> str:
    """The name of the number that sends on a channel: a programme's own, or the shared one."""
    return f"{carrier}:{programme}:{channel}" if programme else f"{carrier}:{channel}"


_PAUSED = select(BUCKET.c.sender).where(BUCKET.c.paused_at.is_not(None))


def paused_channels(tx: Connection, programmes: Collection[str], own: OwnNumbers) -> set[tuple[str, str]]:
    """The (programme, channel) pairs whose number is paused."""
    names = tx.execute(_PAUSED).scalars()
    found: set[tuple[str, str]] = set()
    for sender in names:
        _, _, number = sender.partition(":")
        programme, _, channel = number.rpartition(":")
        alone = own.get(channel, ())
        own_or_shared = {one: programme_of(one) if programme_of(one) in alone else "" for one in programmes}
        found |= {(one, channel) for one, owner in own_or_shared.items() if owner == programme}
    return found
