"""Looks up the study id of an officer by name or number. Names are sealed, so all of them are opened and searched: a second for some
thousands. The audit log has the person who searched, and why, but not for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.channels.addresses import canonical, is_user_id
from app.roster import identities
from app.sheets.columns import folded
from app.store import addresses, audit, enrolment
from app.store.vault import Vault

SHORTEST_ENDING = 4
"""Digits of a number's end that are enough for a search."""


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
    """The officers whose name has words that begin with each of these, or whose number ends with these digits. Names and numbers that
    cannot be opened are not searched: `repair.unopened` has them. Raises UsageError without a reason."""
    why = audit.reason(reason)
    words, digits = folded(wanted).split(), canonical("sms", wanted).removeprefix("+")
    found = []
    for row in enrolment.all_identities(tx):
        more = identities.opened(vault, row.contact_id, row.sealed)
        name = more.pop(identities.NAME, "")
        own = folded(name).split()
        by_name = bool(words) and all(any(part.startswith(word) for part in own) for word in words)
        if not by_name and not (digits.isdecimal() and len(digits) >= SHORTEST_ENDING):
            continue
        numbers = numbers_of(tx, vault, row.contact_id)
        if by_name or any(number.endswith(digits) for number in numbers):
            found.append(OfficerIdentity(row.study_id, name, row.cohort, row.status, numbers, more))
    audit.record(tx, now, actor, "officers find", "identity", {"found": len(found), "reason": why})
    return found


def numbers_of(tx: Connection, vault: Vault, contact: int) -> tuple[str, ...]:
    """The numbers of an officer that are in use and can be opened."""
    context = f"address:{contact}"
    found = [one.sealed for one in addresses.in_use(tx, contact) if vault.opens(one.sealed, context)]
    opened = dict.fromkeys(vault.open(one, context) for one in found)
    return tuple(number for number in opened if not is_user_id(number))
