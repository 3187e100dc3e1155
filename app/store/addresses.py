"""Addresses of officers as they come and go: who has one, giving one up, adding another. One that was given up is nobody's:
whoever writes from it is unknown, and nothing is sent there. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.store.bulk import insert_records
from app.store.records import NewAddress
from app.store.tables import ADDRESS, CONTACT


@dataclass(frozen=True, slots=True)
class Held:
    """An address in use, sealed."""

    channel: str
    lookup: str
    sealed: bytes


def held(tx: Connection, contact: int) -> list[Held]:
    """The addresses of an officer that are in use, the oldest first."""
    columns = (ADDRESS.c.channel, ADDRESS.c.lookup, ADDRESS.c.sealed)
    found = (
        select(*columns).where(ADDRESS.c.contact_id == contact, ADDRESS.c.retired_at.is_(None)).order_by(ADDRESS.c.id)
    )
    return [Held(*row) for row in tx.execute(found)]


def ever(tx: Connection, contact: int, channel: str) -> list[bytes]:
    """Every address that an officer has had on a channel, sealed: where a message of an earlier day may have gone."""
    found = select(ADDRESS.c.sealed).where(ADDRESS.c.contact_id == contact, ADDRESS.c.channel == channel)
    return list(tx.execute(found.order_by(ADDRESS.c.id)).scalars())


def given_up(tx: Connection, lookups: Collection[str]) -> dict[str, list[int]]:
    """Whose these addresses once were, of those that are nobody's now: contact ids by lookup."""
    mine = select(ADDRESS.c.lookup, ADDRESS.c.contact_id).where(ADDRESS.c.lookup.in_(list(lookups)))
    found: dict[str, list[int]] = {}
    for lookup, contact in tx.execute(mine.where(ADDRESS.c.retired_at.is_not(None)).distinct()):
        found.setdefault(lookup, []).append(contact)
    for lookup in tx.execute(mine.where(ADDRESS.c.retired_at.is_(None))).scalars():
        found.pop(lookup, None)
    return found


def give_up(tx: Connection, contact: int, channels: Collection[str], now: datetime, keep: str = "") -> int:
    """An officer gives up all addresses on these channels but the one of this lookup. Gives how many those were."""
    done = tx.execute(
        update(ADDRESS)
        .where(
            ADDRESS.c.contact_id == contact,
            ADDRESS.c.channel.in_(list(channels)),
            ADDRESS.c.retired_at.is_(None),
            ADDRESS.c.lookup != keep,
        )
        .values(retired_at=now)
    )
    return int(done.rowcount)


def add(tx: Connection, records: Sequence[NewAddress]) -> None:
    """Addresses to use from now on. One that is somebody's already changes nothing."""
    insert_records(tx, ADDRESS, records, ignore=True)


def study_ids(tx: Connection, contacts: Collection[int]) -> dict[int, str]:
    """What officers are called here."""
    return dict(tx.execute(select(CONTACT.c.id, CONTACT.c.study_id).where(CONTACT.c.id.in_(list(contacts)))).all())


def contact(tx: Connection, study_id: str) -> int | None:
    """The officer of this study id, however it is written."""
    return tx.execute(select(CONTACT.c.id).where(CONTACT.c.study_id == study_id.strip().upper())).scalar_one_or_none()
