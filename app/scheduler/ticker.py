"""The clock of the service. It ticks by the machine's monotonic clock, so that a step of the system clock stops nothing; due work is in tables, so that a restart loses nothing and a second tick
repeats nothing. Each job takes a lease, so that one of many processes does it. Jobs run in small steps, each a transaction in the
ledger's thread, so that inbound messages never wait long. Work that waits for the network is a background task: a tick starts it
and does not wait for it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from app import spans
from app.clock import Clock
from app.measures import TICK_SECONDS
from app.scheduler.clock_watch import ClockWatch
from app.store import alerts, dead_letters, heartbeat, leases
from app.store.ledger import Ledger
from app.store.schema_version import OutdatedError

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


FAILURES_TO_ALERT = 3


@dataclass(frozen=True, slots=True)
class FailingJob:
    """A job or background task of this process that fails. `failures` in a row; `error` is the last one's type and place."""

    name: str
    failures: int
    error: str


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
    _failing: dict[str, FailingJob] = field(default_factory=dict)
    _has_worked: set[str] = field(default_factory=set)

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
                with spans.begin("tick"):
                    await self.tick()
                TICK_SECONDS.observe(loop.time() - began)
            except Exception:  # the edge: the clock must not stop
                log.exception("tick failed")
            await asyncio.sleep(max(0.0, began + self.seconds - loop.time()))

    async def tick(self) -> None:
        """One tick: every due job. A failing job is logged, and the others run. If every job fails, it is no heartbeat."""
        now = self.clock()
        if self.watch is not None:
            try:
                await self.watch.look(self.ledger, now)
            except OutdatedError:
                return
            except Exception:  # the edge: the next tick looks again
                log.exception("the step of the clock could not be stored")
        for task in self.tasks:
            if task.name not in self._under_way and not self._waits(task.name, now):
                self._under_way[task.name] = asyncio.create_task(self._go(task))
        results: list[bool] = []
        for job in self.jobs:
            if (
                last := self._done.get(job.name)
            ) is not None and last <= now < last + job.every:  # or the clock was set back
                continue
            results.append(await self._attempt(job, now))
        if any(results) or not results:
            self._beaten = time.monotonic()

    async def _attempt(self, job: Job, now: datetime) -> bool:
        """Do a job, and note how it went. False if it failed."""
        try:
            with spans.within(f"job {job.name}"):
                done = await self._run(job, now)
        except OutdatedError:
            return False
        except Exception as error:  # the edge: a job must not stop the clock
            log.exception("job failed", job=job.name)
            await self._note_failure(job.name, error)
            return False
        if done:
            await self._note_success(job.name)
        return True

    def failing(self) -> list[FailingJob]:
        """The jobs and background tasks whose last run failed, by name."""
        return [self._failing[name] for name in sorted(self._failing)]

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
            with spans.begin(f"task {task.name}"):
                wait = await task.once()
        except OutdatedError:
            pass
        except Exception as error:  # the edge: whatever it was, the task runs again
            log.exception("background task failed", task=task.name)
            await self._note_failure(task.name, error)
        else:
            await self._note_success(task.name)
        finally:
            self._next[task.name] = (now := self.clock(), now + wait)
            del self._under_way[task.name]

    async def _note_failure(self, name: str, error: Exception) -> None:
        """Count a failure, and ring an alert after some in a row, unless the database does not answer."""
        before = self._failing.get(name)
        failing = FailingJob(name, 1 + (before.failures if before else 0), dead_letters.describe(error))
        self._failing[name] = failing
        if failing.failures >= FAILURES_TO_ALERT:
            detail = {"error": failing.error, "failures": failing.failures}
            with suppress(Exception):
                await self.ledger.run(partial(_ring, name=name, now=self.clock(), detail=detail))

    async def _note_success(self, name: str) -> None:
        """Close the job's alert when it works again, and when it works for the first time in this process: an earlier one may have
        rung it."""
        failing = self._failing.pop(name, None)
        if name in self._has_worked and (failing is None or failing.failures < FAILURES_TO_ALERT):
            return
        try:
            await self.ledger.run(partial(_close, name=name, now=self.clock()))
        except Exception:  # the edge: the job itself has worked
            log.exception("the alert of a job cannot be closed", job=name)
            self._has_worked.discard(name)
        else:
            self._has_worked.add(name)

    async def _run(self, job: Job, now: datetime) -> bool:
        """Do a job. False if another process does it."""
        until = now + max(LEASE, job.every)
        if job.shared and not await self.ledger.run(
            partial(leases.acquire, name=job.name, owner=self.owner, until=until, now=now)
        ):
            return False
        for _ in range(MOST_STEPS):
            if not await self.ledger.run(partial(job.step, now=self.clock())):
                break
        self._done[job.name] = now
        return True


def _ring(tx: Connection, name: str, now: datetime, detail: Mapping[str, object]) -> None:
    if alerts.ring(tx, alerts.JOB, name, now, detail):
        log.error("a job fails at every tick", job=name, **detail)


def _close(tx: Connection, name: str, now: datetime) -> None:
    if alerts.close(tx, alerts.JOB, name, now):
        log.info("a job works again", job=name)
