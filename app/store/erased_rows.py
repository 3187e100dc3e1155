"""The remains of erased rows in the files of SQLite: pages of deleted rows and the write-ahead log, until the files are written anew. A mark
says that this is still to be done, because a command can be killed between the erasure and that. PostgreSQL frees old rows itself."""

from datetime import datetime

from sqlalchemy import Connection

from app.store import state_values
from app.store.database import Database
from app.store.dialect import locks_rows

_MARK = "erased_rows"


def mark(tx: Connection, now: datetime) -> None:
    """Say, in the transaction of an erasure, that the files have to be written anew. No-op on PostgreSQL."""
    if not locks_rows(tx):
        state_values.write(tx, _MARK, now.isoformat(timespec="seconds"), now)


def are_left(database: Database) -> bool:
    """Whether an erasure was stopped before the files were written anew."""
    with database.reading() as tx:
        return state_values.read(tx, _MARK) is not None


def overwrite(database: Database) -> bool:
    """Write the files anew. False on PostgreSQL, where nothing is done."""
    if database.is_sqlite:
        database.write_anew()
        with database.transaction() as tx:
            state_values.remove(tx, _MARK)
    return database.is_sqlite
