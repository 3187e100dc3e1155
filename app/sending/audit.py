"""Once a day our book is held against the carrier's: every message that our numbers sent on a day of the past. What the list
knows better (statuses whose callback was lost, prices, parts) is taken over; what only one of the two has is counted, in the
log of who did what, and somebody is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Channel, Found, Status
from app.clock import Clock
from app.sending import status
from app.sending.rounds import repeat
from app.store import alerts, audit, callbacks, leases, silent, state_values
from app.store.ledger import Ledger
from app.store.tables import RANKS

log = structlog.get_logger(__name__)

EVERY_SECONDS = 900.0
SETTLED = timedelta(hours=3)
"""How long after the end of a day its list is complete, prices included."""

MOST_DAYS = 7
"""How far back days are made up for that nobody looked at."""

MOST_LOOKED_UP = 200
"""Messages that are missing in a day's list and asked for one by one: those of midnight are in the next day's."""

DIFFERS = "carrier_differs"
"""The alert of a day on which the books differ."""

_DONE = "reconciled_day"
_LEASE = timedelta(minutes=30)


@dataclass(slots=True)
class Compared:
    """What a day's comparison found: messages in both books, in ours alone, in the carrier's alone."""

    both: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        """As the log of who did what has it."""
        return {"both": len(self.both), "only_ours": len(self.missing), "only_theirs": len(self.strange)}


@dataclass(frozen=True, slots=True)
class Bookkeeper:
    """Compares the books. Of several processes one does it."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    owner: str

    async def run(self) -> None:
        """Look every quarter of an hour whether a day is to be compared, until cancelled."""
        await repeat(self.once, EVERY_SECONDS, "our book could not be compared with the carrier's")

    async def once(self) -> None:
        """Compare the days that have settled since the last time. Raises ExternalError; then that day is compared anew."""
        for day in await self.ledger.run(self._days):
            compared = await self._compare(day)
            await self.ledger.run(partial(self._close, day=day, compared=compared))

    def _days(self, tx: Connection) -> list[date]:
        now = self.clock()
        last = (now - SETTLED).astimezone(UTC).date() - timedelta(days=1)
        done = state_values.read(tx, _DONE)
        first = last if done is None else date.fromisoformat(done) + timedelta(days=1)
        if first > last or not leases.acquire(tx, "bookkeeping", self.owner, now + _LEASE, now):
            return []
        first = max(first, last - timedelta(days=MOST_DAYS - 1))
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    async def _compare(self, day: date) -> Compared:
        compared = Compared()
        async for page in self.channel.list_sent(day):
            ours = await self.ledger.run(partial(self._take_over, found=page))
            compared.both |= ours
            compared.strange |= {one.sid for one in page} - ours
        unseen = await asyncio.to_thread(self._ours, day) - compared.both
        for sid in sorted(unseen)[:MOST_LOOKED_UP]:
            if await self.channel.look_up(sid) is None:
                compared.missing.add(sid)
            else:
                compared.both.add(sid)
        compared.missing |= set(sorted(unseen)[MOST_LOOKED_UP:])
        return compared

    def _take_over(self, tx: Connection, found: Sequence[Found]) -> set[str]:
        """Prices and statuses of those that are ours: their names."""
        known = silent.ranks(tx, [one.sid for one in found])
        ours = [one for one in found if one.sid in known]
        silent.save_prices(tx, ours)
        further = [
            Status(one.sid, one.status, None, one.error_code)
            for one in ours
            if (word := callbacks.WORDS.get(one.status)) is not None and RANKS[word] > known[one.sid]
        ]
        status.record(tx, further, self.clock(), self.channel.name)
        return set(known)

    def _ours(self, day: date) -> set[str]:
        """Read beside the ledger: this goes through the whole outbox."""
        begin = datetime.combine(day, time(), UTC)
        with self.ledger.database.reading() as tx:
            return silent.sent_between(tx, begin, begin + timedelta(days=1))

    def _close(self, tx: Connection, day: date, compared: Compared) -> None:
        now = self.clock()
        state_values.write(tx, _DONE, day.isoformat(), now)
        audit.record(tx, now, "sender", "reconcile", f"day:{day}", compared.counts)
        differs = compared.missing or compared.strange
        if differs and alerts.ring(tx, DIFFERS, f"day:{day}", now, compared.counts):
            log.error("our book and the carrier's differ", day=str(day), **compared.counts)
