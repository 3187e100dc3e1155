"""Random assignment of officers to the arms of a study: the candidates, past draws, and the record of a draw, which is never
changed."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from app.store.bulk import insert_rows, portions
from app.store.tables import (
    ASSIGNMENT,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    NUDGE,
    RANDOMISATION,
    NudgeStatus,
)

AT_ONCE = 5_000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer of a programme, with the assignment if there is one. `dates` are the officer's own over the cohort's."""

    contact_id: int
    study_id: str
    cohort: str
    status: str
    consented: bool
    attributes: Mapping[str, str | int]
    dates: Mapping[str, str]
    randomisation_id: int | None
    arm: str | None
    cluster: str | None


def candidates(tx: Connection, programme: str) -> list[Candidate]:
    """Every officer of a programme, ordered by study id."""
    drawn = and_(ASSIGNMENT.c.contact_id == CONTACT.c.id, ASSIGNMENT.c.randomisation_id.is_not(None))
    rows = tx.execute(
        select(
            CONTACT.c.id,
            CONTACT.c.study_id,
            COHORT.c.code,
            CONTACT.c.status,
            CONTACT.c.consented_at.is_not(None).label("consented"),
            CONTACT.c.attributes,
            CONTACT.c.dates,
            COHORT.c.dates.label("shared"),
            ASSIGNMENT.c.randomisation_id,
            ASSIGNMENT.c.arm,
            ASSIGNMENT.c.cluster,
        )
        .select_from(CONTACT_WITH_COHORT.outerjoin(ASSIGNMENT, drawn))
        .where(COHORT.c.programme == programme)
    ).all()
    found = [
        Candidate(
            row.id,
            row.study_id,
            row.code,
            row.status,
            row.consented,
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
class PastDraw:
    """A draw made earlier."""

    id: int
    scope: str
    seed: int
    input_hash: str
    at: datetime


def past_draws(tx: Connection, programme: str) -> list[PastDraw]:
    """The draws of a programme, oldest first."""
    columns = [RANDOMISATION.c[name] for name in PastDraw.__slots__]
    found = select(*columns).where(RANDOMISATION.c.programme == programme).order_by(RANDOMISATION.c.id)
    return [PastDraw(*row) for row in tx.execute(found).all()]


def started(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> set[int]:
    """The officers, of these, for whom a flow of these campaigns has started. All are locked, so that none starts meanwhile."""
    found: set[int] = set()
    for some in portions(sorted(contacts), AT_ONCE):
        tx.execute(select(CONTACT.c.id).where(CONTACT.c.id.in_(some)).order_by(CONTACT.c.id).with_for_update())
        found |= set(
            tx.execute(
                select(NUDGE.c.contact_id).where(
                    NUDGE.c.contact_id.in_(some),
                    NUDGE.c.campaign.in_(list(campaigns)),
                    NUDGE.c.status == NudgeStatus.started,
                )
            ).scalars()
        )
    return found


def unassign(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> None:
    """Remove officers from campaigns, with their planned nudges."""
    for table in (NUDGE, ASSIGNMENT):
        for some in portions(sorted(contacts), AT_ONCE):
            tx.execute(delete(table).where(table.c.contact_id.in_(some), table.c.campaign.in_(list(campaigns))))


def save(tx: Connection, randomisation: Values, assignments: Sequence[Values]) -> int:
    """Record a draw and its assignments. Returns its id. Raises IntegrityError if another process has assigned the officers."""
    key = int(tx.execute(insert(RANDOMISATION).returning(RANDOMISATION.c.id), randomisation).scalar_one())
    insert_rows(tx, ASSIGNMENT, [{**row, "randomisation_id": key} for row in assignments])
    return key
