"""Primeros pasos: from an empty installation to the first message, as a list that knows what is done and what still holds it up. The first
page of coordinators and administrators as long as no conversation has begun."""

from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.people.roles import ROUTES, Permission
from app.scheduler import first_steps
from app.scheduler.first_steps import REHEARSED, Step, StepCode
from app.store import audit
from app.web.console.visit import START, Handler, Visit

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

    def read(tx: Connection) -> dict[str, list[Step]]:
        library, setup = visit.parts.library, visit.parts.setup
        return {code: first_steps.steps(tx, library, setup, code) for code in visit.programmes(Permission.status)}

    found = await visit.read(read)
    return visit.page(
        "start.html",
        HERE,
        programmes=found,
        pages={step: path for step, path in PAGES.items() if _may_open(visit, path)},
        commands=COMMANDS,
        may_rehearse=lambda code: visit.may(Permission.schedule, code),
        begun=not visit.is_new,
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


HANDLERS: dict[str, Handler] = {"GET /console/start": start, "POST /console/start/rehearsed": rehearsed}
"""The handlers of the first steps, by their routes."""
