"""Revisión de textos: officers' own words, which no analyst gets until somebody here has read them and said that they may be read, redacted
them or withheld them."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.exports.definitions import Definitions
from app.people.roles import Permission
from app.review import free_text
from app.review.free_text import DECISIONS, REDACT, Refused
from app.store import audit
from app.store import free_text as rows
from app.store.free_text import FreeText
from app.web import forms
from app.web.console.visit import Handler, Visit

HERE = "/console/review"
PAGE = 20
_KEPT = ("programme", "which", "after")
"""The fields of the address that a decision leads back to."""


async def review(visit: Visit) -> Response:
    """The texts that wait for a review, or those that have one."""
    return await _page(visit, visit.request.query_params)


async def _page(visit: Visit, query: Mapping[str, str], status: int = 200, error: str = "", at: int = 0) -> Response:
    programme = chosen_programme(visit, query)
    which = query.get("which", "")
    wanted = {
        "programme": programme,
        "reviewed": which == "reviewed",
        "closed": which == "closed",
        "after": forms.number(query.get("after", ""), 18) or 0,
    }

    def read(tx: Connection) -> list[tuple[FreeText, str, str]]:
        found = rows.texts(tx, **wanted, limit=PAGE)  # type: ignore[arg-type]
        definitions = Definitions(tx)
        shown = [(one, definitions.wording(one.version, one.flow, one.step), free_text.mark(one)) for one in found]
        if shown:
            detail = {**wanted, "rows": len(shown), "first": found[0].id, "last": found[-1].id}
            audit.record(tx, visit.now, visit.actor.label, "text show", "text_review", detail)
        return shown

    found = await visit.write(read) if programme is not None else []
    return visit.page(
        "review.html",
        HERE,
        status,
        programmes=visit.programmes(Permission.free_text),
        programme=programme,
        which=which if which in ("reviewed", "closed") else "waiting",
        after=wanted["after"],
        found=found,
        next=found[-1][0].id if len(found) == PAGE else None,
        error=error,
        typed=visit.fields,
        at=at,
        longest=free_text.LONGEST,
    )


def chosen_programme(visit: Visit, query: Mapping[str, str]) -> str | None:
    """The programme of the address, else the first; None if there is none. Raises NoRole for one that is not the person's."""
    if programme := query.get("programme"):
        visit.require(Permission.free_text, programme)
        return programme
    return next(iter(visit.programmes(Permission.free_text)), None)


async def decide(visit: Visit) -> Response:
    """Store the decision on one text."""
    response, fields = response_of(visit), visit.fields
    try:
        await visit.write(partial(_decide, visit, response))
    except Refused as refused:
        words = "changed" if refused.conflict else "redaction" if refused.column == "redacted_text" else "voice_note"
        status = 409 if refused.conflict else 400
        return await _page(visit, fields, status, visit.t(f"review.{words}"), response)
    kept = {name: fields[name] for name in _KEPT if fields.get(name)}
    return visit.go(f"{HERE}?{urlencode(kept)}" if kept else HERE, "reviewed")


def _decide(visit: Visit, response: int, tx: Connection) -> None:
    try:
        programme = free_text.programme_of(tx, response)
    except LookupError:
        raise UsageError("there is no such text", "no_text") from None
    visit.require(Permission.free_text, programme)
    decision, seen = visit.fields.get("decision", ""), visit.fields.get("mark", "")
    if decision not in DECISIONS:
        raise UsageError("choose a decision", "no_decision_on_text")
    redacted = visit.fields.get("redacted", "") if decision == REDACT else ""
    free_text.review(tx, response, seen, decision, redacted, visit.actor.label, visit.now)


def response_of(visit: Visit) -> int:
    """The number of a response in the address. Raises UsageError for what is none."""
    found = forms.number(visit.request.path_params["response"], 18)
    if found is None:
        raise UsageError("a response has a number", "no_text")
    return found


HANDLERS: dict[str, Handler] = {
    "GET /console/review": review,
    "POST /console/review/{response}": decide,
}
"""The handlers of the review, by their routes."""
