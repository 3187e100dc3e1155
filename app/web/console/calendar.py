"""Calendario: who gets which flow when, by week and cohort, as it is laid out, with the list of officers behind each number; and why an
officer gets nothing, as `trato plan` would say it. By study id, without a word of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from app.days import Days
from app.people.roles import Permission
from app.roster import story
from app.scheduler.outlook import OutlookItem
from app.store import damaged_rows, day_counts, funnel, nudges, pauses
from app.store.cohorts import Group
from app.store.day_counts import CountedDay, DayCount
from app.store.funnel import FlowLine
from app.web.console import behind, today
from app.web.console.days import day_of
from app.web.console.visit import Handler, Visit

HERE = "/console/calendar"
_COHORTS = 20
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A flow of a cohort in a week: the counts by day."""

    group: Group
    flow: str
    days: dict[date, DayCount]


@dataclass(frozen=True, slots=True)
class Line:
    """A flow of an officer: `item` is what would become of it now; None if it is not planned any more, or the officer's row is damaged."""

    flow: FlowLine
    item: OutlookItem | None


@dataclass(frozen=True, slots=True)
class Why:
    """The plan of an officer in a week. `before` and `after` are the nearest items outside it; `lacks` the date that the campaign counts
    from, if the officer has none; `follows`: some campaign of the programme; `stopped`: everything is."""

    programme: str
    zone: str
    items: list[OutlookItem]
    before: OutlookItem | None
    after: OutlookItem | None
    lacks: str | None
    follows: bool
    is_damaged: bool
    stopped: bool


def week_of(visit: Visit) -> Days:
    """The week of the day that the query names, from Monday to Sunday; this week without one."""
    now = Days.at(visit.now, visit.zone(None))
    day = day_of(visit.request.query_params.get("week", "")) or now.first
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + _WEEK - timedelta(days=1), now.zone)


async def show(visit: Visit) -> Response:
    """The week."""
    week, only = week_of(visit), visit.request.query_params.get("cohort", "")
    number = visit.page_number()

    def read(tx: Connection) -> tuple[list[Row], datetime | None, int]:
        groups = today.groups(visit, tx, Permission.schedule, only)
        shown = groups[(number - 1) * _COHORTS : number * _COHORTS]
        counted = day_counts.of(tx, week, visit.parts.library.without_consent())
        return _rows(counted, shown), day_counts.oldest(counted.values()), len(groups)

    rows, as_of, groups = await visit.count(read)
    return visit.page(
        "calendar.html",
        HERE,
        rows=rows,
        as_of=as_of,
        week=week,
        days=[one.first for one in week],
        now_day=Days.at(visit.now, week.zone).first,
        earlier=week.first - _WEEK,
        later=week.first + _WEEK,
        only=only,
        number=number,
        pages=max(-(-groups // _COHORTS), 1),
        groups=groups,
    )


def _rows(week: Mapping[Days, CountedDay], groups: list[Group]) -> list[Row]:
    known = {one.id: one for one in groups}
    found: dict[tuple[int, str], Row] = {}
    for day, counted in week.items():
        for one in counted.counts:
            if one.cohort_id not in known:
                continue
            row = found.setdefault((one.cohort_id, one.flow), Row(known[one.cohort_id], one.flow, {}))
            row.days[day.first] = one
    return sorted(found.values(), key=lambda one: (one.group.code, min(one.days), one.flow))


async def flows(visit: Visit) -> Response:
    """The officers who get a flow on some days, with what would become of it now."""
    query, days = visit.request.query_params, today.chosen_days(visit)
    only, flow = query.get("cohort", ""), query.get("flow") or None

    def read(tx: Connection) -> tuple[list[Line], dict[int, Group]]:
        known = {one.id: one for one in today.groups(visit, tx, Permission.schedule, only)}
        chosen = funnel.Chosen(days.begin, days.end, known, flow=flow, few=today.are_few(known))
        lines = funnel.lines(tx, chosen, behind.place_of(visit))
        items = _items(visit, tx, lines, known)
        return [Line(one, items.get((one.contact_id, one.slot))) for one in lines], known

    lines, known = await visit.count(read)
    last = (lines[-1].flow.planned_for, lines[-1].flow.id) if len(lines) == funnel.PAGE else None
    return visit.page(
        "calendar_flows.html",
        HERE,
        lines=lines,
        known=known,
        flow=flow,
        days=days,
        only=only,
        further=behind.further(visit, last),
    )


def _items(
    visit: Visit, tx: Connection, lines: list[FlowLine], known: dict[int, Group]
) -> dict[tuple[int, str], OutlookItem]:
    """What would become of these flows now, by officer and occasion: of the officers of one page, never of all."""
    found: dict[tuple[int, str], OutlookItem] = {}
    for code in {known[one.cohort_id].programme for one in lines}:
        programme = visit.programme(code)
        if programme is None:
            continue
        theirs = {one.contact_id for one in lines if known[one.cohort_id].programme == code}
        followers = nudges.followers_among(tx, theirs, programme.campaigns)
        for officer, items in visit.outlook(tx, programme).look(tx, followers):
            found |= {(officer.contact_id, one.slot): one for one in items}
    return found


async def officer(visit: Visit) -> Response:
    """Why an officer gets nothing in a week, or what."""
    study_id, week = visit.request.query_params.get("study_id", "").strip().upper()[:20], week_of(visit)
    why = await visit.read(lambda tx: _why(visit, tx, study_id, week))
    return visit.page(
        "calendar_officer.html",
        HERE,
        why=why,
        study_id=study_id,
        week=week,
        earlier=week.first - _WEEK,
        later=week.first + _WEEK,
    )


def _why(visit: Visit, tx: Connection, study_id: str, week: Days) -> Why:
    code = story.programme_of(tx, study_id)
    visit.require(Permission.schedule, code)
    programme, contact = visit.programme(code), pauses.contact_id(tx, study_id)
    campaigns = {} if programme is None else programme.campaigns
    followers = nudges.followers_among(tx, [] if contact is None else [contact], campaigns)
    items: list[OutlookItem] = []
    if programme is not None:
        items = [one for _, seen in visit.outlook(tx, programme).look(tx, followers) for one in seen]
    items.sort(key=lambda one: one.due_at)
    anchors = [campaigns[one.campaign].anchor for one in followers]
    missing = [name for name, one in zip(anchors, followers, strict=True) if one.anchor(name) is None]
    return Why(
        code,
        visit.zone(code),
        [one for one in items if week.begin <= one.due_at < week.end],
        next((one for one in reversed(items) if one.due_at < week.begin), None),
        next((one for one in items if one.due_at >= week.end), None),
        missing[0] if missing else None,
        bool(followers),
        contact is not None and damaged_rows.is_damaged(tx, contact),
        pauses.is_stopped(tx),
    )


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": show,
    f"GET {HERE}/flows": flows,
    f"GET {HERE}/officer": officer,
}
"""The handlers of the page, by their routes."""
