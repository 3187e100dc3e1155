"""Corrections of answers. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from app.store.bulk import portions
from app.store.tables import COHORT, CONTACT, CORRECTION, RESPONSE, with_officer


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it can be corrected. `value`, `number`, `label` and `missing` are the officer's own."""

    response: int
    study_id: str
    programme: str
    version: int
    flow: str
    step: str
    variable: str
    kind: str
    status: str
    value: str | None
    number: float | None
    missing: str | None
    wave: str | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Replaced:
    """The columns of an answer that a correction replaces."""

    value: str | None
    number: float | None
    label: str
    missing: str | None
    correct: bool | None
    misconception: str | None


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction with its answer. `undone_at` is None while it counts, or a later one does."""

    id: int
    response: int
    study_id: str
    programme: str
    variable: str
    wave: str | None
    old: str
    new: str
    why: str
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


def answers(tx: Connection, ids: Collection[int]) -> dict[int, Answer]:
    """Answers by response id; those that there are."""
    response = RESPONSE.c
    told = ("flow_version_id", "flow", "step", "variable", "kind", "status", "value", "number", "missing")
    names = (*told, "wave", "answered_at")
    query = select(response.id, CONTACT.c.study_id, COHORT.c.programme, *(response[name] for name in names))
    found: dict[int, Answer] = {}
    for part in portions(sorted(ids)):
        rows = tx.execute(query.select_from(with_officer(RESPONSE)).where(response.id.in_(part)))
        found.update({row.id: Answer(*row) for row in rows})
    return found


def of_officer(tx: Connection, contact: int) -> list[int]:
    """The ids of an officer's answers that count, in the order in which they came."""
    response = RESPONSE.c
    wanted = select(response.id).where(response.contact_id == contact, response.status == "ok")
    return list(tx.execute(wanted.order_by(response.answered_at, response.id)).scalars())


def counting(tx: Connection) -> dict[int, Replaced]:
    """The corrections that count, by response id."""
    names = ("value", "number", "label", "missing", "correct", "misconception")
    query = select(CORRECTION.c.response_id, *(CORRECTION.c[name] for name in names))
    rows = tx.execute(query.where(CORRECTION.c.undone_at.is_(None)).order_by(CORRECTION.c.id))
    return {row.response_id: Replaced(*row[1:]) for row in rows}


def news(tx: Connection, ids: Collection[int]) -> dict[int, str]:
    """The values that corrections gave these responses, as the data have them, by response id."""
    query = select(CORRECTION.c.response_id, CORRECTION.c.new).where(CORRECTION.c.undone_at.is_(None))
    found: dict[int, str] = {}
    for part in portions(sorted(ids)):
        rows = tx.execute(query.where(CORRECTION.c.response_id.in_(part)).order_by(CORRECTION.c.id))
        found.update({row.response_id: row.new for row in rows})
    return found


def add(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store corrections."""
    tx.execute(insert(CORRECTION), list(rows))


def stored(tx: Connection, programme: str | None = None) -> Iterator[StoredCorrection]:
    """All corrections, undone ones too, in the order in which they were made."""
    query = _query()
    if programme is not None:
        query = query.where(COHORT.c.programme == programme)
    return (StoredCorrection(*row) for row in tx.execute(query))


def of(tx: Connection, response: int) -> list[StoredCorrection]:
    """The corrections of an answer, undone ones too, in the order in which they were made."""
    return [StoredCorrection(*row) for row in tx.execute(_query().where(CORRECTION.c.response_id == response))]


def one(tx: Connection, number: int) -> StoredCorrection | None:
    """A correction by its id."""
    row = tx.execute(_query().where(CORRECTION.c.id == number)).one_or_none()
    return None if row is None else StoredCorrection(*row)


def _query() -> Select[Any]:
    names = ("old", "new", "why", "by", "at", "undone_by", "undone_at")
    return (
        select(
            CORRECTION.c.id,
            CORRECTION.c.response_id,
            CONTACT.c.study_id,
            COHORT.c.programme,
            RESPONSE.c.variable,
            RESPONSE.c.wave,
            *(CORRECTION.c[name] for name in names),
        )
        .select_from(with_officer(CORRECTION.join(RESPONSE, RESPONSE.c.id == CORRECTION.c.response_id), RESPONSE))
        .order_by(CORRECTION.c.id)
    )


def undo(tx: Connection, number: int, by: str, now: datetime) -> None:
    """Let a correction not count any more."""
    tx.execute(update(CORRECTION).where(CORRECTION.c.id == number).values(undone_by=by, undone_at=now))
