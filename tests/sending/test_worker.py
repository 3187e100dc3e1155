"""The sender against the fake carrier, over the real channel and the real webhooks, on both databases: whatever goes wrong
on the way, the carrier has every message once and our database says the same."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from app.channels.our_numbers import OurNumbers
from app.conversations.intake import Intake
from app.errors import ExternalError
from app.roster import numbers
from app.sending import claiming, worker
from app.sending.reconciling import GRACE
from app.sending.rounds import repeat
from app.sending.worker import LONGEST_AHEAD, LONGEST_POST_SECONDS, MOST_AHEAD
from app.store import alerts, contacts
from app.store.schema_version import SchemaWatch
from app.store.tables import (
    Address,
    AuditEntry,
    Bucket,
    Cohort,
    Contact,
    InboundMessage,
    MessageEvent,
    StateValue,
)
from app.store.vault import Vault
from tests.sending.wire import ACCOUNT, ALMA, BRUNO, TEMPLATE, Run, Wire, eventually
from tests.store.test_schema_version import LATER, upgrade
from tests.world import enrol


def test_a_message_goes_out_with_its_name_and_its_whole_life_is_recorded(run: Run) -> None:
    async def work(wire: Wire) -> None:
        options = json.dumps([{"number": 1, "key": "si", "label": "Sí"}, {"number": 2, "key": "no", "label": "No"}])
        uid = wire.queue("{{nombre}}, ¿explicó?", options=options)
        await wire.send()
        assert wire.bodies() == ["Alma, ¿explicó?\n1 Sí\n2 No"]
        row = wire.row(uid)
        assert (row.status, row.rank, row.attempts, wire.words(row)) == ("delivered", 5, 1, "{{nombre}}, ¿explicó?")
        assert row.sid == wire.carrier.sent_to(ALMA)[0].sid
        assert None not in (row.sent_at, row.delivered_at, row.segments)
        assert (row.lease_until, row.lease_owner) == (None, None)
        assert wire.count(MessageEvent, outbound_id=row.id) == 3

    run(work)


def test_order_is_kept_per_contact_and_contacts_do_not_wait_for_each_other(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.refused = {ALMA: 63010}
        for number in range(5):
            wire.queue(f"{number}")
            wire.queue(f"{number}", to=wire.bruno)
        await wire.send(concurrency=1)
        wire.carrier.faults.refused = {}
        assert wire.bodies() == []
        assert wire.bodies(BRUNO) == list("01234")
        wire.clock.advance(minutes=1)
        await wire.send(concurrency=4)
        assert wire.bodies() == list("01234")

    run(work)


def test_a_template_opens_the_conversation_outside_the_window(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.heard(wire.alma, timedelta(hours=23, minutes=55))
        uid = wire.queue("{{nombre}}, le escribimos.", template="apertura", variables='["{{nombre}}"]', priority=1)
        await wire.send()
        (sent,) = wire.carrier.sent_to(ALMA)
        assert (sent.content_sid, sent.form["ContentVariables"]) == (TEMPLATE, '{"1": "Alma"}')
        assert sent.form["ValidityPeriod"] == "36000"
        assert wire.status(uid) == "delivered"

    run(work)


def test_without_a_template_it_goes_by_sms_and_the_row_says_so(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.heard(wire.alma, timedelta(days=2))
        uid = wire.queue("Hola")
        await wire.send()
        (sent,) = wire.carrier.sent_to(ALMA)
        assert (sent.receiver, sent.body) == (ALMA, "Hola")
        assert (wire.status(uid), wire.row(uid).channel) == ("delivered", "sms")

    run(work)


@pytest.mark.parametrize("code", [21655, 21656])
@pytest.mark.parametrize("way", ["sms", "no address", "no sender"])
def test_a_template_that_is_not_in_order_goes_by_sms_and_rings_once(run: Run, code: int, way: str) -> None:
    async def work(wire: Wire) -> None:
        sid = TEMPLATE if code == 21656 else "HX" + "9" * 32
        values = '["{{nombre}}", "y otro"]' if code == 21656 else '["{{nombre}}"]'
        if way == "no sender":
            wire.channel._numbers = OurNumbers.of({"whatsapp": ACCOUNT.whatsapp})
        uids = []
        for contact in (wire.alma, wire.bruno):
            wire.heard(contact, timedelta(days=3))
            if way == "no address":
                wire.set(Address, {"retired_at": wire.clock()}, contact_id=contact, channel="sms")
            uids.append(wire.queue("{{nombre}}, ¿cómo le fue?", to=contact, template="apertura", variables=values))
        await wire.send(templates={"apertura": sid})
        rows = [wire.row(uid) for uid in uids]
        if way == "sms":
            assert [(one.receiver, one.body) for one in wire.carrier.sent_to(ALMA)] == [(ALMA, "Alma, ¿cómo le fue?")]
            assert [(row.status, row.channel) for row in rows] == [("delivered", "sms")] * 2
        else:
            assert wire.bodies() == []
            assert [(row.status, row.channel, row.error_code, row.error_class) for row in rows] == [
                ("failed", "whatsapp", code, "change")
            ] * 2
        with wire.database.reading() as tx:
            assert [(one.kind, one.subject, one.times) for one in alerts.open_alerts(tx)] == [
                ("template", "template:apertura", 2)
            ]
        assert wire.count(Bucket, pause_code=code) == 0
        wire.carrier.book.refused.clear()

    run(work)


@pytest.mark.parametrize("senders", [("whatsapp",), ("sms",), ()], ids=["whatsapp alone", "sms alone", "none"])
def test_nothing_goes_out_on_a_channel_without_a_number_of_ours(run: Run, senders: tuple[str, ...]) -> None:
    async def work(wire: Wire) -> None:
        wire.channel._numbers = OurNumbers.of({channel: getattr(ACCOUNT, channel) for channel in senders})
        uids = [
            wire.queue("uno", channel=channel, to=contact)
            for channel, contact in (("sms", wire.alma), ("whatsapp", wire.bruno))
        ]
        wire.heard(wire.alma)
        await wire.send()
        assert [wire.row(uid).channel for uid in uids] == (list(senders) * 2 or ["sms", "whatsapp"])
        assert [wire.status(uid) for uid in uids] == ["delivered" if senders else "failed"] * 2

    run(work)


def test_without_any_way_it_fails_visibly(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.heard(wire.alma, timedelta(days=2))
        wire.set(Address, {"unreachable_at": wire.clock()}, contact_id=wire.alma, channel="sms")
        uid = wire.queue("Hola")
        await wire.send()
        assert (wire.status(uid), wire.row(uid).error_class) == ("failed", "change")
        assert wire.bodies() == []

    run(work)


def test_an_officer_without_whatsapp_gets_sms_from_then_on(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.refused = {ALMA: 63024}
        wire.queue("uno")
        sender = wire.sender()
        await sender._round()
        await asyncio.wait(sender._in_flight)
        wire.carrier.faults.refused = {}
        wire.queue("dos")
        await sender.drain()
        assert [(one.receiver, one.body) for one in wire.carrier.sent_to(ALMA)] == [(ALMA, "uno"), (ALMA, "dos")]

    run(work)


@pytest.mark.parametrize(
    "fault", ["too_many", "error_before", "drop_before", "error_after", "drop_after", "hang", "garbled"]
)
@pytest.mark.parametrize("callbacks", [True, False], ids=["told", "untold"])
def test_whatever_breaks_the_message_goes_out_exactly_once(run: Run, fault: str, callbacks: bool) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": [fault], "hang_seconds": 0, "callbacks_lost": 0.0 if callbacks else 1.0})
        first, second = wire.queue("uno"), wire.queue("dos")
        sender = wire.sender()
        for _ in range(4):
            await sender.drain()
            await wire.carrier.settle()
            await sender.reconcile()
            wire.clock.advance(minutes=1)
        assert wire.bodies() == ["uno", "dos"]
        expected = "delivered" if callbacks else ("accepted", "delivered")
        assert wire.status(first) in expected
        assert wire.status(second) in expected
        assert {wire.row(first).sid, wire.row(second).sid} == {one.sid for one in wire.carrier.sent_to(ALMA)}

    run(work)


def test_a_message_in_doubt_is_not_sent_again_before_the_grace_is_over(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.next = ["drop_before"]
        uid = wire.queue("uno")
        sender = wire.sender()
        await sender.drain()
        assert wire.status(uid) == "unknown"
        wire.clock.at += GRACE - timedelta(seconds=1)
        await sender.reconcile()
        assert wire.status(uid) == "unknown"
        wire.clock.advance(seconds=1)
        await sender.reconcile()
        assert wire.status(uid) == "queued"
        await sender.drain()
        assert wire.bodies() == ["uno"]

    run(work)


@pytest.mark.parametrize("posted", [True, False])
def test_after_a_crash_a_message_is_looked_for_and_never_posted_blindly(run: Run, posted: bool) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.callbacks_lost = 1.0
        uid = wire.queue("uno")
        crashed = wire.sender(owner="crashed")
        _, jobs = await wire.ledger.run(lambda tx: crashed._exchange(tx, [], [], 5))
        if posted:
            await wire.channel.send(jobs[0].outgoing)
        survivor = wire.sender(owner="survivor")
        await survivor.reconcile()
        await survivor.drain()
        assert wire.status(uid) == "sending"
        wire.clock.at += claiming.LEASE
        await survivor.reconcile()
        await survivor.drain()
        assert wire.status(uid) == ("delivered" if posted else "unknown")
        wire.clock.at += GRACE
        await survivor.reconcile()
        await survivor.drain()
        assert wire.bodies() == ["uno"]

    run(work)


def test_a_message_in_doubt_is_looked_for_at_the_number_that_the_officer_had_then(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": ["drop_after"], "callbacks_lost": 1.0})
        first, second = wire.queue("uno"), wire.queue("dos")
        sender = wire.sender()
        await sender.drain()
        with wire.database.transaction() as tx:
            study_id = tx.execute(select(Contact.study_id).where(Contact.id == wire.alma)).scalar_one()
            numbers.change(tx, wire.vault, study_id, "+525555550177", wire.clock())
        wire.heard(wire.alma)
        wire.clock.at += GRACE
        await sender.reconcile()
        await sender.drain()
        await wire.carrier.settle()
        assert (wire.bodies(ALMA), wire.bodies("+525555550177")) == (["uno"], ["dos"])
        assert [wire.row(uid).sid for uid in (first, second)] == [
            one.sid for number in (ALMA, "+525555550177") for one in wire.carrier.sent_to(number)
        ]

    run(work)


def test_the_answer_to_a_sender_that_lost_its_message_changes_only_what_is_certain(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = wire.queue("uno")
        slow = wire.sender(owner="slow")
        _, (job,) = await wire.ledger.run(lambda tx: slow._exchange(tx, [], [], 5))
        wire.carrier.faults.refused = {ALMA: 63010}
        await slow._deliver(job, 0)
        wire.carrier.faults.refused = {}
        wire.clock.at += claiming.LEASE
        await wire.sender(owner="other").reconcile()
        await slow._transact(0)
        assert wire.status(uid) == "unknown"
        wire.clock.at -= claiming.LEASE
        await slow._deliver(job, 0)
        await slow._transact(0)
        await wire.carrier.settle()
        assert wire.status(uid) == "delivered"

    run(work)


def test_what_cannot_be_told_apart_is_given_up_and_holds_nothing_up(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": ["drop_after"], "callbacks_lost": 1.0})
        uid, later = wire.queue("uno"), wire.queue("dos")
        sender = wire.sender()
        await sender.drain()
        form = wire.carrier.sent_to(ALMA)[0].form
        wire.carrier.book.create(form)
        await sender.reconcile()
        assert (wire.status(uid), wire.row(uid).error_class) == ("failed", "unclear")
        assert wire.count(AuditEntry, action="give_up") == 1
        await sender.drain()
        assert wire.status(later) == "accepted"

    run(work)


def test_a_wrong_installation_pauses_its_sender_once_and_keeps_every_message(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.refused = {ALMA: 20003, BRUNO: 20003}
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno), wire.queue("dos")]
        sms = wire.queue("por sms", to=wire.bruno, channel="sms", due_at=wire.clock() + timedelta(minutes=1))
        await wire.send()
        assert [wire.status(uid) for uid in uids] == ["queued"] * 3
        assert wire.row(uids[0]).attempts == 0
        assert wire.count(AuditEntry, action="pause") == 1
        assert wire.count(Bucket, pause_code=20003) == 1
        wire.carrier.faults.refused = {}
        await wire.send()
        assert wire.bodies() == []
        wire.set(Bucket, {"paused_at": None, "pause_code": None}, sender="twilio:whatsapp")
        wire.clock.advance(minutes=1)
        await wire.send()
        assert wire.bodies() == ["uno", "dos"]
        assert wire.status(sms) == "delivered"

    run(work)


def test_a_wrong_key_pauses_the_sender_and_fails_no_message(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = wire.queue("uno")
        await wire.send(vault=Vault("another secret that is long enough"))
        assert wire.status(uid) == "queued"
        assert wire.count(Bucket, sender="twilio:whatsapp", paused_at=wire.clock()) == 1

    run(work)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["refused", "in a callback"])
def test_a_code_that_says_never_again_stops_the_contact(run: Run, asynchronous: bool) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"failed" if asynchronous else "refused": {ALMA: 63033}})
        first = wire.queue("uno")
        later = wire.queue("dos", due_at=wire.clock() + timedelta(hours=1))
        await wire.send()
        assert wire.status(first) == ("undelivered" if asynchronous else "failed")
        assert wire.status(later) == "cancelled"
        assert wire.count(Contact, id=wire.alma, status="blocked") == 1
        assert wire.count(Contact, id=wire.bruno, status="active") == 1

    run(work)


def test_the_last_word_goes_to_who_opted_out_and_nothing_else(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.set(Contact, {"status": "opted_out"}, id=wire.alma)
        question, notice = wire.queue("¿Sí?"), wire.queue("Ya no le escribiremos.", kind="notice", step="opted_out")
        await wire.send()
        assert wire.bodies() == ["Ya no le escribiremos."]
        assert (wire.status(question), wire.status(notice)) == ("cancelled", "delivered")

    run(work)


def test_nudges_wait_for_the_morning_and_replies_do_not_wait_for_them(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.clock.advance(hours=13)  # 23:00
        wire.heard(wire.alma)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        nudge, reply = wire.queue("recordatorio", priority=1), wire.queue("respuesta")
        await wire.send()
        assert wire.bodies() == ["respuesta"]
        assert wire.status(reply) == "delivered"
        assert wire.row(nudge).due_at == wire.clock() + timedelta(hours=10)
        wire.clock.advance(hours=10)
        await wire.send()
        assert wire.bodies() == ["respuesta", "recordatorio"]

    run(work)


def test_the_kill_switch_and_a_paused_cohort_hold_messages_back_without_losing_any(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = wire.queue("uno")
        with wire.database.transaction() as tx:
            tx.execute(insert(StateValue), {"name": "stopped", "value": "1", "updated_at": wire.clock()})
        await wire.send()
        assert wire.status(uid) == "queued"
        wire.set(StateValue, {"value": "0"}, name="stopped")
        wire.set(Cohort, {"paused_at": wire.clock()}, programme="prueba")
        await wire.send()
        assert wire.status(uid) == "queued"
        wire.set(Cohort, {"paused_at": None}, programme="prueba")
        wire.clock.advance(minutes=6)
        await wire.send()
        assert wire.bodies() == ["uno"]

    run(work)


def test_an_expired_message_is_not_sent(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = wire.queue("uno", expires_at=wire.clock())
        await wire.send()
        assert (wire.status(uid), wire.bodies()) == ("expired", [])

    run(work)


def test_the_rate_of_a_number_is_kept(run: Run) -> None:
    async def work(wire: Wire) -> None:
        for number in range(6):
            wire.queue(f"{number}", to=wire.alma if number % 2 else wire.bruno)
        for later, expected in ((0.0, 2), (0.4, 2), (0.6, 4), (1.0, 6)):
            wire.clock.advance(seconds=later)
            await wire.send(rate=2.0)
            assert len(wire.bodies()) + len(wire.bodies(BRUNO)) == expected

    run(work)


def test_a_row_that_cannot_be_read_fails_alone(run: Run) -> None:
    async def work(wire: Wire) -> None:
        broken, whole = wire.queue("uno", options="["), wire.queue("dos", to=wire.bruno)
        await wire.send()
        assert (wire.status(broken), wire.row(broken).error_class) == ("failed", "bug")
        assert wire.status(whole) == "delivered"

    run(work)


def test_an_erased_officer_is_written_to_without_a_name(run: Run) -> None:
    async def work(wire: Wire) -> None:
        with wire.database.transaction() as tx:
            contacts.change(tx, wire.alma, attributes="{}")
            tx.exec_driver_sql("DELETE FROM identity")
        wire.queue("{{nombre}}, gracias.")
        await wire.send()
        assert wire.bodies() == ["Gracias."]

    run(work)


@pytest.mark.parametrize("address", ["whatsapp:+5215555550177", "+525555550177"])
def test_an_unknown_number_gets_its_one_answer(run: Run, address: str) -> None:
    async def work(wire: Wire) -> None:
        message = await wire.carrier.inject(address, "¿quién es?")
        assert message.webhook_answers == [200]
        await wire.send()
        assert len(wire.carrier.sent_to("+525555550177")) == 1
        assert wire.count(InboundMessage, outcome="unknown_sender") == 1

    run(work)


def test_a_swept_message_of_an_unknown_number_is_answered_too(run: Run) -> None:
    async def work(wire: Wire) -> None:
        await wire.carrier.inject("+525555550177", "¿quién es?", deliver=False)
        intake = Intake(wire.channel, wire.ledger, wire.vault)
        (stretch,) = [one async for one in wire.channel.list_inbound(wire.clock(), wire.clock() + timedelta(minutes=1))]
        for message in stretch.messages:
            await intake.message(message)
        await wire.send()
        assert len(wire.carrier.sent_to("+525555550177")) == 1

    run(work)


def _many(wire: Wire, count: int) -> list[str]:
    with wire.database.transaction() as tx:
        others = [
            enrol(tx, wire.vault, wire.clock(), f"+525555550{number:03d}", channel="sms")
            for number in range(300, 300 + count)
        ]
    return [wire.queue("uno", to=contact, channel="sms") for contact in others]


@pytest.mark.parametrize("asked", [None, 30])
def test_too_many_requests_rest_the_whole_number_and_are_no_tries(run: Run, asked: int | None) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"next": ["ok", "too_many"], "retry_after": asked})
        uids = _many(wire, 8)
        sender, other = wire.sender(concurrency=2), wire.sender(concurrency=2, owner="two")
        await sender.drain()
        await wire.carrier.settle()
        posted = len(wire.carrier.posts)
        assert posted <= 3, "what was claimed and not posted yet went back"
        assert sorted({wire.status(uid) for uid in uids}) == ["delivered", "queued"]
        until = wire.clock() + timedelta(seconds=asked or 0.5)
        for name, number in (("twilio:sms", 1), ("twilio:whatsapp", 0)):
            with wire.database.reading() as tx:
                rests = tx.execute(select(Bucket.not_before).where(Bucket.sender == name)).scalar_one_or_none()
            assert (rests is not None and until <= rests <= until + timedelta(seconds=1)) == bool(number)
        wire.clock.at = until - timedelta(milliseconds=1)
        await other.drain()
        assert len(wire.carrier.posts) == posted, "nor does any other process send"
        wire.clock.advance(seconds=1)
        await sender.drain()
        await wire.carrier.settle()
        assert {wire.status(uid) for uid in uids} == {"delivered"}
        assert {wire.row(uid).attempts for uid in uids} == {1}

    run(work)


@pytest.mark.parametrize("seed", range(2))
def test_in_a_storm_of_429_nothing_is_lost_or_burned(run: Run, seed: int) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.book.random = Random(seed)
        wire.carrier.faults.change({"too_many": 0.9, "retry_after": 1 if seed else None})
        uids = [*_many(wire, 15), *[wire.queue(f"{number}") for number in range(4)]]
        senders = [wire.sender(concurrency=4, owner=owner, chance=Random(seed)) for owner in "ab"]
        for _ in range(100):
            await asyncio.gather(*(sender.drain() for sender in senders))
            wire.clock.advance(seconds=4)
        refused = sum(fault == "too_many" for _, fault in wire.carrier.posts)
        wire.carrier.faults.too_many = 0.0
        for _ in range(20):
            await asyncio.gather(*(sender.drain() for sender in senders))
            wire.clock.advance(seconds=30)
        await wire.carrier.settle()
        assert refused > 20, "there was a storm"
        assert {wire.status(uid) for uid in uids} == {"delivered"}
        assert {wire.row(uid).attempts for uid in uids} == {1}
        assert wire.bodies() == ["0", "1", "2", "3"]
        assert len(wire.carrier.messages) == len(uids) + 2

    run(work)


def test_the_sender_finds_how_much_the_carrier_bears(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"most_at_once": 3, "slow": 0.002})
        uids = _many(wire, 60)
        sender = wire.sender(concurrency=24)
        for _ in range(40):
            await sender.drain()
            wire.clock.advance(seconds=2)
        await wire.carrier.settle()
        assert {wire.status(uid) for uid in uids} == {"delivered"}
        faults = [fault for _, fault in wire.carrier.posts]
        assert faults[:24].count("too_many") > 15
        assert faults[40:].count("too_many") < len(faults[40:]) / 3, "it has learnt"

    run(work)


def test_a_rate_that_is_refused_with_another_code_rests_the_number_too(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.refused = {ALMA: 63018}
        uid, other = wire.queue("uno"), wire.queue("uno", to=wire.bruno)
        await wire.send(concurrency=1)
        assert (wire.status(uid), wire.status(other)) == ("queued", "queued")
        wire.carrier.faults.refused = {}
        wire.clock.advance(seconds=2)
        await wire.send()
        assert (wire.status(uid), wire.status(other)) == ("delivered", "delivered")

    run(work)


def test_running_sends_what_comes_and_stopping_leaves_nothing_in_doubt(run: Run) -> None:
    async def work(wire: Wire) -> None:
        sender = wire.sender(poll_seconds=0.05)
        wire.carrier.faults.slow = 0.05
        running = asyncio.create_task(sender.run())
        first = wire.queue("uno")
        sender.wake()
        await eventually(lambda: wire.status(first) != "queued")
        second = wire.queue("dos")
        await eventually(lambda: wire.status(second) != "queued")
        sender.stop()
        await asyncio.wait_for(running, 5)
        await wire.carrier.settle()
        assert wire.status(first) == "delivered"
        assert wire.status(second) in ("delivered", "queued")  # posted to the end, or not begun

    run(work)


def test_a_stop_does_not_wait_for_ever_and_keeps_the_answers_that_came(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LONGEST_STOP_SECONDS", 3.0)

    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"callbacks_lost": 1.0, "slow": 1.5})
        sender = wire.sender(poll_seconds=0.05)
        running = asyncio.create_task(sender.run())
        answered = wire.queue("uno")
        sender.wake()
        await eventually(lambda: wire.carrier.busy == 1)
        wire.carrier.faults.change({"slow": 60.0})
        hanging = wire.queue("dos", to=wire.bruno)
        sender.wake()
        await eventually(lambda: wire.carrier.busy == 2)
        sender.stop()
        with capture_logs() as logs:
            await asyncio.wait_for(running, 20)
        assert (wire.status(answered), wire.status(hanging)) == ("accepted", "sending"), "a row that is looked up later"
        assert [one["messages"] for one in logs if "looked up" in one["event"]] == [1]

    run(work)


def test_an_answer_that_comes_while_others_are_being_written_is_written_too(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.change({"callbacks_lost": 1.0, "slow": 0.002})
        with wire.database.transaction() as tx:
            others = [
                enrol(tx, wire.vault, wire.clock(), f"+5255555502{number:02d}", channel="sms") for number in range(30)
            ]
        uids = [wire.queue("uno", to=contact, channel="sms") for contact in others]
        await wire.sender(concurrency=3).drain()
        assert [wire.status(uid) for uid in uids] == ["accepted"] * 30

    run(work)


def test_what_was_claimed_but_not_begun_goes_back_when_the_sender_stops(run: Run) -> None:
    async def work(wire: Wire) -> None:
        sender = wire.sender(concurrency=1)
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno)]
        wire.carrier.faults.slow = 0.2
        running = asyncio.create_task(sender.run())
        await eventually(
            lambda: [wire.status(uid) for uid in uids] == ["sending", "sending"] and sender._pace.under_way == 1
        )
        sender.stop()
        await asyncio.wait_for(running, 5)
        await wire.carrier.settle()
        assert [wire.status(uid) for uid in uids] == ["delivered", "queued"]
        assert wire.row(uids[1]).attempts == 0

    run(work)


def test_what_was_decided_on_long_ago_is_decided_on_anew(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uid = wire.queue("uno")
        slow = wire.sender(owner="slow")
        _, (job,) = await wire.ledger.run(lambda tx: slow._exchange(tx, [], [], 5))
        wire.clock.at += LONGEST_AHEAD
        await slow._deliver(job, 0)
        await slow._transact(0)
        assert (wire.status(uid), wire.row(uid).attempts, wire.bodies()) == ("queued", 0, [])
        wire.set(Contact, {"status": "opted_out"}, id=wire.alma)
        await slow.drain()
        assert (wire.status(uid), wire.bodies()) == ("cancelled", [])

    run(work)


def test_a_post_ends_before_the_lease() -> None:
    assert LONGEST_AHEAD + timedelta(seconds=LONGEST_POST_SECONDS) < claiming.LEASE


def test_while_the_carrier_is_quick_more_waits_claimed_and_while_it_is_slow_less(run: Run) -> None:
    async def work(wire: Wire) -> None:
        sender = wire.sender(concurrency=2)
        await sender._thin_out()
        assert sender._ahead == 2, "nothing waits: nothing is gathered"
        posts = [asyncio.get_running_loop().create_future() for _ in range(MOST_AHEAD)]
        sender._in_flight.update(posts)  # type: ignore[arg-type]
        seen = []
        for quick in (True, True, False, True, True, True, True, True, False, False, False, False, False, False):
            gathering = asyncio.create_task(sender._thin_out())
            await asyncio.sleep(0)
            if quick:
                sender._thinned.set()
            await gathering
            seen.append(sender._ahead)
        assert seen == [4, 8, 4, 8, 16, 32, MOST_AHEAD, MOST_AHEAD, 25, 12, 6, 3, 2, 2]
        sender._in_flight.clear()

    run(work)


@pytest.mark.parametrize("seed", range(3))
def test_under_many_faults_the_carriers_book_and_ours_agree(run: Run, seed: int) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.book.random = Random(seed)
        wire.carrier.faults.change(
            {
                "error_before": 0.1,
                "drop_before": 0.1,
                "too_many": 0.1,
                "error_after": 0.1,
                "drop_after": 0.1,
                "garbled": 0.05,
                "callbacks_lost": 0.3,
                "callbacks_twice": 0.3,
                "callbacks_late": 0.3,
                "callbacks_shuffled": 0.3,
                "late_seconds": 0.01,
                "list_errors": 0.1,
            }
        )
        uids = [wire.queue(f"{number}", to=contact) for number in range(12) for contact in (wire.alma, wire.bruno)]
        sender = wire.sender(concurrency=4)
        for _ in range(80):
            await sender.drain()
            with suppress(ExternalError):  # the carrier's list did not answer: the next time
                await sender.reconcile()
            wire.clock.advance(seconds=30)
            wire.heard(wire.alma)
            wire.heard(wire.bruno)
        await wire.carrier.settle()
        assert wire.bodies() == wire.bodies(BRUNO) == [str(number) for number in range(12)]
        told = {wire.row(uid).sid: wire.status(uid) for uid in uids}
        assert told.keys() == {one.sid for number in (ALMA, BRUNO) for one in wire.carrier.sent_to(number)}
        assert set(told.values()) <= {"accepted", "sent", "delivered"}

    run(work)


def test_a_process_that_is_too_old_sends_nothing_and_logs_one_line(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.queue("Uno")
        wire.ledger._schema = SchemaWatch(lambda: float("inf"))  # looks each time
        upgrade(wire.database, LATER)
        sender = wire.sender()
        with capture_logs() as lines:
            for _ in range(3):
                await sender.drain()
            looking = repeat("reconcile", sender.reconcile, 0.0, "messages in doubt could not be looked up")
            helper = asyncio.create_task(looking)
            await asyncio.sleep(0.1)
            helper.cancel()
        assert (wire.bodies(), len(lines)) == ([], 1)

    run(work)
