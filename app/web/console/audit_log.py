"""Bitácora: who did what, newest first, and whether the log is as it was written. That somebody read it is an entry too."""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.people.actors import name_of
from app.store import audit, audit_chain
from app.store.audit import Entry
from app.store.audit_chain import Verified
from app.web import forms
from app.web.console.visit import Handler, Visit

HERE = "/console/audit"
PAGE = 50
_FILTERS = ("by", "action", "subject")


async def listed(visit: Visit) -> Response:
    """A page of the log, chosen by the query: by whom, which action, on what, before which entry."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "", verified: Verified | None = None) -> Response:
    query = visit.request.query_params
    wanted = {name: text for name in _FILTERS if (text := query.get(name, "").strip())}
    found = await visit.write(partial(_entries, visit, wanted, forms.number(query.get("before", ""), 18)))
    return visit.page(
        "audit.html",
        HERE,
        status,
        found=found,
        wanted=wanted,
        older=found[-1].id if len(found) == PAGE else None,
        verified=verified,
        name_of=name_of,
        error=error,
        typed=visit.fields if error else {},
    )


def _entries(visit: Visit, wanted: Mapping[str, str], before: int | None, tx: Connection) -> list[Entry]:
    found = audit.entries(
        tx,
        by=wanted.get("by"),
        action=wanted.get("action"),
        subject=wanted.get("subject"),
        before=before,
        limit=PAGE,
    )[::-1]
    audit.record(tx, visit.now, visit.actor.label, "audit list", "audit", {"entries": len(found)})
    return found


async def verify(visit: Visit) -> Response:
    """Compute the chain again, and compare it with an anchor that was kept elsewhere, if one is given."""
    try:
        anchors = tuple(map(audit_chain.parse_anchor, visit.fields.get("anchors", "").split()))
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    return await _page(visit, verified=await visit.read(lambda tx: audit_chain.verify(tx, anchors)))


HANDLERS: dict[str, Handler] = {"GET /console/audit": listed, "POST /console/audit/verify": verify}
"""The handlers of the log, by their routes."""
