"""A database copied into another: every row compared, both directions, resumed after a kill, refused where it cannot be right."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from typer.testing import CliRunner

from app.cli import main
from app.errors import ConfigurationError, ConflictError, UsageError
from app.store import audit, copying, keys
from app.store.database import Database, LockedError
from app.store.tables import AUDIT_ENTRY, OUTBOUND, metadata
from app.store.vault import Vault

to_postgresql = pytest.mark.parametrize(
    "empty_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def source(lived: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(lived, tmp_path / "trato.db")
    database = Database(f"sqlite:///{tmp_path}/trato.db")
    yield database
    database.close()


@pytest.fixture
def target(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def copied(source: Database, target: Database) -> dict[str, tuple[int, str]]:
    return {one.name: (one.rows, one.sha256) for one in copying.copy(source, target, lambda *_: None)}


@to_postgresql
def test_there_and_back_every_row_is_the_same(source: Database, target: Database, tmp_path: Path, vault: Vault) -> None:
    there = copied(source, target)
    assert there.keys() == set(metadata.tables)
    assert sum(rows > 0 for rows, _ in there.values()) > 15
    assert target.current() == source.current()
    keys.claim(target, vault, datetime.fromisoformat("2026-03-04T16:00:00+00:00"))
    with target.transaction() as tx:
        greatest = tx.execute(select(func.max(AUDIT_ENTRY.c.id))).scalar_one()
        audit.record(tx, datetime.fromisoformat("2026-03-04T16:00:00+00:00"), "test", "note", "x")
        assert tx.execute(select(func.max(AUDIT_ENTRY.c.id))).scalar_one() == greatest + 1
    back = Database(f"sqlite:///{tmp_path}/back.db")
    writer = Database(target.url.render_as_string(hide_password=False), lock_wait=timedelta(milliseconds=50))

    def told(table: str, _: int) -> None:
        if table == "contact":
            with pytest.raises(LockedError), writer.transaction() as tx:
                tx.execute(text("UPDATE contact SET status = status"))

    again = {one.name: (one.rows, one.sha256) for one in copying.copy(target, back, told)}
    assert {name for name in there if again[name] != there[name]} == {"audit_entry"}
    assert again["audit_entry"][0] == there["audit_entry"][0] + 1
    back.close()
    writer.close()


@to_postgresql
def test_a_copy_that_was_killed_goes_on(source: Database, target: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PORTION", 3)

    class Killed(Exception):
        pass

    def dying(table: str, rows: int) -> None:
        if (table, rows) == ("outbound_message", 6):
            raise Killed

    with pytest.raises(Killed):
        copying.copy(source, target, dying)
    with target.reading() as tx:
        assert tx.execute(select(func.count()).select_from(OUTBOUND)).scalar_one() == 6
    for refused in (target.check, target.upgrade):
        with pytest.raises(ConfigurationError, match="copy into this database is not finished"):
            refused()
    told = list[tuple[str, int]]()
    copying.copy(source, target, lambda table, rows: told.append((table, rows)))
    assert ("contact", 3) not in told
    with source.reading() as tx:
        everything = tx.execute(select(func.count()).select_from(OUTBOUND)).scalar_one()
    assert told[[name for name, _ in told].index("outbound_message")][1] == 3
    assert ("outbound_message", everything - 6) in told
    target.check()


@to_postgresql
def test_a_source_that_was_written_to_between_two_attempts_is_found(source: Database, target: Database) -> None:
    def dying(table: str, rows: int) -> None:
        if table == "outbound_message":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        copying.copy(source, target, dying)
    with source.transaction() as tx:
        tx.execute(text("UPDATE outbound_message SET attempts = attempts + 1 WHERE id = 3"))
    with pytest.raises(ConfigurationError, match="differs in outbound_message, after 2 rows"):
        copying.copy(source, target, lambda *_: None)
    with pytest.raises(ConfigurationError, match="not finished"):
        target.check()


def test_nobody_writes_meanwhile_and_nothing_is_written_over(source: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path}/trato.db")
    new = Database(f"sqlite:///{tmp_path}/new.db")
    with other.reading(), pytest.raises(ConflictError, match="a process uses the database"):
        copied(source, new)
    other.close()
    shutil.copy(tmp_path / "trato.db", tmp_path / "full.db")
    full = Database(f"sqlite:///{tmp_path}/full.db")
    with pytest.raises(ConflictError, match="is not empty"):
        copied(source, full)
    full.close()


def test_the_command(source: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.close()
    monkeypatch.setenv("TRATO_DATABASE_URL", f"sqlite:///{tmp_path}/trato.db")
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    run = CliRunner().invoke
    with pytest.raises(UsageError, match="that is in use"):
        run(main.app, ["db", "copy", "--to", f"sqlite:///{tmp_path}/trato.db"], catch_exceptions=False)
    done = run(main.app, ["db", "copy", "--to", f"sqlite:///{tmp_path}/new.db", "--json"], catch_exceptions=False)
    result = json.loads(done.stdout)
    assert result["rows"] == sum(table["rows"] for table in result["tables"]) > 100
    assert "contact: 12 rows" in done.stderr
