"""The cohorts of the roster: their officers, the dates from which their campaigns count, and their time zone."""

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.people.roles import Permission
from app.roster import cohorts as service
from app.store import cohorts
from app.web.console import roster
from app.web.console.visit import Handler, Visit

HERE = "/console/roster/cohorts"


async def listed(visit: Visit) -> Response:
    """The list."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    groups = await visit.read(lambda tx: visit.groups(Permission.roster, cohorts.find_all(tx)))
    anchors = {
        code: service.anchors(visit.chosen(Permission.roster, code)) for code in {one.programme for one in groups}
    }
    return visit.page(
        "cohorts.html",
        roster.HERE,
        status,
        groups=groups,
        anchors=anchors,
        error=error,
        typed=visit.fields if error else {},
    )


async def _change(visit: Visit, *, zone: bool) -> Response | None:
    """Change a cohort as the form says; the answer if that is refused."""
    code = visit.fields.get("code", "")

    def work(tx: Connection) -> None:
        wanted = visit.chosen(Permission.roster, cohorts.find(tx, code).programme)
        if zone:
            service.set_zone(tx, code, visit.fields.get("zone", "").strip(), visit.now, visit.actor.label)
            return
        names = service.anchors(wanted)
        texts = {name: visit.fields[name].strip() for name in names if name in visit.fields}
        dates = service.dates(texts, wanted, visit.now.date())
        service.set_dates(tx, code, dates, wanted, visit.now, visit.actor.label)

    try:
        await visit.write(work)
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    visit.parts.wake()
    return None


async def date(visit: Visit) -> Response:
    """Set the dates of a cohort."""
    return await _change(visit, zone=False) or visit.go(HERE, "cohort_dated")


async def zone(visit: Visit) -> Response:
    """Set the time zone of a cohort."""
    return await _change(visit, zone=True) or visit.go(HERE, "cohort_zoned")


HANDLERS: dict[str, Handler] = {
    "GET /console/roster/cohorts": listed,
    "POST /console/roster/cohorts/date": date,
    "POST /console/roster/cohorts/zone": zone,
}
"""The handlers of cohorts, by their routes."""
