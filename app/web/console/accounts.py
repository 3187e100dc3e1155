"""Cuentas: the people who may sign in, their roles, and the tokens of programs. Nobody sets another person's password: the person does, by a
link that works once. Links and tokens are shown once, and stored as hashes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import ConflictError, UsageError
from app.people import accounts, throttle, tokens
from app.people.accounts import LINK_LASTS, Listed
from app.people.actors import EVERY_PROGRAMME, Grant
from app.people.roles import SCOPES, Role
from app.store.accounts import Token
from app.web import forms
from app.web.console.visit import Handler, Visit

HERE = "/console/accounts"
_DAYS = 90


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that is shown once: a link for a password, or a token."""

    kind: str
    words: str


async def listed(visit: Visit) -> Response:
    """All accounts, and a form for a new one."""
    return await _list(visit)


async def _list(visit: Visit, status: int = 200, error: str = "") -> Response:
    found, failures = await visit.read(
        lambda tx: (accounts.listed(tx, visit.parts.vault, visit.now), throttle.total(tx))
    )
    return visit.page(
        "accounts.html",
        HERE,
        status,
        accounts=found,
        failures=failures,
        **_choices(visit),
        error=error,
        typed=visit.fields if error else {},
    )


def _choices(visit: Visit) -> dict[str, object]:
    return {"roles": list(Role), "programmes": sorted(visit.parts.library.published), "every": EVERY_PROGRAMME}


async def add(visit: Visit) -> Response:
    """Add an account with its first role, and show the link by which its person sets the password."""
    name = visit.fields.get("name", "").strip()

    def work(tx: Connection) -> str:
        accounts.add(tx, name, None, visit.now, visit.actor.label)
        accounts.give_role(tx, name, _grant(visit), visit.now, visit.actor.label)
        return accounts.make_link(tx, name, visit.now, visit.actor.label)

    try:
        token = await visit.write(work)
    except UsageError as error:
        return await _list(visit, _status(error), visit.told(error))
    return await _page(visit, name, secret=_link(visit, token))


async def account(visit: Visit) -> Response:
    """One account."""
    return await _page(visit, visit.request.path_params["name"])


async def _page(visit: Visit, name: str, status: int = 200, error: str = "", secret: Secret | None = None) -> Response:

    def read(tx: Connection) -> tuple[Listed, list[Token]]:
        accounts.find(tx, name)
        one = next(one for one in accounts.listed(tx, visit.parts.vault, visit.now) if one.name == name)
        return one, [token for token in tokens.listed(tx) if token.account == name]

    found, own = await visit.read(read)
    return visit.page(
        "account.html",
        HERE,
        status,
        one=found,
        tokens=own,
        state=partial(tokens.state, now=visit.now),
        scopes=sorted(SCOPES),
        days=_DAYS,
        most_days=tokens.LONGEST_DAYS,
        hours=int(LINK_LASTS.total_seconds() // 3600),
        secret=secret,
        **_choices(visit),
        error=error,
        typed=visit.fields if error else {},
    )


def _grant(visit: Visit) -> Grant:
    """The role of the form. Raises UsageError."""
    role = visit.fields.get("role", "")
    if role not in set(Role):
        raise UsageError("choose a role", "no_role")
    return Grant(Role(role), visit.fields.get("programme", EVERY_PROGRAMME))


def _link(visit: Visit, token: str) -> Secret:
    return Secret("link", f"{visit.parts.gate.public_url.rstrip('/')}/new-password/{token}")


def _status(error: UsageError) -> int:
    return 409 if isinstance(error, ConflictError) or error.code == "last_administrator" else 400


# -- acts -------------------------------------------------------------------------------------------------------------

_Act = Callable[[Visit, Connection, str], Secret | None]


def _handler(act: _Act, done: str) -> Handler:
    async def handle(visit: Visit) -> Response:
        name = visit.request.path_params["name"]
        try:
            secret = await visit.write(lambda tx: act(visit, tx, name))
        except UsageError as error:
            if error.code == "unknown_account":
                raise
            return await _page(visit, name, _status(error), visit.told(error))
        if secret is not None:
            return await _page(visit, name, secret=secret)
        return visit.go(f"{HERE}/{name}", done)

    return handle


def _make_link(visit: Visit, tx: Connection, name: str) -> Secret:
    return _link(visit, accounts.make_link(tx, name, visit.now, visit.actor.label))


def _give_role(visit: Visit, tx: Connection, name: str) -> None:
    accounts.give_role(tx, name, _grant(visit), visit.now, visit.actor.label)


def _take_role(visit: Visit, tx: Connection, name: str) -> None:
    accounts.take_role(tx, name, _grant(visit), visit.now, visit.actor.label)


def _remove_second_factor(visit: Visit, tx: Connection, name: str) -> None:
    accounts.remove_second_factor(tx, name, visit.now, visit.actor.label)


def _directory(visit: Visit, tx: Connection, name: str) -> None:
    accounts.set_directory(tx, name, visit.fields.get("email", "").strip() or None, visit.now, visit.actor.label)


def _disable(visit: Visit, tx: Connection, name: str) -> None:
    accounts.disable(tx, name, visit.now, visit.actor.label)


def _enable(visit: Visit, tx: Connection, name: str) -> None:
    accounts.enable(tx, name, visit.now, visit.actor.label)


def _sign_out(visit: Visit, tx: Connection, name: str) -> None:
    accounts.sign_out(tx, name, visit.now, visit.actor.label)


def _add_token(visit: Visit, tx: Connection, name: str) -> Secret:
    fields = visit.fields
    scopes = [scope for scope in sorted(SCOPES) if fields.get(scope) == "yes"]
    if not scopes:
        raise UsageError("choose what the token may do", "no_scope")
    days = forms.number(fields.get("days", ""), 5) or 0
    programme = fields.get("programme", EVERY_PROGRAMME)
    made = tokens.make(tx, name, fields.get("label", ""), scopes, programme, days, visit.now, visit.actor.label)
    return Secret("token", made[1])


def _revoke(visit: Visit, tx: Connection, name: str) -> None:
    token = forms.number(visit.fields.get("token", ""), 18)
    own = {one.id for one in tokens.listed(tx) if one.account == name}
    if token is None or token not in own:
        raise UsageError(f"{name} has no such token", "no_token")
    tokens.revoke(tx, token, visit.now, visit.actor.label)


ACTS: dict[str, Handler] = {
    "link": _handler(_make_link, "changed"),
    "role": _handler(_give_role, "changed"),
    "role-take": _handler(_take_role, "changed"),
    "second-factor-remove": _handler(_remove_second_factor, "changed"),
    "directory": _handler(_directory, "changed"),
    "disable": _handler(_disable, "disabled"),
    "enable": _handler(_enable, "enabled"),
    "sign-out": _handler(_sign_out, "signed_out"),
    "token": _handler(_add_token, "changed"),
    "token-revoke": _handler(_revoke, "revoked"),
}
"""The acts by the last word of their address."""

HANDLERS: dict[str, Handler] = {
    "GET /console/accounts": listed,
    "POST /console/accounts": add,
    "GET /console/accounts/{name}": account,
    **{f"POST /console/accounts/{{name}}/{word}": act for word, act in ACTS.items()},
}
"""The handlers of accounts, by their routes."""
