"""The answer to a request that is refused: the page to sign in, with a line that says why, or the same line as JSON. In Spanish, and
without a word of why a sign-in failed."""

import html
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from string import Template
from urllib.parse import quote

import structlog
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from app.errors import ExternalError
from app.people.roles import ROLES, Role
from app.people.sessions import Refused
from app.people.throttle import TooOften
from app.store.dead_letters import describe
from app.web.gate import DIRECTORY, SIGN_IN, ForeignPage, Gate, NoRole, NotSignedIn

log = structlog.get_logger(__name__)

PAGES = Path(__file__).parent / "pages"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
ROLE_NAMES = {
    Role.coordinator: "coordinación",
    Role.researcher: "investigación",
    Role.reviewer: "revisión de textos",
    Role.guardian: "atención de crisis",
    Role.administrator: "administración",
}
_SIGN_IN = Template((PAGES / "sign_in.html").read_text(encoding="utf-8"))


def page(gate: Gate, wanted: str, message: str = "", status: int = 200) -> HTMLResponse:
    """The page to sign in, with a message. It leads to the wanted page afterwards."""
    said = f'<p role="alert">{html.escape(message)}</p>' if message else ""
    link = f"{DIRECTORY}?next={quote(wanted[:500])}"
    other = (
        f'<p><a href="{html.escape(link)}">Entrar con la cuenta de su organización</a></p>' if gate.directory else ""
    )
    text = _SIGN_IN.substitute(next=html.escape(wanted[:500]), message=said, directory=other)
    return HTMLResponse(text, status, headers=HEADERS)


def as_page(gate: Gate, request: Request, error: Exception, wanted: str | None = None) -> Response:
    """A refusal as a page, which leads to the wanted page afterwards: by default to the one that was asked for."""
    if wanted is None:
        wanted = "" if request.method == "POST" or request.url.path.startswith(SIGN_IN) else request.url.path
    status, text, headers = _words(request, error)
    shown = page(gate, wanted, text, status)
    shown.headers.update(headers)
    return shown


def handler(gate: Gate) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The answer to an error of a route: a page if the route is one, else JSON."""

    async def refuse(request: Request, error: Exception) -> Response:
        if getattr(request.scope.get("route"), "response_class", None) is HTMLResponse:
            return as_page(gate, request, error)
        status, text, headers = _words(request, error)
        return JSONResponse({"detail": text}, status, headers)

    return refuse


def _words(request: Request, error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Status, words and headers. An error that nobody expects is logged by type and place only: its text may hold a name or a password."""
    match error:
        case Refused():
            return 401, "El nombre, la contraseña o el código no es correcto.", {}
        case NotSignedIn():
            told = "Para ver esto, entre con su cuenta. Un programa manda su clave: Authorization: Bearer …"
            return 401, told, {"WWW-Authenticate": "Bearer"}
        case NoRole(actor=actor, permission=permission):
            roles = ", ".join(name for role, name in ROLE_NAMES.items() if permission in ROLES[role])
            told = f"{actor.name} no puede ver esto. Lo permite una de estas funciones: {roles}. Pídala a quien administra."
            return 403, told, {}
        case ForeignPage():
            return 403, "Esta solicitud no viene de una página de Trato. Inténtelo de nuevo.", {}
        case TooOften(seconds=seconds):
            return 429, f"Demasiados intentos. Espere {_waiting(seconds)}.", {"Retry-After": str(seconds)}
        case ExternalError():
            return 503, "El sistema no responde. Inténtelo más tarde.", {}
        case _:
            log.error("a page failed", path=request.url.path, error=describe(error))
            return 500, "Hubo un error. Inténtelo más tarde.", {}


def _waiting(seconds: int) -> str:
    return f"{seconds} segundos" if seconds < 90 else f"{-(-seconds // 60)} minutos"
