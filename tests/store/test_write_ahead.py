"""SQLite's write-ahead log: copied to the file every few seconds, bounded, and never what fills the disk for good."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, insert, select
from structlog.testing import capture_logs

from app.errors import ExternalError
from app.store import write_ahead
from app.store.database import LARGEST_LOG, Database
from app.store.ledger import Kind, Ledger
from app.store.tables import AuditEntry
from app.store.vault import Vault
from app.store.write_ahead import BLOCKED_SECONDS, WriteAheadLog
from tests.conftest import StillClock

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = on_sqlite
PAGE = "x" * 40_000


class Book:
    """A ledger that writes notes of a size."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database = database
        self.ledger = Ledger(database, vault, clock, {"note": Kind(self.write, lambda _: {})})
        self.path = Path(database.url.database or "")

    def write(self, tx: Connection, notes: Sequence[str], now: datetime) -> Sequence[str]:
        rows = [{"at": now, "actor": "test", "action": "note", "subject": "x", "detail": note} for note in notes]
        tx.execute(insert(AuditEntry), rows)
        return notes

    def log_size(self) -> int:
        log = Path(f"{self.path}-wal")
        return log.stat().st_size if log.exists() else 0

    def play(self, scene: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(50):
                await scene()
                await self.ledger.close()

        asyncio.run(main())


@pytest.fixture
def book(database: Database, vault: Vault, clock: StillClock) -> Book:
    return Book(database, vault, clock)


def copied(book: Book, folder: Path) -> int:
    """The notes in a plain copy of the file, without its log."""
    folder.mkdir()
    copy = shutil.copy(book.path, folder / "copy.db")
    with closing(sqlite3.connect(copy)) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_entry").fetchone()[0])


def test_a_plain_copy_has_all_messages_after_a_moment(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead, "EVERY_SECONDS", 0.2)

    async def scene() -> None:
        for number in range(30):
            await book.ledger.submit("note", str(number))
        await asyncio.sleep(1)
        assert copied(book, tmp_path / "first") == 30
        await book.ledger.submit("note", "one more")
        await asyncio.sleep(1)
        assert copied(book, tmp_path / "second") == 31

    book.play(scene)


def test_a_backup_as_the_readme_says_is_complete_at_once(book: Book, tmp_path: Path) -> None:
    async def scene() -> None:
        for _ in range(20):
            await book.ledger.submit("note", "x")
        with closing(sqlite3.connect(book.path)) as connection:
            connection.execute(f"VACUUM INTO '{tmp_path}/backup.db'")

    book.play(scene)
    with closing(sqlite3.connect(tmp_path / "backup.db")) as connection:
        assert connection.execute("SELECT count(*) FROM audit_entry").fetchone() == (20,)


def test_the_log_stays_bounded(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a checkpoint the notes would take 40 MB of log."""
    monkeypatch.setattr(write_ahead, "LARGEST_LOG", 2_000_000)
    largest = 0

    async def scene() -> None:
        nonlocal largest
        for _ in range(100):
            await asyncio.gather(*[book.ledger.submit("note", PAGE) for _ in range(10)])
            await book.ledger.run(lambda _: None)  # after the checkpoint that the batch before made due
            largest = max(largest, book.log_size())

    book.play(scene)
    assert largest <= 2_000_000 + 10 * 50_000
    assert largest > 0


def test_on_a_small_disk_the_log_leaves_room_for_its_checkpoint(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    log = WriteAheadLog(book.database)
    assert log.limit() == LARGEST_LOG
    monkeypatch.setattr(write_ahead.os, "statvfs", lambda _: SimpleNamespace(f_bavail=700, f_frsize=4096))
    assert log.limit() == 700 * 1024


def test_a_full_disk_recovers_without_a_restart(book: Book) -> None:
    async def most(pages: int) -> None:
        await book.ledger.run(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count={pages}"))

    async def scene() -> None:
        pages = await book.ledger.run(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar_one())
        await most(pages + 100)
        for _ in range(30):
            results = await asyncio.gather(
                *[book.ledger.submit("note", PAGE) for _ in range(5)], return_exceptions=True
            )
        assert {type(result) for result in results} == {ExternalError}
        await most(pages + 1000)
        assert await book.ledger.submit("note", PAGE) == PAGE

    book.play(scene)
    assert book.ledger.counts.dead == 0


def test_a_reader_that_blocks_the_checkpoint_for_long_is_reported_once_and_when_it_is_over(
    book: Book, clock: StillClock
) -> None:
    seconds = [0.0]
    log = WriteAheadLog(book.database, lambda: seconds[0])

    def note() -> None:
        with book.database.transaction() as tx:
            book.write(tx, ["x"], clock())

    def events(after: float) -> list[str]:
        seconds[0] += after
        with capture_logs() as lines:
            log.checkpoint()
        return [line["log_level"] for line in lines]

    note()
    assert log.checkpoint()
    with book.database.reading() as reader:
        reader.execute(select(AuditEntry.id)).all()
        note()
        assert not log.checkpoint()
        assert log.is_behind
        assert events(BLOCKED_SECONDS / 2) == []
        assert events(BLOCKED_SECONDS / 2) == ["warning"]
        assert events(BLOCKED_SECONDS) == []
    assert events(1) == ["info"]
    assert not log.is_behind
    assert events(1) == []
