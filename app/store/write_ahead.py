"""SQLite's write-ahead log. New rows are in it until a checkpoint copies them to the database's file. The ledger calls for a
checkpoint every few seconds in which it has written, so that a copy of the file has the messages, and whenever the log has grown
too large for its disk: a log that fills the disk leaves no room for the checkpoint that would empty it."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from app.store.database import LARGEST_LOG, Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3.0
RETRY_SECONDS = 1.0
"""Between two attempts while something reads, however large the log is."""

SHARE_OF_DISK = 4
"""The log may take this part of what is free on the disk. The checkpoint needs as much again at most."""

BLOCKED_SECONDS = 60.0
"""How long a checkpoint may be incomplete before the log of the service mentions it."""


@dataclass(slots=True)
class WriteAheadLog:
    """The write-ahead log of one database, as one process sees it. `monotonic` gives seconds."""

    database: Database
    monotonic: Callable[[], float] = time.monotonic
    is_behind: bool = False
    _path: Path = field(init=False)
    _next: float = 0.0
    _retry: float = 0.0
    _incomplete_since: float | None = None
    _is_reported: bool = False

    def __post_init__(self) -> None:
        self._path = Path(f"{self.database.url.database}-wal")

    def written(self) -> None:
        """Rows have been written, which only the log has."""
        self.is_behind = True

    def wait(self) -> float:
        """Seconds until the next checkpoint is due; 0 if it is."""
        due = self._retry if self.size() > self.limit() else self._next
        return max(0.0, due - self.monotonic())

    def size(self) -> int:
        """Bytes of the log on the disk."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def limit(self) -> int:
        """Bytes that the log may have now."""
        try:
            disk = os.statvfs(self._path.parent)
        except OSError:
            return LARGEST_LOG
        return min(LARGEST_LOG, (disk.f_bavail * disk.f_frsize + self.size()) // SHARE_OF_DISK)

    def checkpoint(self) -> bool:
        """Copy the log to the file; empty it if it is too large. False if something that reads or the disk prevents that: the next
        call tries again. Waits for nobody and raises nothing."""
        self._next = self.monotonic() + EVERY_SECONDS
        mode = "TRUNCATE" if self.size() > self.limit() else "PASSIVE"
        try:
            complete = _checkpoint(self.database, mode)
            self._retry = 0.0 if complete else self.monotonic() + RETRY_SECONDS
        except Exception:  # noqa: BLE001 - the edge: the rows are durable in the log all the same
            complete = False
            self._retry = 0.0  # a full disk: at once, before the log takes the first space that becomes free
        self.is_behind = not complete
        self._report(complete)
        return complete

    def _report(self, complete: bool) -> None:
        """One line when checkpoints have been incomplete for long, and one when that is over."""
        now = self.monotonic()
        if complete:
            if self._is_reported:
                log.info("the write-ahead log is copied again")
            self._incomplete_since, self._is_reported = None, False
            return
        if self._incomplete_since is None:
            self._incomplete_since = now
        elif not self._is_reported and now - self._incomplete_since >= BLOCKED_SECONDS:
            self._is_reported = True
            log.warning(
                "the write-ahead log cannot be copied to the database and grows: a command that reads for long, or a full disk",
                bytes=self.size(),
                seconds=int(now - self._incomplete_since),
            )


def _checkpoint(database: Database, mode: str) -> bool:
    """Whether the whole log has been copied."""
    with closing(database.engine.raw_connection()) as pooled:
        connection: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]
        [patience] = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute("PRAGMA busy_timeout=0")
        try:
            busy, pages, copied = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout={patience}")
    return not busy and pages == copied
