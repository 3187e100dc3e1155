"""Damaged data of one officer, on both databases: that officer's messages fail, visibly, and nobody else's wait; a wrong key fails
none."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from app.sending.alert_watch import AlertWatch
from app.sending.unreadable import UNREADABLE, is_mended
from app.store import alerts, outbox
from app.store.tables import OUTBOUND, Address, Alert, Bucket, Contact, Identity, OutboundMessage
from app.store.vault import Vault
from tests.sending.wire import BRUNO, Run, Wire


def damage(wire: Wire, table: Any, contact: int) -> list[Any]:
    with wire.database.transaction() as tx:
        rows = tx.execute(select(table.__table__).where(table.contact_id == contact)).all()
        for row in rows:
            broken = bytes(row.sealed)[:20] + bytes([row.sealed[20] ^ 1]) + bytes(row.sealed)[21:]
            tx.execute(update(table).where(table.contact_id == contact).values(sealed=broken))
    return list(rows)


@pytest.mark.parametrize("table", [Address, Identity])
def test_an_officer_whose_data_cannot_be_opened_fails_alone_and_the_alert_ends_with_the_fault(
    run: Run, table: Any
) -> None:
    async def work(wire: Wire) -> None:
        rows = damage(wire, table, wire.alma)
        uids = [wire.queue("{{nombre}}, uno"), wire.queue("{{nombre}}, dos")]
        good = wire.queue("tres", to=wire.bruno)
        await wire.send()
        assert [(wire.status(uid), wire.row(uid).error_class) for uid in uids] == [("failed", "unreadable")] * 2
        assert (wire.status(good), wire.bodies(BRUNO)) == ("delivered", ["tres"])
        assert wire.count(Bucket, paused_at=wire.clock()) == 0
        with wire.database.reading() as tx:
            [alert] = tx.execute(select(Alert.kind, Alert.subject, Alert.times, Alert.detail)).all()
            study_id = tx.execute(select(Contact.study_id).where(Contact.id == wire.alma)).scalar_one()
        assert alert == (UNREADABLE, f"contact:{wire.alma}", 2, f'{{"study_id": "{study_id}"}}')

        watch = AlertWatch(wire.ledger, wire.clock, {UNREADABLE: partial(is_mended, wire.vault)})
        await watch.once()
        with wire.database.reading() as tx:
            assert len(alerts.open_alerts(tx)) == 1
        for row in rows:
            wire.set(table, {"sealed": row.sealed}, contact_id=wire.alma)
        await watch.once()
        with wire.database.reading() as tx:
            assert alerts.open_alerts(tx) == []

    run(work)


def test_a_message_whose_words_cannot_be_opened_fails_alone(run: Run) -> None:
    async def work(wire: Wire) -> None:
        bad, other, good = wire.queue("uno"), wire.queue("dos"), wire.queue("tres", to=wire.bruno)
        wire.set(OutboundMessage, {"body": wire.row(other).body}, uid=bad)  # sealed for another row
        await wire.send()
        assert (wire.status(bad), wire.row(bad).error_class) == ("failed", "unreadable")
        assert [wire.status(uid) for uid in (other, good)] == ["delivered"] * 2
        with wire.database.reading() as tx:
            assert [(one.kind, one.subject) for one in alerts.open_alerts(tx)] == [(UNREADABLE, f"message:{bad}")]

    run(work)


def test_a_wrong_key_pauses_and_names_the_key(run: Run) -> None:
    async def work(wire: Wire) -> None:
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno)]
        await wire.send(vault=Vault("another secret that is long enough"))
        assert [wire.status(uid) for uid in uids] == ["queued"] * 2
        with wire.database.reading() as tx:
            assert [(one.kind, one.subject) for one in alerts.open_alerts(tx)] == [
                ("key_wrong", "sender:twilio:whatsapp")
            ]

    run(work)


def test_a_message_in_doubt_to_an_unreadable_officer_does_not_stop_the_search_for_others(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.next = ["drop_after", "drop_after"]
        first, second = wire.queue("uno"), wire.queue("dos", to=wire.bruno)
        sender = wire.sender()
        await sender.drain()
        await wire.carrier.settle()
        with wire.database.transaction() as tx:
            tx.execute(
                update(OUTBOUND).where(OUTBOUND.c.uid.in_([first, second])).values(status="unknown", sid=None, rank=0)
            )
            assert len(outbox.unknown(tx, 9)) == 2
        damage(wire, Address, wire.alma)
        await sender.reconcile()
        assert (wire.status(first), wire.row(first).error_class) == ("failed", "unclear")
        assert wire.row(second).sid == wire.carrier.sent_to(BRUNO)[0].sid

    run(work)
