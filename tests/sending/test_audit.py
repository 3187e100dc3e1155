"""Messages of which the carrier tells no end, and the day's comparison of its book with ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.channels.base import SentMessage
from app.channels.twilio.channel import TwilioChannel
from app.errors import ExternalError
from app.sending import carrier_audit, polling
from app.sending.carrier_audit import CarrierAudit
from app.sending.polling import Poller
from app.store import alerts, silent
from app.store.tables import Alert, AuditEntry, OutboundMessage
from tests.sending.wire import ALMA, Run, Wire

DAY = timedelta(days=1)


def poller(wire: Wire, owner: str = "one") -> Poller:
    return Poller(wire.ledger, wire.channel, wire.clock, owner)


async def untold(wire: Wire, body: str = "uno", **changes: Any) -> str:
    """A message whose callbacks never came."""
    wire.carrier.faults.callbacks_lost = 1.0
    uid = wire.queue(body, **changes)
    await wire.send()
    assert wire.status(uid) == "accepted"
    return uid


# -- silent messages ------------------------------------------------------------------------------------------------------


def test_a_silent_message_is_asked_about_after_half_a_day(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = await untold(wire)
        wire.clock.at += polling.AFTER - timedelta(seconds=1)
        assert await poller(wire).once() == 0
        wire.clock.advance(seconds=1)
        assert await poller(wire).once() == 1
        row = wire.row(uid)
        assert (row.status, row.price, row.price_unit, row.asked_at) == ("delivered", "0.00790", "USD", wire.clock())
        assert await poller(wire).once() == 0

    run(work)


def test_a_message_that_cannot_be_looked_up_does_not_stop_the_others(run: Run) -> None:
    async def work(wire: Wire) -> None:
        first, second = await untold(wire), await untold(wire, "dos")
        wire.clock.at += polling.AFTER + timedelta(minutes=1)
        look_up, sid = wire.channel.look_up, wire.row(first).sid

        async def fragile(asked: str) -> Any:
            if asked == sid:
                raise ValueError("a value that cannot be read")
            return await look_up(asked)

        wire.channel.look_up = fragile  # type: ignore[method-assign]
        assert await poller(wire).once() == 2
        assert (wire.status(first), wire.status(second)) == ("accepted", "delivered")
        with wire.database.reading() as tx:
            assert [(one.kind, one.subject) for one in alerts.open_alerts(tx)] == [("damaged", f"message:{first}")]
        assert await poller(wire).once() == 0, "and it is not asked about at once"

    run(work)


def test_it_is_asked_about_less_and_less_often_and_after_three_days_no_more(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = await untold(wire)
        began = wire.clock()
        for message in wire.carrier.sent_to(ALMA):
            message.status = "sent"
        asked = []
        for _ in range(4 * 24 * 4):
            wire.clock.advance(minutes=15)
            if await poller(wire).once():
                asked.append((wire.clock() - began) // timedelta(hours=1))
        assert asked == [12, 16, 20, 32, 44, 56, 68]
        assert (wire.status(uid), wire.row(uid).error_class) == ("sent", silent.SILENT)
        wire.carrier.sent_to(ALMA)[0].status = "delivered"
        await wire.carrier.caller.post(
            f"https://trato.example/twilio/status?m={uid}",
            {"MessageSid": wire.row(uid).sid, "MessageStatus": "delivered", "AccountSid": wire.carrier.account.sid},
        )
        assert wire.status(uid) == "delivered", "but it is listened to"

    run(work)


def test_a_failure_that_is_found_out_so_is_acted_on_if_that_still_makes_sense(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.failed = {ALMA: 30003}
        uid = await untold(wire)
        wire.clock.at += polling.AFTER
        await poller(wire).once()
        assert (wire.status(uid), wire.row(uid).error_code) == ("undelivered", 30003)
        assert wire.count(OutboundMessage, origin_id=wire.row(uid).id) == 1

    run(work)


def test_one_that_the_carrier_does_not_know_stays_as_it_is(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = await untold(wire)
        wire.carrier.book.messages.clear()
        wire.clock.at += polling.AFTER
        assert await poller(wire).once() == 1
        assert (wire.status(uid), wire.row(uid).asked_at) == ("accepted", wire.clock())
        assert await poller(wire).once() == 0

    run(work)


def test_one_process_asks_at_a_time_and_only_so_many_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(wire: Wire) -> None:
        monkeypatch.setattr(polling, "AT_A_TIME", 2)
        for number in range(3):
            await untold(wire, f"{number}")
        wire.clock.at += polling.AFTER
        assert await poller(wire).once() == 2
        assert await poller(wire, "two").once() == 0
        assert await poller(wire).once() == 1

    run(work)


# -- the books ------------------------------------------------------------------------------------------------------------


def bookkeeper(wire: Wire, owner: str = "one") -> CarrierAudit:
    return CarrierAudit(wire.ledger, wire.channel, wire.clock, owner)


def found(wire: Wire) -> dict[str, dict[str, int]]:
    """The findings of the comparisons, by day."""
    with wire.database.reading() as tx:
        rows = tx.execute(select(AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == "reconcile"))
        return {subject: json.loads(detail) for subject, detail in rows}


def test_a_day_is_compared_once_when_it_has_settled(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uids = [await untold(wire, body) for body in ("uno", "dos")]
        for _ in range(24):
            wire.clock.advance(hours=1)
            await bookkeeper(wire).once()
        assert found(wire) == {
            "day:2026-03-01": {"both": 0, "only_ours": 0, "only_theirs": 0},
            "day:2026-03-02": {"both": 2, "only_ours": 0, "only_theirs": 0},
        }
        assert [(row.status, row.price, row.segments) for row in map(wire.row, uids)] == [
            ("delivered", "0.00790", 1)
        ] * 2
        assert wire.count(Alert) == 0

    run(work)


def test_what_only_one_book_has_is_counted_and_somebody_is_told(run: Run) -> None:
    async def work(wire: Wire) -> None:
        lost, _ = await untold(wire, "uno"), await untold(wire, "dos")
        del wire.carrier.book.messages[wire.row(lost).sid]
        stranger = wire.carrier.book.create(wire.carrier.sent_to(ALMA)[0].form)
        stranger.sent = wire.clock()
        answer = wire.carrier.book.create(wire.carrier.sent_to(ALMA)[0].form)
        answer.direction, answer.sent = "outbound-reply", wire.clock()
        wire.clock.at += DAY
        for owner in ("one", "two", "one"):
            await bookkeeper(wire, owner).once()
        expected = {"both": 1, "only_ours": 1, "only_theirs": 1}
        assert found(wire) == {"day:2026-03-02": expected}
        with wire.database.reading() as tx:
            (alert,) = tx.execute(select(Alert.kind, Alert.subject, Alert.detail, Alert.times)).all()
        assert (alert.kind, alert.subject, json.loads(alert.detail), alert.times) == (
            carrier_audit.DIFFERS,
            "day:2026-03-02",
            expected,
            1,
        )

    run(work)


def test_messages_of_midnight_are_missed_on_neither_side(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.clock.advance(hours=7, minutes=59)
        await untold(wire, channel="sms")
        wire.carrier.sent_to(ALMA)[0].sent = wire.clock() + timedelta(minutes=2)
        for _ in range(2):
            wire.clock.at += DAY
            await bookkeeper(wire).once()
        assert found(wire) == {f"day:2026-03-0{day}": {"both": 1, "only_ours": 0, "only_theirs": 0} for day in (2, 3)}

    run(work)


def test_days_that_were_missed_are_made_up_for_and_a_failure_is_tried_again(run: Run) -> None:
    async def work(wire: Wire) -> None:
        await bookkeeper(wire).once()
        wire.clock.at += 20 * DAY
        wire.carrier.faults.list_errors = 1.0
        with pytest.raises(ExternalError):
            await bookkeeper(wire).once()
        assert list(found(wire)) == ["day:2026-03-01"]
        wire.carrier.faults.list_errors = 0.0
        await bookkeeper(wire).once()
        assert list(found(wire)) == ["day:2026-03-01", *[f"day:2026-03-{day}" for day in range(15, 22)]]

    run(work)


def test_the_list_is_read_page_by_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(wire: Wire) -> None:
        monkeypatch.setattr("app.channels.twilio.channel.LARGEST_PAGE", 2)
        sids = {wire.row(await untold(wire, f"{number}")).sid for number in range(5)}
        pages = [page async for page in wire.channel.list_sent(wire.clock().date())]
        assert max(map(len, pages)) <= 2
        assert {one.sid for page in pages for one in page} == sids
        assert {one.price for page in pages for one in page} == {"0.00790"}

    run(work)


def test_a_running_sender_does_both(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = await untold(wire)
        wire.clock.at += DAY
        sender = wire.sender()
        running = asyncio.create_task(sender.run())
        for _ in range(500):
            if wire.status(uid) == "delivered" and found(wire):
                break
            await asyncio.sleep(0.02)
        sender.stop()
        await asyncio.wait_for(running, 10)
        assert wire.status(uid) == "delivered"
        assert list(found(wire)) == ["day:2026-03-02"]

    run(work)


def test_a_carrier_that_says_more_of_a_day_than_anybody_can_look_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list is empty: a few are asked for, the rest counts as missing, and the day ends."""

    async def nothing(_: TwilioChannel, __: date) -> AsyncIterator[Sequence[SentMessage]]:
        for page in ():
            yield page

    async def work(wire: Wire) -> None:
        monkeypatch.setattr(TwilioChannel, "list_sent", nothing)
        monkeypatch.setattr(carrier_audit, "MOST_LOOKED_UP", 3)
        with wire.database.transaction() as tx:
            for number in range(5):
                tx.execute(
                    insert(OutboundMessage),
                    {
                        "uid": f"u{number}",
                        "sid": f"SM{number:032x}",
                        "kind": "say",
                        "channel": "sms",
                        "options": "[]",
                        "status": "delivered",
                        "rank": 5,
                        "attempts": 1,
                        "priority": 0,
                        "due_at": wire.clock(),
                        "created_at": wire.clock(),
                        "sent_at": wire.clock(),
                    },
                )
        wire.clock.at += DAY
        await bookkeeper(wire).once()
        assert found(wire)["day:2026-03-02"] == {"both": 0, "only_ours": 5, "only_theirs": 0}

    run(work)
