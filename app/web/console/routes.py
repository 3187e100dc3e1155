"""The routes of the console. `app.people.roles` has the permission that each needs."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.errors import UsageError
from app.people.actors import Actor
from app.people.roles import ROUTES
from app.web import forms, refusals
from app.web.console import (
    accounts,
    audit_log,
    behind,
    calendar,
    case,
    coding,
    cohorts,
    correction,
    data,
    news,
    notice,
    officer,
    pending,
    preview,
    programme,
    publish,
    rendering,
    review,
    roster,
    roster_import,
    start,
    today,
    tryout,
    yaml_editor,
)
from app.web.console.rendering import texts_for
from app.web.console.visit import Handler, Parts, Visit
from app.web.gate import SIGN_IN, NotSignedIn
from app.web.sign_in import HOME, ME

_UNKNOWN = {
    "no_announcement",
    "no_answer_of",
    "no_case",
    "no_cohort",
    "no_file",
    "no_flow",
    "no_programme",
    "no_text",
    "no_tryout",
    "no_upload",
    "unknown_account",
    "unknown_officer",
}
"""The codes of errors about something that there is not."""

_TOO_LARGE = {"form_too_large", "file_too_large"}

PAGES = (
    pending,
    case,
    today,
    behind,
    calendar,
    news,
    officer,
    correction,
    roster,
    roster_import,
    cohorts,
    notice,
    programme,
    tryout,
    yaml_editor,
    preview,
    publish,
    data,
    review,
    coding,
    accounts,
    audit_log,
    start,
)
_LIMITS = {**programme.LIMITS, **yaml_editor.LIMITS, **preview.LIMITS, **publish.LIMITS, **roster_import.LIMITS}
HANDLERS: dict[str, Handler] = {route: handler for page in PAGES for route, handler in page.HANDLERS.items()}


def routes(parts: Parts) -> list[Route]:
    """The routes."""
    found = [Route(HOME, _home(parts), methods=["GET"])]
    for line, handler in HANDLERS.items():
        method, path = line.split()
        found.append(Route(path, _guarded(parts, line, handler), methods=[method]))
    return found


_Endpoint = Callable[[Request], Awaitable[Response]]


def _guarded(parts: Parts, line: str, handler: Handler) -> _Endpoint:
    """A handler for those who may, whose errors are pages."""

    async def handle(request: Request) -> Response:
        visit = None
        try:
            # A page that asks by itself whether there is news is nobody's use of the session.
            actor = await parts.gate.caller(request, used=line not in news.BY_ITSELF)
            visit = await _visit(parts, request, actor)
            visit.check(ROUTES[line])
            return await _answer(visit, line, handler)
        except Exception as error:  # noqa: BLE001 - the edge
            return refusals.as_page(parts.gate, request, error) if visit is None else _refused(visit, error)

    return handle


async def _answer(visit: Visit, line: str, handler: Handler) -> Response:
    """The answer to a visit, with the fields of its form, and the file if the route takes one."""
    if visit.request.method != "POST":
        return await handler(visit)
    if line not in roster_import.WITH_FILE:
        return await handler(replace(visit, fields=await forms.fields(visit.request, *_LIMITS.get(line, ()))))
    async with visit.parts.files:
        fields, file = await forms.with_file(visit.request)
        return await handler(replace(visit, fields=fields, file=file))


async def _visit(parts: Parts, request: Request, actor: Actor) -> Visit:
    visit = Visit(parts, request, actor, texts_for(request), parts.clock())
    is_new = not parts.beginning.seen and not await visit.read(parts.beginning.look)
    return replace(visit, is_new=is_new)


def _refused(visit: Visit, error: Exception) -> Response:
    """A refusal of somebody who is signed in."""
    if isinstance(error, UsageError) and visit.t.has(f"error.{error.code}"):
        status, text = (
            404 if error.code in _UNKNOWN else 413 if error.code in _TOO_LARGE else 400,
            visit.told(error),
        )
    else:
        status, text, _ = refusals.words(visit.t, visit.request, error)
    return visit.page("refused.html", "", status, error=text)


def _home(parts: Parts) -> _Endpoint:
    """`/` leads to the first page that the person may open; where nobody is signed in, to the page to sign in, or, as long as there is
    no account, to the simulated phones."""

    async def home(request: Request) -> Response:
        try:
            actor = await parts.gate.caller(request)
        except NotSignedIn:
            first = SIGN_IN if not parts.simulated or await run_sync(parts.gate.has_accounts) else "/phone"
        except Exception as error:  # noqa: BLE001 - the edge
            return refusals.as_page(parts.gate, request, error)
        else:
            entries = (await _visit(parts, request, actor)).entries()
            first = entries[0][0] if entries else ME
        return RedirectResponse(first, 303, rendering.HEADERS)

    return home
