"""Draws of officers to the arms of a study: who can be drawn, who has been, and the record of a draw, which nothing changes
afterwards."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from app.store.bulk import insert_rows
from app.store.tables import Assignment, Cohort, Contact, Nudge, NudgeStatus, Randomisation

_assignment = Assignment.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_randomisation = Randomisation.__table__  # type: ignore[attr-defined]

AT_ONCE = 5_000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer of a programme, and how a draw has placed them, if one has. `dates` are the officer's own over the cohort's."""

    contact_id: int
    study_id: str
    cohort: str
    status: str
    attributes: Mapping[str, str | int]
    dates: Mapping[str, str]
    randomisation_id: int | None
    arm: str | None
    cluster: str | None


def candidates(tx: Connection, programme: str) -> list[Candidate]:
    """Every officer of a programme, in the order of study ids."""
    drawn = and_(_assignment.c.contact_id == _contact.c.id, _assignment.c.randomisation_id.is_not(None))
    rows = tx.execute(
        select(
            _contact.c.id,
            _contact.c.study_id,
            _cohort.c.code,
            _contact.c.status,
            _contact.c.attributes,
            _contact.c.dates,
            _cohort.c.dates.label("shared"),
            _assignment.c.randomisation_id,
            _assignment.c.arm,
            _assignment.c.cluster,
        )
        .select_from(_contact.join(_cohort, _cohort.c.id == _contact.c.cohort_id).outerjoin(_assignment, drawn))
        .where(_cohort.c.programme == programme)
    ).all()
    found = [
        Candidate(
            row.id,
            row.study_id,
            row.code,
            row.status,
            json.loads(row.attributes),
            {**json.loads(row.shared), **json.loads(row.dates)},
            row.randomisation_id,
            row.arm,
            row.cluster,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.study_id)  # here, not there: databases differ in the order of letters


@dataclass(frozen=True, slots=True)
class Earlier:
    """A draw that was made."""

    id: int
    scope: str
    seed: int
    input_hash: str
    at: datetime


def earlier(tx: Connection, programme: str) -> list[Earlier]:
    """The draws of a programme, the first one first."""
    columns = [_randomisation.c[name] for name in Earlier.__slots__]
    found = select(*columns).where(_randomisation.c.programme == programme).order_by(_randomisation.c.id)
    return [Earlier(*row) for row in tx.execute(found).all()]


def begun(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> set[int]:
    """Those of these officers with whom a conversation of these campaigns has begun. They are locked: none begins meanwhile."""
    found: set[int] = set()
    for some in _some(contacts):
        tx.execute(select(_contact.c.id).where(_contact.c.id.in_(some)).order_by(_contact.c.id).with_for_update())
        found |= set(
            tx.execute(
                select(_nudge.c.contact_id).where(
                    _nudge.c.contact_id.in_(some),
                    _nudge.c.campaign.in_(list(campaigns)),
                    _nudge.c.status == NudgeStatus.started,
                )
            ).scalars()
        )
    return found


def release(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> None:
    """Take officers out of campaigns, with all that was planned."""
    for table in (_nudge, _assignment):
        for some in _some(contacts):
            tx.execute(delete(table).where(table.c.contact_id.in_(some), table.c.campaign.in_(list(campaigns))))


def keep(tx: Connection, randomisation: Values, assignments: Sequence[Values]) -> int:
    """Record a draw and where it has put the officers. Gives its id. IntegrityError if somebody else has drawn them."""
    key = int(tx.execute(insert(_randomisation).returning(_randomisation.c.id), randomisation).scalar_one())
    insert_rows(tx, _assignment, [{**row, "randomisation_id": key} for row in assignments])
    return key


def _some(contacts: Collection[int]) -> Iterator[list[int]]:
    listed = sorted(contacts)
    for begin in range(0, len(listed), AT_ONCE):
        yield listed[begin : begin + AT_ONCE]
