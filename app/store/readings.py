"""Replies that were drawn for people to read, and what people read in them. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from app.flows.replies.forms import OPEN_KINDS
from app.store import answer_words
from app.store.bulk import portions
from app.store.dialect import upsert
from app.store.judged import BY_PERSON
from app.store.tables import COHORT, READING, RESPONSE, SAMPLED_REPLY, with_officer

UNCLEAR = "?"
"""The reading of a reply that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Read:
    """A reply as the reader understood it; `rule` and `score` say how, and how surely."""

    response: int
    rule: str
    score: float
    status: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A reply of the sample, with its words."""

    response: int
    version: int
    flow: str
    step: str
    text: str


def candidates(tx: Connection, programme: str | None) -> list[Read]:
    """The replies to closed questions that may be drawn, in the order of their answers: no text, and none that a person has judged."""
    response = RESPONSE.c
    query = (
        select(response.id, response.rule, response.score, response.status)
        .select_from(with_officer(RESPONSE).outerjoin(SAMPLED_REPLY, SAMPLED_REPLY.c.response_id == response.id))
        .where(*_readable(), SAMPLED_REPLY.c.id.is_(None), *_of(programme))
        .order_by(response.id)
    )
    return [Read(*row) for row in tx.execute(query)]


def _readable() -> tuple[ColumnElement[bool], ...]:
    response = RESPONSE.c
    return (
        response.kind.not_in(OPEN_KINDS),
        response.status.in_(("ok", "unclear")),
        response.rule != BY_PERSON,
        response.raw.is_not(None) | response.words.is_not(None),
    )


def _of(programme: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if programme is None else (COHORT.c.programme == programme,)


def add_sample(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store drawn replies."""
    tx.execute(insert(SAMPLED_REPLY), list(rows))


def sample(tx: Connection, programme: str | None = None, ids: Collection[int] | None = None) -> list[Sampled]:
    """The replies of the sample, or some of them; none that a person has judged since, or the officer has corrected."""
    response = RESPONSE.c
    names = (response.id, response.flow_version_id, response.flow, response.step)
    query = (
        select(*names, response.raw, response.words, response.inbound_id)
        .select_from(with_officer(RESPONSE).join(SAMPLED_REPLY, SAMPLED_REPLY.c.response_id == response.id))
        .where(*_readable(), *_of(programme))
        .order_by(response.id)
    )
    parts = [None] if ids is None else portions(sorted(ids))
    rows = [
        row for part in parts for row in tx.execute(query if part is None else query.where(response.id.in_(part))).all()
    ]
    return [Sampled(*row[:4], _text(tx, row)) for row in rows]


def _text(tx: Connection, row: Any) -> str:  # noqa: ANN401 - a row of `sample`
    return row.raw if row.words is None else answer_words.shown(tx, row.inbound_id, row.words)


def by_reader(tx: Connection, reader: str) -> dict[int, str]:
    """The readings of one person, by response id."""
    rows = tx.execute(select(READING.c.response_id, READING.c.value).where(READING.c.reader == reader))
    return {row.response_id: row.value for row in rows}


def save(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store readings; a later one of the same person stands."""
    upsert(tx, READING, rows, key=["response_id", "reader"])


def as_row(response: int, reader: str, value: str, now: datetime) -> dict[str, Any]:
    """A reading to store."""
    return {"response_id": response, "reader": reader, "value": value, "at": now}
