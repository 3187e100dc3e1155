"""The sender: claims what is due in the outbox, hands it to the carrier with a few requests in flight, fewer while the carrier
has too many, and writes down what became of each. A row is committed as `sending` before its one POST, so that a crash at
any moment leaves a message that is looked for (`reconciling`), never one that is lost or sent twice. Knows nothing of one
carrier in particular."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from sqlalchemy import Connection

from app.channels.base import Accepted, Ambiguous, Channel, Rejected, SendResult
from app.channels.twilio.codes import RATE
from app.clock import Clock
from app.flows.quiet_hours import Quiet
from app.sending import claiming, outcomes
from app.sending.audit import Bookkeeper
from app.sending.claiming import Desk
from app.sending.outcomes import Job, Settled
from app.sending.pace import Pace
from app.sending.polling import Poller
from app.sending.reconciling import Reconciler
from app.sending.send_policy import Rules
from app.store import outbox
from app.store.ledger import Ledger
from app.store.senders import Own
from app.store.vault import Vault

log = structlog.get_logger(__name__)

MOST_AHEAD = 50
"""Messages that wait claimed. If the process dies they are looked for before they are sent, which takes minutes."""

LONGEST_AHEAD = timedelta(seconds=20)
"""How long a message may wait claimed: then it is decided on anew, for its officer may have opted out meanwhile."""

LONGEST_GATHERING_SECONDS = 0.05
"""How long answers gather before they are written down, while enough else is claimed."""

LONGEST_POST_SECONDS = 90.0
"""With the time before it less than the lease of a claimed message, so that no sender posts what another may have taken up."""


@dataclass(slots=True)
class Sender:
    """Sends for one process. `rate` is messages a second of one sender number, shared by all processes through the
    database; `templates` maps WhatsApp templates to Content SIDs; `chance` draws the jitter of retries; `swept` holds nudges
    back until what officers wrote meanwhile is known; `own` are the programmes with a number of their own, by channel."""

    ledger: Ledger
    channel: Channel
    vault: Vault
    clock: Clock
    owner: str
    rate: float = 20.0
    concurrency: int = 5
    quiet: Quiet = Rules().quiet
    templates: Mapping[str, str] = field(default_factory=dict)
    chance: Random = field(default_factory=Random)
    poll_seconds: float = 0.5
    swept: bool = False
    own: Own = field(default_factory=dict)
    _desk: Desk = field(init=False)
    _reconciler: Reconciler = field(init=False)
    _pace: Pace = field(init=False)
    _rests: dict[str, datetime] = field(default_factory=dict)
    _in_flight: "set[asyncio.Task[None]]" = field(default_factory=set)
    _settled: list[Settled] = field(default_factory=list)
    _returned: list[Job] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _thinned: asyncio.Event = field(default_factory=asyncio.Event)
    _ahead: int = field(init=False)
    _enough: int = 0
    _stopped: bool = False

    def __post_init__(self) -> None:
        rules = Rules(self.quiet, self.templates)
        self._desk = Desk(
            self.channel.name, self.owner, self.vault, rules, self.rate, self.swept, self.own, self.channel.sends_by
        )
        self._pace = Pace(self.concurrency)
        self._ahead = self.concurrency
        self._reconciler = Reconciler(self.ledger, self.channel, self.clock, self._desk)

    async def run(self) -> None:
        """Send until stopped; then wait for what is in flight, so that no message is left in doubt."""
        looking = [
            asyncio.create_task(helper.run())
            for helper in (
                self._reconciler,
                Poller(self.ledger, self.channel, self.clock, self.owner),
                Bookkeeper(self.ledger, self.channel, self.clock, self.owner),
            )
        ]
        try:
            while not self._stopped:
                if not await self._round() and not self._settled:
                    await self._rest()
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, *self._in_flight, return_exceptions=True)
            await self._turn(0)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopped = True
        self._woken.set()
        self._thinned.set()

    def wake(self) -> None:
        """Something may be due: look now. A hint; without it the sender looks every `poll_seconds`."""
        self._woken.set()

    async def drain(self) -> None:
        """Send what is due now, and come back when nothing is in flight or due any more: for rehearsals with a clock of
        their own."""
        while await self._round() or self._in_flight or self._settled:
            if self._in_flight:
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def reconcile(self) -> None:
        """Look now for the messages of which nobody knows whether they went out. Raises ExternalError."""
        await self._reconciler.once()

    async def _round(self) -> int:
        """Write down what has been settled, claim what there is room for, and begin to send it. Gives how much there was to
        do."""
        await self._thin_out()
        done, claimed, jobs = await self._turn(self._pace.width + self._ahead - len(self._in_flight))
        for job in jobs:
            task = asyncio.create_task(self._deliver(job))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return done + claimed

    async def _thin_out(self) -> None:
        """Some messages wait claimed, so that no post waits for the database. While many do, let their answers gather for a
        moment: one transaction for many. If they take longer than that, fewer are claimed ahead, if not, more: so none
        waits claimed for long, and one that its officer has just opted out of is hardly ever among them."""
        enough = self._pace.width + self._ahead // 4
        if len(self._in_flight) <= enough or self._stopped:
            return
        self._enough = enough
        self._thinned.clear()
        try:
            async with asyncio.timeout(LONGEST_GATHERING_SECONDS):
                await self._thinned.wait()
            self._ahead = min(2 * self._ahead, MOST_AHEAD)
        except TimeoutError:
            self._ahead = max(self._pace.width, self._ahead // 2)

    async def _turn(self, room: int) -> tuple[int, int, list[Job]]:
        """One transaction: answers in, messages out. Many answers are one commit. What cannot be written together is
        written one by one, and what cannot be written at all stays `sending`: its lease runs out, and it is looked for."""
        settled, self._settled = self._settled, []
        returned, self._returned = self._returned, []
        try:
            claimed, jobs = await self.ledger.run(
                partial(self._exchange, settled=settled, returned=returned, room=room)
            )
        except Exception as error:  # noqa: BLE001 - the edge: neither database nor one bad answer may end the sender
            log.warning("the outbox could not be read or written", error=type(error).__name__)
            for one in settled:
                await self._write_alone(one)
            return 0, 0, []
        return len(settled) + len(returned), claimed, jobs

    async def _write_alone(self, one: Settled) -> None:
        try:
            await self.ledger.run(partial(self._exchange, settled=[one], returned=[], room=0))
        except Exception as error:  # noqa: BLE001 - the edge: the message will be looked for
            log.warning("an answer could not be written", message=one[0].message.uid, error=type(error).__name__)

    async def _rest(self) -> None:
        """Until there is an answer, a wake-up, or the time to look again."""
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait({woken, *self._in_flight}, timeout=self.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def _deliver(self, job: Job) -> None:
        """One message: one POST. One whose turn comes only when the sender has been stopped or its number rests, or when it was
        decided on long ago, goes back as it was."""
        ticket = await self._pace.enter()
        try:
            if self._is_too_late(job):
                self._returned.append(job)
                return
            result = await self._post(job)
        finally:
            self._pace.leave()
            if len(self._in_flight) <= self._enough + 1:  # this one is still among them
                self._thinned.set()
        self._settled.append((job, self._paced(job, result, ticket)))

    def _is_too_late(self, job: Job) -> bool:
        now, lease, rest = self.clock(), job.message.lease_until, self._rests.get(job.sender)
        stale = lease is not None and lease - claiming.LEASE + LONGEST_AHEAD <= now
        return self._stopped or stale or (rest is not None and now < rest)

    def _paced(self, job: Job, result: SendResult, ticket: int) -> SendResult:
        """Learn from an answer how much the carrier bears. Where it has too much, the answer says how long the number rests."""
        match result:
            case Accepted():
                self._pace.taken()
            case Rejected(_, code, asked) if code in RATE:
                pause = self._pace.refused(ticket, asked, self.chance)
                self._rests[job.sender] = self.clock() + pause
                return replace(result, retry_after=pause.total_seconds())
            case Rejected() | Ambiguous():
                pass
        return result

    async def _post(self, job: Job) -> SendResult:
        try:
            async with asyncio.timeout(LONGEST_POST_SECONDS):
                return await self.channel.send(job.outgoing)
        except TimeoutError:
            return Ambiguous("timeout")
        except Exception as error:  # noqa: BLE001 - the edge: whatever a channel does, the message may have gone out
            # Without the trace, which may hold the message.
            log.warning("the channel failed", message=job.message.uid, error=type(error).__name__)
            return Ambiguous(type(error).__name__)

    # -- in the ledger's thread --------------------------------------------------------------------------------------

    def _exchange(
        self, tx: Connection, settled: Sequence[Settled], returned: Sequence[Job], room: int
    ) -> tuple[int, list[Job]]:
        now = self.clock()
        outcomes.write(tx, self.owner, settled, now, self.chance)
        for message in outbox.held(tx, self.owner, [job.message.id for job in returned]):
            outbox.release(tx, message, now)
        return claiming.take(tx, self._desk, room, now) if room > 0 else (0, [])
