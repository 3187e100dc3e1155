"""Drop-off: for each question of each flow, how often it was sent and how often it was answered."""

from dataclasses import dataclass

from sqlalchemy import Connection, Float, Integer, and_, case, cast, func, select

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
    given, of = func.count(answered.c.session_id), func.count()
    each = (
        select(put.c.flow, put.c.step, given.label("given"), of.label("of"))
        .select_from(put.outerjoin(answered, same))
        .group_by(put.c.flow, put.c.step, put.c.contact_id)
        .subquery()
    )
    one = each.c
    rows = tx.execute(
        select(
            one.flow,
            one.step,
            *(cast(func.sum(each.c[name]), Integer) for name in ("of", "given")),
            func.count(),
            func.count(case((one.given > 0, 1))),
            func.count(case((one.given < one.of, 1))),
            *(
                cast(func.sum(product), Float)
                for product in (one.given * one.given, one.given * one.of, one.of * one.of)
            ),
        ).group_by(one.flow, one.step)
    )
    return [Step(flow, step, _share(*counts)) for flow, step, *counts in rows]


def _share(
    of: int, given: int, officers: int, yes: int, no: int, given_squared: float, both: float, of_squared: float
) -> Share:
    """`spread` by its sums of squares and products over officers."""
    share = given / of
    spread = given_squared - 2 * share * both + share**2 * of_squared
    return Share(Part(given, yes), Part(of - given, no), officers, spread if officers < of else None)
