"""The pages to sign in, to see who is signed in, and to sign out. In Spanish, and without a word of why a sign-in failed."""

import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.errors import ExternalError
from app.people.actors import EVERY_PROGRAMME, Actor
from app.people.roles import Role
from app.people.sessions import Refused
from app.people.throttle import TooOften
from app.store.dead_letters import describe
from app.web.gate import SIGN_IN, Gate, where_to_sign_in

log = structlog.get_logger(__name__)

LARGEST_FORM = 8 * 1024
ME = "/me"
DIRECTORY = "/sign-in/directory"
_PAGES = Path(__file__).parent / "pages"
_SIGN_IN = Template((_PAGES / "sign_in.html").read_text(encoding="utf-8"))
_ME = Template((_PAGES / "me.html").read_text(encoding="utf-8"))
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
_WRONG = "El nombre, la contraseña o el código no es correcto."
_ROLES = {
    Role.coordinator: "coordinación",
    Role.researcher: "investigación",
    Role.reviewer: "revisión de textos",
    Role.guardian: "atención de crisis",
    Role.administrator: "administración",
}
_Handler = Callable[[Request], Awaitable[Response]]


def routes(gate: Gate, *, directory: bool = False) -> list[Route]:
    """The routes. `directory`: the page has a link to sign in by the organisation's directory."""
    pages = _Pages(gate, directory)
    return [
        Route(SIGN_IN, safely(pages.form), methods=["GET"]),
        Route(SIGN_IN, safely(pages.sign_in), methods=["POST"]),
        Route("/sign-out", safely(pages.sign_out), methods=["POST"]),
        Route(ME, safely(pages.me), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    gate: Gate
    directory: bool

    async def form(self, request: Request) -> Response:
        return page(request.query_params.get("next", ""), directory=self.directory)

    async def sign_in(self, request: Request) -> Response:
        if not self.gate.is_ours(request):
            return page("", "Esta solicitud no viene de esta página. Inténtelo de nuevo.", 403)
        fields = await _form(request)
        if fields is None:
            return page("", "El formulario es demasiado largo.", 413)
        wanted = fields.get("next", "")
        old = request.cookies.get(self.gate.cookie)
        try:
            token = await self.gate.sign_in(
                fields.get("name", ""),
                fields.get("password", ""),
                fields.get("code", ""),
                self.gate.address(request),
                old,
            )
        except Refused:
            return page(wanted, _WRONG, 401)
        except TooOften as error:
            return too_often(wanted, error)
        done = RedirectResponse(inside(wanted), 303, HEADERS)
        set_cookie(done, self.gate, self.gate.cookie, token, self.gate.lifetime)
        return done

    async def me(self, request: Request) -> Response:
        person = await self.gate.person(request)
        if person is None:
            return RedirectResponse(where_to_sign_in(ME), 303, HEADERS)
        roles = "".join(f"<li>{html.escape(line)}</li>" for line in _roles(person.actor))
        return HTMLResponse(
            _ME.substitute(name=html.escape(person.actor.name), roles=roles or "<li>ninguna</li>"), headers=HEADERS
        )

    async def sign_out(self, request: Request) -> Response:
        if not self.gate.is_ours(request):
            return page("", "Esta solicitud no viene de esta página. Inténtelo de nuevo.", 403)
        person = await self.gate.person(request)
        if person is not None:
            await self.gate.sign_out(request, person.actor)
        done = RedirectResponse(SIGN_IN, 303, HEADERS)
        done.delete_cookie(self.gate.cookie, path="/", secure=self.gate.is_https, httponly=True, samesite="lax")
        return done


def safely(handler: _Handler) -> _Handler:
    """A handler whose errors are logged by type and place only: their texts may hold a name or a password."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except ExternalError:
            return page("", "El sistema no responde. Inténtelo más tarde.", 503)
        except Exception as error:  # noqa: BLE001 - the edge
            log.error("a page failed", path=request.url.path, error=describe(error))  # noqa: TRY400
            return page("", "Hubo un error. Inténtelo más tarde.", 500)

    return handle


def set_cookie(response: Response, gate: Gate, name: str, value: str, lifetime: timedelta) -> None:
    """Set a cookie that no script reads, no other site sends, and, with https, nobody on the way."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=gate.is_https,
        httponly=True,
        samesite="lax",
    )


def page(wanted: str, message: str = "", status: int = 200, *, directory: bool = False) -> HTMLResponse:
    """The page to sign in, with a message."""
    said = f'<p role="alert">{html.escape(message)}</p>' if message else ""
    link = f"{DIRECTORY}?next={quote(wanted[:500])}"
    other = f'<p><a href="{html.escape(link)}">Entrar con la cuenta de su organización</a></p>' if directory else ""
    text = _SIGN_IN.substitute(next=html.escape(wanted[:500]), message=said, directory=other)
    return HTMLResponse(text, status, headers=HEADERS)


def too_often(wanted: str, error: TooOften) -> Response:
    """The page that says how long to wait."""
    shown = page(wanted, f"Demasiados intentos. Espere {_waiting(error.seconds)}.", 429)
    shown.headers["Retry-After"] = str(error.seconds)
    return shown


def inside(wanted: str) -> str:
    """The wanted page if it is one of ours, else the person's own: a link must not lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else ME


def _waiting(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{seconds} segundos" if seconds < 90 else f"{minutes} minutos"


def _roles(actor: Actor) -> list[str]:
    return [
        f"{_ROLES[grant.role]}, {'todos los programas' if grant.programme == EVERY_PROGRAMME else grant.programme}"
        for grant in actor.grants
    ]


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None if it is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    try:
        found = parse_qs(body.decode(), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}
