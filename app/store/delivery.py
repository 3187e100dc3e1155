"""What handing a message to the carrier needs to know of its receiver: addresses and name, both sealed, and whether it
may go out at this moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.store.tables import Address, Cohort, Contact, Identity, InboundMessage

_address = Address.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_inbound = InboundMessage.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Place:
    """An address of an officer, sealed."""

    id: int
    channel: str
    sealed: bytes
    last_inbound_at: datetime | None
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receiver:
    """An officer to whom something is to be sent. `identity` is sealed, or None if it has been deleted."""

    contact_id: int
    status: str
    timezone: str
    paused_until: datetime | None
    cohort_paused: bool
    identity: bytes | None
    places: tuple[Place, ...]
    held: bool = False


def receivers(tx: Connection, contacts: Collection[int]) -> dict[int, Receiver]:
    """The receivers by contact id, with all their addresses."""
    if not contacts:
        return {}
    places: dict[int, list[Place]] = {}
    for row in tx.execute(select(_address).where(_address.c.contact_id.in_(list(contacts))).order_by(_address.c.id)):
        place = Place(row.id, row.channel, row.sealed, row.last_inbound_at, row.unreachable_at)
        places.setdefault(row.contact_id, []).append(place)
    rows = tx.execute(
        select(
            _contact.c.id, _contact.c.status, _contact.c.timezone, _contact.c.paused_until, _cohort.c.paused_at,
            _identity.c.sealed, _contact.c.held_at,
        )
        .select_from(
            _contact.join(_cohort, _cohort.c.id == _contact.c.cohort_id).outerjoin(
                _identity, _identity.c.contact_id == _contact.c.id
            )
        )
        .where(_contact.c.id.in_(list(contacts)))
    )
    return {
        row.id: Receiver(
            row.id, row.status, row.timezone, row.paused_until, row.paused_at is not None, row.sealed,
            tuple(places.get(row.id, ())), row.held_at is not None,
        )
        for row in rows
    }


def stranger(tx: Connection, inbound: int) -> tuple[str, str, bytes]:
    """Who wrote an inbound message that nobody is known to have sent: (channel, sid, sealed form)."""
    row = tx.execute(
        select(_inbound.c.channel, _inbound.c.sid, _inbound.c.sealed).where(_inbound.c.id == inbound)
    ).one()
    return row.channel, row.sid, row.sealed


def unreachable(tx: Connection, place: int, now: datetime) -> None:
    """Note that an address cannot be reached by its channel, so that it is not tried again."""
    tx.execute(_address.update().where(_address.c.id == place).values(unreachable_at=now))
