"""Values that the running service keeps by name: switches, and how far a job has come. All functions take a transaction and
commit nothing."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, or_, select, update

from app.store.dialect import insert_ignore, upsert
from app.store.tables import STATE_VALUE

_VALUE = select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == bindparam("wanted"))


def read(tx: Connection, name: str) -> str | None:
    """The value of this name, or None."""
    return tx.execute(_VALUE, {"wanted": name}).scalar_one_or_none()


def read_all(tx: Connection, names: tuple[str, ...]) -> dict[str, str]:
    """The values of these names that are set, by name."""
    return dict(tx.execute(_values(names)).all())


@lru_cache(maxsize=16)
def _values(names: tuple[str, ...]) -> Select[Any]:
    wanted = or_(*(STATE_VALUE.c.name == name for name in names))  # an IN is expanded for every execution
    return select(STATE_VALUE.c.name, STATE_VALUE.c.value).where(wanted)


def write(tx: Connection, name: str, value: str, now: datetime) -> None:
    """Set a value."""
    upsert(tx, STATE_VALUE, [{"name": name, "value": value, "updated_at": now}], key=("name",))


def remove(tx: Connection, name: str) -> None:
    """Remove a value, if it is set."""
    tx.execute(delete(STATE_VALUE).where(STATE_VALUE.c.name == name))


def change(tx: Connection, name: str, value: str, now: datetime, *, default: str) -> bool:
    """Set a value that is `default` until it is set. False if it was this value already."""
    return _replace(tx, name, value, now, default, STATE_VALUE.c.value != value)


def advance(tx: Connection, name: str, value: str, now: datetime) -> None:
    """Set a value that only grows, as text sorts. No-op if the stored one is greater."""
    _replace(tx, name, value, now, value, STATE_VALUE.c.value < value)


def _replace(
    tx: Connection, name: str, value: str, now: datetime, default: str, condition: ColumnElement[bool]
) -> bool:
    insert_ignore(tx, STATE_VALUE, [{"name": name, "value": default, "updated_at": now}])
    changed = tx.execute(
        update(STATE_VALUE).where(STATE_VALUE.c.name == name, condition).values(value=value, updated_at=now)
    )
    return changed.rowcount == 1
