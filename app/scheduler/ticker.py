"""The clock of the service. It ticks by the machine's monotonic clock, so that a step of the system clock stops nothing; due work is in tables, so that a restart loses nothing and a second tick
repeats nothing. Each job takes a lease, so that one of many processes does it. Jobs run in small steps, each a transaction in the
ledger's thread, so that inbound messages never wait long. Work that waits for the network is a background task: a tick starts it
and does not wait for it."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from app.clock import Clock
from app.scheduler.clock_watch import ClockWatch
from app.store import heartbeat, leases
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)


class JobStep(Protocol):
    """Does one step of a job. Returns the number of items found; 0 when nothing is left."""

    def __call__(self, tx: Connection, now: datetime) -> int:
        """Run in a transaction of its own, at this moment."""
        ...


LEASE = heartbeat.LONGEST_LEASE

MOST_STEPS = 200
"""Steps of one job in one tick, so that no job starves the others."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work for every tick, or for the first tick after `every`. `shared`: one process does it for all."""

    name: str
    step: JobStep
    every: timedelta = timedelta()
    shared: bool = True


class BackgroundTask(Protocol):
    """Work that waits for the network. In a process, one task of a name runs at a time."""

    @property
    def name(self) -> str:
        """Its name in the log."""
        ...

    async def once(self) -> timedelta:
        """Run it. Returns the time until the next run."""
        ...


AFTER_A_FAULT = timedelta(minutes=1)
"""When a task that raised is run again."""


@dataclass(slots=True)
class Ticker:
    """Starts the background tasks and runs the jobs. `owner` names this process in the leases; `watch` notices steps of the
    clock."""

    ledger: Ledger
    clock: Clock
    owner: str
    jobs: tuple[Job, ...]
    seconds: float = 5.0
    tasks: tuple[BackgroundTask, ...] = ()
    watch: ClockWatch | None = None
    _ticking: "asyncio.Task[None] | None" = None
    _done: dict[str, datetime] = field(default_factory=dict)
    _under_way: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    _next: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _beaten: float | None = None

    def start(self) -> None:
        """Tick at once and then every `seconds`."""
        self._ticking = asyncio.get_running_loop().create_task(self._tick_on())

    async def stop(self) -> None:
        """Stop ticking. The ledger finishes the step under way; tasks are cancelled."""
        tasks = [*self._under_way.values(), *([self._ticking] if self._ticking is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tick_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.tick()
            except Exception:  # the edge: the clock must not stop
                log.exception("tick failed")
            await asyncio.sleep(max(0.0, began + self.seconds - loop.time()))

    async def tick(self) -> None:
        """One tick: every due job. A failing job is logged, and the others run."""
        now = self.clock()
        if self.watch is not None:
            try:
                await self.watch.look(self.ledger, now)
            except Exception:  # the edge: the next tick looks again
                log.exception("the step of the clock could not be stored")
        for task in self.tasks:
            if task.name not in self._under_way and not self._waits(task.name, now):
                self._under_way[task.name] = asyncio.create_task(self._go(task))
        for job in self.jobs:
            if (
                last := self._done.get(job.name)
            ) is not None and last <= now < last + job.every:  # or the clock was set back
                continue
            try:
                await self._run(job, now)
            except Exception:  # the edge: a job must not stop the clock
                log.exception("job failed", job=job.name)
        self._beaten = time.monotonic()

    def silent_for(self) -> float | None:
        """Seconds since the end of the last tick, None before the first. By the machine's monotonic clock: ours may be set back,
        or run at another pace."""
        return None if self._beaten is None else time.monotonic() - self._beaten

    def _waits(self, task: str, now: datetime) -> bool:
        since, until = self._next.get(task, (now, now))
        return since <= now < until

    async def _go(self, task: BackgroundTask) -> None:
        wait = AFTER_A_FAULT
        try:
            wait = await task.once()
        except Exception:  # the edge: whatever it was, the task runs again
            log.exception("background task failed", task=task.name)
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
