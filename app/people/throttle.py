"""How often a sign-in, or a token, may fail: for an account's name whether there is such an account or not, and for an address. Each
failure beyond those that are free doubles the time until the next attempt. An alert says so, and when it is over. Names and addresses are
stored as keyed hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

import structlog
from sqlalchemy import Connection

from app.errors import AppError
from app.store import alerts, sign_in_failures
from app.store.accounts import Account
from app.store.sign_in_failures import Failures
from app.store.vault import Vault

log = structlog.get_logger(__name__)

LONGEST_WAIT = timedelta(minutes=15)
MEMORY = timedelta(days=1)
"""After so long without a failure, all are forgotten."""

SLOWED = "sign_in_slowed"
"""The kind of the alert for attempts that have to wait. Its subject is `account:` and the account's id, or one for all addresses: somebody
with many addresses must not ring as many alerts."""

EVERY_LOOK = timedelta(minutes=1)
_FIRST_WAIT = timedelta(seconds=15)


class TooOften(AppError):
    """There were too many failures: the attempt was not looked at."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, -(-wait // timedelta(seconds=1)))
        super().__init__(f"too many failed attempts: try again in {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class Limit:
    """A kind of count, and its number of free failures."""

    kind: str
    free: int


ACCOUNT = Limit("account", 5)
ADDRESS = Limit("address", 20)
"""More than for an account: an office has one address for all its people."""

TOKENS = Limit("token", 20)


def count(tx: Connection, vault: Vault, wanted: dict[Limit, str], now: datetime) -> None:
    """Count an attempt against each limit as if it had failed, before anything is compared, so that many at once are counted too.
    Raises TooOften, and counts nothing, if one is exhausted."""
    check(tx, vault, wanted, now)
    for limit, value in wanted.items():
        sign_in_failures.add(tx, _lookup(vault, limit, value), now, now - MEMORY)


def count_failure(tx: Connection, vault: Vault, wanted: dict[Limit, str], now: datetime) -> None:
    """Count an attempt that is known to have failed. Raises TooOften."""
    count(tx, vault, wanted, now)
    failed(tx, vault, wanted, None, now)


def check(tx: Connection, vault: Vault, wanted: dict[Limit, str], now: datetime) -> None:
    """Raise TooOften if one of the limits is exhausted."""
    waits = [
        _wait(sign_in_failures.read(tx, _lookup(vault, limit, value)), limit, now) for limit, value in wanted.items()
    ]
    if (longest := max(waits)) > timedelta():
        raise TooOften(longest)


def failed(tx: Connection, vault: Vault, counted: dict[Limit, str], account: Account | None, now: datetime) -> None:
    """The attempt that was counted failed: ring an alert for each limit that is exhausted now. `account` is the one that was tried; of a
    name without one there is no alert."""
    for limit, value in counted.items():
        subject = limit.kind if limit is not ACCOUNT else None if account is None else account.subject
        failures = sign_in_failures.read(tx, _lookup(vault, limit, value))
        if subject is not None and _is_exhausted(failures, limit, now) and alerts.ring(tx, SLOWED, subject, now):
            log.warning("after many failures the next attempts have to wait", subject=subject)


def succeeded(tx: Connection, vault: Vault, account: Account, address: str, now: datetime) -> None:
    """The attempt that was counted did not fail. The address keeps its other failures, which were of other accounts."""
    forgive(tx, vault, account, now)
    sign_in_failures.take_back(tx, _lookup(vault, ADDRESS, address))


def forgive(tx: Connection, vault: Vault, account: Account, now: datetime) -> None:
    """Forget the failures of an account, which end its alert."""
    sign_in_failures.forget(tx, _lookup(vault, ACCOUNT, account.name))
    alerts.close(tx, SLOWED, account.subject, now)


def waiting(tx: Connection, vault: Vault, name: str, now: datetime) -> timedelta:
    """The time until the next attempt of a name is looked at."""
    return _wait(sign_in_failures.read(tx, _lookup(vault, ACCOUNT, name)), ACCOUNT, now)


def close_over(tx: Connection, now: datetime) -> int:
    """Close the alerts of failures that are forgotten by now: a job."""
    for one in alerts.open_alerts(tx, SLOWED):
        if now - one.last_at > MEMORY:
            alerts.close(tx, SLOWED, one.subject, now)
    return 0


def total(tx: Connection) -> int:
    """The failed sign-ins and unknown tokens that are remembered: of a day, more or less. Each is counted for its address once."""
    return sum(sign_in_failures.total(tx, f"{limit.kind}:") for limit in (ADDRESS, TOKENS))


def _lookup(vault: Vault, limit: Limit, value: str) -> str:
    return f"{limit.kind}:{vault.lookup(f'sign-in {limit.kind} {value}')}"


def _is_exhausted(failures: Failures | None, limit: Limit, now: datetime) -> TypeGuard[Failures]:
    """Whether the free failures are used up."""
    return failures is not None and failures.count >= limit.free and now - failures.last_at <= MEMORY


def _wait(failures: Failures | None, limit: Limit, now: datetime) -> timedelta:
    """The time until the next attempt is looked at; zero if that is now."""
    if not _is_exhausted(failures, limit, now):
        return timedelta()
    doublings = min(failures.count - limit.free, 20)
    delay: timedelta = min(_FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return max(timedelta(), min(delay, failures.last_at + delay - now))
