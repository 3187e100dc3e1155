"""Primeros pasos: from an empty installation to the first message, as a list that knows what is done and what still holds it up. The first
page of coordinators and administrators as long as no conversation has begun."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from app.alerting import trying
from app.alerting.trying import Attempt
from app.errors import UsageError
from app.people.roles import ROUTES, Permission
from app.scheduler import first_steps
from app.scheduler.first_steps import REHEARSED, Step, StepCode
from app.store import audit
from app.web.console.visit import START, Handler, Visit
from app.wording import into

HERE = START
PAGES = {
    StepCode.safety: "/console/programme",
    StepCode.people: "/console/accounts",
    StepCode.roster: "/console/roster",
    StepCode.dates: "/console/roster/cohorts",
    StepCode.campaign: "/console/roster",
}
"""The page that does a step. One that this release or this person lacks is not linked."""

COMMANDS = {
    StepCode.programme: "trato publish",
    StepCode.safety: "trato check --for-launch",
    StepCode.templates: "trato templates --check",
    StepCode.people: "trato user add",
    StepCode.alerts_tried: "trato alerts test",
    StepCode.roster: "trato roster import",
    StepCode.dates: "trato cohorts date",
    StepCode.campaign: "trato roster import",
    StepCode.rehearsal: "trato plan",
}
"""The command that does a step, or shows what is missing."""


async def start(visit: Visit) -> Response:
    """The steps of each programme that the person works for."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "", tried: Sequence[Attempt] = ()) -> Response:
    """The page; `tried` is what became of a test alert."""

    def read(tx: Connection) -> dict[str, list[Step]]:
        library, setup = visit.parts.library, visit.parts.setup
        return {code: first_steps.steps(tx, library, setup, code) for code in visit.programmes(Permission.status)}

    found = await visit.read(read)
    return visit.page(
        "start.html",
        HERE,
        status,
        programmes=found,
        pages={step: path for step, path in PAGES.items() if _may_open(visit, path)},
        commands=COMMANDS,
        begun=not visit.is_new,
        error=error,
        tried=[(one.receiver, one.error and into(one.error, visit.t.language)) for one in tried],
    )


def _may_open(visit: Visit, path: str) -> bool:
    permission = ROUTES.get(f"GET {path}")
    return permission is not None and visit.may_open(permission)


async def rehearsed(visit: Visit) -> Response:
    """Note that somebody has looked at the rehearsal and the plan of a programme."""
    await visit.write(partial(_rehearsed, visit))
    return visit.go(HERE, "rehearsed")


def _rehearsed(visit: Visit, tx: Connection) -> None:
    code = visit.fields.get("programme", "")
    if code not in visit.parts.library.current:
        raise UsageError(f"no programme {code!r} is published", "no_programme")
    visit.require(Permission.schedule, code)
    detail = {"version": visit.parts.library.current[code]}
    audit.record(tx, visit.now, visit.actor.label, REHEARSED, f"programme:{code}", detail)


async def try_alerts(visit: Visit) -> Response:
    """Send a test alert to everybody whom a programme names, and show whether the servers took it."""
    try:
        wanted = visit.chosen(Permission.alerts, visit.fields.get("programme", ""))
        attempts = await trying.send(wanted, *visit.parts.ways)
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    code, actor = wanted.programme, visit.actor.label
    await visit.write(lambda tx: trying.record(tx, code, attempts, visit.now, actor))
    return await _page(visit, tried=attempts)


HANDLERS: dict[str, Handler] = {
    "GET /console/start": start,
    "POST /console/start/rehearsed": rehearsed,
    "POST /console/start/alerts": try_alerts,
}
"""The handlers of the first steps, by their routes."""
