"""Cohorts: officers who took the workshop together, with the dates and the zone that they share. All functions take a
transaction and commit nothing."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from app.errors import UsageError
from app.flows.language.nearby import did_you_mean
from app.store.bulk import MOST_PARAMETERS
from app.store.tables import Cohort, Contact, Nudge, NudgeStatus

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Group:
    """A cohort. `dates` are the anchors of campaigns that its officers share, `officers` how many these are."""

    id: int
    code: str
    programme: str
    timezone: str
    dates: dict[str, str]
    paused_at: datetime | None
    officers: int


@dataclass(frozen=True, slots=True)
class Member:
    """An officer of a cohort, with dates and a zone that may be their own."""

    id: int
    timezone: str
    dates: dict[str, str]


_OFFICERS = select(func.count()).select_from(_contact).where(_contact.c.cohort_id == _cohort.c.id).scalar_subquery()
_GROUPS: Select[Any] = select(
    _cohort.c.id,
    _cohort.c.code,
    _cohort.c.programme,
    _cohort.c.timezone,
    _cohort.c.dates,
    _cohort.c.paused_at,
    _OFFICERS,
)


def listed(tx: Connection, programme: str | None = None) -> list[Group]:
    """All cohorts, or those of a programme, by programme and code."""
    wanted = _GROUPS if programme is None else _GROUPS.where(_cohort.c.programme == programme)
    return [
        Group(key, code, of, zone, json.loads(dates), paused_at, officers)
        for key, code, of, zone, dates, paused_at, officers in tx.execute(
            wanted.order_by(_cohort.c.programme, _cohort.c.code)
        ).all()
    ]


def find(tx: Connection, code: str) -> Group:
    """A cohort by its code, its row locked. Raises UsageError if there is none."""
    check(tx, code)
    tx.execute(select(_cohort.c.id).where(_cohort.c.code == code).with_for_update())
    return next(group for group in listed(tx) if group.code == code)


def members(tx: Connection, cohort: int) -> list[Member]:
    """The officers of a cohort."""
    rows = tx.execute(
        select(_contact.c.id, _contact.c.timezone, _contact.c.dates).where(_contact.c.cohort_id == cohort)
    ).all()
    return [Member(key, zone, json.loads(dates)) for key, zone, dates in rows]


def change(tx: Connection, cohort: int, **values: object) -> None:
    """Set columns of one cohort."""
    tx.execute(update(_cohort).where(_cohort.c.id == cohort).values(**values))


def move(tx: Connection, cohort: int, old: str, new: str) -> None:
    """Give the officers of a cohort who have one zone another."""
    tx.execute(update(_contact).where(_contact.c.cohort_id == cohort, _contact.c.timezone == old).values(timezone=new))


def begun(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> int:
    """How many flows of these campaigns have begun for these officers. Consent counts from no date."""
    ids, count = list(contacts), 0
    for begin in range(0, len(ids), MOST_PARAMETERS):
        some = _nudge.c.contact_id.in_(ids[begin : begin + MOST_PARAMETERS])
        started = (
            _nudge.c.status == NudgeStatus.started,
            _nudge.c.campaign.in_(list(campaigns)),
            _nudge.c.slot != "consent",
        )
        count += int(tx.execute(select(func.count()).select_from(_nudge).where(some, *started)).scalar_one())
    return count


def check(tx: Connection, code: str | None) -> None:
    """Raise UsageError if there is no cohort of this code; None is any."""
    if code is None:
        return
    codes = list(tx.execute(select(_cohort.c.code).order_by(_cohort.c.code)).scalars())
    if code not in codes:
        raise UsageError(f"there is no cohort {code!r}. {did_you_mean(code, codes)}".strip())
