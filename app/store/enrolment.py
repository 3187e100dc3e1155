"""Reads and writes of enrolment: officers with their cohort, sealed names and numbers. Every function
is for many officers at once. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.store.bulk import insert_rows, portions
from app.store.contacts import of_programmes
from app.store.damaged_rows import refuse_damaged, sound_part
from app.store.dialect import insert_ignore
from app.store.tables import ADDRESS, ASSIGNMENT, COHORT, CONTACT, CONTACT_WITH_COHORT, IDENTITY

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredCohort:
    """A cohort that exists."""

    id: int
    programme: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of an officer that a roster may change. `attributes` and `dates` are JSON; `cohort_timezone` is the cohort's."""

    cohort_id: int
    language: str
    timezone: str
    channel: str
    attributes: str
    dates: str
    shift: str | None
    cohort_timezone: str


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address in use. `lookup` is its keyed hash."""

    id: int
    contact_id: int
    lookup: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SealedIdentity:
    """An officer with the sealed identity."""

    contact_id: int
    study_id: str
    status: str
    cohort: str
    sealed: bytes


def cohorts(tx: Connection, codes: Collection[str]) -> dict[str, StoredCohort]:
    """The cohorts that exist, by code."""
    columns = (COHORT.c.code, COHORT.c.id, COHORT.c.programme, COHORT.c.timezone)
    return {
        code: StoredCohort(*values)
        for some in portions(sorted(codes))
        for code, *values in tx.execute(select(*columns).where(COHORT.c.code.in_(some))).all()
    }


def cohort_programmes(tx: Connection) -> dict[str, str]:
    """The programme of every cohort, by the cohort's code."""
    return dict(tx.execute(select(COHORT.c.code, COHORT.c.programme)).all())


def add_cohort(tx: Connection, code: str, programme: str, timezone: str, now: datetime) -> StoredCohort:
    """Add a cohort without dates. ValueError if there is no such zone."""
    refuse_damaged({"timezone": timezone})
    row = {"code": code, "programme": programme, "timezone": timezone, "dates": "{}", "created_at": now}
    key = tx.execute(insert(COHORT).returning(COHORT.c.id), row).scalar_one()
    return StoredCohort(key, programme, timezone)


def programmes(tx: Connection, contacts: Collection[int]) -> dict[int, str]:
    """The programme of each officer."""
    wanted = select(CONTACT.c.id, COHORT.c.programme).select_from(CONTACT_WITH_COHORT)
    found: dict[int, str] = {}
    for some in portions(contacts):
        found.update(dict(tx.execute(wanted.where(CONTACT.c.id.in_(some))).all()))
    return found


def cohort_codes(tx: Connection, contacts: Collection[int]) -> dict[int, str]:
    """The cohort of each officer, by its code."""
    wanted = select(CONTACT.c.id, COHORT.c.code).select_from(CONTACT_WITH_COHORT)
    found: dict[int, str] = {}
    for some in portions(contacts):
        found.update(dict(tx.execute(wanted.where(CONTACT.c.id.in_(some))).all()))
    return found


def profiles(tx: Connection, contacts: Collection[int]) -> dict[int, Profile]:
    """The columns of these officers that a roster may change."""
    columns = [CONTACT.c[name] for name in Profile.__slots__[:-1]]
    wanted = select(CONTACT.c.id, *columns, COHORT.c.timezone).select_from(CONTACT_WITH_COHORT)
    return {
        contact: Profile(*values)
        for some in portions(contacts)
        for contact, *values in tx.execute(wanted.where(CONTACT.c.id.in_(some))).all()
    }


def count_undated(tx: Connection, contacts: Collection[int], anchor: str) -> int:
    """How many of these officers have no date of this name, neither of their own nor of their cohort."""
    wanted = select(CONTACT.c.dates, COHORT.c.dates).select_from(CONTACT_WITH_COHORT)
    return sum(
        anchor not in sound_part("dates", own) and anchor not in sound_part("dates", shared)
        for some in portions(contacts)
        for own, shared in tx.execute(wanted.where(CONTACT.c.id.in_(some)))
    )


def attribute_values(tx: Connection, programme: str, names: Collection[str]) -> dict[str, set[str]]:
    """The values, as text, that officers of a programme have of these attributes."""
    wanted = select(CONTACT.c.attributes).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme == programme)
    found: dict[str, set[str]] = {}
    for (attributes,) in tx.execute(wanted.distinct()):
        for name, value in sound_part("attributes", attributes).items():
            if name in names:
                found.setdefault(name, set()).add(str(value))
    return found


def count_members(tx: Connection, cohort_ids: Collection[int]) -> int:
    """The number of officers of these cohorts."""
    wanted = select(func.count()).select_from(CONTACT)
    return sum(tx.execute(wanted.where(CONTACT.c.cohort_id.in_(some))).scalar_one() for some in portions(cohort_ids))


def taken_study_ids(tx: Connection, study_ids: Collection[str]) -> set[str]:
    """Which of these study ids are an officer's already."""
    return set(tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.study_id.in_(list(study_ids)))).scalars())


def add_contacts(tx: Connection, rows: Sequence[Values]) -> list[tuple[str, int]]:
    """Add officers: `study_id`, `cohort_id`, `language`, `timezone`, `channel`, `status`, `attributes`, `dates`, `shift`,
    `created_at`. Returns (study id, id) of each. ValueError if a value could not be read again."""
    for row in rows:
        refuse_damaged(row)
    return insert_rows(tx, CONTACT, rows, returning=("study_id", "id"))


def add_addresses(tx: Connection, rows: Sequence[Values]) -> None:
    """Add addresses of new officers: `contact_id`, `channel`, `lookup`, `sealed`, `created_at`. IntegrityError if one is in use."""
    insert_rows(tx, ADDRESS, rows)


def add_identities(tx: Connection, sealed: Collection[tuple[int, bytes]]) -> None:
    """Add the sealed identities of new officers, as (contact, identity)."""
    insert_rows(tx, IDENTITY, [{"contact_id": contact, "sealed": identity} for contact, identity in sealed])


def identities(tx: Connection, contacts: Collection[int]) -> dict[int, bytes]:
    """The sealed identities of these officers. Deleted ones are absent."""
    wanted = select(IDENTITY.c.contact_id, IDENTITY.c.sealed)
    found: dict[int, bytes] = {}
    for some in portions(contacts):
        found.update(dict(tx.execute(wanted.where(IDENTITY.c.contact_id.in_(some))).all()))
    return found


_IDENTIFIED = (
    select(CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.status, COHORT.c.code, IDENTITY.c.sealed)
    .select_from(CONTACT_WITH_COHORT.join(IDENTITY, IDENTITY.c.contact_id == CONTACT.c.id))
    .order_by(CONTACT.c.id)
)


def all_identities(tx: Connection) -> Iterator[SealedIdentity]:
    """Every officer whose identity has not been deleted, by id."""
    return (SealedIdentity(*row) for row in tx.execute(_IDENTIFIED))


def every_identity(tx: Connection, scope: Collection[str] | None) -> Iterator[tuple[int, bytes]]:
    """Every sealed identity of the officers of these programmes, None for all, as (contact, identity), by contact."""
    own = of_programmes(IDENTITY.c.contact_id, scope)
    wanted = select(IDENTITY.c.contact_id, IDENTITY.c.sealed).where(*own).order_by(IDENTITY.c.contact_id)
    return ((contact, sealed) for contact, sealed in tx.execute(wanted))


def identified(tx: Connection, contacts: Collection[int], scope: Collection[str] | None = None) -> list[SealedIdentity]:
    """Those of these officers who are of these programmes, None for all, with their identity, unless that has been deleted, by id."""
    wanted = _IDENTIFIED.where(*of_programmes(CONTACT.c.id, scope))
    rows = [row for part in portions(sorted(contacts)) for row in tx.execute(wanted.where(CONTACT.c.id.in_(part)))]
    return [SealedIdentity(*row) for row in rows]


def replace_identity(tx: Connection, contact: int, sealed: bytes) -> None:
    """Store another sealed identity of an officer who has one."""
    tx.execute(update(IDENTITY).where(IDENTITY.c.contact_id == contact).values(sealed=sealed))


def sealed_addresses(tx: Connection, contacts: Collection[int]) -> list[SealedAddress]:
    """The addresses in use of these officers, sealed."""
    columns = (ADDRESS.c.id, ADDRESS.c.contact_id, ADDRESS.c.lookup, ADDRESS.c.sealed)
    wanted = select(*columns).where(ADDRESS.c.retired_at.is_(None)).order_by(ADDRESS.c.id)
    rows = [row for some in portions(contacts) for row in tx.execute(wanted.where(ADDRESS.c.contact_id.in_(some)))]
    return [SealedAddress(*row) for row in rows]


def replace_address(tx: Connection, address: int, sealed: bytes) -> None:
    """Store another sealed form of the same address."""
    tx.execute(update(ADDRESS).where(ADDRESS.c.id == address).values(sealed=sealed))


def follow(tx: Connection, contacts: Collection[int], campaign: str, now: datetime) -> None:
    """Let officers follow a campaign from now on. No-op for those who follow it already."""
    rows = [{"contact_id": contact, "campaign": campaign, "at": now} for contact in contacts]
    insert_ignore(tx, ASSIGNMENT, rows)
