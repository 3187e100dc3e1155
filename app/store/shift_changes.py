"""When officers work: the usual shift, and the times in which it is otherwise (leave, extra shifts, days off). All functions take a
transaction and commit nothing. What they mean for a plan is not known here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, delete, select

from app.flows.shifts import Duty, Shift, ShiftException, usual
from app.store.bulk import insert_rows, portions
from app.store.dialect import one_of
from app.store.tables import COHORT, CONTACT, SHIFT_CHANGE, with_officer


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer with the time zone in which days are read."""

    id: int
    study_id: str
    timezone: str


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A stored change of an officer's shift, from `starts_at` up to but not including `ends_at`."""

    id: int
    study_id: str
    cohort: str
    timezone: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    contact_id: int


def duty(shift: str | None, timezone: str, changes: Sequence[ShiftException] = ()) -> Duty:
    """An officer's shift, as stored, with its changes. Equal shifts give equal duties, whichever day each was counted from."""
    return Duty(None if shift is None else _shift(shift, timezone), tuple(changes))


@lru_cache(maxsize=4096)
def _shift(text: str, timezone: str) -> Shift:
    return usual(Shift.from_json(text, timezone))


_CHANGES = (
    select(SHIFT_CHANGE.c.contact_id, SHIFT_CHANGE.c.kind, SHIFT_CHANGE.c.starts_at, SHIFT_CHANGE.c.ends_at)
    .where(one_of(SHIFT_CHANGE.c.contact_id, "contacts"))
    .order_by(SHIFT_CHANGE.c.contact_id, SHIFT_CHANGE.c.starts_at)
)


def changes(tx: Connection, contacts: Collection[int]) -> dict[int, list[ShiftException]]:
    """The changes of these officers' shifts, in order. Officers without any are absent."""
    found: dict[int, list[ShiftException]] = {}
    for some in portions(contacts):
        for contact, *values in tx.execute(_CHANGES, {"contacts": some}):
            found.setdefault(contact, []).append(ShiftException(*values))
    return found


_OFFICER = select(CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.timezone)


def by_study_id(tx: Connection, ids: Collection[str]) -> dict[str, Officer]:
    """Officers by study id."""
    return {
        row.study_id: Officer(*row)
        for some in portions(ids)
        for row in tx.execute(_OFFICER.where(CONTACT.c.study_id.in_(some)))
    }


def by_id(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id."""
    return {
        row.id: Officer(*row) for some in portions(ids) for row in tx.execute(_OFFICER.where(CONTACT.c.id.in_(some)))
    }


_STORED = (
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
    """The stored changes of these officers' shifts, in order. Officers without any are absent."""
    found: dict[int, list[StoredChange]] = {}
    for some in portions(contacts):
        for row in tx.execute(_STORED.where(SHIFT_CHANGE.c.contact_id.in_(some))):
            found.setdefault(row.contact_id, []).append(StoredChange(*row))
    return found


def find(tx: Connection, cohort: str | None, since: datetime | None) -> list[StoredChange]:
    """All stored changes, or those of a cohort; with `since`, only those that end after it."""
    wanted = _STORED if cohort is None else _STORED.where(COHORT.c.code == cohort)
    ahead = wanted if since is None else wanted.where(SHIFT_CHANGE.c.ends_at > since)
    return [StoredChange(*row) for row in tx.execute(ahead)]


def add(tx: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Store changes: rows of `contact_id`, `kind`, `starts_at`, `ends_at`, `created_at`."""
    insert_rows(tx, SHIFT_CHANGE, rows)


def remove(tx: Connection, change: int) -> None:
    """Delete a change."""
    tx.execute(delete(SHIFT_CHANGE).where(SHIFT_CHANGE.c.id == change))
