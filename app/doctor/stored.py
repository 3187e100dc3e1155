"""The database of an installation: whether it answers, at which schema it is, and whether the key is its key. Changes nothing."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.doctor.findings import Area, Finding, fault, warning
from app.doctor.machine import clock
from app.errors import AppError, ConfigurationError
from app.store import erased_rows, keys
from app.store.database import Database
from app.store.vault import Vault
from app.wording import Sentence

SHORTEST_KEY = 20
"""Characters of a key that nobody guesses."""


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


def key(tx: Connection, vault: Vault, length: int) -> Iterator[Finding]:
    """Whether the key opens what the database has. `length` is its number of characters."""
    try:
        keys.check(tx, vault)
    except ConfigurationError as error:
        yield fault(Area.key, error.text, Sentence("See docs/keys.md: without its key the database is lost"))
        return
    if keys.change(tx) is not None:
        yield warning(Area.key, Sentence("a change of keys is not finished"), Sentence("Run `trato keys rotate`"))
    if length < SHORTEST_KEY:
        text = Sentence("TRATO_SECRET_KEY has {number} characters, and can be guessed", number=length)
        yield warning(
            Area.key, text, Sentence("Change it: `openssl rand -base64 32` makes one, docs/keys.md has the steps")
        )
    elif keys.change(tx) is None:
        yield Finding(Area.key, Sentence("is the key of this database"))


def database_clock(tx: Connection, ours: datetime) -> Finding:
    """Our clock beside the one of PostgreSQL's machine."""
    theirs: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return clock(ours, theirs, Sentence("the database's"))
