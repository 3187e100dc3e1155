"""Looks up the study id of an officer by name or number. A whole number is found by its keyed hash, at once. Names are sealed, and not even
hashes of them are stored: equal hashes would show how common a name is, and so reveal many names to a thief of the database
without the key. So all names are opened and compared, in a second for some tens of thousands. The audit log has the person who
searched, and why, but not for whom."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.channels.addresses import BadNumber, canonical, is_user_id, parse_number
from app.roster import identities
from app.sheets.columns import folded
from app.store import addresses, audit, contacts, enrolment
from app.store.vault import Vault

SHORTEST_ENDING = 4
"""Digits of a number's end that are enough for a search."""

MOST = 100
"""Officers that a search finds: of more, the name is to be written further."""

_WHOLE = 10
"""Digits that are a whole number."""


@dataclass(frozen=True, slots=True)
class OfficerIdentity:
    """An officer with name and numbers, and the data that the programme declares as identity beside them."""

    study_id: str
    name: str
    cohort: str
    status: str
    numbers: tuple[str, ...]
    more: Mapping[str, str]


def find(tx: Connection, vault: Vault, wanted: str, reason: str, now: datetime, actor: str) -> list[OfficerIdentity]:
    """Search, and record that somebody has. Raises UsageError without a reason."""
    audit.reason(reason)
    found = search(tx, vault, wanted)
    record(tx, found, reason, now, actor)
    return found


def record(tx: Connection, found: Sequence[OfficerIdentity], reason: str, now: datetime, actor: str) -> None:
    """Record that somebody has searched, and why. Raises UsageError without a reason."""
    audit.record(tx, now, actor, "officers find", "identity", {"found": len(found), "reason": audit.reason(reason)})


def search(tx: Connection, vault: Vault, wanted: str, scope: Collection[str] | None = None) -> list[OfficerIdentity]:
    """At most `MOST` officers with this number, or whose number ends with these digits, or whose name has words that begin with each of these. Names
    and numbers that cannot be opened are not searched: `repair.unopened` has them. `scope`: the programmes searched; None for all."""
    number, words = canonical("sms", wanted), folded(wanted).split()
    digits = number.removeprefix("+")
    if not digits.isdecimal():
        return _identities(tx, vault, _named(tx, vault, words, scope)) if words else []
    if (owners := _owners(tx, vault, number)) or len(digits) >= _WHOLE:
        return _identities(tx, vault, owners, scope)
    return _identities(tx, vault, _ending(tx, vault, digits, scope)) if len(digits) >= SHORTEST_ENDING else []


def _owners(tx: Connection, vault: Vault, number: str) -> list[int]:
    """The officer with a whole number, in a list."""
    try:
        whole = parse_number(number)
    except BadNumber:
        return []
    return list(contacts.by_number(tx, vault, [whole]).values())


def _ending(tx: Connection, vault: Vault, digits: str, scope: Collection[str] | None) -> list[int]:
    found: dict[int, None] = {}
    for contact, sealed in addresses.every_in_use(tx, scope):
        if (vault.readable(sealed, f"address:{contact}") or "").endswith(digits):
            found[contact] = None
        if len(found) == MOST:
            break
    return list(found)


def _named(tx: Connection, vault: Vault, words: Sequence[str], scope: Collection[str] | None) -> list[int]:
    """Officers by the words of their names. The letters are compared before the words are, which takes a tenth of the time."""
    found = []
    for contact, sealed in enrolment.every_identity(tx, scope):
        name = identities.opened(vault, contact, sealed).get(identities.NAME, "")
        letters = _plain(name)
        if all(word in letters for word in words):
            own = folded(name).split()
            if all(any(part.startswith(word) for part in own) for word in words):
                found.append(contact)
        if len(found) == MOST:
            break
    return found


def _plain(name: str) -> str:
    """A name in lower case, without accents."""
    return (
        name.lower()
        if name.isascii()
        else "".join(one for one in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(one))
    )


def _identities(
    tx: Connection, vault: Vault, ids: Sequence[int], scope: Collection[str] | None = None
) -> list[OfficerIdentity]:
    """The names and numbers of these officers, at most `MOST` of them, and of these programmes. Erased ones have no identity, and are
    absent."""
    found, officers = [], enrolment.identified(tx, ids[:MOST], scope)
    numbers = numbers_of(tx, vault, [one.contact_id for one in officers])
    for one in officers:
        more = identities.opened(vault, one.contact_id, one.sealed)
        name, own = more.pop(identities.NAME, ""), numbers.get(one.contact_id, ())
        found.append(OfficerIdentity(one.study_id, name, one.cohort, one.status, own, more))
    return found


def numbers_of(tx: Connection, vault: Vault, contacts: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The numbers of officers that are in use and can be opened, by contact, the oldest first. An officer without any is absent."""
    found: dict[int, tuple[str, ...]] = {}
    for one in enrolment.sealed_addresses(tx, contacts):
        number, own = vault.readable(one.sealed, f"address:{one.contact_id}"), found.get(one.contact_id, ())
        if number is not None and number not in own and not is_user_id(number):
            found[one.contact_id] = (*own, number)
    return found
