"""The differences between SQLite and PostgreSQL, in statements and in errors. All other code is common SQLAlchemy."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Select,
    String,
    Table,
    bindparam,
    delete,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import NullType, UserDefinedType

from app.store.prefetch import prefetch
from app.store.types import UTCDateTime, as_texts

_CONFLICTS = {"40001", "40P01"}
_RACES = {"uq_outbound_in_flight", "uq_inbound_message_sid"}
"""Unique keys violated when another process was faster; a retry sees its row."""

_LOCK_TIMEOUT = "55P03"
_AWAY = ("08", "53", "57", "58", _LOCK_TIMEOUT, "25006")
"""PostgreSQL's classes and codes for: no connection, no resources, shutdown, a system error, a lock timeout, and a read-only
replica. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
_SCHEMA_LOCK = 0x747261746F
"""The key of the advisory lock for upgrades: "trato"."""
_START_LOCK = 0x73_7461_7274
"""The same for processes that start: "start"."""
_CHAIN_LOCK = 0x6368_6169_6E
"""The same for the chain of the audit log: "chain"."""
_KEY_LOCK = 0x6B65_79
"""The same that every transaction shares which writes, and a change of keys takes alone: "key"."""
_SHARE_KEY = f"SELECT pg_advisory_xact_lock_shared({_KEY_LOCK}); "


def locks_rows(tx: Connection) -> bool:
    """Whether single rows can be locked. SQLite has one writer for the whole file instead."""
    return tx.dialect.name != "sqlite"


def _insert(tx: Connection, table: Table) -> Any:  # noqa: ANN401 - the two Insert classes have no common base with on_conflict
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def insert_ignore(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, skipping those that violate a unique key."""
    if rows:
        tx.execute(_insert(tx, table).on_conflict_do_nothing(), list(rows))


def insert_ignore_from(tx: Connection, table: Table, names: Sequence[str], rows: Select[Any]) -> None:
    """Insert the rows of a query, skipping those that violate a unique key."""
    tx.execute(_insert(tx, table).from_select(list(names), rows, include_defaults=False).on_conflict_do_nothing())


def scratch(tx: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Replace the rows of a temporary table of this transaction."""
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
    """Insert rows, or update all other columns where `key` exists."""
    if not rows:
        return
    statement = _insert(tx, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))


def batches(tx: Connection, query: Select[Any], size: int) -> Iterator[Sequence[Any]]:
    """Stream the rows of a query in batches of `size`, as the driver returns them. Only for queries of text and numbers: column types
    are not applied. Run no other statement in this transaction until the last row is read."""
    if not locks_rows(tx):
        result = tx.execute(query)
        while result.cursor is not None and (rows := result.cursor.fetchmany(size)):
            yield rows
        result.close()
        return
    # Not a server-side cursor: PostgreSQL would plan for few rows, and never in parallel.
    statement, values = _as_the_driver_has_it(tx, query)
    tx.exec_driver_sql("SET LOCAL DateStyle = ISO")  # for stored_text
    yield from prefetch(_streamed(tx.connection.driver_connection, statement, values, size))


def _streamed(connection: Any, statement: bytes, values: Mapping[str, Any], size: int) -> Iterator[Sequence[Any]]:  # noqa: ANN401
    import psycopg  # noqa: PLC0415 - 9 MB, which SQLite does without

    chunk = size if psycopg.capabilities.has_stream_chunked() else 1
    with connection.cursor() as cursor:
        stream = cursor.stream(statement, values, size=chunk)
        while rows := list(islice(stream, size)):
            yield rows


def _as_the_driver_has_it(tx: Connection, query: Select[Any]) -> tuple[bytes, dict[str, Any]]:
    compiled = query.compile(dialect=tx.dialect, compile_kwargs={"render_postcompile": True})
    values = {}
    for name, value in compiled.params.items():
        process = (
            compiled.binds[name].type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
            if name in compiled.binds
            else None
        )
        values[name] = value if process is None else process(value)
    return str(compiled).encode(), values


def literal(value: str) -> ColumnElement[str]:
    """A value of ours in the statement itself, not as a parameter: partial indexes on it apply to prepared statements only so, and
    SQLite prepares a statement anew each time if a parameter decides whether one applies."""
    return literal_column(f"'{value}'")


def lock_schema(tx: Connection) -> None:
    """Let only one process change the schema, until the transaction ends. SQLite has one writer anyway."""
    _wait_for(tx, _SCHEMA_LOCK)


def lock_start(tx: Connection) -> None:
    """Let only one process start at a time, until the transaction ends: each claims the same key and publishes the same files."""
    _wait_for(tx, _START_LOCK)


def lock_chain(tx: Connection) -> None:
    """Let only one process write to the chain of the audit log, until the transaction ends."""
    if locks_rows(tx):
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


def wait_for_writers(tx: Connection) -> None:
    """Wait until the transactions that began with `read_as_writer` have ended. SQLite has one writer anyway."""
    _wait_for(tx, _KEY_LOCK)


def _wait_for(tx: Connection, lock: int) -> None:
    """Take an advisory lock, however long another transaction holds it."""
    if locks_rows(tx):
        tx.exec_driver_sql("SET LOCAL lock_timeout = 0")
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})


def read_as_writer(tx: Connection, statement: str) -> Any:  # noqa: ANN401 - a value of the database
    """The one value of a statement, None without a row, read so that `wait_for_writers` waits for this transaction. In one round trip:
    every transaction that writes begins with it."""
    if not locks_rows(tx):
        return tx.exec_driver_sql(statement).scalar_one_or_none()
    cursor: Any = tx.connection.cursor()
    with cursor:
        cursor.execute(_SHARE_KEY + statement)
        cursor.nextset()
        row = cursor.fetchone()
    return None if row is None else row[0]


def lock_within(tx: Connection, locking: Executable, values: Mapping[str, Any], patience: timedelta) -> bool:
    """Run a statement that locks rows. False if another transaction holds one of them for longer than that: then none is
    locked by it. PostgreSQL only."""
    try:
        before = tx.exec_driver_sql("SHOW lock_timeout").scalar_one()
        with tx.begin_nested():
            tx.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience // timedelta(milliseconds=1)}ms'")
            tx.execute(locking, values)
            tx.exec_driver_sql(f"SET LOCAL lock_timeout = '{before}'")
    except DBAPIError as error:
        if is_locked(error):
            return False
        raise
    return True


def is_locked(error: DBAPIError) -> bool:
    """Whether another transaction held a row for longer than `lock_timeout`."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT


def dangling(tx: Connection) -> bool:
    """Whether a foreign key refers to a missing row. Possible only in SQLite, while it alters tables."""
    return not locks_rows(tx) and tx.exec_driver_sql("PRAGMA foreign_key_check").first() is not None


def is_conflict(error: DBAPIError) -> bool:
    """Whether the transaction may be retried: a serialization failure, a deadlock, or a race decided by a unique index."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS or constraint in _RACES


def is_away(error: DBAPIError) -> bool:
    """Whether the database or its disk does not answer or refuses writes: the statement is not at fault, and the next one would
    fail too."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _SQLITE_AWAY
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(state).startswith(_AWAY)


class _Values(UserDefinedType[Collection[Any]]):
    """Values as one parameter: JSON on SQLite, an array on PostgreSQL."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """How they are handed to the driver."""
        return _as_json if dialect.name == "sqlite" else list


def _as_json(values: Collection[Any]) -> str:
    return orjson.dumps(list(values)).decode()


class _one_of(GenericFunction[Any]):  # noqa: N801 - a function of SQL
    type = NullType()  # a Boolean is compared with 1 on SQLite
    inherit_cache = True


@compiles(_one_of, "sqlite")
def _one_of_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - as compiled


@compiles(_one_of, "postgresql")
def _one_of_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY({values})"


def one_of(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is among the values, numbers or words, of the parameter of this name. However many they are, it is one parameter
    of one statement, where SQLAlchemy writes an `in_` anew for each execution."""
    return _one_of(column, bindparam(name, type_=_Values()))


class utc_text(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """A stored moment as text, formatted by the database: `2026-03-02T16:00:00Z`. NULL stays NULL."""

    type = String()
    inherit_cache = True


@compiles(utc_text, "sqlite")
def _utc_text_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    moment = compiler.process(element.clauses, **more)
    return f"(substr({moment}, 1, 10) || 'T' || substr({moment}, 12, 8) || 'Z')"


@compiles(utc_text, "postgresql")
def _utc_text_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    moment = compiler.process(element.clauses, **more)
    return f"""to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


class seconds_between(GenericFunction[int]):  # noqa: N801 - a function of SQL
    """The whole seconds from one stored moment to another. NULL if one is."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _seconds_between_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    begin, end = (compiler.process(moment, **more) for moment in element.clauses)
    return f"(CAST(strftime('%s', {end}) AS INTEGER) - CAST(strftime('%s', {begin}) AS INTEGER))"


@compiles(seconds_between, "postgresql")
def _seconds_between_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    begin, end = (f"date_trunc('second', {compiler.process(moment, **more)})" for moment in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({end} - {begin})) AS BIGINT)"


class bytewise(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """A text that sorts as in Python, whatever the database's collation."""

    type = String()
    inherit_cache = True


@compiles(bytewise, "sqlite")
def _bytewise_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    return str(compiler.process(element.clauses, **more))


@compiles(bytewise, "postgresql")
def _bytewise_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    return f'({compiler.process(element.clauses, **more)} COLLATE "C")'


class stored_text(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """A stored moment as text, in the fastest format: UTC, the first 19 characters are `2026-03-02 16:00:00`."""

    type = String()
    inherit_cache = True


@compiles(stored_text, "sqlite")
def _stored_text_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    return str(compiler.process(element.clauses, **more))


@compiles(stored_text, "postgresql")
def _stored_text_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    return f"CAST(({compiler.process(element.clauses, **more)} AT TIME ZONE 'UTC') AS TEXT)"


class comma_text(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """Words and whole numbers joined by commas; NULL is empty."""

    type = String()
    inherit_cache = True


@compiles(comma_text, "sqlite")
def _comma_text_sqlite(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    return f"printf('{_marks(element)}', {compiler.process(element.clauses, **more)})"


@compiles(comma_text, "postgresql")
def _comma_text_postgresql(element: Any, compiler: Any, **more: Any) -> str:  # noqa: ANN401
    marks = _marks(element).replace("%", "%%")  # the driver's own mark
    return f"format('{marks}', {compiler.process(element.clauses, **more)})"


def _marks(element: Any) -> str:  # noqa: ANN401
    return ",".join(["%s"] * len(element.clauses))
