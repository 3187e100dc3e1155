"""Reconciles our messages with the carrier's list, once a day: every message that our numbers sent on a past day. Statuses whose
callback was lost, prices and segments are taken over; messages that only one side has are counted in the audit log and
raise an alert."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Channel, SentMessage
from app.clock import Clock
from app.sending import delivery_reports
from app.sending.rounds import repeat
from app.store import alerts, audit, leases, silent, state_values
from app.store.ledger import Ledger
from app.store.tables import RANKS, MessageStatus

log = structlog.get_logger(__name__)

EVERY_SECONDS = 900.0
SETTLED = timedelta(hours=3)
"""How long after its end a day's list is complete, prices included."""

MOST_DAYS = 7
"""The most days that are made up for after an outage."""

MOST_AHEAD = timedelta(days=2)
"""A day of which the next lies farther ahead than the last complete one was compared by a clock that has been set back since."""

MOST_LOOKED_UP = 200
"""The most messages that are missing in a day's list and looked up one by one: those of midnight are in the next day's."""

DIFFERS = "carrier_differs"
"""The alert of a day on which the two sides differ."""

_DONE = "reconciled_day"
_LEASE = timedelta(minutes=30)


@dataclass(slots=True)
class Comparison:
    """The comparison of a day, as SIDs: on both sides, only at the carrier (`strange`), only with us (`missing`)."""

    both: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        """The counts for the audit log."""
        return {"both": len(self.both), "only_ours": len(self.missing), "only_theirs": len(self.strange)}


@dataclass(frozen=True, slots=True)
class CarrierAudit:
    """Compares the two sides. One of several processes does it."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    owner: str

    async def run(self) -> None:
        """Compare every day that is due, looking every quarter of an hour, until cancelled."""
        await repeat("carrier audit", self.once, EVERY_SECONDS, "the carrier's list could not be compared")

    async def once(self) -> None:
        """Compare the days that have become complete since the last time. Raises ExternalError; then that day is compared again."""
        for day in await self.ledger.run(self._days):
            compared = await self._compare(day)
            await self.ledger.run(partial(self._close, day=day, compared=compared))

    def _days(self, tx: Connection) -> list[date]:
        now = self.clock()
        last = (now - SETTLED).astimezone(UTC).date() - timedelta(days=1)
        done = state_values.read(tx, _DONE)
        first = last if done is None else date.fromisoformat(done) + timedelta(days=1)
        if first > last + MOST_AHEAD:
            first = last
        if first > last or not leases.acquire(tx, "bookkeeping", self.owner, now + _LEASE, now):
            return []
        first = max(first, last - timedelta(days=MOST_DAYS - 1))
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    async def _compare(self, day: date) -> Comparison:
        compared = Comparison()
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

    def _take_over(self, tx: Connection, found: Sequence[SentMessage]) -> set[str]:
        """Take over prices and statuses of our messages. Returns the SIDs that are ours."""
        known = silent.ranks(tx, [one.sid for one in found])
        ours = [one for one in found if one.sid in known]
        silent.save_prices(tx, ours)
        further = [
            one.report() for one in ours if one.status is not None and RANKS[MessageStatus(one.status)] > known[one.sid]
        ]
        delivery_reports.record(tx, further, self.clock(), self.channel.name)
        return set(known)

    def _ours(self, day: date) -> set[str]:
        """Read outside of the ledger: this scans the whole outbox."""
        begin = datetime.combine(day, time(), UTC)
        with self.ledger.database.reading() as tx:
            return silent.sent_between(tx, begin, begin + timedelta(days=1))

    def _close(self, tx: Connection, day: date, compared: Comparison) -> None:
        now = self.clock()
        state_values.write(tx, _DONE, day.isoformat(), now)
        audit.record(tx, now, "sender", "reconcile", f"day:{day}", compared.counts)
        differs = compared.missing or compared.strange
        if differs and alerts.ring(tx, DIFFERS, f"day:{day}", now, compared.counts):
            log.error("our messages and the carrier's list differ", day=str(day), **compared.counts)
