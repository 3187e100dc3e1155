"""Values that the running service keeps by name: switches, and how far a job has come. All functions take a transaction and
commit nothing."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.store.dialect import upsert
from app.store.tables import STATE_VALUE


def read(tx: Connection, name: str) -> str | None:
    """A value, or None if there is none of that name."""
    return tx.execute(select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == name)).scalar_one_or_none()


def write(tx: Connection, name: str, value: str, now: datetime) -> None:
    """Set a value."""
    upsert(tx, STATE_VALUE, [{"name": name, "value": value, "updated_at": now}], key=("name",))
