"""The table of who may do what, in full: every command and every route that there is, for every role. Both databases for the routes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import CapacityLimiter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typer.testing import CliRunner

from app.channels.twilio.channel import TwilioChannel
from app.cli import main
from app.main import Service, build, create_app
from app.people import accounts, sessions, throttle, tokens
from app.people.actors import Actor, Grant, claimed, name_of
from app.people.roles import COMMANDS, ROLES, ROUTES, SCOPES, Permission, Role
from app.settings import Settings
from app.web.api import PREFIX, api
from app.web.webhooks import Webhooks
from tests.people.people import said
from tests.world import flows_folder

MAY = """
permission     coordinator researcher reviewer guardian administrator
self           yes         yes        yes      yes      yes
machine        -           -          -        -        yes
accounts       -           -          -        -        yes
audit          -           -          -        -        yes
roster         yes         -          -        -        -
schedule       yes         -          -        -        -
status         yes         yes        -        yes      yes
programme      yes         -          -        -        -
identify       yes         -          -        yes      -
rights         yes         -          -        -        -
list-cases     yes         -          -        yes      -
read-cases     yes         -          -        -        -
handle-cases   yes         -          -        -        -
read-crises    yes         -          -        yes      -
handle-crises  yes         -          -        yes      -
alerts         yes         -          -        yes      yes
answers        -           yes        -        -        -
randomise      -           yes        -        -        -
free-text      -           -          yes      -        -
story          yes         yes        -        -        -
phone          yes         yes        -        -        yes
"""


def test_each_role_may_what_the_table_says_and_no_more() -> None:
    head, *lines = [line.split() for line in MAY.strip().splitlines()]
    assert head[1:] == [str(role) for role in Role]
    written = {(role, line[0]): cell == "yes" for line in lines for role, cell in zip(head[1:], line[1:], strict=True)}
    meant = {
        (str(role), str(permission)): permission in ROLES[role]
        for role in Role
        for permission in Permission
        if permission is not Permission.anyone
    }
    assert written == meant


# -- commands ---------------------------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    """The words of every command that there is."""
    for name in main.COMMANDS:
        found = main.load(name)
        below = getattr(found, "commands", None)
        if not below or found.invoke_without_command:
            yield name
        for second in below or ():
            yield f"{name} {second}"


def test_every_command_has_a_permission_and_no_other() -> None:
    assert sorted(commands()) == sorted(COMMANDS)


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with an account of each role, named as the role."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_FLOWS", flows_folder(tmp_path / "flows").as_posix())
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    for role in Role:
        done = CliRunner().invoke(main.app, ["user", "add", str(role), "--no-password", "--role", str(role)])
        assert done.exit_code == 0, done.output


CALLS = {
    "cohorts": ["cohorts"],
    "officers check": ["officers", "check"],
    "cases": ["cases"],
    "cases show": ["cases", "show", "7"],
    "plan": ["plan"],
    "export": ["export", "answers.csv"],
    "text export": ["text", "export", "texts.csv"],
    "status": ["status"],
    "user list": ["user", "list"],
    "token list": ["token", "list"],
    "audit list": ["audit", "list"],
    "audit verify": ["audit", "verify"],
}
"""Commands that can be called as they are: one of each permission."""


@pytest.mark.parametrize("words", CALLS)
@pytest.mark.parametrize("role", Role)
def test_a_command_refuses_a_person_without_the_role(
    office: None, words: str, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRATO_ACTOR", str(role))
    done = CliRunner().invoke(main.app, CALLS[words])
    refused = f"{role} may not do this: it needs the role"
    assert (refused in str(done.exception)) == (COMMANDS[words] not in ROLES[role])


def test_a_person_without_an_account_is_not_held_up(office: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_ACTOR", "somebody")
    assert CliRunner().invoke(main.app, ["audit", "list"]).exit_code == 0


def test_a_disabled_account_may_nothing(office: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(main.app, ["user", "disable", "administrator"]).exit_code == 0
    monkeypatch.setenv("TRATO_ACTOR", "administrator")
    assert "may not do this" in str(CliRunner().invoke(main.app, ["audit", "list"]).exception)


# -- routes -----------------------------------------------------------------------------------------------------------


def routes(service: Service) -> Iterator[str]:
    """Every route of a service, and the carrier's webhooks."""
    app: Any = create_app(service)
    webhooks = app._app
    assert isinstance(webhooks, Webhooks)
    yield from _routes(webhooks._app._app.routes, "")  # type: ignore[attr-defined]
    yield from _routes(api(service.database, service.ledger, service.clock, CapacityLimiter(1)).routes, PREFIX)
    channel = TwilioChannel("AC1", ["t"], public_url="https://x.example", from_sms={"": "+525555550000"})
    for webhook in channel.webhooks:
        yield f"POST {webhook.path}"


def _routes(found: list[BaseRoute], prefix: str) -> Iterator[str]:
    for route in found:
        match route:
            case Route() | APIRoute():
                for method in route.methods or ():
                    if method != "HEAD":
                        yield f"{method} {prefix}{route.path}"
            case Mount(path="/static"):
                yield "GET /static"
            case Mount(path=path):
                assert path == PREFIX, "a mount whose routes this test does not look at"
            case _:
                yield from _routes(route.original_router.routes, f"{prefix}{route.include_context.prefix}")  # type: ignore[attr-defined]


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service with the simulated phones, and a directory that does not answer."""
    settings = Settings.load(
        database_url=database_url,
        flows=flows_folder(tmp_path / "flows"),
        secret_key="a secret that only tests have",
        public_url="http://localhost",
        oidc_issuer="http://127.0.0.1:9",
        oidc_client_id="trato",
        oidc_client_secret="hush",
    )
    built = build(settings)
    yield built
    built.database.close()


def test_every_route_has_a_permission_and_no_other(service: Service) -> None:
    assert sorted(routes(service)) == sorted(ROUTES)


Keys = tuple[dict[Role, dict[str, str]], dict[Role, str]]


def keys(service: Service) -> Keys:
    """An account of each role: the cookies of its browser, and its token, if it can have one."""
    now = service.clock()
    cookies, bearers = {}, {}
    with service.database.transaction() as tx:
        for role in Role:
            accounts.add(tx, role, "cuatro tazas de café", now, "test")
            accounts.give_role(tx, role, Grant(role, ""), now, "test")
            attempt = sessions.begin(tx, service.intake.vault, role, str(role), now)
            made = sessions.finish(tx, service.intake.vault, attempt, now, right=True, code="", old=None)
            cookies[role] = {"trato": made or ""}
            if scopes := SCOPES & ROLES[role]:
                bearers[role] = tokens.make(tx, role, "x", scopes, "", 1, now, "test")[1]
    return cookies, bearers


def test_every_route_for_every_role(service: Service) -> None:
    """By session and by token: a role that may not gets 403, and nobody gets 401, but where anyone may."""
    cookies, bearers = keys(service)
    transport = httpx.ASGITransport(app=_without_end(create_app(service)), raise_app_exceptions=False)

    async def status(line: str, role: Role | None) -> int:
        method, path = line.split()
        path = path.replace("{file}", "officers.csv").replace("{response}", "7").replace("{number}", "5")
        path = path.replace("{case}", "7").replace("{file}", "7_1_0.ogg").replace("{study_id}", "NOBODY")
        headers = {"Origin": "http://localhost"}
        if path.startswith(PREFIX) and role in bearers:
            headers["Authorization"] = f"Bearer {bearers[role]}"
        own = cookies[role] if role else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=own) as client:
            answer = await client.request(method, path + "/console.css" * (path == "/static"), headers=headers)
        return answer.status_code

    async def ask() -> list[str]:
        wrong = []
        for line in sorted(ROUTES, key=lambda line: line == "POST /sign-out"):  # which ends the session
            if "/twilio/" not in line:  # another carrier's
                for role in (None, *Role):
                    got = await asyncio.wait_for(status(line, role), 20)
                    if got in _never(line, role, bearers):
                        wrong.append(f"{line} {role} {got}")
        await service.ledger.close()
        return wrong

    assert asyncio.run(ask()) == []


def _without_end(app: ASGIApp) -> ASGIApp:
    """An application whose stream of events ends as soon as it has begun."""

    async def ended(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/console/events":
            await app(scope, receive, send)
            return
        begun: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        async def beginning(message: Message) -> None:
            if not begun.done():
                begun.set_result(message)

        running = asyncio.ensure_future(app(scope, receive, beginning))
        await send(await begun)
        await send({"type": "http.response.body", "body": b""})
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    return ended


def _never(line: str, role: Role | None, bearers: dict[Role, str]) -> set[int]:
    """The statuses, of those that matter here, that a route must not answer with."""
    permission, by_token = ROUTES[line], PREFIX in line
    every = {200, 204, 303, 401, 403, 404, 409, 413, 422, 500, 503}
    if permission is Permission.anyone:
        return {403, 404, 500} | ({401} if "sign-in" not in line else set())
    if role is None or (by_token and role not in bearers):
        return every - {303 if line == "POST /sign-out" else 401}
    return {401, 403, 500} if permission in ROLES[role] else every - {403}


def test_the_phones_are_open_as_long_as_there_is_no_account(service: Service) -> None:
    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=create_app(service))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            before = await client.get("/phone/api/phones")
            with service.database.transaction() as tx:
                accounts.add(tx, "ana", None, service.clock(), "test")
            after = await client.get("/phone/api/phones")
        await service.ledger.close()
        return [before.status_code, after.status_code]

    assert asyncio.run(ask()) == [200, 401]


NOT_IN = "Para ver esto, entre con su cuenta. Un programa manda su clave: Authorization: Bearer …"
NO_ROLE = (
    "guardian no puede ver esto. Lo permite una de estas funciones: coordinación, investigación, administración. "
    "Pídala a quien administra."
)


def test_who_is_refused_the_phones_is_told_what_to_do_in_spanish(service: Service) -> None:
    """The page as a page, with the form to sign in, and its requests as JSON."""
    cookies, _ = keys(service)
    forged = {"Origin": "http://evil.example"}
    unknown = {"Authorization": "Bearer trato_unknown"}
    cases: list[tuple[Role | None, dict[str, str], int, str]] = [
        (None, {}, 401, NOT_IN),
        (None, unknown, 401, NOT_IN),
        (Role.guardian, {}, 403, NO_ROLE),
        (Role.coordinator, forged, 403, "Esta solicitud no viene de una página de Trato. Inténtelo de nuevo."),
    ]

    async def ask() -> None:
        transport = httpx.ASGITransport(app=create_app(service))
        for role, headers, status, told in cases:
            own = cookies[role] if role else {}
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=own) as client:
                data = await client.post("/phone/api/clock", headers={"Origin": "http://localhost"} | headers)
                assert (data.status_code, data.json()) == (status, {"detail": told})
                if headers is not forged:
                    page = await client.get("/phone", headers=headers)
                    assert (page.status_code, said(page)) == (status, told)
                    assert 'name="next" value="/phone"' in page.text
        for _ in range(throttle.TOKENS.free):
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                page = await client.get("/phone", headers=unknown)
        seconds = page.headers["retry-after"]
        assert 1 <= int(seconds) <= 15
        assert (page.status_code, said(page)) == (429, f"Demasiados intentos. Espere {seconds} segundos.")
        await service.ledger.close()

    asyncio.run(ask())


# -- actors -----------------------------------------------------------------------------------------------------------


def test_a_token_may_at_most_what_its_account_may() -> None:
    grants = (Grant(Role.researcher, "uno"), Grant(Role.reviewer, ""))
    answers = frozenset({Permission.answers})
    cases = [
        (Actor(1, "ana", grants), Permission.answers, "uno", True),
        (Actor(1, "ana", grants), Permission.answers, "dos", False),
        (Actor(1, "ana", grants), Permission.answers, None, False),
        (Actor(1, "ana", grants), Permission.free_text, None, True),
        (Actor(1, "ana", grants), Permission.free_text, "dos", True),
        (Actor(1, "ana", grants), Permission.accounts, "uno", False),
        (Actor(1, "ana", grants, 7, answers), Permission.answers, "uno", True),
        (Actor(1, "ana", grants, 7, answers), Permission.free_text, "uno", False),
        (Actor(1, "ana", grants, 7, frozenset(SCOPES), "dos"), Permission.free_text, "dos", True),
        (Actor(1, "ana", grants, 7, frozenset(SCOPES), "dos"), Permission.free_text, "uno", False),
        (Actor(1, "ana", grants, 7, frozenset(SCOPES), "dos"), Permission.free_text, None, False),
        (Actor(1, "ana", grants, 7, frozenset(SCOPES), "dos"), Permission.answers, "dos", False),
        (Actor(1, "ana", ()), Permission.self, None, False),
    ]
    assert [actor.may(permission, programme) for actor, permission, programme, _ in cases] == [one[-1] for one in cases]


@pytest.mark.parametrize("actor", ["ana", claimed("ana"), Actor(1, "ana", (), 7).label])
def test_the_name_within_an_actor(actor: str) -> None:
    assert name_of(actor) == "ana"
