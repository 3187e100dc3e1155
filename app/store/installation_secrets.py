"""Random secrets of the installation, sealed: for what must outlive a change of keys and cannot be computed anew. All functions take a
transaction and commit nothing."""

import secrets

from sqlalchemy import Connection, select

from app.store import sealing
from app.store.dialect import insert_ignore
from app.store.sealing import RANDOM_SECRET
from app.store.tables import INSTALLATION_SECRET


def find(tx: Connection, name: str) -> bytes | None:
    """A secret; None if it has not been made. Raises ConfigurationError if it cannot be opened."""
    found = select(INSTALLATION_SECRET.c.sealed).where(INSTALLATION_SECRET.c.name == name)
    sealed = tx.execute(found).scalar_one_or_none()
    return None if sealed is None else bytes.fromhex(sealing.open_text(tx, RANDOM_SECRET, name, sealed))


def make(tx: Connection, name: str) -> bytes:
    """The same, made if it has not been."""
    if (known := find(tx, name)) is not None:
        return known
    sealed = sealing.seal(tx, RANDOM_SECRET, name, secrets.token_hex(32))
    insert_ignore(tx, INSTALLATION_SECRET, [{"name": name, "sealed": sealed}])
    found = find(tx, name)
    if found is None:
        raise AssertionError("unreachable")
    return found
