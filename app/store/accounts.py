"""Accounts with their roles, sessions and tokens, as rows. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from app.store.dialect import insert_ignore
from app.store.tables import ACCOUNT, ACCOUNT_ROLE, API_TOKEN, WEB_SESSION


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    id: int
    name: str
    password: str | None
    totp: bytes | None
    totp_step: int
    disabled_at: datetime | None
    directory: str | None
    link_until: datetime | None

    @property
    def subject(self) -> str:
        """The account as the subject of alerts and of entries of the audit log."""
        return f"account:{self.id}"

    @property
    def can_sign_in(self) -> bool:
        """Whether the person can sign in: with a password, or by the directory."""
        return self.disabled_at is None and (self.password is not None or self.directory is not None)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an account. The account's name is with it; the secret is not."""

    id: int
    account: str
    account_id: int
    disabled_at: datetime | None
    label: str
    scopes: str
    programme: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    id: int
    account_id: int
    account: str
    disabled_at: datetime | None
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


_ACCOUNT = select(
    ACCOUNT.c.id,
    ACCOUNT.c.name,
    ACCOUNT.c.password,
    ACCOUNT.c.totp,
    ACCOUNT.c.totp_step,
    ACCOUNT.c.disabled_at,
    ACCOUNT.c.directory,
    ACCOUNT.c.link_until,
)
_TOKEN = select(
    API_TOKEN.c.id,
    ACCOUNT.c.name,
    API_TOKEN.c.account_id,
    ACCOUNT.c.disabled_at,
    API_TOKEN.c.label,
    API_TOKEN.c.scopes,
    API_TOKEN.c.programme,
    API_TOKEN.c.created_at,
    API_TOKEN.c.expires_at,
    API_TOKEN.c.used_at,
    API_TOKEN.c.revoked_at,
).select_from(API_TOKEN.join(ACCOUNT, ACCOUNT.c.id == API_TOKEN.c.account_id))
_SESSION = select(
    WEB_SESSION.c.id,
    WEB_SESSION.c.account_id,
    ACCOUNT.c.name,
    ACCOUNT.c.disabled_at,
    WEB_SESSION.c.seen_at,
    WEB_SESSION.c.expires_at,
    WEB_SESSION.c.ended_at,
).select_from(WEB_SESSION.join(ACCOUNT, ACCOUNT.c.id == WEB_SESSION.c.account_id))


def add(tx: Connection, name: str, password: str | None, now: datetime) -> None:
    """Add an account, whose name is not taken."""
    tx.execute(insert(ACCOUNT), {"name": name, "password": password, "totp_step": 0, "created_at": now})


def by_name(tx: Connection, name: str) -> Account | None:
    """An account by its name."""
    row = tx.execute(_ACCOUNT.where(ACCOUNT.c.name == name)).one_or_none()
    return None if row is None else Account(*row)


def by_directory(tx: Connection, email: str) -> Account | None:
    """An account by the e-mail address that a directory has."""
    row = tx.execute(_ACCOUNT.where(ACCOUNT.c.directory == email)).one_or_none()
    return None if row is None else Account(*row)


def by_link(tx: Connection, digest: str) -> Account | None:
    """An account by the hash of the link for its password."""
    row = tx.execute(_ACCOUNT.where(ACCOUNT.c.link == digest)).one_or_none()
    return None if row is None else Account(*row)


def with_role(tx: Connection, role: str, programme: str) -> list[Account]:
    """The accounts that have a role in a programme, or (empty) in all, their rows locked: two who give up a role at once wait for each
    other."""
    whose = select(ACCOUNT_ROLE.c.account_id).where(ACCOUNT_ROLE.c.role == role, ACCOUNT_ROLE.c.programme == programme)
    found = _ACCOUNT.where(ACCOUNT.c.id.in_(whose)).order_by(ACCOUNT.c.id).with_for_update()
    return [Account(*row) for row in tx.execute(found)]


def every(tx: Connection) -> list[Account]:
    """All accounts, by name."""
    return [Account(*row) for row in tx.execute(_ACCOUNT.order_by(ACCOUNT.c.name))]


def exist(tx: Connection) -> bool:
    """Whether there is any account."""
    return tx.execute(select(ACCOUNT.c.id).limit(1)).first() is not None


def change(tx: Connection, account: int, **values: Any) -> None:  # noqa: ANN401 - the columns' own types
    """Set columns of an account."""
    tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(**values))


def use_code(tx: Connection, account: int, step: int) -> bool:
    """Remember the code of a step as used. False if it, or a later one, was used already."""
    changed = tx.execute(
        update(ACCOUNT).where(ACCOUNT.c.id == account, ACCOUNT.c.totp_step < step).values(totp_step=step)
    )
    return changed.rowcount == 1


# -- roles -----------------------------------------------------------------------------------------------------------


def grants(tx: Connection, account: int) -> list[tuple[str, str]]:
    """The roles of an account, each with its programme."""
    found = select(ACCOUNT_ROLE.c.role, ACCOUNT_ROLE.c.programme).where(ACCOUNT_ROLE.c.account_id == account)
    return [(row.role, row.programme) for row in tx.execute(found.order_by(ACCOUNT_ROLE.c.role, ACCOUNT_ROLE.c.id))]


def grant(tx: Connection, account: int, role: str, programme: str, now: datetime) -> bool:
    """Give a role. False if the account has it."""
    if (role, programme) in grants(tx, account):
        return False
    row = {"account_id": account, "role": role, "programme": programme, "given_at": now}
    insert_ignore(tx, ACCOUNT_ROLE, [row])
    return True


def withdraw(tx: Connection, account: int, role: str, programme: str) -> bool:
    """Take a role away. False if the account does not have it."""
    gone = delete(ACCOUNT_ROLE).where(
        ACCOUNT_ROLE.c.account_id == account, ACCOUNT_ROLE.c.role == role, ACCOUNT_ROLE.c.programme == programme
    )
    return tx.execute(gone).rowcount == 1


# -- sessions --------------------------------------------------------------------------------------------------------


def begin_session(tx: Connection, account: int, digest: str, now: datetime, until: datetime) -> None:
    """Store a new session."""
    row = {"account_id": account, "digest": digest, "created_at": now, "seen_at": now, "expires_at": until}
    tx.execute(insert(WEB_SESSION), row)


def session(tx: Connection, digest: str) -> Session | None:
    """A session by the hash of its token."""
    row = tx.execute(_SESSION.where(WEB_SESSION.c.digest == digest)).one_or_none()
    return None if row is None else Session(*row)


def saw_session(tx: Connection, session_id: int, now: datetime) -> None:
    """Note that a session was used."""
    tx.execute(
        update(WEB_SESSION).where(WEB_SESSION.c.id == session_id, WEB_SESSION.c.seen_at < now).values(seen_at=now)
    )


def end_sessions(tx: Connection, now: datetime, *, digest: str | None = None, account: int | None = None) -> int:
    """End one session by its hash, or all of an account. Returns their number."""
    whose = WEB_SESSION.c.digest == digest if digest is not None else WEB_SESSION.c.account_id == account
    ended = update(WEB_SESSION).where(whose, WEB_SESSION.c.ended_at.is_(None)).values(ended_at=now)
    return tx.execute(ended).rowcount


def open_sessions(tx: Connection, now: datetime, idle_since: datetime) -> dict[int, int]:
    """The number of open sessions by account."""
    found = select(WEB_SESSION.c.account_id, func.count()).where(*_is_open(now, idle_since))
    return dict(tx.execute(found.group_by(WEB_SESSION.c.account_id)).all())


def still_open(
    tx: Connection, ids: Collection[int], now: datetime, idle_since: datetime
) -> dict[int, set[tuple[str, str]]]:
    """Those of these sessions that are open, of accounts that are not disabled, each with the roles of its account as `grants` has them."""
    joined = WEB_SESSION.join(ACCOUNT, ACCOUNT.c.id == WEB_SESSION.c.account_id)
    joined = joined.outerjoin(ACCOUNT_ROLE, ACCOUNT_ROLE.c.account_id == ACCOUNT.c.id)
    wanted = select(WEB_SESSION.c.id, ACCOUNT_ROLE.c.role, ACCOUNT_ROLE.c.programme).select_from(joined)
    theirs = WEB_SESSION.c.id.in_(sorted(ids)), ACCOUNT.c.disabled_at.is_(None)
    found: dict[int, set[tuple[str, str]]] = {}
    for row in tx.execute(wanted.where(*theirs, *_is_open(now, idle_since))):
        own = found.setdefault(row.id, set())
        if row.role is not None:
            own.add((row.role, row.programme))
    return found


def _is_open(now: datetime, idle_since: datetime) -> tuple[ColumnElement[bool], ...]:
    return WEB_SESSION.c.ended_at.is_(None), WEB_SESSION.c.expires_at > now, WEB_SESSION.c.seen_at > idle_since


def delete_old_sessions(tx: Connection, before: datetime) -> int:
    """Delete the sessions that expired before a moment."""
    return tx.execute(delete(WEB_SESSION).where(WEB_SESSION.c.expires_at < before)).rowcount


# -- tokens ----------------------------------------------------------------------------------------------------------


def add_token(tx: Connection, row: dict[str, Any]) -> int:
    """Store a new token. Returns its id."""
    return int(tx.execute(insert(API_TOKEN).returning(API_TOKEN.c.id), row).scalar_one())


def token_by_digest(tx: Connection, digest: str) -> Token | None:
    """A token by its hash."""
    row = tx.execute(_TOKEN.where(API_TOKEN.c.digest == digest)).one_or_none()
    return None if row is None else Token(*row)


def tokens(tx: Connection) -> Sequence[Token]:
    """All tokens, by id."""
    return [Token(*row) for row in tx.execute(_TOKEN.order_by(API_TOKEN.c.id))]


def used_token(tx: Connection, token: int, now: datetime) -> None:
    """Note that a token was used."""
    tx.execute(update(API_TOKEN).where(API_TOKEN.c.id == token).values(used_at=now))


def revoke_token(tx: Connection, token: int, now: datetime) -> bool:
    """Revoke a token. False if it was revoked before."""
    gone = update(API_TOKEN).where(API_TOKEN.c.id == token, API_TOKEN.c.revoked_at.is_(None)).values(revoked_at=now)
    return tx.execute(gone).rowcount == 1
