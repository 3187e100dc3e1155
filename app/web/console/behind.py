"""The lists behind the numbers of Hoy: the flows that came to a stage or did not, the messages that did not arrive, the officers who have not
answered lately. By study id, which leads to the officer's page; without a word of anybody."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from app.people.roles import Permission
from app.scheduler.nudging import REMEMBERED
from app.store import failures, funnel, ignored
from app.store.cohorts import Group
from app.store.funnel import FlowLine, Stage
from app.store.ignored import SilentPage
from app.web import forms
from app.web.console import today
from app.web.console.days import moment_of
from app.web.console.today import HERE
from app.web.console.visit import Handler, Visit

Place = tuple[datetime, int]
"""Where a page of a list ends: a moment, and an id."""
SKIPPED = "skipped"
CAME, DID_NOT = "yes", "no"
_MOMENT = timedelta(minutes=1)
_HAS_BEGUN = frozenset(Stage) - {Stage.planned}
"""Stages to which no flow comes that is planned for later."""


async def flows(visit: Visit) -> Response:
    """The flows of some days that came to a stage, or did not, or were skipped."""
    query, days = visit.request.query_params, today.chosen_days(visit)
    only, wanted = query.get("cohort", ""), query.get("stage", Stage.planned)
    stage = None if wanted == SKIPPED else next((one for one in today.SHOWN if one == wanted), Stage.planned)
    missed = query.get("came") == DID_NOT and stage is not None
    latest = query.get("order") == "latest"

    def read(tx: Connection) -> tuple[list[FlowLine], dict[int, Group]]:
        known = {one.id: one for one in today.groups(visit, tx, Permission.story, only)}
        end = min(days.end, visit.now + _MOMENT) if stage in _HAS_BEGUN and not missed else days.end
        chosen = funnel.Chosen(days.begin, end, known, stage, missed=missed, latest=latest, few=today.are_few(known))
        return funnel.lines(tx, chosen, place_of(visit)), known

    lines, known = await visit.read(read)
    return visit.page(
        "flows.html",
        HERE,
        lines=lines,
        known=known,
        stages=[*today.SHOWN, SKIPPED],
        stage=SKIPPED if stage is None else stage,
        came=DID_NOT if missed else CAME,
        latest=latest,
        days=days,
        only=only,
        further=further(visit, (lines[-1].planned_for, lines[-1].id) if len(lines) == funnel.PAGE else None),
    )


async def failed(visit: Visit) -> Response:
    """The messages of some days that did not arrive, of one cause or of all."""
    query, days = visit.request.query_params, today.chosen_days(visit)
    only, cause = query.get("cohort", ""), query.get("cause") or None

    def read(tx: Connection) -> list[failures.FailedMessage]:
        known = [one.id for one in today.groups(visit, tx, Permission.story, only)]
        return failures.page(tx, failures.Chosen(days.begin, days.end, known, cause), place_of(visit))

    lines = await visit.read(read)
    return visit.page(
        "failures.html",
        HERE,
        lines=lines,
        cause=cause,
        days=days,
        only=only,
        further=further(visit, (lines[-1].at, lines[-1].id) if len(lines) == failures.PAGE else None),
    )


async def silent(visit: Visit) -> Response:
    """The officers who have not answered lately."""
    only = visit.request.query_params.get("cohort", "")

    def read(tx: Connection) -> tuple[SilentPage, dict[int, Group]]:
        known = {one.id: one for one in today.groups(visit, tx, Permission.story, only)}
        few = today.are_few(known)
        return ignored.page(tx, known, visit.now, visit.now - REMEMBERED, place_of(visit), few=few), known

    found, known = await visit.read(read)
    return visit.page(
        "silent.html", HERE, officers=found.officers, known=known, only=only, further=further(visit, found.next)
    )


def place_of(visit: Visit) -> Place | None:
    """The place after which the page of the query begins; None: at the beginning."""
    moment, _, text = visit.request.query_params.get("after", "").partition("_")
    at, number = moment_of(moment), forms.number(text, 18)
    return None if at is None or at.tzinfo is None or number is None else (at, number)


def further(visit: Visit, place: Place | None) -> str:
    """The address of the next page; empty without one."""
    if place is None:
        return ""
    address = visit.without("after")
    more = urlencode({"after": f"{place[0].isoformat()}_{place[1]}"})
    return f"{address}{'' if address.endswith('?') else '&'}{more}"


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}/flows": flows,
    f"GET {HERE}/failures": failed,
    f"GET {HERE}/silent": silent,
}
"""The handlers of the lists, by their routes."""
