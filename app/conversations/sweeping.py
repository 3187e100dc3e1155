"""The sweep: fetches inbound messages whose webhook never arrived. Reads the carrier's list at the start and every few minutes,
and hands unknown messages to the ledger, the oldest first, with the moment at which they were written. The database holds the
position in the list, so that an outage of any length is covered. The ledger's thread never waits for the network."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app import spans
from app.channels.base import Inbound
from app.conversations.inbound import Received
from app.conversations.intake import Intake
from app.errors import ExternalError
from app.store import alerts, conversations, dead_letters, leases, sweeps
from app.store.dead_letters import DeadLetter

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
GRACE = timedelta(minutes=2)
"""Messages younger than this are left to their webhooks, which have more data: buttons and quotations. A webhook's retries take
15 seconds."""

OVERLAP = timedelta(hours=1)
"""How far before the last position to read again: entries may appear late."""

FIRST_LOOK_BACK = timedelta(days=3)
"""How far back the first sweep of an installation reads, and the first one after the clock was set back."""

AT_ONCE = 100
"""Messages handed over at a time, so that webhooks are handled in between."""

FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=10)
FAILURES_TO_ALERT = 3
_OTHERS_TURN = timedelta(seconds=30)
_LEASE = timedelta(minutes=2)
_ASKED_AT_ONCE = 5


@dataclass(slots=True)
class SweepReport:
    """The counts of a sweep that began at `since`. `set_aside`: new messages that became dead letters."""

    since: datetime
    found: int = 0
    new: int = 0
    duplicate: int = 0
    set_aside: int = 0


@dataclass(slots=True)
class Sweeper:
    """The sweeps of one process. Of several processes, one sweeps at a time, for all. `owner` names the process in the lease."""

    intake: Intake
    owner: str
    name: str = "sweep"
    _has_begun: bool = False
    _failures: int = 0

    async def once(self) -> timedelta:
        """Sweep if a sweep is due (at the start of a process it always is) and this process has the lease. Returns the time
        until the next call. Raises ExternalError if the database is down."""
        ledger = self.intake.ledger
        if wait := await ledger.run(self._turn):
            return wait
        self._has_begun = True
        try:
            with spans.within("sweep") as span:
                swept = await self.sweep()
                span.set("trato.found", swept.found)
                span.set("trato.new", swept.new)
        except ExternalError as error:
            return await self._failed(error)
        finally:
            await ledger.run(lambda tx: leases.release(tx, self.name, self.owner, ledger.clock()))
        self._failures = 0
        await ledger.run(lambda tx: alerts.close(tx, *sweeps.SWEEP_ALERT, ledger.clock()))
        if swept.new:
            log.info("the sweep found messages that no webhook had brought", new=swept.new, set_aside=swept.set_aside)
        return EVERY

    async def sweep(self, since: datetime | None = None) -> SweepReport:
        """Read the list from `since`, or from the last position, and hand over unknown messages. Raises ExternalError; then the
        messages found so far are stored, and the next sweep continues from there."""
        ledger = self.intake.ledger
        now = ledger.clock()
        until, read = now - GRACE, await ledger.run(partial(sweeps.position, now=now))
        begin = since or (now - FIRST_LOOK_BACK if read is None else read - OVERLAP)
        leaves_no_gap = since is None or (read is not None and since <= read)
        swept = SweepReport(begin)
        async for stretch in self.intake.channel.list_inbound(begin, until):
            await self._take(stretch.messages, swept)
            if leaves_no_gap:
                await ledger.run(partial(sweeps.advance, until=stretch.until, now=now))
        return swept

    async def _take(self, messages: Sequence[Inbound], swept: SweepReport) -> None:
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
        """The time to wait; zero if a sweep is due and this process has the lease."""
        now = self.intake.ledger.clock()
        read = sweeps.position(tx, now)
        if self._has_begun and not self._failures and read is not None and (due := read + GRACE + EVERY) > now:
            return due - now
        return timedelta() if self._lease(tx) else _OTHERS_TURN

    def _lease(self, tx: Connection) -> bool:
        now = self.intake.ledger.clock()
        return leases.acquire(tx, self.name, self.owner, now + _LEASE, now)

    async def _hand_over(self, messages: Sequence[Inbound]) -> list[object]:
        """In their order: the ledger keeps it. A message that cannot be completed becomes a dead letter."""
        whole: list[Inbound | DeadLetter] = []
        for start in range(0, len(messages), _ASKED_AT_ONCE):
            some = messages[start : start + _ASKED_AT_ONCE]
            whole += await asyncio.gather(*[self._complete(message) for message in some])
        return await asyncio.gather(*[self._stored(message) for message in whole])

    async def _complete(self, message: Inbound) -> Inbound | DeadLetter:
        try:
            return await self.intake.channel.complete(message)
        except ExternalError:
            raise
        except Exception as error:  # noqa: BLE001 - one message must not stop the sweep
            return await self.intake.ledger.set_aside("inbound", message.form, dead_letters.describe(error))

    async def _stored(self, message: Inbound | DeadLetter) -> object:
        return message if isinstance(message, DeadLetter) else await self.intake.message(message)

    async def _failed(self, error: ExternalError) -> timedelta:
        """Retry with back-off; after some failures ring an alert."""
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
