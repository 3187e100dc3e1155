"""Accounts of people: who they are, which roles they have, how they prove it. Every change is in the audit log."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.errors import ConflictError, UsageError
from app.flows.language.nearby import unknown
from app.flows.language.safety import EMAIL
from app.people import passwords, sessions, throttle, totp
from app.people.actors import EVERY_PROGRAMME, Grant, grants
from app.people.roles import Role
from app.store import accounts as rows
from app.store import audit, versions
from app.store.accounts import Account
from app.store.vault import Vault
from app.wording import Sentence
from app.wording import listed as in_words

LINK_LASTS = timedelta(days=2)
"""How long a person has to set a password by the link."""

_NAME = re.compile(r"[a-z][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as it is listed. `id` is what alerts and the audit log have; `waiting`: after failures, the time until the next attempt
    to sign in is looked at."""

    id: int
    name: str
    grants: tuple[Grant, ...]
    password: bool
    second_factor: bool
    directory: bool
    disabled: bool
    sessions: int
    waiting: timedelta
    link_until: datetime | None


def listed(tx: Connection, vault: Vault, now: datetime) -> list[Listed]:
    """All accounts, by name."""
    opened = rows.open_sessions(tx, now, now - sessions.IDLE)
    return [
        Listed(
            one.id,
            one.name,
            grants(tx, one.id),
            one.password is not None,
            one.totp is not None,
            one.directory is not None,
            one.disabled_at is not None,
            opened.get(one.id, 0),
            throttle.waiting(tx, vault, one.name, now),
            one.link_until if one.link_until is not None and one.link_until > now else None,
        )
        for one in rows.every(tx)
    ]


def find(tx: Connection, name: str) -> Account:
    """An account by its name. Raises UsageError."""
    found = rows.by_name(tx, name)
    if found is None:
        fault = Sentence("there is no account {name!r}", name=name)
        raise UsageError(
            Sentence(
                "{fault}; `trato user list` shows them",
                fault=unknown(fault, name, [one.name for one in rows.every(tx)]),
            ),
            "unknown_account",
        )
    return found


def exists(tx: Connection, name: str) -> bool:
    """Whether there is an account of this name that is not disabled."""
    found = rows.by_name(tx, name)
    return found is not None and found.disabled_at is None


def is_name(text: str) -> bool:
    """Whether an account may have this name."""
    return _NAME.fullmatch(text) is not None


def check_new(tx: Connection, name: str) -> None:
    """Raise UsageError for a name that is taken or not allowed."""
    if not is_name(name):
        raise UsageError(
            Sentence(
                "{name!r} is not a name for an account: small letters, digits, . _ -; 40 at most; a letter first",
                name=name[:80],
            ),
            "bad_account_name",
        )
    if rows.by_name(tx, name) is not None:
        raise UsageError(Sentence("there is an account {name!r} already", name=name), "account_exists", name=name)


def add(tx: Connection, name: str, password: str | None, now: datetime, actor: str) -> None:
    """Add an account, without a role. Raises UsageError for a name that is taken or not allowed, and for a weak password."""
    check_new(tx, name)
    rows.add(tx, name, None if password is None else passwords.make(password, name), now)
    _record(tx, now, actor, "account add", find(tx, name), name=name, password=password is not None)


def set_password(tx: Connection, vault: Vault, name: str, password: str, now: datetime, actor: str) -> int:
    """Set an account's password, end its sessions, and let it sign in at once even after failures. Returns the sessions that were
    ended. Raises UsageError."""
    return _set_password(tx, vault, find(tx, name), passwords.make(password, name), now, actor)


def _set_password(tx: Connection, vault: Vault, account: Account, password: str, now: datetime, actor: str) -> int:
    """Store the hash of a password; a link ends with it."""
    rows.change(tx, account.id, password=password, link=None, link_until=None)
    throttle.forgive(tx, vault, account, now)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account password", account, sessions=ended)
    return ended


# -- a link by which a person sets the password -----------------------------------------------------------------------


def make_link(tx: Connection, name: str, now: datetime, actor: str) -> str:
    """The secret part of a new link by which the person of an account sets a password: once, within `LINK_LASTS`. It is stored as a hash
    only; an earlier link ends. The password is the person's secret alone. Raises UsageError."""
    account = find(tx, name)
    if account.disabled_at is not None:
        raise UsageError(Sentence("{name} is disabled", name=name), "disabled_already", name=name)
    token = secrets.token_urlsafe(32)
    rows.change(tx, account.id, link=sessions.digest(token), link_until=now + LINK_LASTS)
    _record(tx, now, actor, "account link", account, hours=LINK_LASTS // timedelta(hours=1))
    return token


def of_link(tx: Connection, token: str, now: datetime) -> Account:
    """The account of a link. Raises ConflictError if it was used, has ended, or never was."""
    found = rows.by_link(tx, sessions.digest(token))
    if found is None or found.disabled_at is not None or found.link_until is None or found.link_until <= now:
        raise ConflictError(Sentence("this link is over: ask for another one"), "link_over")
    return found


def use_link(tx: Connection, vault: Vault, token: str, password: str, now: datetime) -> str:
    """Set the password of the link's account to that of a hash, which takes long to compute, and end its sessions. Returns its name. Raises
    ConflictError."""
    account = of_link(tx, token, now)
    _set_password(tx, vault, account, password, now, account.name)
    return account.name


# -- other proofs -----------------------------------------------------------------------------------------------------


def set_second_factor(
    tx: Connection,
    vault: Vault,
    name: str,
    secret: str,
    code: str,
    now: datetime,
    actor: str,
    *,
    first: bool = False,
) -> None:
    """Require a second factor of an account from now on. The code proves that the person's app has the secret. `first`: only of an account
    that has none, so that nobody at a forgotten screen replaces it. Raises UsageError."""
    account = find(tx, name)
    if first and account.totp is not None:
        raise UsageError(Sentence("{name} has a second factor", name=name), "has_second_factor")
    step = totp.used_step(secret, code, now, 0)
    if step is None:
        raise UsageError(
            Sentence("this is not the code of this secret now: is the clock of the telephone right?"), "bad_totp"
        )
    sealed = vault.seal(secret, totp.context(account.id))
    rows.change(tx, account.id, totp=sealed, totp_step=step)
    _record(tx, now, actor, "account second factor", account, ends=False)


def remove_second_factor(tx: Connection, name: str, now: datetime, actor: str) -> None:
    """Require no second factor of an account any more, and end its sessions. Raises UsageError."""
    account = find(tx, name)
    if account.totp is None:
        raise UsageError(Sentence("{name} has no second factor", name=name), "no_second_factor", name=name)
    rows.change(tx, account.id, totp=None, totp_step=0)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account second factor", account, ends=True, sessions=ended)


def set_directory(tx: Connection, name: str, email: str | None, now: datetime, actor: str) -> None:
    """Let the person whom an organisation's directory knows by this e-mail address sign in as the account; None: nobody any more, and its
    sessions end. Raises UsageError for what is no address, or another account's."""
    account, ended = find(tx, name), 0
    if email is None:
        with _an_administrator_is_left(tx):
            rows.change(tx, account.id, directory=None)
        ended = rows.end_sessions(tx, now, account=account.id)
    else:
        email = email.casefold()
        if not re.fullmatch(EMAIL, email):
            raise UsageError(Sentence("give a plain e-mail address, such as ana@example.org"), "bad_email")
        if (other := rows.by_directory(tx, email)) is not None and other.id != account.id:
            raise UsageError(Sentence("that address is {other}'s", other=other.name), "email_taken", name=other.name)
        rows.change(tx, account.id, directory=email)
    _record(tx, now, actor, "account directory", account, ends=email is None, sessions=ended)


def give_role(tx: Connection, name: str, grant: Grant, now: datetime, actor: str) -> None:
    """Give an account a role. Raises UsageError if it has it, or for a programme that is not published."""
    account = find(tx, name)
    check_programme(tx, grant.programme)
    if not rows.grant(tx, account.id, grant.role, grant.programme, now):
        raise UsageError(Sentence("{name} is {role} already", name=name, role=described(grant)), "has_role", name=name)
    _record(tx, now, actor, "role give", account, role=grant.role, programme=grant.programme or None)


def check_programme(tx: Connection, programme: str) -> None:
    """Raise UsageError for a programme that is not published."""
    known = versions.current(tx)
    if programme != EVERY_PROGRAMME and programme not in known:
        fault = Sentence("no programme {name!r} is published", name=programme)
        raise UsageError(unknown(fault, programme, list(known)), "no_programme")


def take_role(tx: Connection, name: str, grant: Grant, now: datetime, actor: str) -> None:
    """Take a role from an account; at once, also for its sessions and tokens. Raises UsageError if it does not have it."""
    account = find(tx, name)
    with _an_administrator_is_left(tx):
        if not rows.withdraw(tx, account.id, grant.role, grant.programme):
            own = in_words(map(described, held)) if (held := grants(tx, account.id)) else Sentence("nothing")
            fault = Sentence("{name} is not {role}, but {own}", name=name, role=described(grant), own=own)
            raise UsageError(fault, "has_not_role", name=name)
    _record(tx, now, actor, "role take", account, role=grant.role, programme=grant.programme or None)


def described(grant: Grant) -> str:
    """A role and its programme in words."""
    if grant.programme == EVERY_PROGRAMME:
        return Sentence("{role} in every programme", role=grant.role)
    return Sentence("{role} in {programme}", role=grant.role, programme=grant.programme)


def disable(tx: Connection, name: str, now: datetime, actor: str) -> int:
    """Let an account do nothing any more: its sessions end, its tokens are refused. Returns the sessions. Raises UsageError."""
    account = find(tx, name)
    if account.disabled_at is not None:
        raise UsageError(Sentence("{name} is disabled already", name=name), "disabled_already", name=name)
    with _an_administrator_is_left(tx):
        rows.change(tx, account.id, disabled_at=now, link=None, link_until=None)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account disable", account, sessions=ended)
    return ended


def enable(tx: Connection, name: str, now: datetime, actor: str) -> None:
    """Undo `disable`; the sessions stay ended. Raises UsageError."""
    account = find(tx, name)
    if account.disabled_at is None:
        raise UsageError(Sentence("{name} is not disabled", name=name), "not_disabled", name=name)
    rows.change(tx, account.id, disabled_at=None)
    _record(tx, now, actor, "account enable", account)


def sign_out(tx: Connection, name: str, now: datetime, actor: str) -> int:
    """End all sessions of an account. Returns their number. Raises UsageError."""
    account = find(tx, name)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account sign out", account, sessions=ended)
    return ended


@contextmanager
def _an_administrator_is_left(tx: Connection) -> Iterator[None]:
    """Raise UsageError if the body takes the last account that can sign in and administers every programme."""
    before = _administrators(tx)
    yield
    if before and not _administrators(tx):
        raise UsageError(
            Sentence("nobody else could administer accounts: give another account the role administrator first"),
            "last_administrator",
        )


def _administrators(tx: Connection) -> list[Account]:
    return [one for one in rows.with_role(tx, Role.administrator, EVERY_PROGRAMME) if one.can_sign_in]


def _record(tx: Connection, now: datetime, actor: str, action: str, account: Account, **detail: object) -> None:
    audit.record(tx, now, actor, action, account.subject, detail)
