"""The sweep: a webhook is one delivery and not a queue, so the carrier's own list is read at the start and every few minutes,
and what no webhook has brought is handed to the ledger as a webhook would, the oldest first, with the moment at which it was
written. How far the list has been read is kept in the database: an outage may be as long as it likes. The network is
never waited for in the ledger's thread."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Inbound
from app.conversations.inbound import Received
from app.conversations.intake import Intake
from app.errors import ExternalError
from app.store import alerts, conversations, dead_letters, leases, sweeps

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
GRACE = timedelta(minutes=2)
"""Younger messages are left to their webhooks, which know more: buttons and quotations. All tries take 15 seconds."""

OVERLAP = timedelta(hours=1)
"""What may come into the list late."""

FIRST_LOOK_BACK = timedelta(days=3)
"""How far an installation looks back that has never swept."""

AT_ONCE = 100
"""Messages handed over at a time, so that webhooks find their way in between."""

FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=10)
FAILURES_TO_ALERT = 3
_OTHERS_TURN = timedelta(seconds=30)
_LEASE = timedelta(minutes=2)
_ASKED_AT_ONCE = 5


@dataclass(slots=True)
class Swept:
    """What a sweep found since then. `set_aside` are those of the new ones that became dead letters."""

    since: datetime
    found: int = 0
    new: int = 0
    duplicate: int = 0
    set_aside: int = 0


@dataclass(slots=True)
class Sweeper:
    """Sweeps for one process; of several, one at a time does it, and what one has done the others need not. `owner` names the
    process in the lease."""

    intake: Intake
    owner: str
    name: str = "sweep"
    _has_begun: bool = False
    _failures: int = 0

    async def once(self) -> timedelta:
        """Sweep if it is time to, and this process's turn; at the start of a process it is always time. Gives when to come
        back. Raises ExternalError if the database is away."""
        ledger = self.intake.ledger
        if wait := await ledger.run(self._turn):
            return wait
        self._has_begun = True
        try:
            swept = await self.sweep()
        except ExternalError as error:
            return await self._failed(error)
        finally:
            await ledger.run(lambda tx: leases.release(tx, self.name, self.owner, ledger.clock()))
        self._failures = 0
        await ledger.run(lambda tx: alerts.close(tx, *sweeps.SWEEP_ALERT, ledger.clock()))
        if swept.new:
            log.info("the sweep found messages that no webhook had brought", new=swept.new, set_aside=swept.set_aside)
        return EVERY

    async def sweep(self, since: datetime | None = None) -> Swept:
        """Read the list from there, or from where the last sweep came to, and hand over what is unknown. Raises
        ExternalError: what was found until then is kept, and the next sweep begins there."""
        ledger = self.intake.ledger
        now = ledger.clock()
        until, read = now - GRACE, await ledger.run(sweeps.cursor)
        begin = since or (now - FIRST_LOOK_BACK if read is None else min(read, now) - OVERLAP)
        leaves_no_gap = since is None or (read is not None and since <= read)
        swept = Swept(begin)
        async for stretch in self.intake.channel.list_inbound(begin, until):
            await self._take(stretch.messages, swept)
            if leaves_no_gap:
                await ledger.run(partial(sweeps.advance, until=stretch.until, now=now))
        return swept

    async def _take(self, messages: Sequence[Inbound], swept: Swept) -> None:
        for start in range(0, len(messages), AT_ONCE):
            some = messages[start : start + AT_ONCE]
            known = await self.intake.ledger.run(partial(self._known, sids=[message.sid for message in some]))
            results = await self._hand_over([message for message in some if message.sid not in known])
            received = [result for result in results if isinstance(result, Received)]
            raced = sum(result.duplicate for result in received)  # a webhook was quicker
            swept.found += len(some)
            swept.new += len(results) - raced
            swept.duplicate += len(known) + raced
            swept.set_aside += len(results) - len(received)

    def _known(self, tx: Connection, sids: Sequence[str]) -> set[str]:
        self._lease(tx)
        return conversations.known_sids(tx, sids) | dead_letters.known_sids(tx, sids)

    def _turn(self, tx: Connection) -> timedelta:
        """How long to wait; nothing if a sweep is due and this process has the lease."""
        now, read = self.intake.ledger.clock(), sweeps.cursor(tx)
        if self._has_begun and not self._failures and read is not None and (due := read + GRACE + EVERY) > now:
            return due - now
        return timedelta() if self._lease(tx) else _OTHERS_TURN

    def _lease(self, tx: Connection) -> bool:
        now = self.intake.ledger.clock()
        return leases.acquire(tx, self.name, self.owner, now + _LEASE, now)

    async def _hand_over(self, messages: Sequence[Inbound]) -> list[object]:
        """In their order: the ledger keeps it."""
        whole: list[Inbound] = []
        for start in range(0, len(messages), _ASKED_AT_ONCE):
            some = messages[start : start + _ASKED_AT_ONCE]
            whole += await asyncio.gather(*[self.intake.channel.complete(message) for message in some])
        return await asyncio.gather(*[self.intake.message(message) for message in whole])

    async def _failed(self, error: ExternalError) -> timedelta:
        """Come back soon, then later and later; after some failures a person should know."""
        self._failures += 1
        log.warning("the sweep failed", failures=self._failures, error=str(error))
        if self._failures >= FAILURES_TO_ALERT:
            ledger = self.intake.ledger
            if await ledger.run(partial(_ring, now=ledger.clock(), error=str(error))):
                log.error(
                    "the carrier's list cannot be had: messages that no webhook brings are not found", error=str(error)
                )
        return min(LONGEST_RETRY, FIRST_RETRY * (1 << min(self._failures - 1, 10)))


def _ring(tx: Connection, now: datetime, error: str) -> bool:
    return alerts.ring(tx, *sweeps.SWEEP_ALERT, now, {"error": error})
