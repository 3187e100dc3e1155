"""The place of a SQLite database, taken by a restored copy. Nothing is deleted: a database that was there is kept beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.errors import ConfigurationError, ConflictError, UsageError, unreadable
from app.store import backups, schema_version
from app.store.backups import Manifest
from app.store.database import Database
from app.wording import Sentence


@contextmanager
def opened(database: Database, file: Path, secret: str) -> Iterator[tuple[Path, Manifest]]:
    """A backup, opened and checked, as a file beside the database, which is gone afterwards unless it was put in place. Raises
    ConfigurationError, ConflictError while a backup is made, ExternalError, and UsageError on PostgreSQL."""
    if not database.is_sqlite:
        raise UsageError(
            Sentence(
                "PostgreSQL is restored by its own tools; then `trato restore --reconcile-since MOMENT`: see docs/backup.md"
            )
        )
    folder = Path(database.url.database or "").parent
    with backups.telling(folder), backups.workshop(database) as workshop:
        copy = workshop / "opened.db"
        try:
            manifest = backups.open_into(file, secret, copy)
        except OSError as error:
            raise unreadable(file, error) from None
        if schema_version.is_newer(manifest.schema):
            raise ConfigurationError(
                Sentence(
                    "{file} is of a newer release of Trato ({schema}): install that one",
                    file=file,
                    schema=manifest.schema,
                )
            )
        yield copy, manifest


def put_in_place(database: Database, copy: Path, now: datetime, *, replace: bool) -> Path | None:
    """Put a copy in the place of the database. Returns the file to which the one before was moved; None if there was none, or an empty
    one. Raises ConflictError if a process uses the database, and if it has rows and is not to be replaced."""
    path, kept = Path(database.url.database or ""), None
    check_unused(database)
    if path.exists() and path.stat().st_size:
        if not replace:
            raise ConflictError(
                Sentence(
                    "{file} is there already: --replace puts the backup in its place, and keeps it beside it", file=path
                )
            )
        kept = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    for ending in ("-wal", "-shm", ""):
        if kept is not None and (old := path.with_name(path.name + ending)).exists():
            old.rename(kept.with_name(kept.name + ending))
        elif ending:
            path.with_name(path.name + ending).unlink(missing_ok=True)
    copy.replace(path)
    backups.bring_to_disk(path.parent)
    return kept


def check_unused(database: Database) -> None:
    """Raise ConflictError if another process uses the database."""
    if database.is_in_use():
        raise ConflictError(Sentence("a process uses the database: stop `trato serve` and every other command first"))
