"""Signing in with a browser, and what a signed-in browser may do. The browser holds a random token, the database its hash: a session
ends after a time, when nobody uses it, when its person signs out, and by command. Signing in always makes a new token."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from app.errors import AppError
from app.people import passwords, throttle, totp
from app.people.actors import Actor, Grant, as_grants, grants
from app.people.throttle import Limit
from app.store import accounts as rows
from app.store import audit, sign_in_failures
from app.store.accounts import Account
from app.store.vault import Vault

log = structlog.get_logger(__name__)

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=1)
_SEEN_EVERY = timedelta(minutes=1)
EVERY_CLEAN_UP = timedelta(hours=1)
_KEPT = timedelta(days=30)
_LONGEST_NAME = 80


class Refused(AppError):
    """The name, the password or the code is wrong, or the account is disabled. Which of them is never said."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has been counted. `password` is the hash to compare with, None for nobody's."""

    name: str
    address: str
    password: str | None

    @property
    def counted(self) -> dict[Limit, str]:
        """The limits against which it counts, each with its value."""
        return {throttle.ACCOUNT: self.name, throttle.ADDRESS: self.address}

    def is_right(self, password: str) -> bool:
        """Whether this is the password. Takes long, by intention, and as long for a name that has no account."""
        return passwords.verify(password, self.password)


def begin(tx: Connection, vault: Vault, name: str, address: str, now: datetime) -> Attempt:
    """Count an attempt to sign in. Raises throttle.TooOften."""
    name = name.strip().casefold()[:_LONGEST_NAME]
    account = rows.by_name(tx, name)
    attempt = Attempt(name, address, None if account is None else account.password)
    throttle.count(tx, vault, attempt.counted, now)
    return attempt


def finish(
    tx: Connection, vault: Vault, attempt: Attempt, now: datetime, *, right: bool, code: str, old: str | None
) -> str | None:
    """End an attempt: the token of a new session; None if it failed, which is in the audit log. The session that the browser had
    before, `old`, ends."""
    account = rows.by_name(tx, attempt.name)
    if account is None or not _admitted(tx, vault, attempt, account, now, right=right, code=code):
        _failed(tx, vault, attempt.counted, account, now, {})
        return None
    throttle.succeeded(tx, vault, account, attempt.address, now)
    return _begin(tx, account, now, old, {"second_factor": account.totp is not None})


def by_directory(
    tx: Connection, vault: Vault, email: str, address: str, now: datetime, *, old: str | None
) -> str | None:
    """The token of a new session for the account of an e-mail address that the directory vouches for; None without one, which is in
    the audit log. Raises throttle.TooOften."""
    counted = {throttle.ADDRESS: address}
    throttle.count(tx, vault, counted, now)
    account = rows.by_directory(tx, email)
    if account is None or account.disabled_at is not None:
        _failed(tx, vault, counted, account, now, {"by": "directory"})
        return None
    throttle.succeeded(tx, vault, account, address, now)
    return _begin(tx, account, now, old, {"by": "directory"})


def _failed(
    tx: Connection,
    vault: Vault,
    counted: dict[Limit, str],
    account: Account | None,
    now: datetime,
    detail: dict[str, object],
) -> None:
    subject = "account:unknown" if account is None else account.subject
    audit.record(tx, now, "sign-in", "sign in failed", subject, detail)
    log.warning("a sign-in failed", subject=subject, **detail)
    throttle.failed(tx, vault, counted, account, now)


def _begin(tx: Connection, account: Account, now: datetime, old: str | None, detail: dict[str, object]) -> str:
    if old is not None:
        rows.end_sessions(tx, now, digest=digest(old))
    token = secrets.token_urlsafe(32)
    rows.begin_session(tx, account.id, digest(token), now, now + LIFETIME)
    audit.record(tx, now, account.name, "sign in", account.subject, detail)
    return token


def _admitted(
    tx: Connection, vault: Vault, attempt: Attempt, account: Account, now: datetime, *, right: bool, code: str
) -> bool:
    if not right or account.disabled_at is not None or account.password != attempt.password:
        return False
    if account.totp is None:
        return True
    secret = vault.open(account.totp, totp.context(account.id))
    step = totp.used_step(secret, code, now, account.totp_step)
    return step is not None and rows.use_code(tx, account.id, step)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person of a session. `stale`: its last use should be noted."""

    actor: Actor
    session: int
    stale: bool


def signed_in(tx: Connection, token: str, now: datetime) -> SignedIn | None:
    """The person of a browser's token; None if the session has ended, or the account is disabled."""
    found = rows.session(tx, digest(token))
    if found is None or found.ended_at is not None or found.disabled_at is not None:
        return None
    if now >= found.expires_at or now - found.seen_at >= IDLE:
        return None
    actor = Actor(found.account_id, found.account, grants(tx, found.account_id))
    return SignedIn(actor, found.id, now - found.seen_at >= _SEEN_EVERY)


def still_open(tx: Connection, ids: Collection[int], now: datetime) -> dict[int, frozenset[Grant]]:
    """Those of these sessions that have not ended, each with the roles of its person."""
    found = rows.still_open(tx, ids, now, now - IDLE) if ids else {}
    return {session: frozenset(as_grants(own)) for session, own in found.items()}


def end(tx: Connection, token: str, actor: Actor, now: datetime) -> None:
    """Sign out."""
    if rows.end_sessions(tx, now, digest=digest(token)):
        audit.record(tx, now, actor.label, "sign out", f"account:{actor.account}")


def clean_up(tx: Connection, now: datetime) -> int:
    """Delete what nobody needs any more: a job."""
    rows.delete_old_sessions(tx, now - _KEPT)
    sign_in_failures.forget_before(tx, now - throttle.MEMORY)
    return 0


def digest(token: str) -> str:
    """The hash by which a token is stored. The token is random, so nothing slower is needed."""
    return sha256(token.encode()).hexdigest()
