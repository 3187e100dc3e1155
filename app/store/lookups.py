"""Keyed hashes of addresses while the keys are changed. Rows have the hash of the old key until they are re-hashed; whoever looks for an
address in order to write re-hashes its rows first, and then everybody knows it by the new hash alone."""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, bindparam, update

from app.store.cases import subject
from app.store.tables import ADDRESS, ALERT, CASE, INBOUND
from app.store.vault import Vault

Moved = tuple[str, str]
"""The hash of an address by the old key, and by the new one."""

_PLACES: tuple[tuple[Column[str], Column[object]], ...] = (
    (ADDRESS.c.lookup, ADDRESS.c.retired_at),
    (INBOUND.c.lookup, INBOUND.c.contact_id),
    (CASE.c.lookup, CASE.c.closed_at),
)
"""The columns by which an address in use, a stranger and a stranger's open case are found; the second is empty there."""

_UPDATES = tuple(
    update(column.table).where(column == bindparam("old"), other.is_(None)).values({column.name: bindparam("new")})
    for column, other in _PLACES
)
_CASES_OF_BEFORE = update(CASE).where(CASE.c.lookup == bindparam("old")).values(lookup=bindparam("new"))
_SUBJECTS = (
    update(ALERT)
    .where(ALERT.c.subject == bindparam("old"), ALERT.c.closed_at.is_(None))
    .values(subject=bindparam("new"))
)


def moved(vault: Vault, canonicals: Collection[str]) -> list[Moved]:
    """The hashes of these addresses; none unless the keys are being changed."""
    return [(old, vault.lookup(one)) for one in canonicals if (old := vault.old_lookup(one)) is not None]


def of(tx: Connection, vault: Vault, canonical: str) -> str:
    """The hash of an address, by which its rows are found from now on."""
    adopt(tx, moved(vault, [canonical]))
    return vault.lookup(canonical)


def adopt(tx: Connection, pairs: Collection[Moved]) -> None:
    """Re-hash the rows by which these addresses are found."""
    if not pairs:
        return
    ordered = sorted(set(pairs))
    rows = [{"old": old, "new": new} for old, new in ordered]
    for statement in _UPDATES:
        tx.execute(statement, rows)
    tx.execute(_SUBJECTS, [{"old": subject(None, old), "new": subject(None, new)} for old, new in ordered])


def adopt_closed(tx: Connection, pairs: Sequence[Moved]) -> None:
    """Re-hash the closed cases of strangers too."""
    if pairs:
        tx.execute(_CASES_OF_BEFORE, [{"old": old, "new": new} for old, new in sorted(set(pairs))])
