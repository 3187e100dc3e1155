"""Tokens with which programs act for an account: made, listed and revoked by command, stored as hashes. A token may at most what its
account may, limited to its scopes and to its programme, and until it expires."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.errors import UsageError
from app.people import accounts
from app.people.actors import EVERY_PROGRAMME, Actor, grants, refusal
from app.people.roles import SCOPES, Permission
from app.people.sessions import digest
from app.store import accounts as rows
from app.store import audit
from app.store.accounts import Token
from app.wording import Sentence

PREFIX = "trato_"
"""How a token begins, so that people and scanners of repositories recognise one."""

LONGEST_DAYS = 366
_SEEN_EVERY = timedelta(hours=1)


def make(
    tx: Connection,
    owner: str,
    label: str,
    scopes: Collection[Permission],
    programme: str,
    days: int,
    now: datetime,
    actor: str,
) -> tuple[int, str]:
    """Make a token: its id, and the token itself, which is not stored. Raises UsageError for a scope that no program can have, or that
    the account does not have itself."""
    if wrong := [one for one in scopes if one not in SCOPES]:
        raise UsageError(
            Sentence("{scope} is not a scope of a token: {scopes}", scope=wrong[0], scopes=", ".join(sorted(SCOPES))),
            "bad_scope",
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(
            Sentence("a token expires after 1 to {most} days", most=LONGEST_DAYS), "bad_days", most=LONGEST_DAYS
        )
    if not label.strip() or len(label) > 80:
        raise UsageError(
            Sentence("a token needs a label of at most 80 characters, such as the program that gets it"), "bad_label"
        )
    accounts.check_programme(tx, programme)
    account = accounts.find(tx, owner)
    own = Actor(account.id, account.name, grants(tx, account.id), programme=programme)
    for scope in scopes:
        if not own.may_somewhere(scope):
            raise UsageError(refusal(owner, scope, programme), "scope_not_allowed", name=owner)
    secret = PREFIX + secrets.token_urlsafe(32)
    made = rows.add_token(
        tx,
        {
            "account_id": account.id,
            "label": label.strip(),
            "digest": digest(secret),
            "scopes": " ".join(sorted(scopes)),
            "programme": programme,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
        },
    )
    detail = {"account": account.id, "scopes": sorted(scopes), "programme": programme or None, "days": days}
    audit.record(tx, now, actor, "token add", f"token:{made}", detail)
    return made, secret


def revoke(tx: Connection, token: int, now: datetime, actor: str) -> None:
    """Revoke a token, at once. Raises UsageError."""
    if token not in {one.id for one in rows.tokens(tx)}:
        raise UsageError(Sentence("there is no token {token}: `trato token list` shows them", token=token), "no_token")
    if not rows.revoke_token(tx, token, now):
        raise UsageError(Sentence("token {token} was revoked before", token=token), "revoked_before")
    audit.record(tx, now, actor, "token revoke", f"token:{token}")


def listed(tx: Connection) -> list[Token]:
    """All tokens, without the tokens themselves."""
    return list(rows.tokens(tx))


def state(token: Token, now: datetime) -> str:
    """Whether a token works, in one word."""
    if token.revoked_at is not None:
        return Sentence("revoked")
    if token.disabled_at is not None:
        return Sentence("disabled")
    return Sentence("{token}expired", token="") if now >= token.expires_at else Sentence("valid")


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that a token acts for. `stale`: its last use should be noted."""

    actor: Actor
    stale: bool


def caller(tx: Connection, secret: str, now: datetime) -> Caller | None:
    """The account that a token acts for; None if it is unknown, expired or revoked, or the account is disabled."""
    found = rows.token_by_digest(tx, digest(secret))
    if found is None or state(found, now) != "valid":
        return None
    actor = Actor(
        found.account_id,
        found.account,
        grants(tx, found.account_id),
        token=found.id,
        scopes=frozenset(scope for scope in SCOPES if scope in found.scopes.split()),
        programme=found.programme or EVERY_PROGRAMME,
    )
    return Caller(actor, found.used_at is None or now - found.used_at >= _SEEN_EVERY)
