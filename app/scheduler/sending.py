"""The sender: claims what is due in the outbox, hands it to the carrier with a few requests in flight, and writes down
what became of each. A row is committed as `sending` before its one POST, so that a crash at any moment leaves a message
that is looked for (`reconciling`), never one that is lost or sent twice. Knows nothing of one carrier in particular."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

import structlog
from sqlalchemy import Connection

from app.channels.base import Accepted, Ambiguous, Channel, SendResult
from app.clock import Clock
from app.scheduler import claiming, outcomes
from app.scheduler.claiming import Desk
from app.scheduler.dispatch import Rules
from app.scheduler.outcomes import Job
from app.scheduler.quiet import Hours
from app.scheduler.reconciling import Reconciler
from app.store import outbox
from app.store.ledger import Ledger
from app.store.vault import Vault

log = structlog.get_logger(__name__)

LONGEST_POST_SECONDS = 90.0
"""Less than the lease of a claimed message, so that no sender posts what another may have taken up."""

Settled = tuple[Job, SendResult]


@dataclass(slots=True)
class Sender:
    """Sends for one process. `rate` is messages a second of one sender number, shared by all processes through the
    database; `templates` maps WhatsApp templates to Content SIDs; `chance` draws the jitter of retries."""

    ledger: Ledger
    channel: Channel
    vault: Vault
    clock: Clock
    owner: str
    rate: float = 20.0
    concurrency: int = 5
    quiet: Hours = Rules().quiet
    templates: Mapping[str, str] = field(default_factory=dict)
    chance: Random = field(default_factory=Random)
    poll_seconds: float = 0.5
    _desk: Desk = field(init=False)
    _reconciler: Reconciler = field(init=False)
    _in_flight: "set[asyncio.Task[None]]" = field(default_factory=set)
    _settled: list[Settled] = field(default_factory=list)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _stopped: bool = False

    def __post_init__(self) -> None:
        rules = Rules(self.quiet, self.templates)
        self._desk = Desk(self.channel.name, self.owner, self.vault, rules, self.rate)
        self._reconciler = Reconciler(self.ledger, self.channel, self.clock, self._desk)

    async def run(self) -> None:
        """Send until stopped; then wait for what is in flight, so that no message is left in doubt."""
        looking = asyncio.create_task(self._reconciler.run())
        try:
            while not self._stopped:
                if not await self._round():
                    await self._rest()
        finally:
            looking.cancel()
            await asyncio.gather(looking, *self._in_flight, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopped = True
        self._woken.set()

    def wake(self) -> None:
        """Something may be due: look now. A hint; without it the sender looks every `poll_seconds`."""
        self._woken.set()

    async def drain(self) -> None:
        """Send what is due now, and come back when nothing is in flight or due any more: for rehearsals with a clock of
        their own."""
        while await self._round() or self._in_flight:
            if self._in_flight:
                await asyncio.wait(self._in_flight)

    async def reconcile(self) -> None:
        """Look now for the messages of which nobody knows whether they went out. Raises ExternalError."""
        await self._reconciler.once()

    async def _round(self) -> int:
        """Claim what there is room for and begin to send it. Gives how many messages were claimed."""
        room = self.concurrency - len(self._in_flight)
        if room < 1:
            return 0
        try:
            claimed, jobs = await self.ledger.run(partial(self._take, room=room))
        except Exception as error:  # noqa: BLE001 - the edge: a database that does not answer must not end the sender
            log.warning("nothing could be claimed", error=type(error).__name__)
            return 0
        for job in jobs:
            task = asyncio.create_task(self._deliver(job))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return claimed

    async def _rest(self) -> None:
        """Until there is room, a wake-up, or the time to look again."""
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait({woken, *self._in_flight}, timeout=self.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def _deliver(self, job: Job) -> None:
        """One message: one POST, then its outcome."""
        try:
            async with asyncio.timeout(LONGEST_POST_SECONDS):
                result = await self.channel.send(job.outgoing)
        except TimeoutError:
            result = Ambiguous("timeout")
        except Exception as error:  # noqa: BLE001 - the edge: whatever a channel does, the message may have gone out
            # Without the trace, which may hold the message.
            log.warning("the channel failed", message=job.message.uid, error=type(error).__name__)
            result = Ambiguous(type(error).__name__)
        self._settled.append((job, result))
        await self._flush()

    async def _flush(self) -> None:
        """Write all that has been settled since the last writing: many answers, one transaction."""
        async with self._writing:
            batch, self._settled = self._settled, []
            if batch and not await self._written(batch):
                for one in batch:
                    await self._written([one])

    async def _written(self, settled: Sequence[Settled]) -> bool:
        """What cannot be written stays `sending`: its lease runs out, and it is looked for."""
        try:
            await self.ledger.run(partial(self._write, settled=settled))
        except Exception as error:  # noqa: BLE001 - the edge: one bad answer must cost no other message its own
            log.warning("answers of the carrier could not be written", count=len(settled), error=type(error).__name__)
            return False
        return True

    # -- in the ledger's thread --------------------------------------------------------------------------------------

    def _take(self, tx: Connection, room: int) -> tuple[int, list[Job]]:
        return claiming.take(tx, self._desk, room, self.clock())

    def _write(self, tx: Connection, settled: Sequence[Settled]) -> None:
        """A message that this sender has lost is left to whoever has it now; that the carrier has it is true in any case."""
        now = self.clock()
        held = outbox.held(tx, self.owner, [job.message.id for job, _ in settled])
        for job, result in settled:
            if job.message.id in held or isinstance(result, Accepted):
                outcomes.settle(tx, job, result, now, self.chance)
