"""Looks up the study id of an officer by name or number. Names are sealed, so all of them are opened and searched: a second for some
thousands. The audit log has the person who searched, but not for whom."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.channels.addresses import canonical, is_user_id
from app.sheets.columns import folded
from app.store import addresses, audit
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, IDENTITY
from app.store.vault import Vault

SHORTEST_ENDING = 4
"""Digits of a number's end that are enough for a search."""


@dataclass(frozen=True, slots=True)
class OfficerIdentity:
    """An officer with name and numbers."""

    study_id: str
    name: str
    cohort: str
    status: str
    numbers: tuple[str, ...]


def find(
    tx: Connection, vault: Vault, wanted: str, now: datetime, actor: str = "command line"
) -> list[OfficerIdentity]:
    """The officers whose name has words that begin with each of these, or whose number ends with these digits."""
    words, digits = folded(wanted).split(), canonical("sms", wanted).removeprefix("+")
    joined = CONTACT_WITH_COHORT.join(IDENTITY, IDENTITY.c.contact_id == CONTACT.c.id)
    columns = (CONTACT.c.id, CONTACT.c.study_id, CONTACT.c.status, COHORT.c.code, IDENTITY.c.sealed)
    found = []
    for row in tx.execute(select(*columns).select_from(joined).order_by(CONTACT.c.id)):
        name = json.loads(vault.open(row.sealed, f"identity:{row.id}")).get("nombre", "")
        own = folded(name).split()
        by_name = bool(words) and all(any(part.startswith(word) for part in own) for word in words)
        if not by_name and not (digits.isdecimal() and len(digits) >= SHORTEST_ENDING):
            continue
        numbers = _numbers(tx, vault, row.id)
        if by_name or any(number.endswith(digits) for number in numbers):
            found.append(OfficerIdentity(row.study_id, name, row.code, row.status, numbers))
    audit.record(tx, now, actor, "officers find", "identity", {"found": len(found)})
    return found


def _numbers(tx: Connection, vault: Vault, contact: int) -> tuple[str, ...]:
    opened = dict.fromkeys(vault.open(one.sealed, f"address:{contact}") for one in addresses.held(tx, contact))
    return tuple(number for number in opened if not is_user_id(number))
