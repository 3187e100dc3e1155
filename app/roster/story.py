"""One officer's whole story, for the person who is asked about it. Without words unless they are asked for; the audit log keeps both."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.channels.addresses import is_user_id
from app.roster import identities, people
from app.roster.people import OfficerIdentity
from app.store import addresses, audit, cases, dialogue, enrolment, shift_changes, stories
from app.store.audit import Entry
from app.store.dialogue import ConsentLine, Following, Line
from app.store.shift_changes import StoredChange
from app.store.stories import Coming, Moment, Standing
from app.store.vault import Vault

MOST_COMING = 5
SHOWN = "officers show"
"""The action of the audit entry of an officer who was looked at."""

_SHOWN = 4
"""Characters of a number's end that are shown."""


@dataclass(frozen=True, slots=True)
class Story:
    """An officer: how they stand, what has happened, what is planned, and who did what to them."""

    standing: Standing
    moments: list[Moment]
    coming: list[Coming]
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class MaskedNumber:
    """A number of an officer, of which only the end is shown."""

    channel: str
    ending: str
    unreachable: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class Dialogue:
    """An officer with a page of the conversation: `earlier`, there is more before it. `case` is the open case."""

    contact: int
    standing: Standing
    lines: list[Line]
    earlier: bool
    consents: list[ConsentLine]
    leave: list[StoredChange]
    numbers: list[MaskedNumber]
    following: list[Following]
    case: int | None


def of(tx: Connection, study_id: str, now: datetime, actor: str, *, words: bool = False) -> Story:
    """The story of an officer. Raises UsageError for an unknown study id."""
    contact = addresses.known(tx, study_id)
    moments = stories.moments(tx, contact)
    entries = audit.about(tx, f"contact:{contact}")
    audit.record(tx, now, actor, SHOWN, f"contact:{contact}", {"words": words, "moments": len(moments)})
    return Story(
        stories.standing(tx, contact),
        moments if words else [moment._replace(words="") for moment in moments],
        stories.coming(tx, contact, MOST_COMING),
        entries,
    )


def page(
    tx: Connection,
    vault: Vault,
    study_id: str,
    before: datetime | None,
    now: datetime,
    actor: str,
    *,
    most: int,
    words: bool,
) -> Dialogue:
    """An officer with the latest messages before a moment; without `words` those of the officer are left out. The audit log keeps which.
    Raises UsageError for an unknown study id."""
    contact = addresses.known(tx, study_id)
    found = dialogue.lines(tx, contact, before, most + 1)
    shown = [line if words or line.ours else line._replace(words="") for line in found[-most:]]
    audit.record(tx, now, actor, SHOWN, f"contact:{contact}", {"words": words, "moments": len(shown)})
    return Dialogue(
        contact,
        stories.standing(tx, contact),
        shown,
        len(found) > most,
        dialogue.consents(tx, contact),
        shift_changes.by_officer(tx, [contact]).get(contact, []),
        _numbers(tx, vault, contact),
        dialogue.following(tx, contact),
        cases.open_of(tx, contact),
    )


def who(tx: Connection, vault: Vault, study_id: str, reason: str, now: datetime, actor: str) -> OfficerIdentity:
    """Name and numbers of an officer. The audit log keeps that somebody looked, and why. Raises UsageError without a reason."""
    why, contact = audit.reason(reason), addresses.known(tx, study_id)
    standing = stories.standing(tx, contact)
    stored = enrolment.identities(tx, [contact]).get(contact)
    more = {} if stored is None else identities.opened(vault, contact, stored)
    name = more.pop(identities.NAME, "")
    audit.record(tx, now, actor, "officers who", f"contact:{contact}", {"reason": why})
    numbers = people.numbers_of(tx, vault, [contact]).get(contact, ())
    return OfficerIdentity(standing.study_id, name, standing.cohort, standing.status, numbers, more)


def programme_of(tx: Connection, study_id: str) -> str:
    """The programme of an officer. Raises UsageError for an unknown study id."""
    return stories.standing(tx, addresses.known(tx, study_id)).programme


def _numbers(tx: Connection, vault: Vault, contact: int) -> list[MaskedNumber]:
    found = []
    for one in dialogue.numbers(tx, contact):
        plain = vault.readable(one.sealed, f"address:{contact}") or ""
        ending = f"{plain[:3] if is_user_id(plain) else ''}…{plain[-_SHOWN:]}" if plain else "…"
        found.append(MaskedNumber(one.channel, ending, one.unreachable_at is not None, one.retired_at is not None))
    return found
