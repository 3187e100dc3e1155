"""The only place where SQLite and PostgreSQL differ in what we write and in how they say no. Everything else is common
SQLAlchemy."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import CreateTable

from app.store.types import UTCDateTime, as_texts

_CONFLICTS = {"40001", "40P01"}
_RACES = {"uq_outbound_in_flight", "uq_inbound_message_sid"}
"""Unique keys that refuse what another process has done since we looked; the next look sees it."""

_AWAY = ("08", "53", "57", "58", "55P03", "25006")
"""PostgreSQL's classes and codes for: no connection, no resources, being shut down, a fault of its machine, a lock not
had in time, and a replica that takes no writes. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY,
}
_SCHEMA_LOCK = 0x747261746F
"""A number of our own for the advisory lock of upgrades: "trato"."""


def locks_rows(tx: Connection) -> bool:
    """Whether rows can be locked one by one. SQLite has one writer for the whole file instead."""
    return tx.dialect.name != "sqlite"


def _insert(tx: Connection, table: Table) -> Any:  # noqa: ANN401 - the two Insert classes have no common base with on_conflict
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def insert_ignore(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those that a unique key says are there already change nothing."""
    if rows:
        tx.execute(_insert(tx, table).on_conflict_do_nothing(), list(rows))


def insert_ignore_from(tx: Connection, table: Table, names: Sequence[str], rows: Select[Any]) -> None:
    """Insert what a query gives; rows that a unique key says are there already change nothing."""
    tx.execute(_insert(tx, table).from_select(list(names), rows, include_defaults=False).on_conflict_do_nothing())


def scratch(tx: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Fill a temporary table of this transaction with rows, in place of what it held."""
    tx.execute(CreateTable(table, if_not_exists=True))
    tx.execute(delete(table))
    names = ", ".join(column.name for column in table.c)
    if locks_rows(tx):
        cursor: Any = tx.connection.cursor()
        with cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    elif rows:
        marks = ", ".join("?" for _ in table.c)
        columns = [
            as_texts(values) if isinstance(column.type, UTCDateTime) else values
            for column, values in zip(table.c, zip(*rows, strict=True), strict=True)
        ]
        tx.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(zip(*columns, strict=True)))  # noqa: S608 - names


def upsert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
    """Insert rows, or set all their other columns where `key` is there already."""
    if not rows:
        return
    statement = _insert(tx, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))


def lock_schema(tx: Connection) -> None:
    """Let only one process change the schema at a time, until the transaction ends. SQLite's writer is alone anyway."""
    if locks_rows(tx):
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})


def dangling(tx: Connection) -> bool:
    """Whether a row refers to one that is not there. PostgreSQL never lets that be; SQLite does while it alters tables."""
    return not locks_rows(tx) and tx.exec_driver_sql("PRAGMA foreign_key_check").first() is not None


def is_conflict(error: DBAPIError) -> bool:
    """A serialization failure, a deadlock, or a race that a unique index has ended: the same transaction may be run again."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS or constraint in _RACES


def is_away(error: DBAPIError) -> bool:
    """The database, or its disk, does not answer or does not take writes: it is not for what was asked, and the next thing
    asked would fare no better."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _SQLITE_AWAY
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(state).startswith(_AWAY)
