"""The audit log: it only grows, and its chain tells of what was done behind the database's back. On both databases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.errors import UsageError
from app.main import build
from app.settings import Settings
from app.store import audit, audit_chain
from app.store.database import Database
from app.store.tables import AUDIT_ENTRY, AUDIT_LINK
from tests.conftest import StillClock
from tests.world import flows_folder


def wrote(database: Database, clock: StillClock, many: int = 3) -> None:
    with database.transaction() as tx:
        for place in range(many):
            audit.record(tx, clock(), "ana", "case show", f"case:{place}", {"messages": place})


def linked(database: Database, clock: StillClock) -> int:
    with database.transaction() as tx:
        return audit_chain.link(tx, clock())


def faults(database: Database, *anchors: str) -> list[str]:
    with database.reading() as tx:
        return list(audit_chain.verify(tx, tuple(map(audit_chain.parse_anchor, anchors))).faults)


def anchor(database: Database) -> str:
    with database.reading() as tx:
        return str(audit_chain.anchor(tx))


def unguarded(tx: Connection) -> None:
    """As somebody does who owns the database."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL session_replication_role = replica"))
        return
    tx.execute(text("PRAGMA defer_foreign_keys = ON"))
    for (name,) in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        tx.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.parametrize("table", [AUDIT_ENTRY, AUDIT_LINK])
@pytest.mark.parametrize("change", ["update", "delete", "truncate"])
def test_the_database_refuses_every_change(database: Database, clock: StillClock, table: object, change: str) -> None:
    wrote(database, clock)
    assert linked(database, clock) == 3
    name = table.name  # type: ignore[attr-defined]
    key = "entry_id" if name == "audit_link" else "id"
    statement = {
        "update": f"UPDATE {name} SET {key} = {key} + 0",
        "delete": f"DELETE FROM {name}",
        "truncate": f"TRUNCATE {name} CASCADE" if not database.is_sqlite else f"DELETE FROM {name} WHERE true",
    }[change]
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(text(statement))
    assert faults(database) == []


def test_entries_are_linked_once_and_in_order(database: Database, clock: StillClock) -> None:
    wrote(database, clock)
    with database.reading() as tx:
        before = audit_chain.verify(tx)
    assert (before.linked, before.waiting, before.faults, before.end) == (0, 3, (), None)
    assert [linked(database, clock), linked(database, clock)] == [3, 0]
    wrote(database, clock, 2)
    assert linked(database, clock) == 2
    with database.reading() as tx:
        after = audit_chain.verify(tx)
        entries = tx.execute(select(AUDIT_LINK.c.position, AUDIT_LINK.c.entry_id)).all()
    assert (after.linked, after.waiting, after.faults) == (5, 0, ())
    assert [tuple(one) for one in sorted(entries)] == [(place, place) for place in range(1, 6)]


def test_an_entry_that_commits_late_is_linked_behind_those_that_were_faster(
    database: Database, clock: StillClock
) -> None:
    row = {"at": clock(), "actor": "ana", "action": "export", "subject": "responses", "detail": "{}"}
    with database.transaction() as tx:
        tx.execute(insert(AUDIT_ENTRY), [{"id": 7, **row}, {"id": 9, **row}])
    assert linked(database, clock) == 2
    with database.transaction() as tx:
        tx.execute(insert(AUDIT_ENTRY), {"id": 8, **row})
    assert linked(database, clock) == 1
    assert faults(database) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "beto"), ("detail", '{"messages": 9}'), ("subject", "case:9"), ("action", "case close")],
)
def test_a_changed_entry_is_found(database: Database, clock: StillClock, column: str, value: str) -> None:
    wrote(database, clock)
    linked(database, clock)
    with database.transaction() as tx:
        unguarded(tx)
        tx.execute(update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.id == 2).values({column: value}))
    assert faults(database) == ["entry 2, link 2, or a link before it was changed"]


def test_a_removed_entry_and_a_removed_link_are_found(database: Database, clock: StillClock) -> None:
    wrote(database, clock, 5)
    linked(database, clock)
    with database.transaction() as tx:
        unguarded(tx)
        tx.execute(delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.id == 2))
        if database.is_sqlite:
            tx.execute(delete(AUDIT_LINK).where(AUDIT_LINK.c.entry_id == 2))  # its foreign key
    if database.is_sqlite:
        assert faults(database)[0] == "links 2 to 2 of the chain are missing"
    else:
        assert faults(database) == ["entry 2, link 2, is missing"]


def test_a_new_chain_is_found_by_an_anchor_that_was_kept(database: Database, clock: StillClock) -> None:
    wrote(database, clock)
    linked(database, clock)
    kept = anchor(database)
    assert faults(database, kept) == []
    with database.transaction() as tx:
        unguarded(tx)
        tx.execute(delete(AUDIT_LINK))
        tx.execute(update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.id == 1).values(actor="beto"))
        audit_chain.link(tx, clock())
    assert faults(database) == []
    assert faults(database, kept) == ["the chain at 3 is not that of the anchor"]


def test_an_end_that_was_cut_off_is_found_by_an_anchor(database: Database, clock: StillClock) -> None:
    wrote(database, clock)
    linked(database, clock)
    kept = anchor(database)
    with database.transaction() as tx:
        unguarded(tx)
        tx.execute(delete(AUDIT_LINK).where(AUDIT_LINK.c.position == 3))
        tx.execute(delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.id == 3))
    assert faults(database) == []
    assert faults(database, kept) == ["the chain has no link at 3, where the anchor has one"]


@pytest.mark.parametrize("wrong", ["", "3", "3:", "x:" + "0" * 64, "0:" + "0" * 64, "3:" + "0" * 63, "3:" + "G" * 64])
def test_what_is_no_anchor_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="not an anchor"):
        audit_chain.parse_anchor(wrong)


def test_a_forgotten_entry_is_found(database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "_LATE", 1)
    row = {"at": clock(), "actor": "ana", "action": "export", "subject": "responses", "detail": "{}"}
    with database.transaction() as tx:
        tx.execute(insert(AUDIT_ENTRY), {"id": 9, **row})
    linked(database, clock)
    with database.transaction() as tx:
        tx.execute(insert(AUDIT_ENTRY), {"id": 3, **row})
    assert linked(database, clock) == 0
    assert faults(database) == ["1 entries have no link although the chain went on after them"]


def test_a_service_links_what_is_written_within_a_minute(database_url: str, tmp_path: Path) -> None:
    settings = Settings.load(
        database_url=database_url,
        flows=flows_folder(tmp_path / "flows"),
        secret_key="a secret that only tests have",
    )
    clock = StillClock(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))

    async def serve() -> list[int]:
        service = build(settings, clock)
        waiting = []
        for _ in range(2):
            wrote(service.database, clock)
            clock.advance(seconds=55)
            await service.ticker.tick()
            with service.database.reading() as tx:
                waiting.append(audit_chain.verify(tx).waiting)
        await service.ticker.stop()
        await service.ledger.close()
        service.database.close()
        return waiting

    assert asyncio.run(serve()) == [0, 0]
