"""The check that the vault's key is the key of this database. Messages that are stored under another key are lost to everybody: no
number is found by it, so that not even a BAJA is obeyed. Nothing therefore starts or writes with another key.

The first process that starts with a new key, and the one before beside it, begins a change of keys: from then on everything is sealed with
the new one, and a process that has only the old one writes no more. `trato keys rotate` seals what is left anew. Until that is finished
nothing starts without both."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.errors import ConfigurationError, ExternalError, UsageError
from app.store import audit, state_values
from app.store.database import Database
from app.store.dialect import lock_start, read_as_writer, wait_for_writers
from app.store.tables import ADDRESS, STATE_VALUE
from app.store.vault import Vault
from app.wording import Sentence

_KEY, _CHANGE = "key_check", "key_change"
CURRENT = f"SELECT value FROM {STATE_VALUE.name} WHERE name = '{_KEY}'"  # noqa: S608 - our own names
_WORDS = "the key of this database"
_SAMPLE = 5
"""So many numbers are tried in a database of before this check."""


class KeyChangedError(ExternalError):
    """The keys are being changed, and this process does not have the new one."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change of keys that is not finished: the mark of the old key, and how far it is. Of the tables that `custody.rotating` walks, in
    their order, those before `table` are done, and of that one the rows up to the id `after`. `sealed` values have been sealed anew,
    `unopened` ones neither key opens."""

    old: str
    begun_at: str
    table: int = 0
    after: int = 0
    sealed: int = 0
    unopened: int = 0


def claim(database: Database, vault: Vault, now: datetime, actor: str = "serve") -> None:
    """Make the vault's key the key of a database that has none yet, or begin a change of keys, and open its texts with it. Raises ConfigurationError, and writes
    nothing, if the database has another one."""
    database.guard = None
    with database.reading() as tx:
        check(tx, vault)
        database.unlock(vault)
        known = state_values.read(tx, _KEY)
    if known != _mark(vault):
        with database.transaction() as tx:
            lock_start(tx)
            check(tx, vault)
            _make_current(tx, vault, now, actor)
        with database.transaction() as tx:
            wait_for_writers(tx)
    database.guard = _Guard(_mark(vault))


def _make_current(tx: Connection, vault: Vault, now: datetime, actor: str) -> None:
    known, old = state_values.read(tx, _KEY), vault.old_lookup(_WORDS)
    if known == _mark(vault):  # another process was faster
        return
    if old is not None and (known == old or (known is None and _has_numbers(tx))):
        _write(tx, KeyChange(old, now.isoformat(timespec="seconds")), now)
        audit.record(tx, now, actor, "keys change", "key")
    state_values.write(tx, _KEY, _mark(vault), now)


def check(tx: Connection, vault: Vault) -> None:
    """Raise ConfigurationError if this database has another key."""
    if (fault := _fault(tx, vault)) is not None:
        raise ConfigurationError(fault)


def is_right(tx: Connection, vault: Vault) -> bool:
    """Whether the vault has the key of this database, or the database has none yet."""
    return _fault(tx, vault) is None


def change(tx: Connection, *, lock: bool = False) -> KeyChange | None:
    """The change of keys that is not finished. With `lock` no other transaction has it until this one ends."""
    found = select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == _CHANGE)
    text = tx.execute(found.with_for_update() if lock else found).scalar_one_or_none()
    return None if text is None else KeyChange(**json.loads(text))


def proceed(tx: Connection, done: KeyChange, now: datetime) -> None:
    """Keep how far a change of keys is."""
    _write(tx, done, now)


def finish(tx: Connection) -> None:
    """The change of keys is finished: the old key opens nothing that the new one does not."""
    state_values.remove(tx, _CHANGE)


def settle(tx: Connection, vault: Vault, now: datetime) -> None:
    """End a change of keys with the one key that is left, which is the database's from now on. Raises UsageError if there is no change, if
    both keys are there, or if this is neither of them."""
    pending, mark = change(tx, lock=True), _mark(vault)
    if pending is None:
        raise UsageError(Sentence("no change of keys is under way, so there is nothing to settle"))
    if vault.old_lookup(_WORDS) is not None:
        raise UsageError(Sentence("both keys are set, so neither is lost: `trato keys rotate` goes on with the change"))
    if mark not in (state_values.read(tx, _KEY), pending.old):
        raise ConfigurationError(OTHER_KEY)
    state_values.write(tx, _KEY, mark, now)
    finish(tx)


def _write(tx: Connection, change: KeyChange, now: datetime) -> None:
    state_values.write(tx, _CHANGE, json.dumps(asdict(change)), now)


def _fault(tx: Connection, vault: Vault) -> str | None:
    """The reason why nothing may start with these keys."""
    known, pending = state_values.read(tx, _KEY), change(tx)
    new, old = _mark(vault), vault.old_lookup(_WORDS)
    if known is None:
        return None if opens_numbers(tx, vault) else OTHER_KEY
    if known == new:
        return None if pending is None or pending.old == old else _UNFINISHED
    if known == old:
        return None if pending is None else _UNFINISHED
    return _BEGUN if pending is not None and pending.old == new else OTHER_KEY


OTHER_KEY = Sentence(
    "TRATO_SECRET_KEY is not the key of this database, so nothing was started or written: "
    "set the key with which its roster was imported"
)
_UNFINISHED = Sentence(
    "a change of keys is not finished, so nothing was started or written: set TRATO_SECRET_KEY_OLD to the key before, "
    "and run `trato keys rotate`"
)
_BEGUN = Sentence(
    "a change of keys has begun, so nothing was started or written with the old one: "
    "set TRATO_SECRET_KEY to the new key, and TRATO_SECRET_KEY_OLD to this one"
)


@dataclass(frozen=True, slots=True)
class _Guard:
    """Lets a transaction write only with the key of this database."""

    mark: str

    def __call__(self, tx: Connection) -> None:
        if read_as_writer(tx, CURRENT) != self.mark:
            raise KeyChangedError(_BEGUN)


def opens_numbers(tx: Connection, vault: Vault) -> bool:
    """Whether one of the first numbers opens; also if there are none. One alone may be damaged."""
    rows = tx.execute(select(ADDRESS.c.contact_id, ADDRESS.c.sealed).order_by(ADDRESS.c.id).limit(_SAMPLE)).all()
    return not rows or any(vault.opens(row.sealed, f"address:{row.contact_id}") for row in rows)


def _has_numbers(tx: Connection) -> bool:
    return bool(tx.execute(select(func.count()).select_from(ADDRESS)).scalar_one())


def _mark(vault: Vault) -> str:
    return vault.lookup(_WORDS)
