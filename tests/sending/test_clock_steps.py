"""A clock that is set back or forward, and two processes whose clocks differ: answers go out within seconds, at no more than the
number's rate, and nothing is sent twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.channels.base import Outgoing, SendResult
from app.sending.worker import SendWorker
from app.store import clock_steps, our_numbers, outbox
from app.store.our_numbers import BucketTimes
from app.store.tables import OutboundMessage
from tests.conftest import StillClock
from tests.sending.wire import Run, Wire
from tests.world import enrol

STEPS = [
    timedelta(**by)
    for by in (
        {"days": -31},
        {"days": -2},
        {"hours": -2},
        {"hours": -1},  # as when a machine takes the hour of summer time for its own
        {"hours": 1},
        {"hours": 2},
        {"days": 2},
        {"days": 31},
    )
]
BACK = [step for step in STEPS if step < timedelta()]
RATE = 4.0


def _officers(wire: Wire, first: int, count: int) -> list[int]:
    with wire.database.transaction() as tx:
        return [
            enrol(tx, wire.vault, wire.clock(), f"+525555550{number}", channel="sms")
            for number in range(first, first + count)
        ]


def _reply(wire: Wire, to: int) -> str:
    return wire.queue("sí", to=to, channel="sms")


async def _seconds_until_sent(wire: Wire, sender: SendWorker, uids: list[str], most: float = 60.0) -> float:
    began = wire.clock()
    while any(wire.row(uid).sid is None for uid in uids):
        assert (wire.clock() - began).total_seconds() < most, "answers wait"
        wire.clock.advance(seconds=0.5)
        if (wire.clock() - began).total_seconds() % 15 == 0:
            await sender.reconcile()
        await sender.drain()
    return (wire.clock() - began).total_seconds()


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_answers_go_out_within_seconds_after_a_step(run: Run, step: timedelta, restart: bool) -> None:
    async def work(wire: Wire) -> None:
        officers = _officers(wire, 300, 24)
        sender = wire.sender(rate=RATE)
        before = [_reply(wire, to) for to in officers[:8]]
        await sender.drain()  # four of the eight
        wire.clock.at += step
        if restart:
            sender = wire.sender(rate=RATE, owner="two")
        answers = [_reply(wire, to) for to in officers[8:]]
        assert await _seconds_until_sent(wire, sender, answers) <= 16 / RATE + 3
        await _seconds_until_sent(wire, sender, before)
        await wire.carrier.settle()
        assert len(wire.carrier.posts) == 24

    run(work)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_two_clocks_that_differ_share_the_rate(run: Run, minutes: int) -> None:
    async def work(wire: Wire) -> None:
        other = StillClock(wire.clock() + timedelta(minutes=minutes))
        one, two = wire.sender(rate=RATE), wire.sender(rate=RATE, clock=other, owner="two")
        for to in _officers(wire, 300, 90):
            _reply(wire, to)
        for sender in (one, two):
            other.at = wire.clock() + timedelta(minutes=minutes)
            await sender.drain()
        for _ in range(20):
            wire.clock.advance(seconds=0.5)
            other.advance(seconds=0.5)
            for sender in (one, two):
                await sender.drain()
        posts = len(wire.carrier.posts)
        assert RATE * 9 <= posts <= RATE * 10 + 2 * RATE, "once, the clock that is ahead finds the bucket full"
        for _ in range(10):  # and either goes on alone
            wire.clock.advance(seconds=0.5)
            await one.drain()
        assert len(wire.carrier.posts) >= posts + RATE * 4

    run(work)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_number_that_rests_sends_again_after_a_step(run: Run, step: timedelta) -> None:
    async def work(wire: Wire) -> None:
        [officer] = _officers(wire, 300, 1)
        wire.carrier.faults.change({"next": ["too_many"], "retry_after": 60})
        uid = _reply(wire, officer)
        sender = wire.sender()
        await sender.drain()
        assert wire.row(uid).sid is None
        wire.clock.at += step
        await _seconds_until_sent(wire, sender, [uid], most=120)

    run(work)


def test_a_rest_is_never_longer_than_the_longest(run: Run) -> None:
    async def work(wire: Wire) -> None:
        now = wire.clock()
        with wire.database.transaction() as tx:
            our_numbers.throttle(tx, "sms", now + timedelta(days=1), now)
        wire.clock.at = now + our_numbers.LONGEST_THROTTLE
        with wire.database.transaction() as tx:
            assert our_numbers.take_tokens(tx, "sms", 5.0, wire.clock(), 9, BucketTimes()).tokens == 5

    run(work)


@pytest.mark.parametrize("step", BACK, ids=str)
def test_a_retry_a_lease_and_a_doubt_of_the_other_clock_hold_nobody_up(run: Run, step: timedelta) -> None:
    async def work(wire: Wire) -> None:
        retried, claimed, doubtful = _officers(wire, 300, 3)
        wire.clock.at -= step
        tried = wire.queue(
            "uno", to=retried, channel="sms", attempts=1, created_at=wire.clock() + 2 * step, error_class="retry"
        )
        held, doubt = _reply(wire, claimed), _reply(wire, doubtful)
        lease = wire.clock() + timedelta(minutes=2)
        wire.set(OutboundMessage, {"status": "sending", "rank": 1, "attempts": 1, "lease_until": lease}, uid=held)
        wire.set(OutboundMessage, {"status": "unknown", "rank": 1, "attempts": 1, "lease_until": lease}, uid=doubt)
        wire.clock.at += step
        after = [_reply(wire, to) for to in (retried, claimed, doubtful)]
        sender = wire.sender()
        assert await _seconds_until_sent(wire, sender, [tried, held, doubt, *after], most=360) > 240, "the grace"
        assert len(wire.carrier.posts) == 6

    run(work)


def test_a_message_under_way_is_in_no_doubt_when_the_clock_leaps(run: Run) -> None:
    """Its lease has run out by the clock, while the carrier still works on it."""

    async def work(wire: Wire) -> None:
        gate, posted = asyncio.Event(), asyncio.Event()

        class Slow:
            def __getattr__(self, name: str) -> Any:
                return getattr(wire.channel, name)

            async def send(self, message: Outgoing) -> SendResult:
                posted.set()
                await gate.wait()
                return await wire.channel.send(message)

        uid = _reply(wire, _officers(wire, 300, 1)[0])
        sender = wire.sender(channel=Slow())
        sending = asyncio.create_task(sender.drain())
        await posted.wait()
        wire.clock.advance(hours=2)
        await sender.reconcile()
        assert wire.status(uid) == "sending"
        gate.set()
        await sending
        await wire.send()
        assert len(wire.carrier.posts) == 1

    run(work)


@pytest.mark.parametrize("step", BACK, ids=str)
def test_messages_queued_by_the_other_clock_keep_their_delay(run: Run, step: timedelta) -> None:
    async def work(wire: Wire) -> None:
        now = wire.clock()
        ahead = now - step
        uid = wire.queue("sí", created_at=ahead, due_at=ahead + timedelta(hours=1), resend=1)
        with wire.database.transaction() as tx:
            outbox.correct_moments(tx, now, timedelta(minutes=2), timedelta(minutes=20))
        row = wire.row(uid)
        assert (row.created_at, row.due_at) == (now, now + timedelta(hours=1))

    run(work)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_message_in_doubt_is_found_at_the_carrier_though_the_clock_was_wrong(run: Run, step: timedelta) -> None:
    """The carrier's clock is right; ours is set before the message, and put right after it."""

    async def work(wire: Wire) -> None:
        ours = StillClock(wire.clock() + step)
        with wire.database.transaction() as tx:
            clock_steps.note(tx, ours(), round(step.total_seconds()))
        wire.carrier.faults.change({"next": ["error_after"], "callbacks_lost": 1.0})
        [officer] = _officers(wire, 300, 1)
        uid = wire.queue("sí", to=officer, channel="sms", created_at=ours(), due_at=ours())
        sender = wire.sender(clock=ours)
        await sender.drain()
        assert wire.status(uid) == "unknown"
        ours.at = wire.clock() + timedelta(minutes=5)
        await sender.reconcile()
        await sender.drain()
        assert len(wire.carrier.sent_to("+525555550300")) == 1
        assert wire.row(uid).sid is not None

    run(work)
