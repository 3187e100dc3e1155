"""The carrier that a database has been used with. Invented officers and real ones never share a database: the simulator does not run
where a real carrier has, and a real carrier not where the simulator has exchanged messages."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.errors import ConfigurationError
from app.store import state_values
from app.store.tables import BUCKET, INBOUND, OUTBOUND
from app.wording import Sentence

SIMULATOR = "simulator"
_NAME = "carrier"


def used(tx: Connection) -> str | None:
    """The carrier that has run on this database; None if none has. A database of before this was kept tells it by the names of the
    numbers that have sent."""
    if (known := state_values.read(tx, _NAME)) is not None:
        return known
    senders = tx.execute(select(BUCKET.c.sender)).scalars()
    carriers = {sender.partition(":")[0] for sender in senders}
    return min(carriers, key=lambda name: name == SIMULATOR, default=None)


def check(tx: Connection, carrier: str, *, chosen: bool, forced: bool) -> None:
    """Raise ConfigurationError if this carrier may not run on the database. `chosen`: it is not the default; `forced`: it runs
    whatever has been used before."""
    before = used(tx)
    if forced or before is None or (before == SIMULATOR) == (carrier == SIMULATOR):
        return
    if carrier == SIMULATOR and not chosen:
        raise ConfigurationError(
            Sentence(
                "TRATO_CHANNEL is not set, and this database has been used with {before}: set TRATO_CHANNEL={before}",
                before=before,
            )
        )
    if carrier == SIMULATOR:
        raise ConfigurationError(
            Sentence(
                "this database has been used with {before}, so the simulator does not run on it: set "
                "TRATO_CHANNEL={before}, or another TRATO_DATABASE_URL; "
                "TRATO_SIMULATOR_FORCED=database runs it all the same",
                before=before,
            )
        )
    if _has_messages(tx):
        raise ConfigurationError(
            Sentence(
                "this database has been used with the simulator, so its answers may be invented: set "
                "another TRATO_DATABASE_URL for {carrier}; TRATO_SIMULATOR_FORCED=database uses it "
                "all the same",
                carrier=carrier,
            )
        )


def remember(tx: Connection, carrier: str, now: datetime) -> None:
    """Keep that this carrier runs on the database. A real one is never forgotten."""
    if used(tx) in (None, SIMULATOR) or carrier != SIMULATOR:
        state_values.change(tx, _NAME, carrier, now, default=carrier)


def _has_messages(tx: Connection) -> bool:
    return any(tx.execute(select(table.c.id).limit(1)).first() is not None for table in (OUTBOUND, INBOUND))
