"""Times in which officers' turns are not as usual: kept, listed and removed. All functions take a transaction and commit
nothing. What they mean for a plan is not known here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, select

from app.store.bulk import MOST_PARAMETERS, insert_rows
from app.store.tables import COHORT, CONTACT, SHIFT_CHANGE, with_officer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer, as far as it matters here."""

    id: int
    study_id: str
    timezone: str


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A time that is kept, with whose it is: from a moment up to, but without, another."""

    id: int
    study_id: str
    cohort: str
    timezone: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    contact_id: int


_WHOSE = select(CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.timezone)


def by_study_id(tx: Connection, ids: Collection[str]) -> dict[str, Officer]:
    """Officers by study id."""
    return {
        row.study_id: Officer(*row)
        for part in _some(ids)
        for row in tx.execute(_WHOSE.where(CONTACT.c.study_id.in_(part)))
    }


def by_id(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id."""
    return {row.id: Officer(*row) for part in _some(ids) for row in tx.execute(_WHOSE.where(CONTACT.c.id.in_(part)))}


_KEPT = (
    select(
        SHIFT_CHANGE.c.id,
        CONTACT.c.study_id,
        COHORT.c.code,
        CONTACT.c.timezone,
        SHIFT_CHANGE.c.kind,
        SHIFT_CHANGE.c.starts_at,
        SHIFT_CHANGE.c.ends_at,
        SHIFT_CHANGE.c.contact_id,
    )
    .select_from(with_officer(SHIFT_CHANGE))
    .order_by(SHIFT_CHANGE.c.starts_at, SHIFT_CHANGE.c.id)
)


def by_officer(tx: Connection, contacts: Collection[int]) -> dict[int, list[StoredChange]]:
    """The times of these officers, in order. Who has none is absent."""
    found: dict[int, list[StoredChange]] = {}
    for part in _some(contacts):
        for row in tx.execute(_KEPT.where(SHIFT_CHANGE.c.contact_id.in_(part))):
            found.setdefault(row.contact_id, []).append(StoredChange(*row))
    return found


def find(tx: Connection, cohort: str | None, since: datetime | None) -> list[StoredChange]:
    """All times, or those of a cohort; those alone that had not ended by then, if a moment is given."""
    wanted = _KEPT if cohort is None else _KEPT.where(COHORT.c.code == cohort)
    return [
        StoredChange(*row)
        for row in tx.execute(wanted if since is None else wanted.where(SHIFT_CHANGE.c.ends_at > since))
    ]


def add(tx: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Keep times: rows of `contact_id`, `kind`, `starts_at`, `ends_at`, `created_at`."""
    insert_rows(tx, SHIFT_CHANGE, rows)


def remove(tx: Connection, change: int) -> None:
    """Forget one."""
    tx.execute(delete(SHIFT_CHANGE).where(SHIFT_CHANGE.c.id == change))


def _some(items: Collection[T]) -> list[list[T]]:
    given = list(items)
    return [given[begin : begin + MOST_PARAMETERS] for begin in range(0, len(given), MOST_PARAMETERS)]
