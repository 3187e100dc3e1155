"""The heartbeat: each job is done until nothing is left, one process does what all share, and a fault stops no other job."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select
from structlog.testing import capture_logs

from app.scheduler.clock_watch import ClockWatch
from app.scheduler.ticker import Job, Ticker
from app.sending import pausing
from app.store import alerts, our_numbers
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.our_numbers import BucketTimes
from app.store.tables import Bucket
from app.store.vault import Vault
from tests.conftest import StillClock


def _piece(done: list[str], name: str, found: int = 0) -> Callable[[Connection, datetime], int]:
    left = [found]

    def step(tx: Connection, now: datetime) -> int:
        done.append(name)
        left[0] -= 1
        return max(0, left[0] + 1)

    return step


def _tick(
    database: Database, vault: Vault, clock: StillClock, *tickers: tuple[str, tuple[Job, ...]], times: int = 1
) -> None:
    async def run() -> None:
        ledger = Ledger(database, vault, clock, {})
        made = [Ticker(ledger, clock, owner, jobs) for owner, jobs in tickers]
        for _ in range(times):
            for ticker in made:
                await ticker.tick()
        await ledger.close()

    asyncio.run(run())


def test_a_job_is_done_until_nothing_is_left(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []
    _tick(database, vault, clock, ("a", (Job("x", _piece(done, "x", 3)),)))
    assert done == ["x"] * 4


def test_what_is_not_shared_is_done_by_every_process(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []
    both = [(owner, (Job("own", _piece(done, owner), shared=False), Job("all", _piece(done, "all")))) for owner in "ab"]
    _tick(database, vault, clock, *both)
    assert done == ["a", "all", "b"]


def test_a_clock_that_once_ran_ahead_holds_no_job_up(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []
    years_ahead, now = StillClock(clock() + timedelta(days=1500)), StillClock(clock())
    _tick(database, vault, years_ahead, ("a", (Job("x", _piece(done, "ahead")),)))
    _tick(database, vault, now, ("b", (Job("x", _piece(done, "put right")),)))
    assert done == ["ahead", "put right"]


def test_a_job_waits_for_its_time(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []
    _tick(database, vault, clock, ("a", (Job("x", _piece(done, "x"), every=timedelta(hours=1)),)), times=3)
    assert done == ["x"]


def test_a_job_that_fails_stops_no_other(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []

    def broken(tx: Connection, now: datetime) -> int:
        raise RuntimeError

    _tick(database, vault, clock, ("a", (Job("broken", broken), Job("x", _piece(done, "x")))))
    assert done == ["x"]


class BackgroundTask:
    """Takes as long as it is let."""

    name = "way"

    def __init__(self, wait: timedelta = timedelta(minutes=5), *, fails: bool = False) -> None:
        self.wait, self.fails, self.times = wait, fails, 0
        self.gate = asyncio.Event()

    async def once(self) -> timedelta:
        self.times += 1
        await self.gate.wait()
        if self.fails:
            raise LookupError
        return self.wait


def _with_task(
    database: Database, vault: Vault, clock: StillClock, task: BackgroundTask, work: Callable[[Ticker], Awaitable[None]]
) -> None:
    async def run() -> None:
        ledger = Ledger(database, vault, clock, {})
        ticker = Ticker(ledger, clock, "a", (Job("x", _piece([], "x")),), tasks=(task,))
        await work(ticker)
        await ticker.stop()
        await ledger.close()

    asyncio.run(run())


def test_an_task_holds_up_no_tick_and_is_under_way_once(database: Database, vault: Vault, clock: StillClock) -> None:
    task = BackgroundTask()

    async def work(ticker: Ticker) -> None:
        assert ticker.silent_for() is None
        for _ in range(3):
            await asyncio.sleep(0.02)
            before = ticker.silent_for()
            await ticker.tick()
            after = ticker.silent_for()
            assert after is not None
            assert before is None or after < before, "since this tick, not since the last"
            clock.advance(minutes=10)
        assert task.times == 1

    _with_task(database, vault, clock, task, work)


def test_an_task_says_when_it_is_to_be_done_again(database: Database, vault: Vault, clock: StillClock) -> None:
    task = BackgroundTask()
    task.gate.set()

    async def work(ticker: Ticker) -> None:
        for times in (1, 1, 1, 1, 1, 2, 2):
            await ticker.tick()
            await asyncio.sleep(0)
            assert task.times == times
            clock.advance(minutes=1)

    _with_task(database, vault, clock, task, work)


def test_a_clock_put_back_holds_up_neither_jobs_nor_tasks(database: Database, vault: Vault, clock: StillClock) -> None:
    task, done = BackgroundTask(), list[str]()
    task.gate.set()

    async def work(ticker: Ticker) -> None:
        ticker.jobs = (Job("x", _piece(done, "x"), every=timedelta(minutes=5), shared=False),)
        for times in (1, 2):
            await ticker.tick()
            await asyncio.sleep(0)
            assert (task.times, len(done)) == (times, times)
            clock.advance(days=-1)

    _with_task(database, vault, clock, task, work)


def test_an_task_that_fails_is_done_again(database: Database, vault: Vault, clock: StillClock) -> None:
    task = BackgroundTask(fails=True)
    task.gate.set()

    async def work(ticker: Ticker) -> None:
        for times in (1, 2):
            await ticker.tick()
            await asyncio.sleep(0)
            assert task.times == times
            clock.advance(minutes=1)

    _with_task(database, vault, clock, task, work)


def _open_job_alerts(database: Database) -> list[str]:
    with database.reading() as tx:
        return [one.subject for one in alerts.open_alerts(tx) if one.kind == "job"]


def test_a_job_that_fails_three_times_rings_until_it_works(database: Database, vault: Vault, clock: StillClock) -> None:
    broken = [True]

    def step(tx: Connection, now: datetime) -> int:
        if broken[0]:
            raise RuntimeError("with data that nobody may read")
        return 0

    async def run() -> None:
        ledger = Ledger(database, vault, clock, {})
        ticker = Ticker(ledger, clock, "a", (Job("plan", step), Job("x", _piece([], "x"))))
        for failures in (1, 2, 3):
            assert _open_job_alerts(database) == []
            await ticker.tick()
            assert [(one.name, one.failures, one.error) for one in ticker.failing()] == [
                ("plan", failures, ticker.failing()[0].error)
            ]
        assert ticker.failing()[0].error.startswith("RuntimeError at store/ledger.py")
        assert _open_job_alerts(database) == ["plan"]
        assert ticker.silent_for() is not None
        broken[0] = False
        await ticker.tick()
        assert (ticker.failing(), _open_job_alerts(database)) == ([], [])
        await ledger.close()

    asyncio.run(run())


def test_the_alert_of_an_earlier_process_is_closed(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        alerts.ring(tx, "job", "x", clock())
    _tick(database, vault, clock, ("a", (Job("x", _piece([], "x")),)))
    assert _open_job_alerts(database) == []


def test_a_process_without_the_lease_does_not_close_the_alert(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    _tick(database, vault, clock, ("a", (Job("x", _piece([], "x")),)))
    with database.transaction() as tx:
        alerts.ring(tx, "job", "x", clock())
    _tick(database, vault, clock, ("b", (Job("x", _piece([], "x")),)))
    assert _open_job_alerts(database) == ["x"]


def test_a_tick_in_which_every_job_fails_is_no_heartbeat(database: Database, vault: Vault, clock: StillClock) -> None:
    def broken(tx: Connection, now: datetime) -> int:
        raise RuntimeError

    async def run() -> None:
        ledger = Ledger(database, vault, clock, {})
        ticker = Ticker(ledger, clock, "a", (Job("x", broken), Job("y", broken)))
        await ticker.tick()
        assert ticker.silent_for() is None
        await ledger.close()

    asyncio.run(run())


class FailingTask:
    """A background task that always fails."""

    name = "sweep"

    async def once(self) -> timedelta:
        raise RuntimeError


def test_a_background_task_that_fails_is_listed(database: Database, vault: Vault, clock: StillClock) -> None:
    async def run() -> None:
        ledger = Ledger(database, vault, clock, {})
        ticker = Ticker(ledger, clock, "a", (), tasks=(FailingTask(),))
        for _ in range(3):
            await ticker.tick()
            await asyncio.gather(*ticker._under_way.values())
            clock.advance(minutes=2)
        assert [one.name for one in ticker.failing()] == ["sweep"]
        assert _open_job_alerts(database) == ["sweep"]
        await ledger.close()

    asyncio.run(run())


# -- a clock that is set ---------------------------------------------------------------------------------------------------


class Machine:
    """The machine's two clocks: the one that people set, and the monotonic one."""

    def __init__(self, clock: StillClock) -> None:
        self.clock, self.seconds = clock, 100.0

    def monotonic(self) -> float:
        return self.seconds

    def run(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(seconds=seconds)

    def watch(self) -> ClockWatch:
        return ClockWatch(self.monotonic)


def _watched(database: Database, vault: Vault, machine: Machine, work: Callable[[Ticker], Awaitable[None]]) -> None:
    async def run() -> None:
        ledger = Ledger(database, vault, machine.clock, {})
        await work(Ticker(ledger, machine.clock, "a", (Job("wake", _piece([], "x")),), watch=machine.watch()))
        await ledger.close()

    asyncio.run(run())


def _ringing(database: Database) -> list[tuple[str, str, int]]:
    with database.reading() as tx:
        return [(one.kind, one.subject, one.times) for one in alerts.open_alerts(tx)]


@pytest.mark.parametrize(
    "step", [{"hours": -2}, {"hours": 2}, {"days": -2}, {"days": 2}, {"days": 31}, {"minutes": -1}]
)
def test_a_step_of_the_clock_is_told_once_and_for_an_hour(
    database: Database, vault: Vault, clock: StillClock, step: dict[str, float]
) -> None:
    machine = Machine(clock)

    async def work(ticker: Ticker) -> None:
        for _ in range(3):
            machine.run(55)
            await ticker.tick()
        assert _ringing(database) == []
        clock.advance(**step)
        for _ in range(3):
            machine.run(5)
            await ticker.tick()
        assert _ringing(database) == [("clock", "service", 1)]
        machine.run(3580)
        await ticker.tick()
        assert _ringing(database) == [("clock", "service", 1)]
        machine.run(10)
        await ticker.tick()
        assert _ringing(database) == []

    with capture_logs() as logs:
        _watched(database, vault, machine, work)
    assert [one["seconds"] for one in logs if "seconds" in one] == [round(timedelta(**step).total_seconds())]


def test_a_resume_closes_the_alert_of_the_clock(database: Database, vault: Vault, clock: StillClock) -> None:
    machine = Machine(clock)

    async def work(ticker: Ticker) -> None:
        await ticker.tick()
        clock.advance(hours=-2)
        await ticker.tick()
        with database.transaction() as tx:
            pausing.resume(tx, pausing.Target("service"), clock(), "ana")
        assert _ringing(database) == []

    _watched(database, vault, machine, work)


def test_a_clock_set_back_between_two_runs_is_noticed(database: Database, vault: Vault, clock: StillClock) -> None:
    async def tick(ticker: Ticker) -> None:
        await ticker.tick()

    _watched(database, vault, Machine(clock), tick)
    clock.advance(minutes=10)
    _watched(database, vault, Machine(clock), tick)
    assert _ringing(database) == []
    clock.advance(hours=-2)
    _watched(database, vault, Machine(clock), tick)
    assert _ringing(database) == [("clock", "service", 1)]


def test_after_a_step_back_what_waits_is_decided_on_again(database: Database, vault: Vault, clock: StillClock) -> None:
    machine = Machine(clock)

    async def work(ticker: Ticker) -> None:
        await ticker.tick()
        with database.transaction() as tx:
            our_numbers.throttle(tx, "sms", clock() + timedelta(minutes=5), clock())
        clock.advance(minutes=-3)
        await ticker.tick()
        with database.transaction() as tx:
            assert our_numbers.take_tokens(tx, "sms", 5.0, clock(), 1, BucketTimes()).tokens == 0, (
                "the bucket was empty"
            )
        machine.run(1)
        with database.reading() as tx:
            assert tx.execute(select(Bucket.not_before)).scalar_one() is None

    _watched(database, vault, machine, work)


def test_it_ticks_on_when_the_system_clock_is_set_back(database: Database, vault: Vault, clock: StillClock) -> None:
    done: list[str] = []

    async def work() -> None:
        ledger = Ledger(database, vault, clock, {})
        ticker = Ticker(ledger, clock, "a", (Job("x", _piece(done, "x")),), seconds=0.02)
        ticker.start()
        for _ in range(200):
            clock.advance(days=-2 if done else 0)
            if len(done) >= 3:
                break
            await asyncio.sleep(0.02)
        await ticker.stop()
        await ledger.close()

    asyncio.run(work())
    assert len(done) >= 3
