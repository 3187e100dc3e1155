"""How far planned flows came: planned, begun, sent, delivered, read, replied, completed. Each stage counts flows, not messages: a flow
is delivered when any of its messages is. Tryouts count nowhere. All functions take a transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, or_, select
from sqlalchemy import cast as sql_cast

from app.store.tables import CONTACT, NUDGE, OUTBOUND, RESPONSE, SESSION, NudgeStatus
from app.store.tryouts import of_real

SENT = ("accepted", "sent", "delivered", "read", "undelivered")
DELIVERED = ("delivered", "read")
PAGE = 50


class Stage(StrEnum):
    """The stages of a flow, in order."""

    planned = "planned"
    begun = "begun"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    replied = "replied"
    completed = "completed"


_SENT, _DELIVERED, _READ = 1, 2, 3
_REACH: ColumnElement[int] = case(
    (OUTBOUND.c.status == "read", _READ),
    (OUTBOUND.c.status.in_(DELIVERED), _DELIVERED),
    (OUTBOUND.c.status.in_(SENT), _SENT),
    else_=0,
)
"""How far a message came, as a number."""

REACHED: ColumnElement[int] = (
    select(func.max(_REACH))
    .where(
        OUTBOUND.c.contact_id == NUDGE.c.contact_id,
        OUTBOUND.c.created_at >= SESSION.c.started_at,  # so that the index of an officer's messages is enough
        OUTBOUND.c.session_id == NUDGE.c.session_id,
    )
    .correlate(NUDGE, SESSION)
    .scalar_subquery()
)
REPLIED: ColumnElement[bool] = (
    select(RESPONSE.c.id).where(RESPONSE.c.session_id == NUDGE.c.session_id).correlate(NUDGE).exists()
)
_FLOWS = NUDGE.join(CONTACT, CONTACT.c.id == NUDGE.c.contact_id).outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id)


@dataclass(frozen=True, slots=True)
class Funnel:
    """The number of flows that came to each stage, and of those that were skipped."""

    stages: dict[Stage, int]
    skipped: int = 0

    def plus(self, other: "Funnel") -> "Funnel":
        """Both together."""
        return Funnel({one: self.stages[one] + other.stages[one] for one in Stage}, self.skipped + other.skipped)


NOTHING = Funnel(dict.fromkeys(Stage, 0))


def total(found: Mapping[int, Funnel]) -> Funnel:
    """All cohorts together."""
    return reduce(Funnel.plus, found.values(), NOTHING)


def of_all(tx: Connection, until: datetime) -> Funnel:
    """Of every flow that was planned up to this moment: goes through all of them."""
    reached = (
        select(OUTBOUND.c.session_id, func.max(_REACH).label("reach"))
        .where(OUTBOUND.c.session_id.is_not(None))
        .group_by(OUTBOUND.c.session_id)
        .subquery()
    )
    replied = select(RESPONSE.c.session_id).distinct().subquery()
    flows = _FLOWS.outerjoin(reached, reached.c.session_id == NUDGE.c.session_id).outerjoin(
        replied, replied.c.session_id == NUDGE.c.session_id
    )
    own = {"session_id": NUDGE.c.session_id, "status": NUDGE.c.status, "outcome": SESSION.c.outcome}
    counts = stage_counts(own, reached.c.reach, replied.c.session_id.is_not(None))
    wanted = select(*counts).select_from(flows).where(NUDGE.c.planned_for <= until, of_real())
    return as_funnel(tx.execute(wanted).one())


def between(tx: Connection, begin: datetime, end: datetime) -> dict[int, Funnel]:
    """Of the flows that were planned for a moment from `begin` on, before `end`, by the officer's cohort. A cohort without any is
    absent."""
    reached = select(
        CONTACT.c.cohort_id,
        NUDGE.c.session_id,
        NUDGE.c.status,
        SESSION.c.outcome,
        REACHED.label("reach"),
        REPLIED.label("replied"),
    )
    each = reached.select_from(_FLOWS).where(*_planned(begin, end), of_real())
    flows = each.offset(0).subquery()  # which keeps the database from looking up its messages once for each stage
    found = select(flows.c.cohort_id, *stage_counts(flows.c, flows.c.reach, flows.c.replied)).group_by(
        flows.c.cohort_id
    )
    return {row[0]: as_funnel(row[1:]) for row in tx.execute(found)}


def _planned(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return NUDGE.c.planned_for >= begin, NUDGE.c.planned_for < end


def stage_counts(of: Any, reach: ColumnElement[Any], replied: ColumnElement[Any]) -> list[ColumnElement[int]]:  # noqa: ANN401
    """The stages in their order, then the skipped ones, as counts."""
    return [
        func.count(),
        func.count(of["session_id"]),
        *(func.count(case((reach >= least, 1))) for least in (_SENT, _DELIVERED, _READ)),
        func.count(case((replied, 1))),
        func.count(case((of["outcome"] == "completed", 1))),
        func.count(case((of["status"] == NudgeStatus.skipped, 1))),
    ]


def as_funnel(row: Any) -> Funnel:  # noqa: ANN401
    """The counts of `stage_counts` as a funnel."""
    *stages, skipped = map(int, row)
    return Funnel(dict(zip(Stage, stages, strict=True)), skipped)


# -- the flows behind a number ----------------------------------------------------------------------------------------


class FlowLine(NamedTuple):
    """A flow that was planned. `reach` is 1 if a message of it was sent, 2 delivered, 3 read; 0 or None if none was."""

    id: int
    contact_id: int
    study_id: str
    cohort_id: int
    slot: str
    flow: str
    planned_for: datetime
    due_at: datetime
    status: str
    reason: str | None
    outcome: str | None
    reach: int | None
    replied: bool

    @property
    def stage(self) -> Stage | None:
        """The last stage that it came to; None if it was skipped."""
        if self.outcome == "completed":
            return Stage.completed
        if self.replied:
            return Stage.replied
        if self.reach:
            return (Stage.sent, Stage.delivered, Stage.read)[self.reach - 1]
        if self.status == NudgeStatus.started:
            return Stage.begun
        return None if self.status == NudgeStatus.skipped else Stage.planned


@dataclass(frozen=True, slots=True)
class Chosen:
    """The flows of a list: planned for a moment from `begin` on, before `end`, of officers of some cohorts. They came to `stage`; or did
    not, if it is `missed`; without a stage, they were skipped. The latest come first if `latest`. Only those of one `flow`, if it is given.
    `few`: the cohorts have few officers, so that the list goes from officer to officer and not through the days."""

    begin: datetime
    end: datetime
    cohorts: Collection[int]
    stage: Stage | None = Stage.planned
    missed: bool = False
    latest: bool = False
    flow: str | None = None
    few: bool = False


def lines(
    tx: Connection, chosen: Chosen, after: tuple[datetime, int] | None = None, most: int = PAGE
) -> list[FlowLine]:
    """A page of the flows, those `after` a moment and an id."""
    moment, key = NUDGE.c.planned_for, NUDGE.c.id
    cohort = CONTACT.c.cohort_id if chosen.few else CONTACT.c.cohort_id + 0  # no index of cohorts
    wanted = [*_planned(chosen.begin, chosen.end), cohort.in_(sorted(chosen.cohorts)), _came_to(chosen)]
    if chosen.flow is not None:
        wanted.append(NUDGE.c.flow == chosen.flow)
    if after is not None:
        at, last = after
        beyond = (moment < at, key < last) if chosen.latest else (moment > at, key > last)
        wanted += [moment <= at if chosen.latest else moment >= at, or_(beyond[0], and_(moment == at, beyond[1]))]
    order = (moment.desc(), key.desc()) if chosen.latest else (moment, key)
    found = select(
        key,
        NUDGE.c.contact_id,
        CONTACT.c.study_id,
        CONTACT.c.cohort_id,
        NUDGE.c.slot,
        NUDGE.c.flow,
        moment,
        NUDGE.c.due_at,
        NUDGE.c.status,
        NUDGE.c.reason,
        SESSION.c.outcome,
        sql_cast(REACHED, Integer),
        REPLIED,
    )
    rows = tx.execute(found.select_from(_FLOWS).where(*wanted).order_by(*order).limit(most))
    return [FlowLine._make(row) for row in rows]


def _came_to(chosen: Chosen) -> ColumnElement[bool]:
    match chosen.stage:
        case None:
            return NUDGE.c.status == NudgeStatus.skipped
        case Stage.planned:
            came: ColumnElement[bool] = NUDGE.c.id.is_not(None)
        case Stage.begun:
            came = NUDGE.c.session_id.is_not(None)
        case Stage.sent:
            came = func.coalesce(REACHED, 0) >= _SENT
        case Stage.delivered:
            came = func.coalesce(REACHED, 0) >= _DELIVERED
        case Stage.read:
            came = func.coalesce(REACHED, 0) >= _READ
        case Stage.replied:
            came = REPLIED
        case Stage.completed:
            came = func.coalesce(SESSION.c.outcome, "") == "completed"
    return ~came if chosen.missed else came
