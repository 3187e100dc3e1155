"""Counts of failed sign-ins, by the kind of count and a keyed hash of the account's name or of the address that tried. All functions take a transaction and
commit nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, delete, func, select, update

from app.store.dialect import insert_ignore
from app.store.tables import SIGN_IN_FAILURE


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it failed, and when last."""

    count: int
    last_at: datetime


def read(tx: Connection, lookup: str) -> Failures | None:
    """The failures of a name or an address."""
    wanted = select(SIGN_IN_FAILURE.c.failures, SIGN_IN_FAILURE.c.last_at).where(SIGN_IN_FAILURE.c.lookup == lookup)
    row = tx.execute(wanted).one_or_none()
    return None if row is None else Failures(*row)


def add(tx: Connection, lookup: str, now: datetime, remembered_since: datetime) -> None:
    """Count one failure more. The count begins anew if the last one was before a moment."""
    insert_ignore(tx, SIGN_IN_FAILURE, [{"lookup": lookup, "failures": 0, "last_at": now}])
    before = case((SIGN_IN_FAILURE.c.last_at < remembered_since, 0), else_=SIGN_IN_FAILURE.c.failures)
    counted = update(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.lookup == lookup)
    tx.execute(counted.values(failures=before + 1, last_at=now))


def take_back(tx: Connection, lookup: str) -> None:
    """One failure less."""
    fewer = update(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.lookup == lookup, SIGN_IN_FAILURE.c.failures > 0)
    tx.execute(fewer.values(failures=SIGN_IN_FAILURE.c.failures - 1))


def forget(tx: Connection, lookup: str) -> None:
    """Forget the failures of a name."""
    tx.execute(delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.lookup == lookup))


def forget_before(tx: Connection, before: datetime) -> int:
    """Forget all that are older. Returns their number."""
    return tx.execute(delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.last_at < before)).rowcount


def total(tx: Connection, prefix: str) -> int:
    """The failures that are remembered, of lookups that begin so."""
    found = select(func.coalesce(func.sum(SIGN_IN_FAILURE.c.failures), 0))
    return int(tx.execute(found.where(SIGN_IN_FAILURE.c.lookup.startswith(prefix, autoescape=True))).scalar_one())
