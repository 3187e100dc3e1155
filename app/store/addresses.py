"""Changes of officers' addresses: lookups, retiring one, adding another. A retired address belongs to nobody: messages from it
are from an unknown sender, and nothing is sent there. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.errors import UsageError
from app.store.bulk import insert_records
from app.store.contacts import of_programmes
from app.store.records import NewAddress
from app.store.tables import ADDRESS, CONTACT
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class AddressInUse:
    """An address in use, sealed."""

    channel: str
    lookup: str
    sealed: bytes


def in_use(tx: Connection, contact: int) -> list[AddressInUse]:
    """An officer's addresses in use, oldest first."""
    columns = (ADDRESS.c.channel, ADDRESS.c.lookup, ADDRESS.c.sealed)
    found = (
        select(*columns).where(ADDRESS.c.contact_id == contact, ADDRESS.c.retired_at.is_(None)).order_by(ADDRESS.c.id)
    )
    return [AddressInUse(*row) for row in tx.execute(found)]


def every_in_use(tx: Connection, scope: Collection[str] | None) -> Iterator[tuple[int, bytes]]:
    """Every address in use of the officers of these programmes, None for all, sealed, with its officer."""
    own = of_programmes(ADDRESS.c.contact_id, scope)
    wanted = select(ADDRESS.c.contact_id, ADDRESS.c.sealed).where(ADDRESS.c.retired_at.is_(None), *own)
    return ((contact, sealed) for contact, sealed in tx.execute(wanted.order_by(ADDRESS.c.contact_id)))


def all_sealed(tx: Connection, contact: int, channel: str) -> list[bytes]:
    """Every address an officer has had on a channel, sealed: an earlier message may have gone there."""
    found = select(ADDRESS.c.sealed).where(ADDRESS.c.contact_id == contact, ADDRESS.c.channel == channel)
    return list(tx.execute(found.order_by(ADDRESS.c.id)).scalars())


def sample(tx: Connection, but: int | None, most: int) -> list[tuple[int, bytes]]:
    """An address of each of some other officers, about `most` of the first and `most` of the last: (contact id, sealed)."""
    others = select(ADDRESS.c.contact_id, ADDRESS.c.sealed)
    if but is not None:
        others = others.where(ADDRESS.c.contact_id != but)
    found: dict[int, bytes] = {}
    for order in (ADDRESS.c.id, ADDRESS.c.id.desc()):
        found |= dict(tx.execute(others.order_by(order).limit(2 * most)).all())
    return list(found.items())


def former_owners(tx: Connection, lookups: Collection[str]) -> dict[str, list[int]]:
    """The former owners of those addresses, of these, that nobody uses now: contact ids by lookup."""
    mine = select(ADDRESS.c.lookup, ADDRESS.c.contact_id).where(ADDRESS.c.lookup.in_(list(lookups)))
    found: dict[str, list[int]] = {}
    for lookup, contact in tx.execute(mine.where(ADDRESS.c.retired_at.is_not(None)).distinct()):
        found.setdefault(lookup, []).append(contact)
    for lookup in tx.execute(mine.where(ADDRESS.c.retired_at.is_(None))).scalars():
        found.pop(lookup, None)
    return found


def retire(tx: Connection, contact: int, channels: Collection[str], now: datetime, keep: str = "") -> int:
    """Retire all of an officer's addresses on these channels, except the one with the lookup `keep`. Returns how many."""
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


def give_up(tx: Connection, contact: int, lookups: Collection[str], now: datetime) -> int:
    """Retire an officer's addresses with these lookups, on every channel. Returns how many."""
    theirs = (ADDRESS.c.contact_id == contact, ADDRESS.c.lookup.in_(list(lookups)), ADDRESS.c.retired_at.is_(None))
    return int(tx.execute(update(ADDRESS).where(*theirs).values(retired_at=now)).rowcount)


def confirm(tx: Connection, contact: int, now: datetime) -> None:
    """Record that the addresses that an officer uses are still the officer's."""
    theirs = (ADDRESS.c.contact_id == contact, ADDRESS.c.retired_at.is_(None))
    tx.execute(update(ADDRESS).where(*theirs).values(confirmed_at=now))


def add(tx: Connection, records: Sequence[NewAddress]) -> None:
    """Addresses to use from now on. One that is somebody's already changes nothing."""
    insert_records(tx, ADDRESS, records, ignore=True)


def study_ids(tx: Connection, contacts: Collection[int]) -> dict[int, str]:
    """The study ids of officers, by contact id."""
    return dict(tx.execute(select(CONTACT.c.id, CONTACT.c.study_id).where(CONTACT.c.id.in_(list(contacts)))).all())


def contact(tx: Connection, study_id: str) -> int | None:
    """The contact id of a study id, in upper or lower case; None if there is none, or if the officer was erased."""
    found = select(CONTACT.c.id).where(CONTACT.c.study_id == study_id.strip().upper(), CONTACT.c.erased_at.is_(None))
    return tx.execute(found).scalar_one_or_none()


def known(tx: Connection, study_id: str) -> int:
    """The contact id of a study id. Raises UsageError where `contact` gives None."""
    found = contact(tx, study_id)
    if found is None:
        raise UsageError(
            Sentence(
                "no officer has the study id {officer}: `trato officers find` looks it up",
                officer=study_id.strip().upper(),
            ),
            "unknown_officer",
        )
    return found


def is_marked(tx: Connection, contact: int, channel: str) -> bool:
    """Whether an address of the officer that is in use on this channel is marked as unreachable."""
    marked = select(ADDRESS.c.id).where(
        ADDRESS.c.contact_id == contact,
        ADDRESS.c.channel == channel,
        ADDRESS.c.retired_at.is_(None),
        ADDRESS.c.unreachable_at.is_not(None),
    )
    return tx.execute(marked.limit(1)).first() is not None


def unmark(tx: Connection, contacts: Collection[int], channel: str) -> bool:
    """Try the addresses of officers on a channel again. True if any was marked as unreachable."""
    marked = ADDRESS.c.contact_id.in_(list(contacts)) & (ADDRESS.c.channel == channel)
    done = tx.execute(update(ADDRESS).where(marked, ADDRESS.c.unreachable_at.is_not(None)).values(unreachable_at=None))
    return bool(done.rowcount)
