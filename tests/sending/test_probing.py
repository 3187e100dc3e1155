"""A number that something other than the carrier answers, or that the carrier asks to rest for long, on both databases: it is tried
again with one message at a time, and pauses only if it stays so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.sending import pausing
from app.sending.pausing import RESTS, Target
from app.store import alerts, our_numbers
from app.store.tables import Bucket
from tests.sending.wire import BRUNO, Run, Wire

WHATSAPP = "twilio:whatsapp"


def ringing(wire: Wire) -> list[tuple[str, str]]:
    with wire.database.reading() as tx:
        return [(one.kind, one.subject) for one in alerts.open_alerts(tx)]


def resting(wire: Wire) -> list[str]:
    with wire.database.reading() as tx:
        return our_numbers.resting(tx, wire.clock())


def is_paused(wire: Wire) -> bool:
    with wire.database.reading() as tx:
        return tx.execute(select(Bucket.paused_at).where(Bucket.sender == WHATSAPP)).scalar_one() is not None


@pytest.mark.parametrize("fault", ["elsewhere", "blocked"])
def test_one_foreign_answer_costs_a_minute_and_no_person(run: Run, fault: str) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.next = [fault]
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno), wire.queue("dos")]
        sender = wire.sender(concurrency=1)
        await sender.drain()
        assert wire.bodies() == []
        assert {wire.status(uid) for uid in uids} == {"queued"}
        assert ringing(wire) == [("sender_foreign_answer", f"sender:{WHATSAPP}")]
        assert (resting(wire), is_paused(wire)) == ([WHATSAPP], False)
        posts = len(wire.carrier.posts)
        wire.clock.advance(seconds=59)
        await sender.drain()
        assert len(wire.carrier.posts) == posts
        wire.clock.advance(seconds=1)
        await sender.drain()
        await wire.carrier.settle()
        assert wire.bodies() == ["uno", "dos"]
        assert wire.bodies(BRUNO) == ["uno"]
        assert {wire.row(uid).attempts for uid in uids} == {1}
        assert (ringing(wire), resting(wire)) == ([], [])

    run(work)


def test_while_it_lasts_one_message_tries_it_less_and_less_often_and_in_the_end_a_person_must(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.next = ["elsewhere"] * 100
        for _ in range(5):
            wire.queue("uno")
            wire.queue("uno", to=wire.bruno)
        sender, other = wire.sender(), wire.sender(owner="two")
        await sender.drain()
        first = len(wire.carrier.posts)
        for number, rest in enumerate(RESTS):
            assert not is_paused(wire)
            wire.clock.advance(seconds=rest.total_seconds() - 1)
            await other.drain()
            assert len(wire.carrier.posts) == first + number
            wire.clock.advance(seconds=1)
            await sender.drain()
            await other.drain()
            assert len(wire.carrier.posts) == first + number + 1, "one message tries"
        assert is_paused(wire)
        assert timedelta(minutes=45) < sum(RESTS, timedelta()) <= timedelta(hours=1)
        assert ("sender_refused", f"sender:{WHATSAPP}") in ringing(wire)
        wire.carrier.faults.next = []
        with wire.database.transaction() as tx:
            assert pausing.resume(tx, Target("sender", WHATSAPP), wire.clock(), "ana").changed
        await sender.drain()
        await wire.carrier.settle()
        assert (len(wire.bodies()), len(wire.bodies(BRUNO)), ringing(wire)) == (5, 5, [])

    run(work)


def test_a_rest_of_a_day_is_cut_short_said_and_ended_by_resume(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": ["too_many"], "retry_after": 86_400})
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno)]
        sender = wire.sender(concurrency=1)
        await sender.drain()
        assert ringing(wire) == [("sender_slowed", f"sender:{WHATSAPP}")]
        wire.clock.advance(minutes=9)
        await sender.drain()
        assert {wire.status(uid) for uid in uids} == {"queued"}
        wire.carrier.faults.next = ["too_many"]
        wire.clock.advance(minutes=6)
        await sender.drain()
        assert {wire.status(uid) for uid in uids} == {"queued"}, "the one that tried was refused again"
        with wire.database.transaction() as tx:
            assert pausing.resume(tx, Target("sender", WHATSAPP), wire.clock(), "ana").changed
        assert ringing(wire) == []
        await sender.drain()
        await wire.carrier.settle()
        assert {wire.status(uid) for uid in uids} == {"delivered"}

    run(work)


def test_a_rest_of_a_day_is_over_by_itself(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": ["too_many"], "retry_after": 86_400})
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno)]
        sender = wire.sender(concurrency=1)
        await sender.drain()
        wire.clock.advance(minutes=15)
        await sender.drain()
        await wire.carrier.settle()
        assert {wire.status(uid) for uid in uids} == {"delivered"}
        assert (ringing(wire), resting(wire)) == ([], [])

    run(work)
