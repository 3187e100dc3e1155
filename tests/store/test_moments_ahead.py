"""Moments that a clock which ran ahead has stored hold nothing up once it is right, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from app.store import contacts, conversations, files, loops, silent
from app.store.database import Database
from app.store.loops import MOST_EQUAL
from app.store.officer_status import statuses
from app.store.outbox import QUEUES, claim
from app.store.tables import Address, InboundMessage, Media, OutboundMessage, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, published, sealed

AHEAD = [{"hours": 2}, {"days": 2}, {"days": 31}]


@pytest.fixture(params=AHEAD, ids=str)
def ahead(request: pytest.FixtureRequest) -> timedelta:
    return timedelta(**request.param)


def _outbound(tx: Connection, contact: int, clock: StillClock, number: int, **more: Any) -> dict[str, Any]:
    row = {
        "uid": f"u{number}",
        "contact_id": contact,
        "kind": "notice",
        "step": "nothing_open",
        "channel": "sms",
        "body": "uno",
        "priority": 0,
        "due_at": clock(),
        "created_at": clock(),
        "status": "accepted",
        "rank": 2,
        "attempts": 1,
        "options": "[]",
        "sent_at": clock(),
        **more,
    }
    return sealed(tx, OutboundMessage, row)


def test_what_was_said_ahead_is_neither_a_loop_nor_said_lately(
    database: Database, vault: Vault, clock: StillClock, ahead: timedelta
) -> None:
    right = clock()
    with database.transaction() as tx:
        contact = enrol(tx, vault, right, "+525555550101")
        clock.at = right + ahead
        tx.execute(insert(OutboundMessage), [_outbound(tx, contact, clock, number) for number in range(MOST_EQUAL)])
        clock.at = right
        due = _outbound(tx, contact, clock, 99, status="queued", rank=0, attempts=0, sent_at=None)
        tx.execute(insert(OutboundMessage), due)
        claimed = claim(tx, right, "one", QUEUES[1], 1, timedelta(minutes=2))
        assert len(claimed) == 1
        assert loops.looping(tx, claimed, right) == set()
        tx.execute(OutboundMessage.__table__.delete().where(OutboundMessage.uid == "u99"))  # type: ignore[attr-defined]
        assert not conversations.said_lately(tx, contact, "notice", "nothing_open", right, timedelta(hours=1))


def test_a_status_asked_for_ahead_is_asked_for_again(
    database: Database, vault: Vault, clock: StillClock, ahead: timedelta
) -> None:
    with database.transaction() as tx:
        contact = enrol(tx, vault, clock(), "+525555550101")
        sent = {"sid": "SM1", "sent_at": clock() - timedelta(hours=13), "asked_at": clock() + ahead}
        tx.execute(insert(OutboundMessage), _outbound(tx, contact, clock, 1, **sent))
        steps = ((timedelta(days=1), timedelta(hours=4)),)
        found = silent.to_ask(tx, clock(), after=timedelta(hours=12), steps=steps, limit=9)
        assert [one.sid for one in found] == ["SM1"]


def test_a_flow_begun_ahead_holds_up_no_other(
    database: Database, vault: Vault, clock: StillClock, ahead: timedelta
) -> None:
    with database.transaction() as tx:
        library = published(tx, clock())
        contact = enrol(tx, vault, clock(), "+525555550101")
        row = {
            "contact_id": contact,
            "flow_version_id": next(iter(library.current.values())),
            "flow": "reporte",
            "channel": "sms",
            "started_at": clock() + ahead,
        }
        tx.execute(insert(Session), row)
        found = statuses(tx, [contact], clock(), clock() - timedelta(days=60))[contact]
        assert (found.begun, found.session_open) == ((), True)


def test_an_address_heard_from_ahead_is_heard_from_now(
    database: Database, vault: Vault, clock: StillClock, ahead: timedelta
) -> None:
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
        lookup, channel = tx.execute(select(Address.lookup, Address.channel)).first() or ("", "")
        contacts.heard_from(tx, channel, [lookup], clock() + ahead)
        contacts.heard_from(tx, channel, [lookup], clock())
        heard = tx.execute(select(Address.last_inbound_at).where(Address.channel == channel)).scalars().all()
        assert heard == [clock()]


@pytest.mark.parametrize("days", [2, 31])
def test_a_file_that_waits_longer_than_any_is_due(
    database: Database, vault: Vault, clock: StillClock, days: int
) -> None:
    now = clock()
    with database.transaction() as tx:
        enrol(tx, vault, now, "+525555550101")
        inbound = {
            "sid": "SM1",
            "lookup": "x",
            "channel": "whatsapp",
            "kind": "media",
            "sealed": b"x",
            "outcome": "media",
            "received_at": now,
        }
        key = tx.execute(insert(InboundMessage).returning(InboundMessage.id), inbound).scalar_one()
        media = {
            "inbound_id": key,
            "position": 0,
            "content_type": "image/jpeg",
            "status": "waiting",
            "attempts": 0,
            "due_at": now + timedelta(days=days),
        }
        tx.execute(insert(Media), media)
        assert len(files.claim(tx, now, now + timedelta(minutes=10), 9, timedelta(hours=6))) == 1
