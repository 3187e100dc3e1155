"""The only place where SQLite and PostgreSQL differ in what we write. Everything else is common SQLAlchemy."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def locks_rows(tx: Connection) -> bool:
    """Whether rows can be locked one by one. SQLite has one writer for the whole file instead."""
    return tx.dialect.name != "sqlite"


def _insert(tx: Connection, table: Table) -> Any:  # noqa: ANN401 - the two Insert classes have no common base with on_conflict
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def insert_ignore(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those that a unique key says are there already change nothing."""
    if rows:
        tx.execute(_insert(tx, table).on_conflict_do_nothing(), list(rows))


def upsert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
    """Insert rows, or set all their other columns where `key` is there already."""
    if not rows:
        return
    statement = _insert(tx, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))
