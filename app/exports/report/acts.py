"""Messages that are no answer: how often each act occurs, by question and in all. Only numbers leave this module."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, distinct, func, select

from app.exports.report.sample import Sample
from app.exports.statistics.suppression import Part
from app.flows.replies.message import ActKind
from app.store.tables import INBOUND, SESSION


@dataclass(frozen=True, slots=True)
class ActCounts:
    """Messages by act, and by act and question; a question is (flow, step), ("", "") where none was open."""

    in_all: dict[ActKind, Part]
    by_question: dict[ActKind, dict[tuple[str, str], Part]]


def act_counts(tx: Connection, sample: Sample) -> ActCounts:
    """The messages of the sample that are no answers."""
    found = ActCounts({}, {})
    for act, messages, officers in _counted(tx, sample):
        found.in_all[ActKind(act)] = Part(messages, officers)
    for act, flow, step, messages, officers in _counted(tx, sample, SESSION.c.flow, INBOUND.c.step):
        question = (flow, step) if flow and step else ("", "")
        known = found.by_question.setdefault(ActKind(act), {})
        known[question] = _sum(known.get(question), Part(messages, officers))
    return found


def _counted(tx: Connection, sample: Sample, *by: ColumnElement[Any]) -> list[Any]:
    message = INBOUND.c
    query = (
        select(message.act, *by, func.count(), func.count(distinct(message.contact_id)))
        .select_from(INBOUND.outerjoin(SESSION, SESSION.c.id == message.session_id))
        .where(
            message.act.is_not(None),
            message.act != ActKind.answer,
            message.contact_id.in_(sample.officers()),
            *sample.within(message.received_at, message.contact_id),
        )
        .group_by(message.act, *by)
    )
    return list(tx.execute(query))


def _sum(one: Part | None, other: Part) -> Part:
    """Those of the larger part are counted alone: nobody knows who is in both."""
    return other if one is None else Part(one.count + other.count, max(one.officers, other.officers))
