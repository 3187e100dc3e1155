"""A destination that the carrier refuses, on both databases: that message fails, that officer is marked, and our number goes on,
unless several officers in a row are refused."""

import json

import pytest
from sqlalchemy import select

from app.sending.alert_watch import AlertWatch
from app.sending.destinations import is_reachable
from app.sending.pausing import DESTINATION, REFUSED, Target
from app.store import alerts
from app.store.tables import Address, Bucket, Contact
from tests.sending.test_pausing import House
from tests.sending.wire import ALMA, BRUNO, Run, Wire
from tests.world import enrol

CARLA, DIANA = "+525555550103", "+525555550104"


def ringing(wire: Wire) -> list[tuple[str, str]]:
    with wire.database.reading() as tx:
        return [(one.kind, one.subject) for one in alerts.open_alerts(tx)]


def only_sms(wire: Wire, *contacts: int) -> None:
    for contact in contacts:
        wire.set(Address, {"unreachable_at": wire.clock()}, contact_id=contact, channel="whatsapp")


@pytest.mark.parametrize("code", [21408, 21612])
def test_a_refused_destination_fails_one_message_and_marks_its_officer(run: Run, code: int) -> None:
    async def work(wire: Wire) -> None:
        only_sms(wire, wire.alma)
        wire.carrier.faults.refused = {ALMA: code}
        refused = [wire.queue("uno", channel="sms"), wire.queue("dos", channel="sms")]
        good = wire.queue("tres", to=wire.bruno, channel="sms")
        await wire.send()
        assert [wire.status(uid) for uid in refused] == ["failed", "failed"]
        assert (wire.row(refused[0]).error_class, wire.row(refused[0]).error_code) == ("destination", code)
        assert wire.status(good) == "delivered"
        assert ringing(wire) == [(DESTINATION, f"contact:{wire.alma}")]
        with wire.database.reading() as tx:
            (alert,) = alerts.open_alerts(tx)
            study_id = tx.execute(select(Contact.study_id).where(Contact.id == wire.alma)).scalar_one()
        assert json.loads(alert.detail) == {"study_id": study_id, "channel": "sms", "code": code}

    run(work)


def test_it_goes_by_the_other_channel_if_there_is_one(run: Run) -> None:
    async def work(wire: Wire) -> None:
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola")
        wire.carrier.faults.refused = {f"sms {ALMA}": 21408}
        uid = wire.queue("uno", channel="sms")
        await wire.send()
        assert (wire.status(uid), wire.row(uid).channel) == ("delivered", "whatsapp")

    run(work)


@pytest.mark.parametrize("resume", [Target("officer", ""), Target("sender", "twilio:sms")], ids=["officer", "writes"])
def test_the_mark_ends_when_a_person_resumes_or_the_officer_writes(run: Run, resume: Target) -> None:
    async def work(wire: Wire) -> None:
        only_sms(wire, wire.alma)
        wire.carrier.faults.refused = {ALMA: 21612}
        wire.queue("uno", channel="sms")
        await wire.send()
        wire.carrier.faults.refused = {}
        watch = AlertWatch(wire.ledger, wire.clock, {DESTINATION: is_reachable})
        await watch.once()
        assert len(ringing(wire)) == 1
        if resume.kind == "officer":
            with wire.database.reading() as tx:
                study_id = tx.execute(select(Contact.study_id).where(Contact.id == wire.alma)).scalar_one()
            House(wire).set(Target("officer", study_id), stopped=False)
        else:
            await wire.carrier.inject(ALMA, "hola")
            await watch.once()
        assert ringing(wire) == []
        later = wire.queue("dos", channel="sms")
        await wire.send()
        assert wire.status(later) == "delivered"

    run(work)


def test_several_officers_in_a_row_pause_our_number_and_nothing_more_is_lost(run: Run) -> None:
    async def work(wire: Wire) -> None:
        with wire.database.transaction() as tx:
            others = [enrol(tx, wire.vault, wire.clock(), CARLA), enrol(tx, wire.vault, wire.clock(), DIANA)]
        officers = [wire.alma, wire.bruno, *others]
        only_sms(wire, *officers)
        wire.carrier.faults.refused = dict.fromkeys((ALMA, BRUNO, CARLA, DIANA), 21408)
        uids = [wire.queue("uno", to=officer, channel="sms") for officer in officers]
        await wire.send(concurrency=1)
        assert [wire.status(uid) for uid in uids] == ["failed", "failed", "queued", "queued"]
        assert (REFUSED, "sender:twilio:sms") in ringing(wire)
        wire.carrier.faults.refused = {}
        House(wire).set(Target("sender", "twilio:sms"), stopped=False)
        await wire.send()
        assert [wire.status(uid) for uid in uids[2:]] == ["delivered", "delivered"]
        assert ringing(wire) == []
        again = wire.queue("dos", channel="sms")
        await wire.send()
        assert wire.status(again) == "delivered", "the officers are no longer marked"

    run(work)


def test_one_officer_again_and_again_or_others_between_pause_nothing(run: Run) -> None:
    async def work(wire: Wire) -> None:
        only_sms(wire, wire.alma, wire.bruno)
        wire.carrier.faults.refused = {ALMA: 21408}
        for _ in range(4):
            wire.set(Address, {"unreachable_at": None}, contact_id=wire.alma, channel="sms")
            wire.queue("uno", channel="sms")
            await wire.send()
        wire.queue("dos", to=wire.bruno, channel="sms")
        await wire.send()
        with wire.database.reading() as tx:
            row = tx.execute(select(Bucket.paused_at, Bucket.refused).where(Bucket.sender == "twilio:sms")).one()
        assert row == (None, "[]")

    run(work)


def test_filtered_messages_of_several_officers_pause_though_each_was_accepted(run: Run) -> None:
    async def work(wire: Wire) -> None:
        with wire.database.transaction() as tx:
            carla = enrol(tx, wire.vault, wire.clock(), CARLA)
        officers = [wire.alma, wire.bruno, carla]
        only_sms(wire, *officers)
        wire.carrier.faults.failed = dict.fromkeys((ALMA, BRUNO, CARLA), 30007)
        for officer in officers:
            wire.queue("uno", to=officer, channel="sms")
            await wire.send()
        assert (REFUSED, "sender:twilio:sms") in ringing(wire)

    run(work)


def test_a_reply_on_another_channel_does_not_wait_behind_a_paused_number(run: Run) -> None:
    async def work(wire: Wire) -> None:
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola")
        first = wire.queue("uno", channel="sms")
        House(wire).set(Target("sender", "twilio:sms"), stopped=True)
        second = wire.queue("dos")
        await wire.send()
        assert (wire.status(first), wire.status(second)) == ("queued", "delivered")

    run(work)
