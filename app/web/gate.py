"""The caller of a request: the person of a signed-in browser, or of a program's token. The permissions of routes are in `app.people.roles`. A browser's
request that changes something must come from a page of ours: its Origin is compared."""

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy import Connection

from app.clock import Clock
from app.errors import AppError
from app.measures import SIGN_INS_REFUSED
from app.people import accounts as people
from app.people import passwords, sessions, throttle, tokens
from app.people.actors import Actor, refusal
from app.people.roles import ROUTES, Permission
from app.people.sessions import SignedIn
from app.people.throttle import TooOften
from app.store import accounts
from app.store.accounts import Account
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.vault import Vault

log = structlog.get_logger(__name__)

SIGN_IN = "/sign-in"
DIRECTORY = "/sign-in/directory"
_SAFE = ("GET", "HEAD", "OPTIONS")
_HASHES_AT_ONCE = 2
"""Passwords that are compared at the same time: each needs a processor and 64 MB."""


class NotSignedIn(AppError):
    """Nobody is signed in, the session has ended, or the token is unknown."""


class NoRole(AppError):
    """No role of the caller allows this."""

    def __init__(self, actor: Actor, permission: Permission) -> None:
        super().__init__(refusal(actor.label, permission))
        self.actor, self.permission = actor, permission


class ForeignPage(AppError):
    """A browser's request that changes something does not come from a page of ours."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Signs people in and out, and finds the caller of a request. `public_url` is the address of the installation; `proxies` are those whose
    X-Forwarded-For is believed; `directory`: people may also sign in by their organisation's. `guest` is the caller as long as the
    installation has no account; None: nobody is."""

    database: Database
    ledger: Ledger
    vault: Vault
    clock: Clock
    public_url: str
    proxies: Collection[str] = ()
    directory: bool = False
    guest: Actor | None = None
    hashes: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_HASHES_AT_ONCE))

    # -- tokens of programs -------------------------------------------------------------------------------------------

    async def program(self, authorization: str, address: str) -> Actor | None:
        """The account that the token of an Authorization header acts for; None if it is unknown. Raises TooOften if too many of this
        address were unknown; a known one is always let in."""
        scheme, _, token = authorization.partition(" ")
        found = None
        if scheme.lower() == "bearer" and token.strip():
            found = await run_sync(self._token, token.strip())
        if found is None:
            await self._failed_token(address)
            return None
        if found.stale:
            token_id = found.actor.token or 0
            await self.ledger.run(lambda tx: accounts.used_token(tx, token_id, self.clock()))
        return found.actor

    def _token(self, token: str) -> tokens.Caller | None:
        with self.database.reading() as tx:
            return tokens.caller(tx, token, self.clock())

    async def _failed_token(self, address: str) -> None:
        limit = {throttle.TOKENS: address}
        await run_sync(self._read, partial(throttle.check, vault=self.vault, wanted=limit, now=self.clock()))
        await self.ledger.run(partial(throttle.count_failure, vault=self.vault, wanted=limit, now=self.clock()))
        SIGN_INS_REFUSED.labels("token").inc()
        log.warning("a request with no valid token")

    def _read(self, work: Callable[[Connection], None]) -> None:
        with self.database.reading() as tx:
            work(tx)

    # -- people -------------------------------------------------------------------------------------------------------

    async def sign_in(self, name: str, password: str, code: str, address: str, old: str | None) -> str:
        """The token of a new session. Raises sessions.Refused, TooOften."""
        begin = partial(sessions.begin, vault=self.vault, name=name, address=address, now=self.clock())
        try:
            attempt = await self.ledger.run(begin)
        except TooOften:
            SIGN_INS_REFUSED.labels("too_many").inc()
            log.warning("a sign-in was not looked at: there were too many")
            raise
        right = await run_sync(attempt.is_right, password, limiter=self.hashes)
        finish = partial(
            sessions.finish,
            vault=self.vault,
            attempt=attempt,
            now=self.clock(),
            right=right,
            code=code,
            old=old,
        )
        token = await self.ledger.run(finish)
        if token is None:
            SIGN_INS_REFUSED.labels("wrong").inc()
            raise sessions.Refused("the name, the password or the code is wrong")
        return token

    async def person(self, request: Request, *, used: bool = True) -> SignedIn | None:
        """The person of a browser; None if nobody is signed in. `used`: this counts as a use of the session, which ends without one."""
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        found = await run_sync(self._session, token)
        if found is not None and found.stale and used:
            session = found.session
            await self.ledger.run(lambda tx: accounts.saw_session(tx, session, self.clock()))
        return found

    def _session(self, token: str) -> SignedIn | None:
        with self.database.reading() as tx:
            return sessions.signed_in(tx, token, self.clock())

    async def sign_out(self, request: Request, actor: Actor) -> None:
        """End the browser's session."""
        token = request.cookies.get(self.cookie, "")
        await self.ledger.run(lambda tx: sessions.end(tx, token, actor, self.clock()))

    async def sign_in_by_directory(self, email: str, address: str, old: str | None) -> str:
        """The token of a new session for an e-mail address that the directory vouches for. Raises sessions.Refused, TooOften."""
        begin = partial(
            sessions.by_directory, vault=self.vault, email=email, address=address, now=self.clock(), old=old
        )
        token = await self.ledger.run(begin)
        if token is None:
            SIGN_INS_REFUSED.labels("directory").inc()
            raise sessions.Refused("no account has this address")
        return token

    async def set_password(self, token: str, password: str) -> None:
        """Set the password of the account whose link this is. Raises UsageError for a weak password, ConflictError if the link is over."""
        account = await run_sync(self._account_of_link, token)
        stored = await run_sync(passwords.make, password, account.name, limiter=self.hashes)
        await self.ledger.run(lambda tx: people.use_link(tx, self.vault, token, stored, self.clock()))

    def _account_of_link(self, token: str) -> Account:
        with self.database.reading() as tx:
            return people.of_link(tx, token, self.clock())

    async def name_of_link(self, token: str) -> str:
        """The name of the account whose link this is. Raises ConflictError if it is over."""
        return (await run_sync(self._account_of_link, token)).name

    # -- routes -------------------------------------------------------------------------------------------------------

    async def caller(self, request: Request, *, used: bool = True) -> Actor:
        """The person or program that calls; `used` as for `person`. Raises NotSignedIn, ForeignPage, TooOften."""
        if authorization := request.headers.get("authorization"):
            found = await self.program(authorization, self.address(request))
            if found is None:
                raise NotSignedIn("unknown token")
            return found
        person = await self.person(request, used=used)
        actor = self.guest if person is None else person.actor
        if actor is None or (person is None and await run_sync(self.has_accounts)):
            raise NotSignedIn("nobody is signed in")
        if request.method not in _SAFE and not self.is_ours(request):
            raise ForeignPage("this request does not come from a page of Trato")
        return actor

    def permitted(self, *, free_until_accounts: bool = False) -> Callable[[Request], Awaitable[None]]:
        """A dependency of routes that lets in those who may, as `roles.ROUTES` has it, with the actor in `request.state.actor`.
        `free_until_accounts`: everybody, as long as the installation has no account. It raises what `caller` does, and NoRole."""

        async def check(request: Request) -> None:
            if free_until_accounts and not await run_sync(self.has_accounts):
                return
            actor, permission = await self.caller(request), permission_of(request)
            if not actor.may_somewhere(permission):
                raise NoRole(actor, permission)
            request.state.actor = actor

        return check

    def has_accounts(self) -> bool:
        """Whether the installation has an account."""
        with self.database.reading() as tx:
            return accounts.exist(tx)

    # -- the request --------------------------------------------------------------------------------------------------

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this installation encrypted."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. With the prefix, browsers take it only encrypted and only from this host."""
        return "__Host-trato" if self.is_https else "trato"

    @property
    def lifetime(self) -> timedelta:
        """How long a session lasts at most."""
        return sessions.LIFETIME

    def is_ours(self, request: Request) -> bool:
        """Whether the page that sends this request is ours: browsers name its origin in every request that changes something."""
        origin = request.headers.get("origin", "")
        own = urlsplit(self.public_url)
        here = f"{request.url.scheme}://{request.headers.get('host', '')}"
        ours = f"{own.scheme}://{own.netloc}", here
        return any(hmac.compare_digest(origin.encode(), one.encode()) for one in ours)  # of str, only ASCII is compared

    def address(self, request: Request) -> str:
        """The address that calls; of IPv6 the network, of which one customer has many."""
        client = request.client.host if request.client else ""
        if client in self.proxies:
            client = request.headers.get("x-forwarded-for", client).rpartition(",")[2].strip()
        try:
            parsed = ip_address(client)
        except ValueError:
            return client[:64]
        return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) else str(parsed)


def permission_of(request: Request) -> Permission:
    """The permission that the route of this request needs."""
    path = request.scope.get("root_path", "") + request.scope["route"].path
    return ROUTES[f"{'GET' if request.method == 'HEAD' else request.method} {path}"]
