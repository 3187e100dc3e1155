"""The send worker: claims due messages of the outbox, hands them to the carrier with a few concurrent requests, fewer while the
carrier has too many, and stores the answers. A row is committed as `sending` before its one POST, so that a crash at any
moment leaves a message that is looked up (`reconciling`), never one that is lost or sent twice. Works for any carrier."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random

import structlog
from sqlalchemy import Connection

from app import spans
from app.channels.base import Accepted, Ambiguous, Channel, Rejected, SendResult
from app.channels.causes import Cause
from app.clock import Clock
from app.flows.quiet_hours import Quiet
from app.measures import SEND_SECONDS, SENDS
from app.sending import claiming, destinations, outcomes, pausing, unreadable
from app.sending.alert_watch import AlertWatch, IsOver
from app.sending.carrier_audit import CarrierAudit
from app.sending.claiming import SendContext
from app.sending.outcomes import Job, Settled
from app.sending.pace import Pace
from app.sending.polling import Poller
from app.sending.reconciling import Reconciler
from app.sending.send_policy import Rules
from app.store import outbox
from app.store.ledger import Ledger
from app.store.our_numbers import OwnNumbers
from app.store.schema_version import OutdatedError
from app.store.vault import Vault

log = structlog.get_logger(__name__)

MOST_AHEAD = 50
"""Messages claimed ahead. If the process dies they are looked up before they are sent, which takes minutes."""

LONGEST_AHEAD = timedelta(seconds=20)
"""How long a claimed message may wait: then it is decided on again, for its officer may have opted out meanwhile."""

LONGEST_GATHERING_SECONDS = 0.05
"""How long answers gather before they are stored, while enough else is claimed."""

LONGEST_STOP_SECONDS = 25.0
"""How long a sender that is stopped waits for the carrier's answers. systemd and compose end a process 40 seconds after they asked."""

LONGEST_POST_SECONDS = 90.0
"""Together with the wait before it less than the lease of a claimed message, so that no two workers post the same message."""


@dataclass(slots=True)
class SendWorker:
    """Sends for one process. `rate` is the messages a second of one number, shared by all processes through the database;
    `templates` maps WhatsApp templates to the carrier's ids; `chance` draws the jitter of retries; `swept` holds nudges back
    until the carrier's list of inbound messages is read; `own` are the programmes with a number of their own, by channel; after a `silence` a number may be somebody else's."""

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
    own: OwnNumbers = field(default_factory=dict)
    silence: timedelta | None = None
    _context: SendContext = field(init=False)
    _reconciler: Reconciler = field(init=False)
    _pace: Pace = field(init=False)
    _refusals: Counter[str] = field(default_factory=Counter)
    _posting: set[int] = field(default_factory=set)
    _in_flight: "set[asyncio.Task[None]]" = field(default_factory=set)
    _settled: list[Settled] = field(default_factory=list)
    _returned: list[Job] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _thinned: asyncio.Event = field(default_factory=asyncio.Event)
    _ahead: int = field(init=False)
    _enough: int = 0
    _stopped: bool = False

    def __post_init__(self) -> None:
        rules = Rules(self.quiet, self.templates, self.silence)
        self._context = SendContext(
            self.channel.name, self.owner, self.vault, rules, self.rate, self.swept, self.own, self.channel.sends_by
        )
        self._pace = Pace(self.concurrency)
        self._ahead = self.concurrency
        self._reconciler = Reconciler(self.ledger, self.channel, self.clock, self._context, lambda: self._posting)

    async def run(self) -> None:
        """Send until stopped; then wait for requests in flight, so that no message is left in doubt. Answers that do not come in time are
        looked up after the next start."""
        helpers = [
            asyncio.create_task(helper.run())
            for helper in (
                self._reconciler,
                Poller(self.ledger, self.channel, self.clock, self.owner),
                CarrierAudit(self.ledger, self.channel, self.clock, self.owner),
                AlertWatch(self.ledger, self.clock, self._endings()),
            )
        ]
        try:
            while not self._stopped:
                if not await self._round() and not self._settled:
                    await self._rest()
        finally:
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._finish()
            await self._transact(0)

    async def _finish(self) -> None:
        """Wait for the requests in flight, but not for ever."""
        if not self._in_flight:
            return
        _, late = await asyncio.wait(self._in_flight, timeout=LONGEST_STOP_SECONDS)
        if late:
            log.warning("stopped before the carrier has answered: these messages will be looked up", messages=len(late))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _endings(self) -> dict[str, IsOver]:
        """The alerts that end by themselves, each with its rule."""
        return {
            unreadable.UNREADABLE: partial(unreadable.is_mended, self.vault),
            pausing.DESTINATION: destinations.is_reachable,
        }

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopped = True
        self._woken.set()
        self._thinned.set()

    def wake(self) -> None:
        """Something may be due: look now. A hint; without it the worker looks every `poll_seconds`."""
        self._woken.set()

    async def drain(self) -> None:
        """Send until nothing is due or in flight: for rehearsals with a clock of their own."""
        while await self._round() or self._in_flight or self._settled:
            if self._in_flight:
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def reconcile(self) -> None:
        """Resolve messages in doubt now. Raises ExternalError."""
        await self._reconciler.once()

    async def _round(self) -> int:
        """Store answers, claim as many messages as there is room for, and start sending them. Returns how much there was to
        do."""
        await self._thin_out()
        refusals = self._refusals.copy()  # those that are stored before anything is claimed
        done, claimed, jobs = await self._transact(self._pace.width + self._ahead - len(self._in_flight))
        for job in jobs:
            task = asyncio.create_task(self._deliver(job, refusals[job.sender]))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return done + claimed

    async def _thin_out(self) -> None:
        """Messages are claimed ahead, so that no POST waits for the database. While many wait, let answers gather for a
        moment: one transaction for many. If that takes too long, fewer are claimed ahead, if not, more: so none waits
        long, and messages to an officer who has just opted out are rarely among them."""
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

    async def _transact(self, room: int) -> tuple[int, int, list[Job]]:
        """One transaction: answers in, messages out. Many answers are one commit. Answers that cannot be stored together are
        stored one by one; a message whose answer cannot be stored stays `sending`: its lease runs out, and it is looked up."""
        settled, self._settled = self._settled, []
        returned, self._returned = self._returned, []
        try:
            claimed, jobs = await self.ledger.run(
                partial(self._exchange, settled=settled, returned=returned, room=room)
            )
        except OutdatedError:  # the messages will be looked up, by a process that may
            return 0, 0, []
        except Exception as error:  # noqa: BLE001 - the edge: neither database nor one bad answer may end the worker
            log.warning("the outbox could not be read or written", error=type(error).__name__)
            for one in settled:
                await self._write_alone(one)
            return 0, 0, []
        return len(settled) + len(returned), claimed, jobs

    async def _write_alone(self, one: Settled) -> None:
        try:
            await self.ledger.run(partial(self._exchange, settled=[one], returned=[], room=0))
        except Exception as error:  # noqa: BLE001 - the edge: the message will be looked up
            log.warning("an answer could not be written", message=one[0].message.uid, error=type(error).__name__)

    async def _rest(self) -> None:
        """Sleep until there is an answer, a wake-up, or the time to look again."""
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait({woken, *self._in_flight}, timeout=self.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._woken.clear()

    async def _deliver(self, job: Job, refusals: int) -> None:
        """One message: one POST. It goes back as it was if the worker has been stopped, if its number has been made to rest since
        it was claimed, after so many `refusals`, or if the decision is too old."""
        ticket = await self._pace.enter()
        try:
            if self._is_too_late(job, refusals):
                self._returned.append(job)
                return
            result = await self._post(job)
        finally:
            self._pace.leave()
            if len(self._in_flight) <= self._enough + 1:  # this one is still among them
                self._thinned.set()
        self._settled.append((job, self._paced(job, result, ticket)))

    def _is_too_late(self, job: Job, refusals: int) -> bool:
        now, lease = self.clock(), job.message.lease_until
        stale = lease is not None and lease - claiming.LEASE + LONGEST_AHEAD <= now
        return self._stopped or stale or self._refusals[job.sender] != refusals

    def _paced(self, job: Job, result: SendResult, ticket: int) -> SendResult:
        """Adapt the pace to an answer. "Too many requests" comes back with the time for which the number rests."""
        match result:
            case Accepted():
                self._pace.accepted()
            case Rejected(Cause.rate_limited, _, asked):
                pause = self._pace.refused(ticket, asked, self.chance)
                self._refusals[job.sender] += 1
                return replace(result, retry_after=pause.total_seconds())
            case Rejected(Cause.foreign_answer):
                self._refusals[job.sender] += 1
            case Rejected() | Ambiguous():
                pass
        return result

    async def _post(self, job: Job) -> SendResult:
        channel = job.message.channel
        with spans.begin("hand over", {"trato.channel": channel, "trato.message": job.message.uid}, "client") as span:
            begun = time.perf_counter()
            result = await self._posted(job)
            SEND_SECONDS.labels(channel).observe(time.perf_counter() - begun)
            outcome, cause = _outcome(result)
            SENDS.labels(channel, outcome, cause).inc()
            span.set("trato.outcome", outcome)
            if outcome != "accepted":
                span.fail(cause or outcome)
        return result

    async def _posted(self, job: Job) -> SendResult:
        self._posting.add(job.message.id)
        try:
            async with asyncio.timeout(LONGEST_POST_SECONDS):
                return await self.channel.send(job.outgoing)
        except TimeoutError:
            return Ambiguous("timeout")
        except Exception as error:  # noqa: BLE001 - the edge: whatever a channel does, the message may have gone out
            # Without the trace, which may hold the message.
            log.warning("the channel failed", message=job.message.uid, error=type(error).__name__)
            return Ambiguous(type(error).__name__)
        finally:
            self._posting.discard(job.message.id)

    # -- in the ledger's thread --------------------------------------------------------------------------------------

    def _exchange(
        self, tx: Connection, settled: Sequence[Settled], returned: Sequence[Job], room: int
    ) -> tuple[int, list[Job]]:
        now = self.clock()
        outcomes.write(tx, self.owner, settled, now, self.chance)
        for message in outbox.held(tx, self.owner, [job.message.id for job in returned]):
            outbox.release(tx, message, now)
        return claiming.take(tx, self._context, room, now) if room > 0 else (0, [])


def _outcome(result: SendResult) -> tuple[str, str]:
    """How the carrier answered, and the cause of a refusal."""
    match result:
        case Accepted():
            return "accepted", ""
        case Rejected(cause):
            return "rejected", cause
        case Ambiguous():
            return "ambiguous", ""
