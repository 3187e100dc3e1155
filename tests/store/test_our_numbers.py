"""Rows that processes share to keep out of each other's way, on both databases: senders' rates, leases, the log of who did what."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.store import audit, leases, our_numbers, pauses
from app.store.database import Database
from app.store.our_numbers import BucketTimes
from app.store.tables import AuditEntry, Bucket, StateValue
from tests.conftest import StillClock
from tests.together import together

# -- how fast a number may send ----------------------------------------------------------------------------------------


def take(database: Database, wanted: int, clock: StillClock, *, rate: float = 10.0, sender: str = "sms") -> int:
    with database.transaction() as tx:
        return our_numbers.take_tokens(tx, sender, rate, clock(), wanted, BucketTimes()).tokens


def test_a_second_s_worth_at_once_and_then_the_rate(database: Database, clock: StillClock) -> None:
    assert take(database, 4, clock) == 4
    assert take(database, 100, clock) == 6
    assert take(database, 1, clock) == 0
    clock.advance(seconds=0.25)
    assert take(database, 100, clock) == 2
    clock.advance(seconds=0.05)
    assert take(database, 100, clock) == 1, "halves are not lost"
    clock.advance(hours=1)
    assert take(database, 100, clock) == 10, "and never more than a second's worth"
    assert take(database, 5, clock, sender="whatsapp") == 5, "each number has its own"


def test_over_a_minute_the_rate_is_kept(database: Database, clock: StillClock) -> None:
    taken = 0
    for _ in range(200):
        taken += take(database, 7, clock, rate=3.5)
        clock.advance(seconds=0.3)
    assert 200 <= taken <= 3.5 * 60 + 3.5


def test_a_slow_number_sends_too(database: Database, clock: StillClock) -> None:
    assert take(database, 5, clock, rate=0.5) == 1
    clock.advance(seconds=1)
    assert take(database, 5, clock, rate=0.5) == 0
    clock.advance(seconds=1)
    assert take(database, 5, clock, rate=0.5) == 1


def test_a_clock_that_goes_back_gives_nothing_away(database: Database, clock: StillClock) -> None:
    assert take(database, 10, clock) == 10
    clock.advance(seconds=-30)
    assert take(database, 10, clock) == 0
    clock.advance(seconds=30.5)
    assert take(database, 10, clock) == 5


def test_what_was_not_used_is_given_back(database: Database, clock: StillClock) -> None:
    assert take(database, 10, clock) == 10
    with database.transaction() as tx:
        our_numbers.return_tokens(tx, "sms", 3)
        our_numbers.return_tokens(tx, "sms", 0)
    assert take(database, 10, clock) == 3


def test_a_paused_number_sends_nothing_and_is_paused_once(database: Database, clock: StillClock) -> None:
    take(database, 1, clock)
    with database.transaction() as tx:
        assert our_numbers.pause(tx, "sms", 20003, clock())
        assert not our_numbers.pause(tx, "sms", 21608, clock())
        assert our_numbers.pause(tx, "never seen", None, clock())
        assert tx.execute(select(Bucket.pause_code, Bucket.paused_at).where(Bucket.sender == "sms")).one() == (
            20003,
            clock(),
        )
    clock.advance(minutes=1)
    assert take(database, 5, clock) == 0
    assert take(database, 5, clock, sender="never seen") == 0


def test_the_global_stop(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        assert not pauses.is_stopped(tx)
        tx.execute(insert(StateValue), {"name": "stopped", "value": "1", "updated_at": clock()})
        assert pauses.is_stopped(tx)
        tx.execute(update(StateValue).values(value="0"))
        assert not pauses.is_stopped(tx)


def test_many_processes_together_keep_to_the_rate(database: Database, clock: StillClock) -> None:
    taken: list[int] = []
    together(4, lambda _: taken.extend(take(database, 2, clock) for _ in range(5)))
    assert sum(taken) == 10


def test_two_processes_that_want_both_numbers_do_not_wait_for_each_other(database: Database, clock: StillClock) -> None:
    for name in ("sms", "whatsapp"):
        take(database, 1, clock, sender=name)

    def both(number: int) -> None:
        names = ["sms", "whatsapp"] if number % 2 else ["whatsapp", "sms"]
        for _ in range(15):
            with database.transaction() as tx:
                our_numbers.lock(tx, names)
                granted.extend(our_numbers.take_tokens(tx, name, 10.0, clock(), 1, BucketTimes()) for name in names)

    granted: list[object] = []
    together(4, both)
    assert len(granted) == 4 * 15 * 2, "a deadlock would have been raised"


# -- leases -------------------------------------------------------------------------------------------------------------


def acquire(database: Database, owner: str, clock: StillClock, *, name: str = "wake", minutes: float = 2) -> bool:
    with database.transaction() as tx:
        return leases.acquire(tx, name, owner, clock() + timedelta(minutes=minutes), clock())


def test_of_two_clocks_one_gets_the_lease(database: Database, clock: StillClock) -> None:
    assert acquire(database, "one", clock)
    assert not acquire(database, "two", clock)
    assert acquire(database, "two", clock, name="plan"), "another job"
    clock.advance(minutes=1)
    assert acquire(database, "one", clock), "renewed"
    clock.advance(minutes=1.5)
    assert not acquire(database, "two", clock)
    clock.advance(minutes=0.5)
    assert acquire(database, "two", clock), "run out, to the moment"
    assert not acquire(database, "one", clock)


def test_a_process_that_stops_gives_its_leases_back(database: Database, clock: StillClock) -> None:
    assert acquire(database, "one", clock)
    assert acquire(database, "one", clock, name="plan")
    assert acquire(database, "two", clock, name="reconcile")
    with database.transaction() as tx:
        leases.release_all(tx, "one", clock())
    assert acquire(database, "three", clock)
    assert acquire(database, "three", clock, name="plan")
    assert not acquire(database, "three", clock, name="reconcile")


def test_many_clocks_at_once(database: Database, clock: StillClock) -> None:
    won: list[int] = []

    def tick(number: int) -> None:
        if acquire(database, f"process {number}", clock):
            won.append(number)

    together(6, tick)
    assert len(won) == 1


# -- the log ------------------------------------------------------------------------------------------------------------


def test_the_log_only_grows(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        audit.record(tx, clock(), "ana", "pause", "cohort:1")
        audit.record(tx, clock.advance(minutes=1), "ana", "resume", "cohort:1", {"reason": "día de asueto", "count": 3})
    with database.reading() as tx:
        rows = tx.execute(
            select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.at)
        ).all()
    assert rows == [
        ("ana", "pause", "cohort:1", "{}"),
        ("ana", "resume", "cohort:1", '{"count": 3, "reason": "día de asueto"}'),
    ]


@pytest.mark.parametrize("wanted", [0, 1])
def test_nothing_is_taken_for_nothing(database: Database, clock: StillClock, wanted: int) -> None:
    assert take(database, wanted, clock) == wanted
