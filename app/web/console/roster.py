"""Padrón: the officers by study id, and their roster as a sheet with names and numbers, for people who may know them."""

from anyio.to_thread import run_sync
from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.people.roles import Permission
from app.roster import sheet
from app.sheets import hand_sheet
from app.store import audit, cohorts, officer_list
from app.store.cohorts import Group
from app.store.officer_list import OfficerFilter, Officers, Standing
from app.web.console import rendering
from app.web.console.visit import Handler, Visit

HERE = "/console/roster"
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def roster(visit: Visit) -> Response:
    """The list, chosen by the query: the cohort, how officers stand, which page."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    query, scope = visit.request.query_params, visit.scope(Permission.roster)
    standing = next((one for one in Standing if one == query.get("standing")), Standing.everybody)
    wanted = OfficerFilter(scope, query.get("cohort", "")[:64], standing)

    def read(tx: Connection) -> tuple[Officers, int, list[Group]]:
        after, before = query.get("after", "")[:20], query.get("before", "")[:20]
        found = officer_list.page(tx, wanted, after=after, before=before)
        return found, officer_list.count(tx, wanted), visit.groups(Permission.roster, cohorts.find_all(tx))

    found, total, groups = await visit.read(read)
    return visit.page(
        "roster.html",
        HERE,
        status,
        found=found,
        total=total,
        wanted=wanted,
        groups=groups,
        standings=list(Standing),
        several=len(visit.parts.library.current) > 1,
        may_identify=visit.actor.may_somewhere(Permission.identify),
        may_open=visit.actor.may_somewhere(Permission.story),
        programmes=visit.programmes(Permission.roster),
        most_in_xlsx=sheet.MOST_IN_XLSX,
        error=error,
        typed=visit.fields,
    )


async def export(visit: Visit) -> Response:
    """The roster as a sheet. The audit log keeps that it was taken, and why."""
    try:
        return await _exported(visit)
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))


async def _exported(visit: Visit) -> Response:
    wanted, kind = visit.chosen(Permission.roster, visit.fields.get("programme", "")), visit.fields.get("format", "")
    visit.require(Permission.identify, wanted.programme)
    why, cohort = audit.reason(visit.fields.get("reason", "")), visit.fields.get("cohort", "")
    name = f"padron-{visit.now:%Y-%m-%d}.{'csv' if kind == 'csv' else 'xlsx'}"

    def make(tx: Connection) -> tuple[bytes, int]:
        ids = sheet.contacts(tx, wanted.programme, cohort)
        if kind != "csv" and len(ids) > sheet.MOST_IN_XLSX:
            raise UsageError("too many officers for a workbook", "too_many_for_xlsx", most=sheet.MOST_IN_XLSX)
        rows = list(sheet.cells_of(tx, visit.parts.vault, wanted, ids))
        return hand_sheet.write(name, sheet.headers(wanted), rows, {}), len(rows)

    content, count = await run_sync(visit.reading, make, limiter=visit.parts.work.limiter)
    detail = {"officers": count, "reason": why}
    await visit.write(
        lambda tx: audit.record(
            tx, visit.now, visit.actor.label, "roster export", f"programme:{wanted.programme}", detail
        )
    )
    headers = {**rendering.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=_KINDS[name.rpartition(".")[2]])


HANDLERS: dict[str, Handler] = {"GET /console/roster": roster, "POST /console/roster/export": export}
"""The handlers of the roster, by their routes."""
