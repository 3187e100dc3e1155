"""An answer to an officer does not wait for nudges that were queued before, on both databases."""

from datetime import timedelta

from sqlalchemy import insert

from app.store.tables import FlowVersion, Session
from tests.sending.wire import Run, Wire


def test_an_answer_goes_before_ten_nudges_that_wait(run: Run) -> None:
    async def work(wire: Wire) -> None:
        for number in range(10):
            wire.queue(f"nudge {number}", priority=1)
        sender = wire.sender(rate=2.0)
        await sender.drain()
        before = len(wire.bodies())
        assert before == 2, "two at once, then two a second"
        wire.heard(wire.alma, timedelta())
        for body in ("answer 1", "answer 2"):
            wire.queue(body)
        for _ in range(12):
            wire.clock.advance(seconds=0.5)
            await sender.drain()
        nudges = [f"nudge {number}" for number in range(10)]
        assert wire.bodies() == [*nudges[:before], "answer 1", "answer 2", *nudges[before:]]

    run(work)


def test_a_question_that_was_answered_before_it_went_out_is_dropped(run: Run) -> None:
    async def work(wire: Wire) -> None:
        now = wire.clock()
        with wire.database.transaction() as tx:
            version = tx.execute(
                insert(FlowVersion).returning(FlowVersion.id),
                {"programme": "p", "hash": "h", "source": "", "published_at": now},
            ).scalar_one()
            session = tx.execute(
                insert(Session).returning(Session.id),
                {
                    "contact_id": wire.alma,
                    "flow_version_id": version,
                    "flow": "f",
                    "channel": "whatsapp",
                    "step": "second",
                    "started_at": now,
                },
            ).scalar_one()
        wire.heard(wire.alma, timedelta(days=1))
        stale = wire.queue("first?", kind="ask", session_id=session, step="first", priority=1)
        wire.clock.advance(minutes=1)
        wire.heard(wire.alma, timedelta())
        wire.queue("second?", kind="ask", session_id=session, step="second")
        await wire.send()
        assert wire.bodies() == ["second?"]
        assert (wire.status(stale), wire.row(stale).error_class) == ("cancelled", "stale")

    run(work)
