"""The database of an installation: whether it answers, at which schema it is, and whether the key is its key. Changes nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from app.doctor.findings import Area, Finding, fault, unknown, warning
from app.doctor.machine import clock
from app.errors import AppError, ConfigurationError
from app.store import backups, erased_rows, keys
from app.store.database import Database
from app.store.vault import Vault
from app.wording import Sentence

LATE, TOO_LATE = timedelta(hours=36), timedelta(days=7)
"""The age of a backup that ought to be made every night."""


def database(found: Database) -> Iterator[Finding]:
    """Whether the database answers, and whether anything in it or on the way to it can be read by others."""
    try:
        wrong = exposures(found)
    except AppError as error:
        remedy = Sentence("Start the database, and compare TRATO_DATABASE_URL with its host, name, user and password")
        yield fault(Area.database, error.text, remedy)
        return
    yield from wrong
    if not wrong:
        yield Finding(Area.database, Sentence("{kind} answers", kind="SQLite" if found.is_sqlite else "PostgreSQL"))


def exposures(found: Database) -> list[Finding]:
    """What others may read in the database or on the way to it. Raises ExternalError, ConfigurationError."""
    wrong = []
    if found.is_in_clear():
        text = Sentence("the connection to PostgreSQL goes over the network without TLS")
        wrong.append(fault(Area.database, text, Sentence("Add ?sslmode=verify-full to TRATO_DATABASE_URL")))
    if found.current() is not None and erased_rows.are_left(found):
        text = Sentence("an erasure was stopped, and rows may still be in the database's file")
        wrong.append(fault(Area.database, text, Sentence("Run `trato erase` once more: it takes them out")))
    return wrong


def schema(found: Database) -> Finding:
    """Whether this release may serve on the schema."""
    now = found.schema()
    if now.version is None:
        return warning(
            Area.schema,
            Sentence("the database is empty"),
            Sentence("`trato db upgrade`, or the first start, makes the schema"),
        )
    try:
        now.check()
    except ConfigurationError as error:
        remedy = (
            Sentence("Install the newer release")
            if now.is_newer
            else Sentence("Back up the database, then run `trato db upgrade`")
        )
        return fault(Area.schema, error.text, remedy)
    return Finding(Area.schema, Sentence("version {version}", version=now.version))


def key(tx: Connection, vault: Vault) -> Finding:
    """Whether the key opens what the database has."""
    try:
        keys.check(tx, vault)
    except ConfigurationError as error:
        return fault(Area.key, error.text, Sentence("See docs/keys.md: without its key the database is lost"))
    if keys.change(tx) is not None:
        return warning(Area.key, Sentence("a change of keys is not finished"), Sentence("Run `trato keys rotate`"))
    return Finding(Area.key, Sentence("is the key of this database"))


def backup(found: Database, tx: Connection, now: datetime) -> Finding:
    """The age of the latest backup. Those of PostgreSQL are made by its own tools, which nobody here knows of."""
    if not found.is_sqlite:
        remedy = Sentence("See that pg_dump or the archive of the write-ahead log runs: docs/backup.md")
        return unknown(Area.backup, Sentence("backups of PostgreSQL are made by its own tools"), remedy)
    latest = backups.latest(tx)
    remedy = Sentence("Run `trato backup` every night: docs/backup.md")
    if latest is None:
        return fault(Area.backup, Sentence("none was ever made"), remedy)
    text = Sentence("the latest is of {at:%Y-%m-%d %H:%M} UTC", at=latest.at)
    if now - latest.at > TOO_LATE:
        return fault(Area.backup, text, remedy)
    return warning(Area.backup, text, remedy) if now - latest.at > LATE else Finding(Area.backup, text)


def database_clock(tx: Connection, ours: datetime) -> Finding:
    """Our clock beside the one of PostgreSQL's machine."""
    theirs: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return clock(ours, theirs, Sentence("the database's"))
