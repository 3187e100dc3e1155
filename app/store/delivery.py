"""The receiver of an outbound message: sealed addresses and name, and what decides whether it may be sent now."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from app.store import holds
from app.store.dialect import one_of
from app.store.doubts import last_sign
from app.store.holds import Hold
from app.store.tables import (
    ADDRESS,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    IDENTITY,
    INBOUND,
)

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """An officer's address on a channel, sealed. `last_inbound_at` is when the officer last wrote on that channel, from any
    address."""

    id: int
    channel: str
    sealed: bytes
    last_inbound_at: datetime | None
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receiver:
    """An officer who is to receive a message. `identity` is sealed; None if it has been deleted. `sign_at` is the last sign that the
    addresses are still the officer's; None without an address."""

    contact_id: int
    status: str
    timezone: str
    paused_until: datetime | None
    cohort_paused: bool
    identity: bytes | None
    places: tuple[Place, ...]
    holds: frozenset[Hold] = frozenset()
    sign_at: datetime | None = None


_ADDRESSES = (
    select(ADDRESS)
    .where(one_of(ADDRESS.c.contact_id, "contacts") & ADDRESS.c.retired_at.is_(None))
    .order_by(ADDRESS.c.id)
)
_RECEIVERS = (
    select(
        CONTACT.c.id,
        CONTACT.c.status,
        CONTACT.c.timezone,
        CONTACT.c.paused_until,
        COHORT.c.paused_at,
        IDENTITY.c.sealed,
        CONTACT.c.held_at,
        CONTACT.c.held_for,
    )
    .select_from(CONTACT_WITH_COHORT.outerjoin(IDENTITY, IDENTITY.c.contact_id == CONTACT.c.id))
    .where(one_of(CONTACT.c.id, "contacts"))
)


def receivers(tx: Connection, contacts: Collection[int]) -> dict[int, Receiver]:
    """The receivers by contact id, each with at most one address per channel."""
    if not contacts:
        return {}
    wanted = {"contacts": list(contacts)}
    places: dict[int, dict[str, Place]] = {}
    signs: dict[int, datetime] = {}
    for row in tx.execute(_ADDRESSES, wanted).all():
        place = Place(row.id, row.channel, row.sealed, row.last_inbound_at, row.unreachable_at)
        of_contact = places.setdefault(row.contact_id, {})
        of_contact[place.channel] = _better(of_contact.get(place.channel), place)
        sign = last_sign(row.created_at, row.last_inbound_at, row.confirmed_at)
        signs[row.contact_id] = max(sign, signs.get(row.contact_id, sign))
    return {
        row.id: Receiver(
            row.id,
            row.status,
            row.timezone,
            row.paused_until,
            row.paused_at is not None,
            row.sealed,
            tuple(places.get(row.id, {}).values()),
            holds.read(row.held_at, row.held_for),
            signs.get(row.id),
        )
        for row in tx.execute(_RECEIVERS, wanted).all()
    }


def _better(known: Place | None, other: Place) -> Place:
    """Of two addresses on one channel (a number and a user id): the reachable one that wrote last, else the older. They are one
    account, so WhatsApp's window is open to both."""
    if known is None:
        return other
    heard = [place.last_inbound_at for place in (known, other) if place.last_inbound_at is not None]
    best = max(
        known, other, key=lambda place: (place.unreachable_at is None, place.last_inbound_at or _NEVER, -place.id)
    )
    return replace(best, last_inbound_at=max(heard, default=None))


def stranger(tx: Connection, inbound: int) -> tuple[datetime, str, bytes]:
    """The origin of a message from an unknown sender: (when it was written, SID, sealed form)."""
    columns = (INBOUND.c.received_at, INBOUND.c.sid, INBOUND.c.sealed)
    row = tx.execute(select(*columns).where(INBOUND.c.id == inbound)).one()
    return row.received_at, row.sid, row.sealed


def unreachable(tx: Connection, place: int, now: datetime) -> None:
    """Mark an address as unreachable, so that it is not tried again."""
    tx.execute(ADDRESS.update().where(ADDRESS.c.id == place).values(unreachable_at=now))
