"""Officers who may be one person under two numbers: their names are the same words in any order, or the words of one, two at least, are all
among those of the other. All names are opened; the audit log has the person who looked, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import Connection

from app.roster import identities
from app.sheets.columns import folded
from app.store import audit, enrolment
from app.store.vault import Vault

_FEWEST, _MOST = 2, 8
"""Words of a name that are compared; of more the first ones."""


@dataclass(frozen=True, slots=True)
class Namesake:
    """An officer with the name."""

    study_id: str
    name: str
    cohort: str


Pair = tuple[Namesake, Namesake]


def alike(
    tx: Connection, vault: Vault, reason: str, now: datetime, actor: str, programme: str | None = None
) -> list[Pair]:
    """The pairs, and record that somebody has looked. Raises UsageError without a reason."""
    why = audit.reason(reason)
    names = {
        contact: identities.opened(vault, contact, sealed).get(identities.NAME, "")
        for contact, sealed in enrolment.every_identity(tx, None if programme is None else [programme])
    }
    pairs = sorted({(min(pair), max(pair)) for pair in _pairs({one: _words(name) for one, name in names.items()})})
    known = {
        one.contact_id: Namesake(one.study_id, names[one.contact_id], one.cohort)
        for one in enrolment.identified(tx, {contact for pair in pairs for contact in pair})
    }
    found = [(known[one], known[other]) for one, other in pairs]
    audit.record(tx, now, actor, "officers alike", "identity", {"found": len(found), "reason": why})
    return found


def _words(name: str) -> frozenset[str]:
    return frozenset(folded(name).split()[:_MOST])


def _pairs(words: dict[int, frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Those whose words are among another's: each looks for all parts of its own name."""
    by_name: dict[frozenset[str], list[int]] = {}
    for contact, own in words.items():
        by_name.setdefault(own, []).append(contact)
    for contact, own in words.items():
        for size in range(_FEWEST, len(own) + 1):
            for part in combinations(sorted(own), size):
                yield from ((contact, other) for other in by_name.get(frozenset(part), ()) if other != contact)
