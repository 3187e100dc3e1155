"""A whole database copied into an empty one, of the same kind or the other: table by table in portions, each a transaction, so that a copy
that was killed goes on where it was; then every row compared. The source takes no writes meanwhile; nothing serves on the target before
all rows are the same."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, func, insert, select, text

from app.errors import ConfigurationError, ConflictError
from app.store import restoring, schema_version
from app.store.database import Database
from app.store.dialect import insert_ignore, locks_rows
from app.store.schema_version import COPYING, HEAD
from app.store.tables import SCHEMA_SUPPORT, metadata
from app.wording import Sentence

PORTION = 1_000
"""Rows of a transaction."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table that is the same on both sides: its rows, and the SHA-256 of all of them in the order of their keys."""

    name: str
    rows: int
    sha256: str


def copy(source: Database, target: Database, told: Callable[[str, int], None]) -> list[CopiedTable]:
    """Copy and compare; `told` is called with a table and the number of its rows after each portion. Raises ConflictError if a process uses the
    source or if the target has rows of its own, and ConfigurationError if the two differ at the end or the source has another schema."""
    if source.current() != HEAD:
        raise ConfigurationError(
            Sentence("the database is not at the schema of this release: `trato db upgrade` first")
        )
    restoring.check_unused(source)
    _claim(target)
    with source.transaction() as tx:
        _hold(tx)
        for table in metadata.sorted_tables:
            _copy_table(tx, target, table, told)
        with target.reading() as other:
            compared = [_compared(tx, other, table) for table in metadata.sorted_tables]
        with target.transaction() as other:
            _set_sequences(other)
            other.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    return compared


def _claim(target: Database) -> None:
    """Make an empty target one that only a copy may use. No-op for one that a copy has begun to fill."""
    if target.current() == COPYING:
        return
    if target.current() is None:
        target.upgrade()
    with target.transaction() as tx:
        others = [table for table in metadata.sorted_tables if table is not SCHEMA_SUPPORT]
        if schema_version.read(tx).version != HEAD or any(
            tx.execute(select(table).limit(1)).first() for table in others
        ):
            raise ConflictError(Sentence("the database to copy to is not empty: name a new one"))
        tx.execute(text("UPDATE alembic_version SET version_num = :copying"), {"copying": COPYING})


def _hold(tx: Connection) -> None:
    """Let nobody write to the source until this transaction ends. On SQLite it has the one write lock."""
    if locks_rows(tx):
        names = ", ".join(tx.dialect.identifier_preparer.format_table(table) for table in metadata.sorted_tables)
        tx.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")


def _copy_table(tx: Connection, target: Database, table: Table, told: Callable[[str, int], None]) -> None:
    key = _key(table)
    with target.reading() as other:
        after = other.execute(select(func.max(key))).scalar_one() if _is_number(key) else None
    done = 0
    for rows in _portions(tx, table, after):
        with target.transaction() as other:
            values = [row._asdict() for row in rows]
            if _is_number(key):
                other.execute(insert(table), values)
            else:  # text sorts otherwise on the other side, so that no place is kept: there are few such rows
                insert_ignore(other, table, values)
        done += len(rows)
        told(table.name, done)


def _portions(tx: Connection, table: Table, after: object = None) -> Iterator[list[Any]]:
    """The rows of a table in portions, in the order of their keys, from after one of them."""
    key = _key(table)
    if not _is_number(key):
        if rows := list(tx.execute(select(table)).all()):
            yield rows
        return
    while True:
        wanted = select(table) if after is None else select(table).where(key > after)
        rows = list(tx.execute(wanted.order_by(key).limit(PORTION)).all())
        if not rows:
            return
        yield rows
        after = getattr(rows[-1], key.name)


def _compared(tx: Connection, other: Connection, table: Table) -> CopiedTable:
    """Compare every row. Raises ConfigurationError with the table and the key of the first that differs, never its content."""
    digest, count = hashlib.sha256(), 0
    ours, theirs = _digests(tx, table), _digests(other, table)
    while True:
        one, two = next(ours, None), next(theirs, None)
        if one != two:
            raise ConfigurationError(
                Sentence(
                    "the copy differs in {table}, after {rows} rows that are the same: the database was written to between two attempts; "
                    "name a new one",
                    table=table.name,
                    rows=count,
                )
            )
        if one is None:
            return CopiedTable(table.name, count, digest.hexdigest())
        digest.update(one)
        count += 1


def _digests(tx: Connection, table: Table) -> Iterator[bytes]:
    """The SHA-256 of each row, in the order of keys."""
    key = _key(table)
    for rows in _portions(tx, table):
        if not _is_number(key):
            rows.sort(key=lambda row: str(getattr(row, key.name)))
        for row in rows:
            yield hashlib.sha256(repr([_plain(value) for value in row]).encode()).digest()


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _set_sequences(tx: Connection) -> None:
    """Let new rows have ids after the greatest. SQLite takes that one itself."""
    if not locks_rows(tx):
        return
    quoted = tx.dialect.identifier_preparer.format_table
    for table in metadata.sorted_tables:
        sequence = tx.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": quoted(table), "column": _key(table).name}
        ).scalar_one()
        if sequence is not None and (greatest := tx.execute(select(func.max(_key(table)))).scalar_one()) is not None:
            tx.execute(text("SELECT setval(:sequence, :greatest)"), {"sequence": sequence, "greatest": greatest})


def _key(table: Table) -> Column[Any]:
    [key] = table.primary_key
    return key


def _is_number(key: Column[Any]) -> bool:
    return isinstance(key.type, Integer)
