"""Officers as a list, by study id, a page at a time: without names or numbers, which are sealed, and without tryouts. All functions take a transaction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, ContactStatus
from app.store.tryouts import is_real

PAGE = 50


class Standing(StrEnum):
    """The officers that a list has. `undecided` take part and have not agreed yet; `held`: nothing goes out to them."""

    everybody = "everybody"
    active = "active"
    undecided = "undecided"
    held = "held"
    opted_out = "opted_out"
    blocked = "blocked"


@dataclass(frozen=True, slots=True)
class OfficerFilter:
    """The officers of a list: of these programmes, or of all if None; of a cohort, by code."""

    programmes: frozenset[str] | None
    cohort: str = ""
    standing: Standing = Standing.everybody

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions of a query."""
        found: list[ColumnElement[bool]] = [CONTACT.c.erased_at.is_(None), is_real()]
        if self.programmes is not None:
            found.append(COHORT.c.programme.in_(sorted(self.programmes)))
        if self.cohort:
            found.append(COHORT.c.code == self.cohort)
        match self.standing:
            case Standing.everybody:
                pass
            case Standing.undecided:
                found += [CONTACT.c.status == ContactStatus.active, CONTACT.c.consented_at.is_(None)]
            case Standing.held:
                found.append(CONTACT.c.held_at.is_not(None))
            case _:
                found.append(CONTACT.c.status == self.standing)
        return found


@dataclass(frozen=True, slots=True)
class ListedOfficer:
    """An officer of the list."""

    study_id: str
    programme: str
    cohort: str
    status: str
    consented_at: datetime | None
    held_at: datetime | None
    paused_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Officers:
    """A page of the list; whether there are officers before it and after it."""

    rows: list[ListedOfficer]
    earlier: bool
    later: bool


def page(tx: Connection, wanted: OfficerFilter, *, after: str = "", before: str = "") -> Officers:
    """The officers whose study ids come after one, or before one; else the first."""
    columns = [
        CONTACT.c.study_id,
        COHORT.c.programme,
        COHORT.c.code,
        *(CONTACT.c[name] for name in ListedOfficer.__slots__[3:]),
    ]
    found = select(*columns).select_from(CONTACT_WITH_COHORT).where(*wanted.conditions()).limit(PAGE + 1)
    own: Any = CONTACT.c.study_id
    if before:
        rows = [ListedOfficer(*row) for row in tx.execute(found.where(own < before).order_by(own.desc()))]
        return Officers(rows[:PAGE][::-1], len(rows) > PAGE, later=True)
    rows = [ListedOfficer(*row) for row in tx.execute(found.where(own > after).order_by(own))]
    return Officers(rows[:PAGE], bool(after), len(rows) > PAGE)


def count(tx: Connection, wanted: OfficerFilter) -> int:
    """The number of these officers."""
    found = select(func.count()).select_from(CONTACT_WITH_COHORT).where(*wanted.conditions())
    return int(tx.execute(found).scalar_one())
