"""The check that the vault's key is the key of this database. Messages that are stored under another key are lost to everybody: no
number is found by it, so that not even a BAJA is obeyed. Nothing therefore starts or writes with another key."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.errors import ConfigurationError
from app.store import state_values
from app.store.database import Database
from app.store.tables import ADDRESS
from app.store.vault import Vault

OTHER_KEY = (
    "TRATO_SECRET_KEY is not the key of this database, so nothing was started or written: "
    "set the key with which its roster was imported"
)
_KEY = "key_check"
_SAMPLE = 5
"""So many numbers are tried in a database of before this check."""


def claim(database: Database, vault: Vault, now: datetime) -> None:
    """Make the vault's key the key of a database that has none yet, and open its texts with it. Raises ConfigurationError, and writes nothing, if the database has
    another one."""
    with database.reading() as tx:
        check(tx, vault)
        database.unlock(vault)
        if state_values.read(tx, _KEY) is not None:
            return
    with database.transaction() as tx:
        state_values.write(tx, _KEY, _mark(vault), now)


def check(tx: Connection, vault: Vault) -> None:
    """Raise ConfigurationError if this database has another key."""
    if not is_right(tx, vault):
        raise ConfigurationError(OTHER_KEY)


def is_right(tx: Connection, vault: Vault) -> bool:
    """Whether the vault has the key of this database, or the database has none yet."""
    known = state_values.read(tx, _KEY)
    return opens_numbers(tx, vault) if known is None else known == _mark(vault)


def opens_numbers(tx: Connection, vault: Vault) -> bool:
    """Whether one of the first numbers opens; also if there are none. One alone may be damaged."""
    rows = tx.execute(select(ADDRESS.c.contact_id, ADDRESS.c.sealed).order_by(ADDRESS.c.id).limit(_SAMPLE)).all()
    return not rows or any(vault.opens(row.sealed, f"address:{row.contact_id}") for row in rows)


def _mark(vault: Vault) -> str:
    return vault.lookup("the key of this database")
