"""The heartbeat: each job is done until nothing is left, one process does what all share, and a fault stops no other job."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.scheduler.ticker import Job, Ticker
from app.store import alerts
from app.store.database import Database
from app.store.ledger import Ledger
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
