"""Backups of a SQLite database: complete while others write, sealed, opened again before they count, and refused where they are damaged."""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.errors import AppError, ConfigurationError, ConflictError, ExternalError
from app.store import audit, backup_file, backups, keys
from app.store.database import Database
from app.store.vault import Vault

KEY, OTHER_KEY = "another secret that only tests have", "a third secret that only tests know"
NOW = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.fixture
def live(sqlite_template: Path, vault: Vault, tmp_path: Path) -> Iterator[Database]:
    """A database with a key and a thousand entries, which are still in the write-ahead log."""
    shutil.copy(sqlite_template, tmp_path / "trato.db")
    database = Database(f"sqlite:///{tmp_path}/trato.db")
    keys.claim(database, vault, NOW)
    note(database, 1_000)
    yield database
    database.close()


def note(database: Database, times: int) -> None:
    with database.transaction() as tx:
        for _ in range(times):
            audit.record(tx, NOW, "test", "note", "x" * 500)


def notes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_entry WHERE action = 'note'").fetchone()[0])


def test_a_backup_has_everything_that_was_stored_and_nothing_in_clear(live: Database, tmp_path: Path) -> None:
    with live.reading() as reader:  # a command that reads for long keeps the log from being copied
        reader.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar_one()
        note(live, 1)
        file, manifest = backups.make(live, tmp_path / "kept", KEY, "0.2.0", NOW)
    assert file.name == "trato-20260302T160000Z.backup"
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(file.parent.stat().st_mode)[-3:] == "700"
    content = file.read_bytes()
    assert len(content) > manifest.size
    assert b"SQLite" not in content
    assert b"xxxxxxxx" not in content
    assert backups.open_into(file, KEY, tmp_path / "opened.db") == manifest
    assert notes(tmp_path / "opened.db") == 1_001
    assert (manifest.at, manifest.release) == (NOW, "0.2.0")
    assert sorted(path.name for path in tmp_path.iterdir() if "trato" in path.name) == [
        "trato.db",
        "trato.db-shm",
        "trato.db-wal",
    ]


def _flipped(content: bytes) -> bytes:
    return content[:700_000] + bytes([content[700_000] ^ 1]) + content[700_001:]


def _without_last_piece(content: bytes) -> bytes:
    place, starts = len(b"trato backup 1\n") + 16, []
    while place < len(content):
        starts.append(place)
        place += 4 + int.from_bytes(content[place : place + 4])
    assert len(starts) > 1
    return content[: starts[-1]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_flipped, "damaged or incomplete"),
        (lambda content: content[:-1], "damaged or incomplete"),
        (lambda content: content + b"more", "damaged or incomplete"),
        (_without_last_piece, "does not open|damaged or incomplete"),
        (lambda content: content[:31], "damaged or incomplete"),
        (lambda _: b"SQLite format 3\0" * 100, "no backup of Trato"),
        (lambda _: b"", "no backup of Trato"),
    ],
)
def test_what_was_changed_or_cut_does_not_open(
    live: Database, tmp_path: Path, change: Callable[[bytes], bytes], says: str
) -> None:
    file, _ = backups.make(live, tmp_path, KEY, "0.2.0", NOW)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(ConfigurationError, match=says):
        backups.open_into(file, KEY, tmp_path / "opened.db")


def test_another_key_opens_nothing(live: Database, tmp_path: Path) -> None:
    file, _ = backups.make(live, tmp_path, KEY, "0.2.0", NOW)
    with pytest.raises(ConfigurationError, match="does not open: TRATO_BACKUP_KEY is not the key"):
        backups.open_into(file, OTHER_KEY, tmp_path / "opened.db")


def test_a_backup_that_does_not_open_again_gets_no_name(
    live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weary(path: Path, *rest: object) -> None:
        real(path, *rest)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes()[:-100])  # a disk that lies

    real = backup_file.write
    monkeypatch.setattr(backup_file, "write", weary)
    with pytest.raises(ConfigurationError, match="damaged or incomplete"):
        backups.make(live, tmp_path / "kept", KEY, "0.2.0", NOW)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_damaged_database_is_not_backed_up(live: Database, tmp_path: Path) -> None:
    backups.make(live, tmp_path / "kept", KEY, "0.2.0", NOW)
    live.close()
    path = tmp_path / "trato.db"
    content = bytearray(path.read_bytes())
    content[200_000:260_000] = b"\xff" * 60_000
    path.write_bytes(content)
    with pytest.raises(AppError, match=r"cannot be copied|damaged"):
        backups.make(live, tmp_path / "kept", KEY, "0.2.0", NOW + timedelta(hours=1))
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["trato-20260302T160000Z.backup"]


def test_after_a_kill_the_next_backup_takes_what_was_left(live: Database, tmp_path: Path) -> None:
    kept, workshop = tmp_path / "kept", tmp_path / "trato.db-backup"
    kept.mkdir()
    workshop.mkdir()
    for left in (kept / "trato-20260302T150000Z.part", workshop / "copy.db", workshop / "opened.db"):
        left.write_bytes(b"half a database")
    file, _ = backups.make(live, kept, KEY, "0.2.0", NOW)
    assert list(kept.iterdir()) == [file]
    assert not workshop.exists()


def test_two_backups_at_a_time_are_one(live: Database, tmp_path: Path) -> None:
    workshop = tmp_path / "trato.db-backup"
    workshop.mkdir()
    handle = os.open(workshop, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ConflictError, match="another backup"):
        backups.make(live, tmp_path, KEY, "0.2.0", NOW)
    os.close(handle)


def test_a_folder_that_refuses_is_one_line(live: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExternalError, match="cannot be written: "):
        backups.make(live, tmp_path / "file", KEY, "0.2.0", NOW)


def test_the_command(live: Database, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*words: str) -> str:
        return CliRunner().invoke(main.app, list(words), catch_exceptions=False).output

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", f"sqlite:///{tmp_path}/trato.db")
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    with pytest.raises(ConfigurationError, match="TRATO_BACKUP_KEY is missing"):
        run("backup")
    monkeypatch.setenv("TRATO_BACKUP_KEY", "a secret that only tests have")
    with pytest.raises(ConfigurationError, match="are the same"):
        run("backup")
    monkeypatch.setenv("TRATO_BACKUP_KEY", KEY)
    old = [tmp_path / "kept" / f"trato-2025010{day}T000000Z.backup" for day in (1, 2, 3)]
    old[0].parent.mkdir()
    for file in (*old, note_of_somebody := tmp_path / "kept" / "trato-notes.txt"):
        file.touch()
    made = json.loads(run("backup", "--to", "kept", "--keep", "2", "--json"))
    assert sorted((tmp_path / "kept").iterdir()) == sorted([old[2], Path(made["file"]), note_of_somebody])
    assert [Path(file).name for file in made["deleted"]] == [file.name for file in old[:2]]
    assert json.loads(run("status", "--json"))["backup"] == {"at": made["at"].replace("T", " "), "file": made["file"]}
    assert "last backup: " in run("status")
    assert notes_after_opening(Path(made["file"]), tmp_path) == 1_000


def notes_after_opening(file: Path, folder: Path) -> int:
    backups.open_into(file, KEY, folder / "opened.db")
    return notes(folder / "opened.db")


@pytest.mark.postgres
def test_postgresql_is_told_what_to_use(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_DATABASE_URL", postgresql)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_BACKUP_KEY", KEY)
    result = CliRunner().invoke(main.app, ["backup"])
    assert "pg_dump" in str(result.exception)
