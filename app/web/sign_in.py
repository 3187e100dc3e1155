"""The pages to sign in, to set a password by a link, to see who is signed in and add a second factor, to sign out, and to choose a language."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.errors import ConflictError, UsageError
from app.people import accounts, passwords, totp
from app.people.actors import EVERY_PROGRAMME, Actor
from app.people.sessions import Refused, SignedIn
from app.people.throttle import TooOften
from app.store import accounts as rows
from app.store.accounts import Account
from app.web import forms
from app.web.console import rendering
from app.web.console.rendering import HEADERS, LANGUAGE_COOKIE, texts_for
from app.web.console.texts import LANGUAGES, Texts
from app.web.gate import SIGN_IN, ForeignPage, Gate, NotSignedIn
from app.web.refusals import as_page, page

ME = "/me"
NEW_PASSWORD = "/new-password"  # noqa: S105 - an address
HOME = "/"
LANGUAGE = "/language"
_A_YEAR = timedelta(days=365)
_Handler = Callable[[Request], Awaitable[Response]]


def routes(gate: Gate) -> list[Route]:
    """The routes."""
    pages = _Pages(gate)
    return [
        Route(SIGN_IN, safely(gate, pages.form), methods=["GET"]),
        Route(SIGN_IN, safely(gate, pages.sign_in), methods=["POST"]),
        Route("/sign-out", safely(gate, pages.sign_out), methods=["POST"]),
        Route(f"{NEW_PASSWORD}/{{token}}", safely(gate, pages.new_password), methods=["GET"]),
        Route(f"{NEW_PASSWORD}/{{token}}", safely(gate, pages.set_password), methods=["POST"]),
        Route(ME, safely(gate, pages.me), methods=["GET"]),
        Route(f"{ME}/second-factor", safely(gate, pages.second_factor), methods=["POST"]),
        Route(LANGUAGE, safely(gate, pages.language), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    gate: Gate

    async def form(self, request: Request) -> Response:
        return page(self.gate, request, request.query_params.get("next", ""))

    async def sign_in(self, request: Request) -> Response:
        self._check_ours(request)
        fields = await forms.fields(request)
        wanted, old = fields.get("next", ""), request.cookies.get(self.gate.cookie)
        who = fields.get("name", ""), fields.get("password", ""), fields.get("code", "")
        try:
            token = await self.gate.sign_in(*who, self.gate.address(request), old)
        except (Refused, TooOften) as error:
            return as_page(self.gate, request, error, wanted)
        return signed_in(self.gate, token, wanted)

    async def me(self, request: Request) -> Response:
        return await self._me(request, (await self._person(request)).actor)

    async def _me(
        self, request: Request, actor: Actor, status: int = 200, error: str = "", secret: str = ""
    ) -> Response:
        """The page of the person; `secret` is that of a second factor which the person is about to add."""
        t = texts_for(request)
        account = await run_sync(self._account, actor)
        has_factor = account is not None and account.totp is not None
        facts = {"secret": secret, "uri": totp.uri(secret, actor.name) if secret else "", "has_factor": has_factor}
        return rendering.page("me.html", t, status, actor=actor, roles=_roles(t, actor), here=ME, error=error, **facts)

    def _account(self, actor: Actor) -> Account | None:
        with self.gate.database.reading() as tx:
            return rows.by_name(tx, actor.name)

    async def _person(self, request: Request) -> SignedIn:
        if (person := await self.gate.person(request)) is None:
            raise NotSignedIn
        return person

    async def second_factor(self, request: Request) -> Response:
        """Show a new secret for the person's app, and, once its code proves that the app has it, require one from now on."""
        self._check_ours(request)
        actor, fields = (await self._person(request)).actor, await forms.fields(request)
        secret, code = fields.get("secret", ""), fields.get("code", "")
        if not (totp.is_secret(secret) and code):
            return await self._me(request, actor, secret=totp.new_secret())
        now = self.gate.clock()
        try:
            await self.gate.ledger.run(
                lambda tx: accounts.set_second_factor(
                    tx, self.gate.vault, actor.name, secret, code, now, actor.label, first=True
                )
            )
        except UsageError as error:
            return await self._me(request, actor, 400, texts_for(request)(f"error.{error.code}", **error.facts), secret)
        return RedirectResponse(ME, 303, HEADERS)

    async def new_password(self, request: Request) -> Response:
        return await self._new_password(request, await self.gate.name_of_link(request.path_params["token"]))

    async def _new_password(self, request: Request, name: str, status: int = 200, error: str = "") -> Response:
        facts = {"name": name, "error": error, "shortest": passwords.SHORTEST, "here": request.url.path}
        return rendering.page("new_password.html", texts_for(request), status, **facts)

    async def set_password(self, request: Request) -> Response:
        self._check_ours(request)
        t, token, fields = texts_for(request), request.path_params["token"], await forms.fields(request)
        name = await self.gate.name_of_link(token)
        if fields.get("password") != fields.get("again"):
            return await self._new_password(request, name, 400, t("new_password.differ"))
        try:
            await self.gate.set_password(token, fields.get("password", ""))
        except ConflictError:
            raise
        except UsageError as error:
            return await self._new_password(request, name, 400, t(f"error.{error.code}", **error.facts))
        return RedirectResponse(SIGN_IN, 303, HEADERS)

    async def language(self, request: Request) -> Response:
        self._check_ours(request)
        fields = await forms.fields(request)
        done = RedirectResponse(_inside(fields.get("next", "")), 303, HEADERS)
        if (chosen := fields.get("to")) in LANGUAGES:
            set_cookie(done, self.gate, LANGUAGE_COOKIE, chosen, _A_YEAR)
        return done

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
    """The wanted page if it is one of ours, else the first one: a link must not lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else HOME


def _roles(t: Texts, actor: Actor) -> list[str]:
    return [
        f"{t(f'role.{grant.role}')}, {t('me.every_programme') if grant.programme == EVERY_PROGRAMME else grant.programme}"
        for grant in actor.grants
    ]
