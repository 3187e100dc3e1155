"""The answer to a request that is refused: the page to sign in, with a line that says why, or the same line as JSON,
without a word of why a sign-in failed."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import structlog
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from app.errors import ExternalError, UsageError
from app.people.roles import ROLES
from app.people.sessions import Refused
from app.people.throttle import TooOften
from app.store.dead_letters import describe
from app.web.console import rendering
from app.web.console.rendering import texts_for
from app.web.console.texts import Texts
from app.web.gate import DIRECTORY, SIGN_IN, ForeignPage, Gate, NoRole, NotSignedIn
from app.web.request_ids import route_of

log = structlog.get_logger(__name__)


def page(gate: Gate, request: Request, wanted: str, message: str = "", status: int = 200) -> HTMLResponse:
    """The page to sign in, with a message. It leads to the wanted page afterwards."""
    directory = f"{DIRECTORY}?next={quote(wanted[:500])}" if gate.directory else None
    here = request.url.path if request.method == "GET" else "/"
    facts = {"wanted": wanted[:500], "message": message, "directory": directory, "here": here}
    return rendering.page("sign_in.html", texts_for(request), status, **facts)


def as_page(gate: Gate, request: Request, error: Exception, wanted: str | None = None) -> Response:
    """A refusal as a page, which leads to the wanted page afterwards: by default to the one that was asked for, or on which the form was."""
    t = texts_for(request)
    if wanted is None:
        wanted = "" if request.url.path.startswith(SIGN_IN) else _came_from(request)
    status, text, headers = words(t, request, error)
    if isinstance(error, NotSignedIn) and request.method == "POST":
        text = t("refused.session_over")
    shown = page(gate, request, wanted, text, status)
    shown.headers.update(headers)
    return shown


def _came_from(request: Request) -> str:
    """The page that was asked for; of a form, the page on which it was, if that is one of ours."""
    if request.method != "POST":
        return request.url.path
    _, _, path = request.headers.get("referer", "").partition(f"//{request.headers.get('host', '')}/")
    return f"/{path}" if path else ""


def handler(gate: Gate) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The answer to an error of a route: a page if the route is one, else JSON."""

    async def refuse(request: Request, error: Exception) -> Response:
        if getattr(request.scope.get("route"), "response_class", None) is HTMLResponse:
            return as_page(gate, request, error)
        status, text, headers = words(texts_for(request), request, error)
        return JSONResponse({"detail": text}, status, headers)

    return refuse


def words(t: Texts, request: Request, error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Status, words and headers. An error that nobody expects is logged by type and place only: its text may hold a name or a password."""
    match error:
        case Refused():
            return 401, t("refused.wrong"), {}
        case NotSignedIn():
            return 401, t("refused.not_signed_in"), {"WWW-Authenticate": "Bearer"}
        case NoRole(actor=actor, permission=permission):
            roles = ", ".join(t(f"role.{role}") for role, own in ROLES.items() if permission in own)
            return 403, t("refused.no_role", name=actor.name, roles=roles), {}
        case ForeignPage():
            return 403, t("refused.foreign_page"), {}
        case TooOften(seconds=seconds):
            return 429, t("refused.too_often", waiting=_waiting(t, seconds)), {"Retry-After": str(seconds)}
        case UsageError(code="link_over"):
            return 410, t("error.link_over"), {}
        case UsageError(code="form_too_large"):
            return 413, t("error.form_too_large"), {}
        case ExternalError():
            return 503, t("refused.no_answer"), {}
        case _:
            log.error("a page failed", route=route_of(request.scope) or "unknown", error=describe(error))
            return 500, t("refused.failed"), {}


def _waiting(t: Texts, seconds: int) -> str:
    return t("refused.seconds", number=seconds) if seconds < 90 else t("refused.minutes", number=-(-seconds // 60))
