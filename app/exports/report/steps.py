"""Drop-off: for each question of each flow, how often it was sent and how often it was answered."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, distinct, func, select

from app.exports.report.sample import Sample
from app.exports.statistics.suppression import Part, Share
from app.store.funnel import SENT
from app.store.tables import OUTBOUND, RESPONSE


@dataclass(frozen=True, slots=True)
class Step:
    """A question, with the sessions in which it was answered out of those in which it was sent."""

    flow: str
    step: str
    answered: Share


def steps(tx: Connection, sample: Sample) -> list[Step]:
    """The questions sent within the time of the sample, in no order. A corrected answer counts once."""
    own = sample.officers()
    put = (
        select(OUTBOUND.c.session_id, OUTBOUND.c.flow, OUTBOUND.c.step, OUTBOUND.c.contact_id)
        .where(
            OUTBOUND.c.kind == "ask",
            OUTBOUND.c.status.in_(SENT),
            OUTBOUND.c.session_id.is_not(None),
            OUTBOUND.c.contact_id.in_(own),
            *sample.within(OUTBOUND.c.created_at, OUTBOUND.c.contact_id),
        )
        .distinct()
        .subquery()
    )
    answered = (
        select(RESPONSE.c.session_id, RESPONSE.c.flow, RESPONSE.c.step)
        .where(RESPONSE.c.status.in_(("ok", "superseded")), RESPONSE.c.contact_id.in_(own))
        .distinct()
        .subquery()
    )
    same = and_(*(answered.c[name] == put.c[name] for name in ("session_id", "flow", "step")))
    yes = answered.c.session_id.is_not(None)
    rows = tx.execute(
        select(
            put.c.flow,
            put.c.step,
            func.count(),
            func.count(answered.c.session_id),
            func.count(distinct(put.c.contact_id)),
            func.count(distinct(case((yes, put.c.contact_id)))),
            func.count(distinct(case((~yes, put.c.contact_id)))),
        )
        .select_from(put.outerjoin(answered, same))
        .group_by(put.c.flow, put.c.step)
    )
    return [
        Step(flow, step, Share(Part(given, officers_yes), Part(of - given, officers_no), officers))
        for flow, step, of, given, officers, officers_yes, officers_no in rows
    ]
