"""A whole programme in simulated time: the same code that plans, begins, sends and understands in earnest, with invented
officers instead of a carrier, and a clock that jumps from one thing that is due to the next. What comes out is a database
like any other. Nothing leaves the machine and nothing waits."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import Connection, select

from app.channels.base import Accepted, DeliveryStatus, Inbound, Outgoing, Rejected, SendResult, Status
from app.channels.simulator_faults import NO_SUCH_NUMBER, NOT_ON_WHATSAPP
from app.conversations.inbound import Arrival, receive
from app.conversations.library import Library
from app.flows.engine.compiled import CompiledProgramme
from app.flows.quiet_hours import Quiet
from app.rehearsal.behaviour import Crowd, Reply
from app.scheduler.nudging import plan_some, start_due
from app.scheduler.waking import wake_due
from app.sending import claiming, outcomes
from app.sending import delivery_reports as delivery
from app.sending.claiming import SendContext
from app.sending.outcomes import Job
from app.store import agenda
from app.store.agenda import Agenda
from app.store.database import Database
from app.store.tables import OUTBOUND, SESSION

T = TypeVar("T")

TOGETHER = timedelta(minutes=3)
"""What is due within so long of the first is one batch, as if the service were that slow."""

CLOCK = timedelta(minutes=10)
"""How often the clock looks for nudges and sessions that are due. Were it seldom, the window of many would close meanwhile."""

ROOM = 500
OUR_NUMBER = "+525555550000"


@dataclass(slots=True)
class Simulation:
    """One rehearsal. `quiet` are the installation's quiet hours; `chance` draws what is not an officer's behaviour."""

    database: Database
    library: Library
    context: SendContext
    crowd: Crowd
    quiet: Quiet
    chance: Random
    done: Counter[str] = field(default_factory=Counter)
    _phones: list[tuple[datetime, int, Inbound]] = field(default_factory=list)
    _statuses: list[tuple[datetime, int, Status]] = field(default_factory=list)
    _number: int = 0
    _ticked: datetime = field(init=False)

    def run(self, since: datetime, until: datetime, told: Callable[[datetime], None] = lambda _: None) -> Counter[str]:
        """Live from one moment to the other. `told` hears of each new day. Gives how much there was of everything."""
        now = self._ticked = since
        while now < until:
            told(now)
            tomorrow = min(until, now + timedelta(days=1))
            with self.database.transaction() as tx:
                while plan_some(tx, self.library, self.quiet, now):
                    pass
                while (moment := self._next(agenda.read(tx), now)) < tomorrow:
                    now = moment
                    self._live(tx, now)
            now = tomorrow
        return self.done

    def _next(self, due: Agenda, now: datetime) -> datetime:
        """The next moment at which there is something to do."""
        moments = [queue[0][0] for queue in (self._phones, self._statuses) if queue]
        moments += [self._on_the_clock(at) for at in (due.nudges, due.sessions) if at is not None]
        moments += [] if due.messages is None else [due.messages]
        # To the second, and a little apart: a batch must not show in the data.
        pause = TOGETHER * self.chance.uniform(0.3, 1)
        return (
            max(now + timedelta(seconds=1), min(moments) + pause)
            if moments
            else datetime.max.replace(tzinfo=now.tzinfo)
        )

    def _on_the_clock(self, moment: datetime) -> datetime:
        return max(moment, self._ticked + CLOCK)

    def _live(self, tx: Connection, now: datetime) -> None:
        """Everything that is due, in the order in which a service does it."""
        if messages := list(_until(self._phones, now)):
            self.done["received"] += len(
                receive(tx, self.library, [Arrival.of(one, self.context.vault) for one in messages], now)
            )
        if now >= self._ticked + CLOCK:
            self._tick(tx, now)
        while self._send(tx, now):
            pass
        if statuses := list(_until(self._statuses, now)):
            delivery.record(tx, statuses, now, self.context.carrier)

    def _tick(self, tx: Connection, now: datetime) -> None:
        self._ticked = now
        wake_due(tx, self.library, now)
        while start_due(tx, self.library, self.quiet, now):
            pass

    def _send(self, tx: Connection, now: datetime) -> int:
        claimed, jobs = claiming.take(tx, self.context, ROOM, now)
        if not jobs:
            return claimed
        results = [(job, self._answer(job.outgoing)) for job in jobs]
        outcomes.write(tx, self.context.owner, results, now, self.chance)
        taken = [(job, result.sid) for job, result in results if isinstance(result, Accepted)]
        for (job, sid), compiled, flow in zip(taken, *self._books(tx, [job for job, _ in taken]), strict=True):
            self._arrive(job, sid, compiled, flow, now)
        self.done["sent"] += len(taken)
        return claimed

    def _answer(self, message: Outgoing) -> SendResult:
        traits = self.crowd.traits_of(message.to)
        if message.channel == "whatsapp" and not traits.has_whatsapp:
            return Rejected(NOT_ON_WHATSAPP.cause, NOT_ON_WHATSAPP.code)
        self._number += 1
        return Accepted(f"SM{self._number:032x}", segments=1 if message.channel == "sms" else None)

    def _books(self, tx: Connection, jobs: list[Job]) -> tuple[list[CompiledProgramme | None], list[str | None]]:
        """The compiled programme and the flow that each of these messages comes from."""
        ids = [job.message.id for job in jobs]
        found = {
            row.id: (row.flow_version_id, row.flow)
            for row in tx.execute(
                select(OUTBOUND.c.id, OUTBOUND.c.flow, SESSION.c.flow_version_id)
                .select_from(OUTBOUND.join(SESSION, SESSION.c.id == OUTBOUND.c.session_id))
                .where(OUTBOUND.c.id.in_(ids))
            )
        }
        programmes = [self.library.compiled(tx, found[key][0]) if key in found else None for key in ids]
        return programmes, [found[key][1] if key in found else None for key in ids]

    def _arrive(self, job: Job, sid: str, compiled: CompiledProgramme | None, flow: str | None, now: datetime) -> None:
        """A message reaches its telephone, or does not; its officer may answer."""
        message = job.outgoing
        if not self.crowd.traits_of(message.to).exists:
            failure = Status(sid, DeliveryStatus.undelivered, message.uid, NO_SUCH_NUMBER.code, NO_SUCH_NUMBER.cause)
            self._tell(now + timedelta(seconds=20), failure)
            return
        self._tell(
            now + timedelta(seconds=self.chance.uniform(2, 40)), Status(sid, DeliveryStatus.delivered, message.uid)
        )
        reply = self.crowd.hears(message.to, compiled, flow, job.message.step, job.message.kind, now.date())
        if message.channel == "whatsapp" and (reply is not None or self.chance.random() < 0.8):
            read = now + timedelta(seconds=45) if reply is None or reply.quoting else now + reply.after / 2
            self._tell(max(read, now + timedelta(seconds=45)), Status(sid, DeliveryStatus.read, message.uid))
        if reply is not None:
            self._write(message, reply, sid, now)

    def _tell(self, at: datetime, status: Status) -> None:
        self._number += 1
        heapq.heappush(self._statuses, (at, self._number, status))

    def _write(self, message: Outgoing, reply: Reply, sid: str, now: datetime) -> None:
        self._number += 1
        written = Inbound(
            sid=f"SM{self._number:032x}",
            channel=message.channel,
            author=message.to,
            receiver=OUR_NUMBER,
            body=reply.text,
            quoted_sid=sid if reply.quoting and message.channel == "whatsapp" else None,
            form={"From": message.to, "Body": reply.text},
        )
        heapq.heappush(self._phones, (now + reply.after, self._number, written))


def _until(queue: list[tuple[datetime, int, T]], now: datetime) -> Iterator[T]:
    while queue and queue[0][0] <= now:
        yield heapq.heappop(queue)[2]
