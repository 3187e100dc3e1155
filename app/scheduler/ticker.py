"""The heartbeat. APScheduler only ticks; what is due stands in tables, so a restart loses nothing and a tick that comes
twice does nothing twice. Each job takes a lease, so that of many processes one does it. Work is done in small pieces,
each a transaction of the ledger's own thread, so that messages coming in never wait long. What has to ask the network is
an errand: a tick sets it off and does not wait for it."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection

from app.clock import Clock
from app.store import leases
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)


class JobStep(Protocol):
    """Does a piece of a job's work and gives how much it found; 0 when there is nothing left."""

    def __call__(self, tx: Connection, now: datetime) -> int:
        """In a transaction of its own, at this moment."""
        ...


LEASE = timedelta(minutes=2)
"""How long a job is one process's, if that dies: another takes it up then."""

MOST_STEPS = 200
"""Pieces of one job in one tick, so that no job starves the others."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to look for at every tick, or at the first one after `every`. `shared`: one process does it for all."""

    name: str
    step: JobStep
    every: timedelta = timedelta()
    shared: bool = True


class BackgroundTask(Protocol):
    """Something that takes as long as the network does. Of one name, one is under way at a time in a process."""

    @property
    def name(self) -> str:
        """What it is called in the log."""
        ...

    async def once(self) -> timedelta:
        """Do it. Gives when to do it again."""
        ...


AFTER_A_FAULT = timedelta(minutes=1)
"""When an errand that raised is done again."""


@dataclass(slots=True)
class Ticker:
    """Runs the jobs, and sets off the errands before them. `owner` names this process in the leases."""

    ledger: Ledger
    clock: Clock
    owner: str
    jobs: tuple[Job, ...]
    seconds: float = 5.0
    tasks: tuple[BackgroundTask, ...] = ()
    _scheduler: AsyncIOScheduler = field(default_factory=lambda: AsyncIOScheduler(timezone="UTC"))
    _done: dict[str, datetime] = field(default_factory=dict)
    _under_way: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    _next: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _beaten: float | None = None

    def start(self) -> None:
        """Begin to tick, at once and then every `seconds`."""
        trigger = IntervalTrigger(seconds=self.seconds)
        at_once = datetime.now(UTC)  # noqa: TID251 - the machine's time, as the scheduler has it: ours may run at another pace
        self._scheduler.add_job(self.tick, trigger, max_instances=1, coalesce=True, next_run_time=at_once)
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more. A tick that is running comes to its end; errands are called off."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._under_way.values():
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def tick(self) -> None:
        """One heartbeat: every job whose time has come. A job that fails is logged, and the others go on."""
        now = self.clock()
        for task in self.tasks:
            if task.name not in self._under_way and not self._waits(task.name, now):
                self._under_way[task.name] = asyncio.create_task(self._go(task))
        for job in self.jobs:
            if (
                last := self._done.get(job.name)
            ) is not None and last <= now < last + job.every:  # or the clock was put back
                continue
            try:
                await self._run(job, now)
            except Exception:  # the edge: a job must not stop the clock
                log.exception("job failed", job=job.name)
        self._beaten = time.monotonic()

    def silent_for(self) -> float | None:
        """Seconds since the last heartbeat ended, None before the first. As the machine counts them: the clock may be put back, or
        run at another pace."""
        return None if self._beaten is None else time.monotonic() - self._beaten

    def _waits(self, task: str, now: datetime) -> bool:
        since, until = self._next.get(task, (now, now))
        return since <= now < until

    async def _go(self, task: BackgroundTask) -> None:
        wait = AFTER_A_FAULT
        try:
            wait = await task.once()
        except Exception:  # the edge: whatever it was, it is done again
            log.exception("errand failed", task=task.name)
        finally:
            self._next[task.name] = (now := self.clock(), now + wait)
            del self._under_way[task.name]

    async def _run(self, job: Job, now: datetime) -> None:
        until = now + max(LEASE, job.every)
        if job.shared and not await self.ledger.run(
            partial(leases.acquire, name=job.name, owner=self.owner, until=until, now=now)
        ):
            return
        for _ in range(MOST_STEPS):
            if not await self.ledger.run(partial(job.step, now=self.clock())):
                break
        self._done[job.name] = now
