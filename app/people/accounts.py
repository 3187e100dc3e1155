"""Accounts of people: who they are, which roles they have, how they prove it. Every change is in the audit log."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.errors import UsageError
from app.flows.language.nearby import did_you_mean
from app.flows.language.safety import EMAIL
from app.people import passwords, sessions, throttle, totp
from app.people.actors import EVERY_PROGRAMME, Grant, grants
from app.store import accounts as rows
from app.store import audit, versions
from app.store.accounts import Account
from app.store.vault import Vault

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
        )
        for one in rows.every(tx)
    ]


def find(tx: Connection, name: str) -> Account:
    """An account by its name. Raises UsageError."""
    found = rows.by_name(tx, name)
    if found is None:
        hint = did_you_mean(name, [one.name for one in rows.every(tx)])
        raise UsageError(f"there is no account {name!r}{'. ' + hint if hint else ''}; `trato user list` shows them")
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
            f"{name[:80]!r} is not a name for an account: small letters, digits, . _ -; 40 at most; a letter first"
        )
    if rows.by_name(tx, name) is not None:
        raise UsageError(f"there is an account {name!r} already")


def add(tx: Connection, name: str, password: str | None, now: datetime, actor: str) -> None:
    """Add an account, without a role. Raises UsageError for a name that is taken or not allowed, and for a weak password."""
    check_new(tx, name)
    rows.add(tx, name, None if password is None else passwords.make(password, name), now)
    _record(tx, now, actor, "account add", find(tx, name), name=name, password=password is not None)


def set_password(tx: Connection, vault: Vault, name: str, password: str, now: datetime, actor: str) -> int:
    """Set an account's password, end its sessions, and let it sign in at once even after failures. Returns the sessions that were
    ended. Raises UsageError."""
    account = find(tx, name)
    rows.change(tx, account.id, password=passwords.make(password, name))
    throttle.forgive(tx, vault, account, now)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account password", account, sessions=ended)
    return ended


def set_second_factor(
    tx: Connection, vault: Vault, name: str, secret: str, code: str, now: datetime, actor: str
) -> None:
    """Require a second factor of an account from now on. The code proves that the person's app has the secret. Raises
    UsageError."""
    account = find(tx, name)
    step = totp.used_step(secret, code, now, 0)
    if step is None:
        raise UsageError("this is not the code of this secret now: is the clock of the telephone right?")
    sealed = vault.seal(secret, totp.context(account.id))
    rows.change(tx, account.id, totp=sealed, totp_step=step)
    _record(tx, now, actor, "account second factor", account, ends=False)


def remove_second_factor(tx: Connection, name: str, now: datetime, actor: str) -> None:
    """Require no second factor of an account any more, and end its sessions. Raises UsageError."""
    account = find(tx, name)
    if account.totp is None:
        raise UsageError(f"{name} has no second factor")
    rows.change(tx, account.id, totp=None, totp_step=0)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account second factor", account, ends=True, sessions=ended)


def set_directory(tx: Connection, name: str, email: str | None, now: datetime, actor: str) -> None:
    """Let the person whom an organisation's directory knows by this e-mail address sign in as the account; None: nobody any more, and its
    sessions end. Raises UsageError for what is no address, or another account's."""
    account, ended = find(tx, name), 0
    if email is None:
        ended = rows.end_sessions(tx, now, account=account.id)
    else:
        email = email.casefold()
        if not re.fullmatch(EMAIL, email):
            raise UsageError("give a plain e-mail address, such as ana@example.org")
        if (other := rows.by_directory(tx, email)) is not None and other.id != account.id:
            raise UsageError(f"that address is {other.name}'s")
    rows.change(tx, account.id, directory=email)
    _record(tx, now, actor, "account directory", account, ends=email is None, sessions=ended)


def give_role(tx: Connection, name: str, grant: Grant, now: datetime, actor: str) -> None:
    """Give an account a role. Raises UsageError if it has it, or for a programme that is not published."""
    account = find(tx, name)
    check_programme(tx, grant.programme)
    if not rows.grant(tx, account.id, grant.role, grant.programme, now):
        raise UsageError(f"{name} is {described(grant)} already")
    _record(tx, now, actor, "role give", account, role=grant.role, programme=grant.programme or None)


def check_programme(tx: Connection, programme: str) -> None:
    """Raise UsageError for a programme that is not published."""
    known = versions.current(tx)
    if programme != EVERY_PROGRAMME and programme not in known:
        hint = did_you_mean(programme, list(known))
        raise UsageError(f"no programme {programme!r} is published{'. ' + hint if hint else ''}")


def take_role(tx: Connection, name: str, grant: Grant, now: datetime, actor: str) -> None:
    """Take a role from an account; at once, also for its sessions and tokens. Raises UsageError if it does not have it."""
    account = find(tx, name)
    if not rows.withdraw(tx, account.id, grant.role, grant.programme):
        own = ", ".join(map(described, grants(tx, account.id))) or "nothing"
        raise UsageError(f"{name} is not {described(grant)}, but {own}")
    _record(tx, now, actor, "role take", account, role=grant.role, programme=grant.programme or None)


def described(grant: Grant) -> str:
    """A role and its programme in words."""
    return f"{grant.role} {'in every programme' if grant.programme == EVERY_PROGRAMME else 'in ' + grant.programme}"


def disable(tx: Connection, name: str, now: datetime, actor: str) -> int:
    """Let an account do nothing any more: its sessions end, its tokens are refused. Returns the sessions. Raises UsageError."""
    account = find(tx, name)
    if account.disabled_at is not None:
        raise UsageError(f"{name} is disabled already")
    rows.change(tx, account.id, disabled_at=now)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account disable", account, sessions=ended)
    return ended


def enable(tx: Connection, name: str, now: datetime, actor: str) -> None:
    """Undo `disable`; the sessions stay ended. Raises UsageError."""
    account = find(tx, name)
    if account.disabled_at is None:
        raise UsageError(f"{name} is not disabled")
    rows.change(tx, account.id, disabled_at=None)
    _record(tx, now, actor, "account enable", account)


def sign_out(tx: Connection, name: str, now: datetime, actor: str) -> int:
    """End all sessions of an account. Returns their number. Raises UsageError."""
    account = find(tx, name)
    ended = rows.end_sessions(tx, now, account=account.id)
    _record(tx, now, actor, "account sign out", account, sessions=ended)
    return ended


def _record(tx: Connection, now: datetime, actor: str, action: str, account: Account, **detail: object) -> None:
    audit.record(tx, now, actor, action, account.subject, detail)
