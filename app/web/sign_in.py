"""The pages to sign in, to see who is signed in, and to sign out."""

import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from string import Template
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.people.actors import EVERY_PROGRAMME, Actor
from app.people.sessions import Refused
from app.people.throttle import TooOften
from app.web.gate import SIGN_IN, ForeignPage, Gate, NotSignedIn
from app.web.refusals import HEADERS, PAGES, ROLE_NAMES, as_page, page

LARGEST_FORM = 8 * 1024
ME = "/me"
_ME = Template((PAGES / "me.html").read_text(encoding="utf-8"))
_Handler = Callable[[Request], Awaitable[Response]]


def routes(gate: Gate) -> list[Route]:
    """The routes."""
    pages = _Pages(gate)
    return [
        Route(SIGN_IN, safely(gate, pages.form), methods=["GET"]),
        Route(SIGN_IN, safely(gate, pages.sign_in), methods=["POST"]),
        Route("/sign-out", safely(gate, pages.sign_out), methods=["POST"]),
        Route(ME, safely(gate, pages.me), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    gate: Gate

    async def form(self, request: Request) -> Response:
        return page(self.gate, request.query_params.get("next", ""))

    async def sign_in(self, request: Request) -> Response:
        self._check_ours(request)
        fields = await _form(request)
        if fields is None:
            return page(self.gate, "", "El formulario es demasiado largo.", 413)
        wanted, old = fields.get("next", ""), request.cookies.get(self.gate.cookie)
        who = fields.get("name", ""), fields.get("password", ""), fields.get("code", "")
        try:
            token = await self.gate.sign_in(*who, self.gate.address(request), old)
        except (Refused, TooOften) as error:
            return as_page(self.gate, request, error, wanted)
        return signed_in(self.gate, token, wanted)

    async def me(self, request: Request) -> Response:
        person = await self.gate.person(request)
        if person is None:
            raise NotSignedIn
        roles = "".join(f"<li>{html.escape(line)}</li>" for line in _roles(person.actor))
        return HTMLResponse(
            _ME.substitute(name=html.escape(person.actor.name), roles=roles or "<li>ninguna</li>"), headers=HEADERS
        )

    async def sign_out(self, request: Request) -> Response:
        self._check_ours(request)
        person = await self.gate.person(request)
        if person is not None:
            await self.gate.sign_out(request, person.actor)
        done = RedirectResponse(SIGN_IN, 303, HEADERS)
        done.delete_cookie(self.gate.cookie, path="/", secure=self.gate.is_https, httponly=True, samesite="lax")
        return done

    def _check_ours(self, request: Request) -> None:
        if not self.gate.is_ours(request):
            raise ForeignPage


def safely(gate: Gate, handle: _Handler) -> _Handler:
    """A handler of a page whose errors are shown as a page."""

    async def handled(request: Request) -> Response:
        try:
            return await handle(request)
        except Exception as error:  # noqa: BLE001 - the edge
            return as_page(gate, request, error)

    return handled


def signed_in(gate: Gate, token: str, wanted: str) -> Response:
    """Give a browser the token of its session, and lead it to the wanted page."""
    done = RedirectResponse(_inside(wanted), 303, HEADERS)
    set_cookie(done, gate, gate.cookie, token, gate.lifetime)
    return done


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


def _inside(wanted: str) -> str:
    """The wanted page if it is one of ours, else the person's own: a link must not lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else ME


def _roles(actor: Actor) -> list[str]:
    return [
        f"{ROLE_NAMES[grant.role]}, {'todos los programas' if grant.programme == EVERY_PROGRAMME else grant.programme}"
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
