"""How often a sign-in, or a token, may fail: for an account's name whether there is such an account or not, and for an address. Each
failure beyond those that are free doubles the time until the next attempt. Names and addresses are stored as keyed hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.errors import AppError
from app.store import sign_in_failures
from app.store.sign_in_failures import Failures
from app.store.vault import Vault

LONGEST_WAIT = timedelta(minutes=15)
MEMORY = timedelta(days=1)
"""After so long without a failure, all are forgotten."""

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
        sign_in_failures.add(tx, _lookup(vault, limit, value), now)


def check(tx: Connection, vault: Vault, wanted: dict[Limit, str], now: datetime) -> None:
    """Raise TooOften if one of the limits is exhausted."""
    waits = [
        _wait(sign_in_failures.read(tx, _lookup(vault, limit, value)), limit, now) for limit, value in wanted.items()
    ]
    if (longest := max(waits)) > timedelta():
        raise TooOften(longest)


def succeeded(tx: Connection, vault: Vault, name: str, address: str) -> None:
    """The attempt that was counted did not fail. The address keeps its other failures, which were of other accounts."""
    forgive(tx, vault, name)
    sign_in_failures.take_back(tx, _lookup(vault, ADDRESS, address))


def forgive(tx: Connection, vault: Vault, name: str) -> None:
    """Forget the failures of an account."""
    sign_in_failures.forget(tx, _lookup(vault, ACCOUNT, name))


def _lookup(vault: Vault, limit: Limit, value: str) -> str:
    return vault.lookup(f"sign-in {limit.kind} {value}")


def _wait(failures: Failures | None, limit: Limit, now: datetime) -> timedelta:
    """The time until the next attempt is looked at."""
    if failures is None or failures.count < limit.free or now - failures.last_at > MEMORY:
        return timedelta()
    doublings = min(failures.count - limit.free, 20)
    delay: timedelta = min(_FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return min(delay, failures.last_at + delay - now)
