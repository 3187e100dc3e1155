"""How far the planned flows of a day came, by cohort and flow, and how many will go out. A day of many flows takes a second to count: the
clock counts it now and then, and keeps the counts here, with the moment; a day of few flows is counted whenever somebody asks. All functions
take a transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, and_, case, delete, func, insert, or_, select

from app.days import Days
from app.store.funnel import NOTHING, REACHED, REPLIED, Funnel, Stage, as_funnel, stage_counts
from app.store.tables import COHORT, CONTACT, DAY_COUNT, NUDGE, SESSION, ContactStatus, NudgeStatus, with_officer
from app.store.tryouts import of_real

T = TypeVar("T")

KEPT_FROM = 300
"""Planned flows of a day from which on its counts are kept: 31 days of fewer are counted in a tenth of a second."""

_COUNTS = (*Stage, "skipped", "goes", "waits", "will_not")


class DayCount(NamedTuple):
    """Officers of a cohort by a flow of a day: how far it came, `goes` to those who have got it or will get it, `waits` for those who wait
    for something, and `will_not` go to the others."""

    cohort_id: int
    flow: str
    came: Funnel
    goes: int
    waits: int
    will_not: int


@dataclass(frozen=True, slots=True)
class CountedDay:
    """The counts of a day, as of a moment; None: of this one."""

    counts: list[DayCount]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """How far the flows of some days came: by cohort, those that any was planned for, and by day. The counts are as of a moment, None: of this
    one."""

    by_cohort: dict[int, Funnel]
    by_day: dict[Days, Funnel]
    at: datetime | None


def of(tx: Connection, days: Days, without_consent: Collection[str]) -> dict[Days, CountedDay]:
    """Each of these days with its counts: those that the clock has kept, else counted now. `without_consent` are the campaigns that ask for
    none."""
    found = _kept(tx, days)
    return {day: found.get(day) or CountedDay(count(tx, day, without_consent)) for day in days}


def oldest(days: Iterable[CountedDay]) -> datetime | None:
    """The moment of the oldest counts of some days; None if all are of this moment."""
    return min((day.at for day in days if day.at is not None), default=None)


def sums(tx: Connection, days: Days, least: int, cohorts: Collection[int], without_consent: Collection[str]) -> Sums:
    """The sums of some cohorts over these days, and of each of them and of as many more before as make `least`."""
    every = days.back(least)
    kept = _kept_at(tx, every)
    begins = _summed(tx, DAY_COUNT.c.begins_at, kept, cohorts)
    by_day = {day: begins.get(day.begin, NOTHING) for day in every}
    by_cohort = _summed(tx, DAY_COUNT.c.cohort_id, [day for day in kept if day.first >= days.first], cohorts)
    for day in by_day.keys() - kept.keys():
        for one in count(tx, day, without_consent):
            if one.cohort_id in cohorts:
                by_day[day] = by_day[day].plus(one.came)
                if day.first >= days.first:
                    by_cohort[one.cohort_id] = by_cohort.get(one.cohort_id, NOTHING).plus(one.came)
    return Sums(by_cohort, by_day, min(kept.values(), default=None))


def count(tx: Connection, day: Days, without_consent: Collection[str]) -> list[DayCount]:
    """The flows that are planned for a day, but for those of tryouts. An officer waits on hold, paused, in a paused cohort, or without consent."""
    goes, waits = _goes_and_waits(without_consent)
    each = (
        select(
            CONTACT.c.cohort_id,
            NUDGE.c.flow,
            NUDGE.c.session_id,
            NUDGE.c.status,
            SESSION.c.outcome,
            REACHED.label("reach"),
            REPLIED.label("replied"),
            goes.label("goes"),
            waits.label("waits"),
        )
        .select_from(with_officer(NUDGE).outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id))
        .where(NUDGE.c.planned_for >= day.begin, NUDGE.c.planned_for < day.end, of_real())
    )
    flows = each.offset(0).subquery()  # which keeps the database from looking up its messages once for each stage
    may_go = [func.count(case((one, 1))) for one in (flows.c.goes, flows.c.waits, ~or_(flows.c.goes, flows.c.waits))]
    counts = stage_counts(flows.c, flows.c.reach, flows.c.replied)
    found = select(flows.c.cohort_id, flows.c.flow, *counts, *may_go).group_by(flows.c.cohort_id, flows.c.flow)
    return [DayCount(row[0], row[1], as_funnel(row[2:-3]), *row[-3:]) for row in tx.execute(found)]


def _goes_and_waits(without_consent: Collection[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    agreed = or_(
        CONTACT.c.consented_at.is_not(None),
        NUDGE.c.slot == "consent",
        NUDGE.c.slot.like("consent@%"),
        NUDGE.c.campaign.in_(sorted(without_consent)),
    )
    paused = and_(CONTACT.c.paused_until.is_not(None), CONTACT.c.paused_until > NUDGE.c.planned_for)
    free = and_(CONTACT.c.held_at.is_(None), COHORT.c.paused_at.is_(None), ~paused, agreed)
    planned = and_(NUDGE.c.status == NudgeStatus.planned, CONTACT.c.status == ContactStatus.active)
    return or_(NUDGE.c.status == NudgeStatus.started, and_(planned, free)), and_(planned, ~free)


# -- what the clock keeps ---------------------------------------------------------------------------------------------


def keep(tx: Connection, day: Days, counts: Collection[DayCount], now: datetime) -> None:
    """Keep the counts of a day in the place of those before; of a day of few flows, none."""
    tx.execute(delete(DAY_COUNT).where(DAY_COUNT.c.begins_at >= day.begin, DAY_COUNT.c.begins_at < day.end))
    if are_many(counts):
        own = {"begins_at": day.begin, "ends_at": day.end, "counted_at": now}
        tx.execute(insert(DAY_COUNT), [own | _row(one) for one in counts])


def are_many(counts: Iterable[DayCount]) -> bool:
    """Whether these counts of a day are kept."""
    return sum(one.came.stages[Stage.planned] for one in counts) >= KEPT_FROM


def _row(one: DayCount) -> dict[str, object]:
    plan = {"goes": one.goes, "waits": one.waits, "will_not": one.will_not}
    came = {str(stage): number for stage, number in one.came.stages.items()}
    return {"cohort_id": one.cohort_id, "flow": one.flow, **came, "skipped": one.came.skipped, **plan}


def counted_at(tx: Connection, days: Days) -> dict[datetime, datetime]:
    """When the kept counts of these days were made, by the moment at which the day begins."""
    found = select(DAY_COUNT.c.begins_at, func.min(DAY_COUNT.c.counted_at))
    theirs = found.where(DAY_COUNT.c.begins_at >= days.begin, DAY_COUNT.c.begins_at < days.end)
    return dict(tx.execute(theirs.group_by(DAY_COUNT.c.begins_at)).all())


def span(tx: Connection) -> tuple[datetime, datetime] | None:
    """The first and the last moment that a flow is planned for, or that a day with kept counts begins at; None if there is none."""
    ends = (NUDGE.c.planned_for, DAY_COUNT.c.begins_at)
    found = [tx.execute(select(end(column))).scalar_one() for column in ends for end in (func.min, func.max)]
    known = [one for one in found if one is not None]
    return (min(known), max(known)) if known else None


def latest(tx: Connection) -> int:
    """The id of the newest planned flow; 0 without one."""
    return tx.execute(select(func.max(NUDGE.c.id))).scalar_one() or 0


def planned_since(tx: Connection, latest: int) -> tuple[datetime, datetime]:
    """The first and the last moment that flows newer than this one are planned for. There are such flows."""
    found = select(func.min(NUDGE.c.planned_for), func.max(NUDGE.c.planned_for)).where(NUDGE.c.id > latest)
    first, last = tx.execute(found).one()
    return first, last


def _kept_at(tx: Connection, days: Days) -> dict[Days, datetime]:
    """Those of these days whose counts are kept, and when they were made."""
    by_begin = {(day.begin, day.end): day for day in days}
    found = select(DAY_COUNT.c.begins_at, DAY_COUNT.c.ends_at, func.min(DAY_COUNT.c.counted_at))
    found = found.where(DAY_COUNT.c.begins_at >= days.begin, DAY_COUNT.c.begins_at < days.end)
    rows = tx.execute(found.group_by(DAY_COUNT.c.begins_at, DAY_COUNT.c.ends_at)).all()
    return {by_begin[span]: at for *ends, at in rows if (span := (ends[0], ends[1])) in by_begin}


def _summed(tx: Connection, by: Column[T], kept: Collection[Days], cohorts: Collection[int]) -> dict[T, Funnel]:
    """The kept counts of some days and cohorts, added up by the database: a month of many cohorts is tens of thousands of rows."""
    if not kept or not cohorts:
        return {}
    wanted = (DAY_COUNT.c.begins_at.in_([day.begin for day in kept]), DAY_COUNT.c.cohort_id.in_(sorted(cohorts)))
    counts = (func.sum(DAY_COUNT.c[one]) for one in (*Stage, "skipped"))
    found = select(by, *counts).where(*wanted).group_by(by)
    return {key: as_funnel(numbers) for key, *numbers in tx.execute(found)}


def _kept(tx: Connection, days: Days) -> dict[Days, CountedDay]:
    by_begin: dict[tuple[datetime, datetime], Days] = {(day.begin, day.end): day for day in days}
    names = ("begins_at", "ends_at", "counted_at", "cohort_id", "flow", *_COUNTS)
    found = select(*(DAY_COUNT.c[one] for one in names))
    rows = tx.execute(found.where(DAY_COUNT.c.begins_at >= days.begin, DAY_COUNT.c.begins_at < days.end))
    kept: dict[Days, CountedDay] = {}
    for begins_at, ends_at, at, cohort, flow, *numbers in rows:
        if (day := by_begin.get((begins_at, ends_at))) is not None:
            counted = kept.setdefault(day, CountedDay([], at))
            counted.counts.append(DayCount(cohort, flow, as_funnel(numbers[:-3]), *numbers[-3:]))
    return kept
