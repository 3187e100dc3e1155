"""Counts the days of Hoy and Calendario in the background, so that nobody who opens a page waits for it: the days around now often, all others
from time to time, and again once flows have been planned anew. Reads in a thread of its own; only what was found goes through the ledger."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from anyio.to_thread import run_sync
from sqlalchemy import Connection

from app.clock import Clock
from app.conversations.library import Library
from app.days import DAY, Days
from app.store import day_counts, leases
from app.store.database import Database
from app.store.day_counts import DayCount
from app.store.ledger import Ledger

T = TypeVar("T")

NEAR, SOON, LATER = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
"""How old the counts may be of yesterday, today and tomorrow; of the days within a week of today; of all others."""
_WEEK = 8 * DAY
_AT_ONCE = 2.0
"""Seconds of counting after which the task rests."""
_REST = 9
"""How many times as long as it has counted it rests: counting takes a tenth of one processor's time at most."""
_LEASE = timedelta(minutes=2)


@dataclass(slots=True)
class DayCounting:
    """The counting of one process. Of several processes, one counts, for all. `owner` names the process in the lease."""

    database: Database
    ledger: Ledger
    library: Library
    clock: Clock
    owner: str
    name: str = "day counts"
    monotonic: Callable[[], float] = time.monotonic
    _done: dict[Days, datetime] | None = None
    """When each day was counted. None: nobody has looked which counts are kept."""
    _kept: set[Days] = field(default_factory=set)
    _latest: int = 0
    """The newest planned flow at the last look."""

    async def once(self) -> timedelta:
        """Count the days that are due, for a while. Returns the time until the next call. Raises ExternalError if the database is down."""
        now = self.clock()
        lease = partial(leases.acquire, name=self.name, owner=self.owner, until=now + _LEASE, now=now)
        if not await self.ledger.run(lease):
            self._done = None
            return _LEASE
        begun = self.monotonic()
        for day in await self._read(partial(self._due, now=now)):
            await self._count(day, now)
            if (spent := self.monotonic() - begun) > _AT_ONCE:
                return timedelta(seconds=_REST * spent)
        return timedelta()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        def reading() -> T:
            with self.database.reading() as tx:
                return work(tx)

        return await run_sync(reading)

    async def _count(self, day: Days, now: datetime) -> None:
        free = self.library.without_consent()
        counts: list[DayCount] = await self._read(partial(day_counts.count, day=day, without_consent=free))
        if (is_kept := day_counts.are_many(counts)) or day in self._kept:
            await self.ledger.run(partial(day_counts.keep, day=day, counts=counts, now=now))
        (self._kept.add if is_kept else self._kept.discard)(day)
        assert self._done is not None  # noqa: S101 - `_due` has looked
        self._done[day] = now

    def _due(self, tx: Connection, now: datetime) -> list[Days]:
        """The days to count, those nearest to now first."""
        today = Days.at(now, self.library.zone(None))
        if (spanned := day_counts.span(tx)) is None:
            return []
        first, last = (Days.at(moment, today.zone).first for moment in spanned)
        every = Days(first, last, today.zone)
        done = self._known(tx, every)
        return sorted(
            (day for day in every if (at := done.get(day)) is None or not now - _age(day, today) < at <= now),
            key=lambda day: abs(day.first - today.first),
        )

    def _known(self, tx: Connection, every: Days) -> dict[Days, datetime]:
        """When each day was counted. Those with flows that were planned since then are not among them."""
        if self._done is None:
            kept = day_counts.counted_at(tx, every)
            self._done = {day: kept[day.begin] for day in every if day.begin in kept}
            self._kept = set(self._done)
            self._latest = day_counts.latest(tx)
        elif (latest := day_counts.latest(tx)) > self._latest:
            first, last = day_counts.planned_since(tx, self._latest)
            self._latest = latest
            self._done = {day: at for day, at in self._done.items() if day.end <= first or day.begin > last}
        return self._done


def _age(day: Days, today: Days) -> timedelta:
    distance = abs(day.first - today.first)
    return NEAR if distance <= DAY else SOON if distance <= _WEEK else LATER
