"""`trato restore`: checks, refuses, keeps what was there; and a service that is held until the carrier's list is read."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import main as service
from app.cli import main
from app.errors import ConfigurationError, ConflictError, ExternalError, UsageError
from app.recovery import holding
from app.settings import Settings
from app.store import audit, restored
from app.store.database import Database
from tests.world import flows_folder

KEY = "another secret that only tests have"


class Installation:
    """A folder with settings and a database with a mark in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "trato.db"

    def run(self, *words: str) -> str:
        return CliRunner().invoke(main.app, list(words), catch_exceptions=False).output

    def note(self, text: str) -> None:
        with closing(Database(f"sqlite:///{self.path}")) as database, database.transaction() as tx:
            audit.record(tx, datetime.now(UTC), "test", "note", text)

    def notes(self, path: Path | None = None) -> list[str]:
        with closing(sqlite3.connect(path or self.path)) as connection:
            rows = connection.execute("SELECT subject FROM audit_entry WHERE action = 'note' ORDER BY id")
            return [row[0] for row in rows]

    def backup(self) -> str:
        return str(json.loads(self.run("backup", "--json"))["file"])


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.chdir(tmp_path)
    shutil.copy(sqlite_template, tmp_path / "trato.db")
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path}/trato.db",
        "SECRET_KEY": "a secret that only tests have",
        "BACKUP_KEY": KEY,
        "FLOWS": str(flows_folder(tmp_path / "flows")),
    }.items():
        monkeypatch.setenv(f"TRATO_{name}", value)
    return Installation(tmp_path)


def test_a_backup_takes_the_place_of_the_database_and_keeps_it(place: Installation) -> None:
    place.note("before")
    file = place.backup()
    place.note("after")
    with pytest.raises(ConflictError, match="is there already: --replace"):
        place.run("restore", file)
    with (
        closing(Database(f"sqlite:///{place.path}")) as database,
        database.reading(),
        pytest.raises(ConflictError, match="a process uses the database"),
    ):
        place.run("restore", file, "--replace")
    assert "its keys are these" in place.run("restore", file, "--check")
    assert place.notes() == ["before", "after"]
    done = json.loads(place.run("restore", file, "--replace", "--json"))
    assert place.notes() == ["before"]
    assert place.notes(Path(done["kept"])) == ["before", "after"]
    assert oct(place.path.stat().st_mode)[-3:] == "600"
    assert json.loads(place.run("status", "--json"))["held_after_restore"] == done["at"]
    assert "HELD after a restore" in place.run("status")


def test_a_new_machine_and_a_damaged_database(place: Installation) -> None:
    place.note("before")
    file = place.backup()
    place.path.unlink()
    place.run("restore", file)
    assert place.notes() == ["before"]
    place.path.write_bytes(b"no database any more" * 1000)
    place.run("restore", file, "--replace")
    assert place.notes() == ["before"]


def test_what_is_refused(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="name a backup"):
        place.run("restore")
    with pytest.raises(UsageError, match="cannot read"):
        place.run("restore", "nothing.backup")
    file = place.backup()
    place.path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr("app.store.schema_version.HEAD", "0001_first_release")
        with pytest.raises(ConfigurationError, match="of a newer release"):
            place.run("restore", file)
    monkeypatch.setenv("TRATO_SECRET_KEY", "not the key of that day, but another")
    with pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY is not the key"):
        place.run("restore", file)
    assert not place.path.exists() or place.path.stat().st_size == 0


def test_a_held_service_takes_no_message_and_lets_go_by_itself(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = place.backup()
    place.run("restore", file, "--replace")
    monkeypatch.setattr(holding, "LIST_BEHIND", timedelta(seconds=0.5))
    built = service.build(Settings.load())

    async def scene() -> None:
        async with service.running(built):
            with pytest.raises(ExternalError, match="restored from a backup"):
                await built.intake.told(None)  # type: ignore[arg-type]
            state = await service._readiness(built)()
            assert not state.checks["recovered"]
            assert "held_after_restore" in state.detail
            assert built.library.current  # a programme without a version is published before
            async with asyncio.timeout(30):
                while built.ticker.silent_for() is None:  # noqa: ASYNC110 - the clock tells nobody that it ticks
                    await asyncio.sleep(0.05)
            built.intake.check()
            with built.database.reading() as tx:
                assert restored.pending(tx) is None

    asyncio.run(scene())


def test_a_database_restored_by_other_tools_is_held(place: Installation) -> None:
    place.run("backup")
    assert "sends nothing before" in place.run("restore", "--reconcile-since", "2026-11-30T03:15")
    assert json.loads(place.run("status", "--json"))["held_after_restore"] == "2026-11-30T03:15:00+00:00"
