"""The change of keys: seals everything anew with the new key, and computes every keyed hash of an address anew. It walks the tables in
small transactions, each of which keeps how far the walk is, so that it can be interrupted anywhere and continued; messages arrive
meanwhile. A change begins when the first process starts with both keys: see `keys`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from app.channels import sealed_form
from app.clock import Clock
from app.errors import ConfigurationError
from app.store import audit, keys, lookups
from app.store.database import Database
from app.store.dialect import is_conflict
from app.store.keys import KeyChange
from app.store.sealing import INBOUND_FORM, NUMBER, SEALED, SealedColumn
from app.store.tables import ADDRESS, INBOUND, MEDIA, SIGN_IN_FAILURE
from app.store.vault import Vault

TABLES: tuple[Table, ...] = tuple(dict.fromkeys(one.table for one in SEALED))
"""The tables with something sealed, in the order of the walk."""

AT_ONCE = 200
_FILES_AT_ONCE = 5
_RETRIES = 5


@dataclass(frozen=True, slots=True)
class Rotated:
    """A finished change of keys: values sealed anew, and those that neither key opens and that stay as they are."""

    sealed: int
    unopened: int


def rotate(
    database: Database, vault: Vault, clock: Clock, actor: str, told: Callable[[KeyChange], None] = lambda _: None
) -> Rotated | None:
    """Walk until the change of keys is finished. None if there is none. `told` is called after each transaction. Rests as long as it
    works: SQLite has one writer, and messages must not wait for a gap."""
    while True:
        begun = time.monotonic()
        done, finished = _retried(database, lambda tx: _step(tx, vault, clock(), actor))
        if done is None or finished:
            return None if done is None else Rotated(done.sealed, done.unopened)
        told(done)
        time.sleep(time.monotonic() - begun)


def left(tx: Connection, change: KeyChange) -> int:
    """The rows that the walk still has to look at."""
    count = 0
    for place, table in enumerate(TABLES[change.table :]):
        found = select(func.count()).select_from(table).where(_has_sealed(table))
        count += int(tx.execute(found.where(_key(table) > change.after) if place == 0 else found).scalar_one())
    return count


def unopened(tx: Connection, vault: Vault) -> int:
    """The sealed values that a vault does not open."""
    count = 0
    for one in SEALED:
        found = select(one.key, one.column).where(one.column.is_not(None)).execution_options(yield_per=AT_ONCE)
        for key, sealed in tx.execute(found):
            count += bool(sealed) and not vault.opens_bytes(sealed, one.context(key))
    return count


def settle(tx: Connection, vault: Vault, reason: str, now: datetime, actor: str) -> int:
    """End a change of keys of which one key is lost, with the other. Values that only the lost key opens stay as they are, unreadable. Returns
    their number. Raises as `keys.settle`, and UsageError without a reason."""
    why = audit.reason(reason)
    keys.settle(tx, vault, now)
    lost = unopened(tx, vault)
    audit.record(tx, now, actor, "keys settled", "key", {"lost": lost, "reason": why})
    return lost


def _retried(
    database: Database, work: Callable[[Connection], tuple[KeyChange | None, bool]]
) -> tuple[KeyChange | None, bool]:
    """One transaction, again after a conflict with a message that arrived."""
    for attempt in range(_RETRIES):
        try:
            with database.transaction() as tx:
                return work(tx)
        except DBAPIError as error:
            if attempt + 1 == _RETRIES or not is_conflict(error):
                raise
    raise AssertionError("unreachable")


def _step(tx: Connection, vault: Vault, now: datetime, actor: str) -> tuple[KeyChange | None, bool]:
    """Some rows of one table, and whether the walk has come to its end."""
    keys.check(tx, vault)
    change = keys.change(tx, lock=True)
    if change is None:
        return None, True
    if change.table == len(TABLES):
        tx.execute(delete(SIGN_IN_FAILURE))  # of names and addresses that are not stored: they are counted anew
        keys.finish(tx)
        audit.record(tx, now, actor, "keys rotated", "key", {"sealed": change.sealed, "unopened": change.unopened})
        return change, True
    table = TABLES[change.table]
    columns = [one for one in SEALED if one.table is table]
    rows = _some(tx, table, columns, change.after)
    sealed, unopened = _reseal(tx, vault, columns, rows)
    _rehash(tx, vault, table, rows)
    after = {"after": rows[-1][0]} if rows else {"table": change.table + 1, "after": 0}
    done = replace(change, sealed=change.sealed + sealed, unopened=change.unopened + unopened, **after)
    keys.proceed(tx, done, now)
    return done, False


def _some(tx: Connection, table: Table, columns: Sequence[SealedColumn], after: int) -> list[Any]:
    """The next rows of a table: id, the sealed values, the keys of their contexts, the hash if there is one."""
    wanted = [_key(table), *(one.column for one in columns), *(one.key.label(f"key_{one.name}") for one in columns)]
    if table in (ADDRESS, INBOUND):
        wanted.append(table.c.lookup)
    found = select(*wanted).where(_key(table) > after, _has_sealed(table)).order_by(_key(table))
    return list(tx.execute(found.limit(_FILES_AT_ONCE if table is MEDIA else AT_ONCE)))


def _reseal(tx: Connection, vault: Vault, columns: Sequence[SealedColumn], rows: Sequence[Any]) -> tuple[int, int]:
    """Seal anew what the old key sealed: how many values, and how many neither key opens. A value that has changed since it was read was
    sealed with the new key."""
    done = unopened = 0
    for place, column in enumerate(columns, 1):
        changed = []
        for row in rows:
            before, context = row[place], column.context(row[place + len(columns)])
            try:
                new = vault.resealed(before, context) if before else None  # nothing is left of what was erased
            except ConfigurationError:
                unopened += 1
                continue
            if new is not None:
                changed.append({"row": row[0], "before": before, "new": new})
        if changed:
            stale = (_key(column.table) == bindparam("row"), column.column == bindparam("before"))
            tx.execute(update(column.table).where(*stale).values({column.column.name: bindparam("new")}), changed)
            done += len(changed)
    return done, unopened


def _rehash(tx: Connection, vault: Vault, table: Table, rows: Sequence[Any]) -> None:
    """Compute the hashes of addresses anew, in these rows and where strangers and their cases are found by them."""
    column = {ADDRESS: NUMBER, INBOUND: INBOUND_FORM}.get(table)
    if column is None:
        return
    moved = {}
    for row in rows:
        sealed, context = getattr(row, column.column.name), column.context(getattr(row, f"key_{column.name}"))
        if not vault.opens(sealed, context):
            continue
        opened = vault.open(sealed, context)
        plain = opened if table is ADDRESS else sealed_form.load(opened).author
        if row.lookup == vault.old_lookup(plain):
            moved[row[0]] = row.lookup, vault.lookup(plain)
    lookups.adopt(tx, list(moved.values()))
    lookups.adopt_closed(tx, list(moved.values()))
    if moved:
        by_row = update(table).where(_key(table) == bindparam("row")).values(lookup=bindparam("new"))
        tx.execute(by_row, [{"row": row, "new": new} for row, (_, new) in moved.items()])


def _key(table: Table) -> Column[int]:
    return next(iter(table.primary_key.columns))


def _has_sealed(table: Table) -> Any:  # noqa: ANN401 - a condition
    return or_(*(one.column.is_not(None) for one in SEALED if one.table is table))
