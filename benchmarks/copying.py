"""A SQLite database of a benchmark copied into an empty PostgreSQL database, table by table: both have the same rows."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Table, text

from app.errors import UsageError
from app.store.database import Database
from app.store.tables import metadata

_AT_ONCE = 5_000


def copied(path: Path, url: str, officers: int) -> None:
    """Copy a database unless this has been done. Raises UsageError if the other has other officers."""
    database = Database(url)
    database.upgrade()
    with database.transaction() as tx:
        found = tx.execute(text("SELECT count(*) FROM contact")).scalar_one()
        if found == officers:
            return
        if found:
            raise UsageError("the database of the benchmark has other officers: give it an empty one")
        tx.execute(
            text("SET session_replication_role = replica")
        )  # the audit log's triggers; the rows refer to each other
        indexes = tx.execute(text(_INDEXES)).all()
        for name, _ in indexes:
            tx.execute(text(f"DROP INDEX {name}"))
        with sqlite3.connect(path) as source:
            for table in metadata.sorted_tables:
                _copy(source, tx.connection.driver_connection, table)
        for _, statement in indexes:
            tx.execute(text(statement))
        tx.execute(text(_COUNTED_ON))
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    database.close()


_INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint) AND tablename <> 'alembic_version'"
)
_COUNTED_ON = (
    "DO $$ DECLARE one record; BEGIN FOR one IN SELECT table_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND column_name = 'id' AND column_default LIKE 'nextval%' LOOP"
    " EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), coalesce(max(id), 0) + 1, false) FROM %I',"
    " quote_ident(one.table_name), 'id', one.table_name); END LOOP; END $$"
)
"""The next id of every table follows the last one."""


def _copy(source: sqlite3.Connection, target: Any, table: Table) -> None:  # noqa: ANN401 - the driver's connection
    names = ", ".join(column.name for column in table.c)
    flags = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]
    rows = source.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - names
    with target.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 - a name
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            while some := rows.fetchmany(_AT_ONCE):
                for row in some:
                    copy.write_row(_with_flags(row, flags) if flags else row)


def _with_flags(row: tuple[Any, ...], flags: list[int]) -> tuple[Any, ...]:
    changed = list(row)
    for place in flags:
        changed[place] = None if row[place] is None else bool(row[place])
    return tuple(changed)
