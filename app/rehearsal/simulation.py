"""A whole programme in simulated time: the code of the service plans, begins, sends and understands, with invented officers
instead of a carrier and a clock that jumps to the next due moment. The result is a database like any other. Nothing is sent
and nothing waits."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import Connection

from app.channels.base import Accepted, DeliveryStatus, Inbound, Outgoing, Rejected, SendResult, Status
from app.channels.simulator_faults import NO_SUCH_NUMBER, NOT_ON_WHATSAPP
from app.conversations.inbound import Arrival, receive
from app.conversations.library import Library
from app.flows.quiet_hours import Quiet
from app.rehearsal.behaviour import Crowd, Reply
from app.rehearsal.origins import Origin, origins
from app.rehearsal.proximal import Treatments
from app.scheduler.end_watch import EndWatch
from app.scheduler.nudging import plan_some, start_due
from app.scheduler.waking import wake_due
from app.sending import claiming, outcomes
from app.sending import delivery_reports as delivery
from app.sending.claiming import SendContext
from app.sending.outcomes import Job
from app.store import agenda
from app.store.agenda import Agenda
from app.store.database import Database

T = TypeVar("T")

TOGETHER = timedelta(minutes=3)
"""Whatever is due within this time of the first is one batch, as if the service were that slow."""

CLOCK = timedelta(minutes=10)
"""Between two looks for due nudges and sessions. With fewer looks, many WhatsApp windows would close in between."""

_LONGEST_CLOCK = timedelta(hours=1)
BATCH = 500
OUR_NUMBER = "+525555550000"


@dataclass(slots=True)
class Simulation:
    """One simulated programme. `quiet` are the installation's quiet hours; `chance` is for all but the officers' behaviour. `pace`: how many
    times coarser than usual the steps are; messages then come and go a little later, many times as quickly. With `treatments` the crowd's
    effect is on those on whom one works."""

    database: Database
    library: Library
    context: SendContext
    crowd: Crowd
    quiet: Quiet
    chance: Random
    pace: int = 1
    treatments: Treatments | None = None
    done: Counter[str] = field(default_factory=Counter)
    _replies: list[tuple[datetime, int, Inbound]] = field(default_factory=list)
    _statuses: list[tuple[datetime, int, Status]] = field(default_factory=list)
    _number: int = 0
    _ticked: datetime = field(init=False)

    def run(
        self, since: datetime, until: datetime, on_day: Callable[[datetime], None] = lambda _: None
    ) -> Counter[str]:
        """Simulate from one moment to the other; `on_day` is called with each new day. Returns counts of messages."""
        now = self._ticked = since
        while now < until:
            on_day(now)
            tomorrow = min(until, now + timedelta(days=1))
            with self.database.transaction() as tx:
                while plan_some(tx, self.library, self.quiet, now):
                    pass
                due = agenda.read(tx)
                while (moment := self._next(due, now)) < tomorrow:
                    now = moment
                    due = self._step(tx, due, now)
            now = tomorrow
        return self.done

    def _next(self, due: Agenda, now: datetime) -> datetime:
        """The next moment at which there is something to do."""
        moments = [queue[0][0] for queue in (self._replies, self._statuses) if queue]
        moments += [self._on_the_clock(at) for at in (due.nudges, due.sessions) if at is not None]
        moments += [self._on_the_clock(at) for at in self._ends() if at > self._ticked]
        moments += [] if due.messages is None else [due.messages]
        # To the second, and a little apart: a batch must not show in the data.
        pause = self.pace * TOGETHER * self.chance.uniform(0.3, 1)
        return (
            max(now + timedelta(seconds=1), min(moments) + pause)
            if moments
            else datetime.max.replace(tzinfo=now.tzinfo)
        )

    def _ends(self) -> list[datetime]:
        """The moments at which programmes end, first for conversations and then for answers."""
        current = [self.library.programmes[version].definition for version in self.library.current.values()]
        found = [at for one in current for at in (one.begins_nothing_from, one.takes_no_answer_from)]
        return [at for at in found if at is not None]

    @property
    def _clock(self) -> timedelta:
        return min(CLOCK * self.pace, _LONGEST_CLOCK)

    def _on_the_clock(self, moment: datetime) -> datetime:
        return max(moment, self._ticked + self._clock)

    def _step(self, tx: Connection, due: Agenda, now: datetime) -> Agenda:
        """Do everything that is due, in the order of the service. Gives what is due then. It is asked anew after every change, in one
        statement: a look of the service that finds nothing takes a dozen."""
        # First what arrived on phones: an officer answers what has been delivered.
        statuses, messages = list(_until(self._statuses, now)), list(_until(self._replies, now))
        if statuses:
            delivery.record(tx, statuses, now, self.context.carrier)
        if messages:
            self.done["received"] += len(
                receive(tx, self.library, [Arrival.of(one, self.context.vault) for one in messages], now)
            )
        if messages or any(one.cause is not None for one in statuses):  # what has arrived makes nothing due
            due = agenda.read(tx)
        if now >= self._ticked + self._clock:
            due = self._tick(tx, due, now)
        while _is_due(due.messages, now) and self._send(tx, now):
            due = agenda.read(tx)
        return due

    def _tick(self, tx: Connection, due: Agenda, now: datetime) -> Agenda:
        self._ticked = now
        if _is_due(due.sessions, now) and wake_due(tx, self.library, now):
            due = agenda.read(tx)
        while _is_due(due.nudges, now) and start_due(tx, self.library, self.quiet, now):
            due = agenda.read(tx)
        while EndWatch(self.library).look(tx, now):
            due = agenda.read(tx)
        return due

    def _send(self, tx: Connection, now: datetime) -> int:
        claimed, jobs = claiming.take(tx, self.context, BATCH, now)
        if not jobs:
            return claimed
        results = [(job, self._accept(job.outgoing)) for job in jobs]
        outcomes.write(tx, self.context.owner, results, now, self.chance)
        taken = [(job, result.sid) for job, result in results if isinstance(result, Accepted)]
        found = origins(tx, self.library, [job.outgoing.uid for job, _ in taken])
        if self.treatments is not None:
            treated = self.treatments.working_on(tx, list(found), now)
            self.crowd.treated = frozenset(job.outgoing.to for job, _ in taken if job.outgoing.uid in treated)
        for job, sid in taken:
            self._arrive(job, sid, found.get(job.outgoing.uid), now)
        self.done["sent"] += len(taken)
        return claimed

    def _accept(self, message: Outgoing) -> SendResult:
        traits = self.crowd.traits_of(message.to)
        if message.channel == "whatsapp" and not traits.has_whatsapp:
            return Rejected(NOT_ON_WHATSAPP.cause, NOT_ON_WHATSAPP.code)
        self._number += 1
        return Accepted(f"SM{self._number:032x}", segments=1 if message.channel == "sms" else None)

    def _arrive(self, job: Job, sid: str, origin: Origin | None, now: datetime) -> None:
        """Deliver a message, or fail to; its officer may answer."""
        message = job.outgoing
        if not self.crowd.traits_of(message.to).exists:
            failure = Status(sid, DeliveryStatus.undelivered, message.uid, NO_SUCH_NUMBER.code, NO_SUCH_NUMBER.cause)
            self._report(now + timedelta(seconds=20), failure)
            return
        self._report(
            now + timedelta(seconds=self.chance.uniform(2, 40)), Status(sid, DeliveryStatus.delivered, message.uid)
        )
        reply = self.crowd.reply_to(message.to, origin, now.date())
        if message.channel == "whatsapp" and (reply is not None or self.chance.random() < 0.8):
            read = now + timedelta(seconds=45) if reply is None or reply.quoting else now + reply.after / 2
            self._report(max(read, now + timedelta(seconds=45)), Status(sid, DeliveryStatus.read, message.uid))
        if reply is not None:
            self._write(message, reply, sid, now)

    def _report(self, at: datetime, status: Status) -> None:
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
        heapq.heappush(self._replies, (now + reply.after, self._number, written))


def _is_due(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _until(queue: list[tuple[datetime, int, T]], now: datetime) -> Iterator[T]:
    while queue and queue[0][0] <= now:
        yield heapq.heappop(queue)[2]
