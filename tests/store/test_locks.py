"""Behaviour that only two connections of PostgreSQL show: rows that another process holds are passed by where nobody may wait for them, and
where they are waited for, locks are taken in one order, so that two processes never wait for each other."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from app.store import callbacks, contacts, files, followups, keys, nudges, our_numbers, randomisations
from app.store.database import Database
from app.store.dialect import lock_start
from app.store.tables import (
    BUCKET,
    CONTACT,
    MEDIA,
    NUDGE,
    OUTBOUND,
    STATE_VALUE,
    CampaignVersion,
    FlowVersion,
    InboundMessage,
    MessageStatus,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.store.test_outbox import Post, reported

pytestmark = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def post(database: Database, clock: StillClock) -> Post:
    return Post(database, clock)


def impatient(tx: Connection) -> Connection:
    """Waiting is an error here."""
    tx.execute(text("SET LOCAL lock_timeout = '2s'"))
    return tx


def as_it_lies(tx: Connection) -> Connection:
    """No index gives an order that was not asked for."""
    for scan in ("indexscan", "indexonlyscan", "bitmapscan"):
        tx.execute(text(f"SET LOCAL enable_{scan} = off"))
    return tx


# -- starting ---------------------------------------------------------------------------------------------------------


def test_a_process_that_starts_waits_for_another_that_starts(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    """Longer than its statements wait for a row."""
    second = Database(database.url.render_as_string(hide_password=False), timedelta(milliseconds=50))
    started = threading.Thread(target=keys.claim, args=(second, vault, clock()))
    with database.transaction() as tx:
        tx.execute(delete(STATE_VALUE))
        lock_start(tx)
        started.start()
        started.join(timeout=0.5)
        assert started.is_alive()
    started.join(timeout=20)
    with second.reading() as tx:
        assert keys.is_right(tx, vault)
        assert tx.execute(select(STATE_VALUE)).all()
    second.close()


# -- passed by --------------------------------------------------------------------------------------------------------


def plan(post: Post, *, origin: str = "plan") -> list[int]:
    """A nudge for each of three officers, the last one due first."""
    at = post.clock()
    with post.database.transaction() as tx:
        version = tx.execute(
            insert(FlowVersion).returning(FlowVersion.id),
            {"programme": "p", "hash": "h", "source": "", "published_at": at},
        ).scalar_one()
        campaign = tx.execute(
            insert(CampaignVersion).returning(CampaignVersion.id),
            {"flow_version_id": version, "code": "c", "hash": "h", "definition": "{}"},
        ).scalar_one()
        return [
            tx.execute(
                insert(NUDGE).returning(NUDGE.c.id),
                {
                    "contact_id": contact,
                    "campaign_version_id": campaign,
                    "campaign": "c",
                    "origin": origin,
                    "slot": f"s{place}",
                    "flow": "f",
                    "planned_for": at,
                    "due_at": at - timedelta(minutes=place),
                    "closes_at": at + timedelta(days=1),
                    "status": "planned",
                    "created_at": at,
                },
            ).scalar_one()
            for place, contact in enumerate(post.contacts)
        ]


def test_nudges_that_one_process_starts_another_passes_by(post: Post) -> None:
    first, second, third = plan(post)
    with post.database.transaction() as tx, post.database.transaction() as other:
        assert [due.id for due in nudges.due(as_it_lies(tx), post.clock(), 1)] == [third]
        assert [due.id for due in nudges.due(impatient(as_it_lies(other)), post.clock(), 5)] == [second, first]


def test_a_follow_up_that_is_about_to_start_is_left_to_it(post: Post) -> None:
    first, second, third = plan(post, origin=followups.FOLLOWUP)
    slots = [(contact, "c", f"s{place}") for place, contact in enumerate(post.contacts)]
    with post.database.transaction() as tx, post.database.transaction() as other:
        assert [due.id for due in nudges.due(tx, post.clock(), 1)] == [third]
        followups.withdraw(impatient(other), slots)
    with post.database.reading() as tx:
        assert list(tx.execute(select(NUDGE.c.id)).scalars()) == [third]
    assert first != second


def test_files_that_one_process_fetches_another_passes_by(post: Post) -> None:
    at = post.clock()
    with post.database.transaction() as tx:
        message = tx.execute(
            insert(InboundMessage).returning(InboundMessage.id),
            {
                "sid": "SM1", "lookup": "x", "channel": "sms", "kind": "media", "received_at": at,
                "outcome": "answer", "needs_person": False, "sealed": b"",
            },
        ).scalar_one()  # fmt: skip
        rows = [
            tx.execute(
                insert(MEDIA).returning(MEDIA.c.id),
                {
                    "inbound_id": message, "position": place, "content_type": "image/jpeg",
                    "status": "waiting", "attempts": 0, "due_at": at - timedelta(minutes=place), "created_at": at,
                },
            ).scalar_one()
            for place in range(3)
        ]  # fmt: skip
    with post.database.transaction() as tx, post.database.transaction() as other:
        assert [
            file.id for file in files.claim(as_it_lies(tx), at, at + timedelta(minutes=5), 1, timedelta(days=1))
        ] == [rows[2]]
        assert [
            file.id
            for file in files.claim(impatient(as_it_lies(other)), at, at + timedelta(minutes=5), 1, timedelta(days=1))
        ] == [rows[1]]


# -- in one order -----------------------------------------------------------------------------------------------------


def numbers(post: Post) -> list[Any]:
    """Three numbers of ours."""
    with post.database.transaction() as tx:
        rows = [{"sender": f"whatsapp:+5255555501{place:02}", "tokens": 1.0, "at": post.clock()} for place in range(3)]
        tx.execute(insert(BUCKET), rows)
        return [row["sender"] for row in rows]


def messages(post: Post) -> list[Any]:
    """Three messages that are with the carrier."""
    ids = [post.put(place) for place in range(3)]
    post.claim()
    post.accept(*ids)
    return [f"SM{one}" for one in ids]


def fail(tx: Connection, sids: list[str], post: Post) -> None:
    callbacks.advance(tx, [reported(sid, MessageStatus.failed) for sid in sids], post.clock())


@pytest.mark.parametrize(
    ("table", "key", "made", "lock"),
    [
        (CONTACT, "id", lambda post: post.contacts, lambda tx, ids, _: contacts.lock(tx, ids)),
        (CONTACT, "id", lambda post: post.contacts, lambda tx, ids, _: randomisations.started(tx, ids, ["c"])),
        (BUCKET, "sender", numbers, lambda tx, ids, _: our_numbers.lock(tx, ids)),
        (OUTBOUND, "sid", messages, fail),
    ],
    ids=["officers", "officers to be drawn", "numbers of ours", "messages"],
)
def test_a_process_that_waits_for_the_first_row_holds_none_of_the_others(
    post: Post,
    table: Table,
    key: str,
    made: Callable[[Post], list[Any]],
    lock: Callable[[Connection, list[Any], Post], object],
) -> None:
    keys, column = made(post), table.c[key]
    with post.database.transaction() as tx:  # as it lies in the table, the first row is now the last
        tx.execute(update(table).where(column == keys[0]).values({column: column}))
    failed: list[BaseException] = []

    def wait(_: int = 0) -> None:
        try:
            with post.database.transaction() as tx:
                lock(as_it_lies(tx), keys, post)
        except BaseException as error:  # noqa: BLE001 - asserted below
            failed.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    with post.database.transaction() as tx:
        tx.execute(select(column).where(column == keys[0]).with_for_update())
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the first"
        with post.database.transaction() as other:
            free = select(column).where(column.in_(keys)).order_by(column).with_for_update(skip_locked=True)
            assert list(other.execute(free).scalars()) == keys[1:]
    thread.join(30)
    assert not thread.is_alive()
    assert failed == []
