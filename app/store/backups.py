"""Backups of a SQLite database: a complete copy, made while Trato runs, sealed with a key of its own and opened again before it counts as
one. Files that came with messages are in the database, so a backup has them. PostgreSQL has tools of its own: docs/backup.md."""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from app.errors import ConfigurationError, ConflictError, ExternalError, reason
from app.store import backup_file, keys, schema_version, state_values
from app.store.database import Database
from app.store.vault import STRENGTH, strength
from app.wording import Sentence

_LATEST = "latest_backup"
_ENDING, _UNFINISHED = ".backup", ".part"
_NAME = "trato-*" + _ENDING
_COPIED = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a backup, the first piece of its file. `at`: everything that was stored before is in it. `key` is the mark of the
    secret key that opens its texts, None if it has none yet; `size`, in bytes, and `sha256` are of the database."""

    at: datetime
    release: str
    schema: str
    key: str | None
    size: int
    sha256: str

    def written(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()}).encode()

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """The reverse of `written`. Raises ValueError, TypeError, KeyError."""
        found = json.loads(text)
        return cls(**found | {"at": datetime.fromisoformat(found["at"]).astimezone(UTC)})


@dataclass(frozen=True, slots=True)
class LatestBackup:
    """The latest backup of this database that was made and opened again: when, and to which file."""

    at: datetime
    file: str


def latest(tx: Connection) -> LatestBackup | None:
    """The latest backup; None if there was none."""
    found = state_values.read(tx, _LATEST)
    if found is None:
        return None
    record = json.loads(found)
    return LatestBackup(datetime.fromisoformat(record["at"]), record["file"])


def record(tx: Connection, file: Path, at: datetime) -> None:
    """Keep that a backup was made."""
    state_values.write(tx, _LATEST, json.dumps({"at": at.isoformat(), "file": str(file)}), at)


def check_key(secret: str | None, others: tuple[str, ...]) -> str:
    """The backup key. Raises ConfigurationError if it is missing, weak, or one of the installation's other keys."""
    if secret is None:
        raise ConfigurationError(
            Sentence("TRATO_BACKUP_KEY is missing: `openssl rand -base64 32` makes one; keep it away from the backups")
        )
    if strength(secret) < STRENGTH:
        raise ConfigurationError(
            Sentence(
                "TRATO_BACKUP_KEY is weak: it has less than {bits} bits. `openssl rand -base64 32` makes one",
                bits=STRENGTH,
            )
        )
    if secret in others:
        raise ConfigurationError(
            Sentence("TRATO_BACKUP_KEY and TRATO_SECRET_KEY are the same: who finds one must not have the other")
        )
    return secret


def make(database: Database, folder: Path, secret: str, release: str, now: datetime) -> tuple[Path, Manifest]:
    """Make a backup of a SQLite database in a folder, and open it again. Returns its file, which has its name only if all that succeeded.
    Raises ConfigurationError, ExternalError, and ConflictError if another one is being made."""
    file = folder / f"trato-{now:%Y%m%dT%H%M%S}Z{_ENDING}"
    unfinished = file.with_suffix(_UNFINISHED)
    with telling(folder), workshop(database) as shop:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists():
            raise ConflictError(Sentence("{file} exists already", file=file))
        for left in folder.glob("trato-*" + _UNFINISHED):  # of a backup that was killed: nobody else makes one now
            left.unlink()
        copy = shop / "copy.db"
        _copy(database, copy)
        manifest = _described(copy, release, now)
        try:
            with copy.open("rb") as content:
                backup_file.write(unfinished, secret, manifest.written(), content)
            copy.unlink()
            open_into(unfinished, secret, shop / "opened.db")
            unfinished.rename(file)
            bring_to_disk(folder)
        finally:
            unfinished.unlink(missing_ok=True)
    return file, manifest


def open_into(file: Path, secret: str, target: Path) -> Manifest:
    """Open a backup into a new database file, and check it: its checksum, SQLite's own check, schema and key as the manifest has them. Raises
    ConfigurationError, and OSError."""
    pieces = backup_file.read(file, secret)
    try:
        manifest = Manifest.read(next(pieces))
    except (ValueError, TypeError, KeyError):
        raise ConfigurationError(Sentence("{file} is no backup of Trato, or of a newer release", file=file)) from None
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        for piece in pieces:
            digest.update(piece)
            opened.write(piece)
        opened.flush()
        os.fsync(opened.fileno())
    if digest.hexdigest() != manifest.sha256 or _inside(target) != (manifest.schema, manifest.key):
        raise ConfigurationError(Sentence("{file} is damaged or incomplete: take another backup", file=file))
    return manifest


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of a folder. Returns those deleted. Raises ExternalError."""
    with telling(folder):
        old = sorted(folder.glob(_NAME))[:-keep]
        for file in old:
            file.unlink()
    return old


def copy_beside(database: Database, name: str) -> Path:
    """A complete copy of a SQLite database of any version beside it, as private as the database itself and not sealed further: the way back
    from an upgrade. Raises ExternalError, and ConfigurationError if the database is damaged."""
    path = Path(database.url.database or "")
    target, unfinished = path.with_name(f"{path.name}.{name}"), path.with_name(f"{path.name}.{name}{_UNFINISHED}")
    with telling(path.parent):
        unfinished.unlink(missing_ok=True)
        _copy(database, unfinished)
        with closing(_frozen(unfinished)) as connection:
            _check(connection)
        unfinished.rename(target)
        bring_to_disk(path.parent)
    return target


def _copy(database: Database, target: Path) -> None:
    """VACUUM INTO reads one consistent state and leaves out what was deleted; writers go on meanwhile."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _described(copy: Path, release: str, now: datetime) -> Manifest:
    with copy.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    schema, key = _inside(copy)
    return Manifest(now, release, schema, key, copy.stat().st_size, digest)


def _inside(file: Path) -> tuple[str, str | None]:
    """The schema and the mark of the key of a database file that SQLite finds whole. Raises ConfigurationError."""
    with closing(_frozen(file)) as connection:
        _check(connection)
        [schema] = connection.execute(str(schema_version.VERSION)).fetchone()
        key = connection.execute(keys.CURRENT).fetchone()
    return schema, None if key is None else key[0]


def _frozen(file: Path) -> sqlite3.Connection:
    """A connection to a file that nobody writes to."""
    return sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)


def _check(connection: sqlite3.Connection) -> None:
    """Raise ConfigurationError unless SQLite finds the file whole."""
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError:
        found = None
    if found != ("ok",):
        raise ConfigurationError(
            Sentence("the copy of the database is damaged, and so is the database: `PRAGMA integrity_check` says where")
        )


@contextmanager
def workshop(database: Database) -> Iterator[Path]:
    """A folder beside the database for copies in clear, which are gone afterwards, also those of a backup that was killed. One backup at a
    time has it."""
    path = Path(f"{database.url.database}-backup")
    path.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(Sentence("another backup is being made")) from None
        for left in path.iterdir():
            left.unlink()
        yield path
        shutil.rmtree(path)
    finally:
        os.close(handle)


def bring_to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def telling(folder: Path) -> Iterator[None]:
    """Report a disk that refuses in one line."""
    try:
        yield
    except OSError as error:
        raise ExternalError(
            Sentence("{folder} cannot be written: {reason}", folder=folder, reason=reason(error))
        ) from None
    except sqlite3.DatabaseError as error:
        raise ExternalError(Sentence("the database cannot be copied: {reason}", reason=str(error))) from None
