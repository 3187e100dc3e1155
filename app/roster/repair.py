"""Repairs damaged officers: finds damaged rows, sets a field, ends a session that cannot be read, and releases the hold once nothing
is damaged. All functions take a transaction and commit nothing."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.conversations.library import Library
from app.conversations.sessions import Turn, stop
from app.errors import UsageError
from app.flows.engine.state import State
from app.flows.shifts import Shift
from app.roster import cells, dates
from app.store import audit, contacts, conversations, damage, damaged_rows, enrolment, keys, nudges
from app.store.conversations import Changes
from app.store.damaged_rows import Finding, sound_part
from app.store.enrolment import SealedIdentity
from app.store.vault import Vault
from app.wording import Sentence

ACTION = "mend"
"""The action of audit entries."""


def check(tx: Connection, only: Collection[int] | None = None) -> list[Finding]:
    """The damaged fields of all officers, or of some, with the sessions that the published programmes cannot continue."""
    return list(damaged_rows.find(tx, only, partial(_read_session, tx, Library())))


def unopened(tx: Connection, vault: Vault, only: Collection[int] | None = None) -> list[Finding]:
    """The names and numbers of all officers, or of some, that cannot be opened. Raises ConfigurationError if none could be, because
    the vault has another key."""
    keys.check(tx, vault)
    found: Iterable[SealedIdentity] = enrolment.all_identities(tx) if only is None else enrolment.identified(tx, only)
    identities = {one.contact_id: one for one in found}
    lost = {
        contact: "name" for contact, one in identities.items() if not vault.opens(one.sealed, f"identity:{contact}")
    }
    for one in enrolment.sealed_addresses(tx, list(identities)):
        if not vault.opens(one.sealed, f"address:{one.contact_id}"):
            lost[one.contact_id] = "number"
    return [_unopened(identities[contact], field) for contact, field in sorted(lost.items())]


def _unopened(officer: SealedIdentity, field: str) -> Finding:
    return Finding(officer.contact_id, officer.study_id, "", officer.cohort, field, Sentence("cannot be opened"))


def _read_session(tx: Connection, library: Library, version: int, state: str) -> None:
    """Raise any error if the session cannot be continued."""
    frame = State.from_json(state).frames[-1]
    _ = library.compiled(tx, version).flows[frame.flow].index[frame.step]


def settle(tx: Connection, contact: int, now: datetime) -> list[Finding]:
    """Release an officer with whom nothing is damaged any more; returns what still is."""
    found = check(tx, [contact])
    if not found and damage.release(tx, contact, now):
        contacts.lock(tx, [contact])
        nudges.lay_out_anew(tx, [contact])
    return found


def settle_all(tx: Connection, now: datetime, actor: str) -> list[str]:
    """Release all damaged officers whose rows can be read again; returns their study ids."""
    held = damage.damaged(tx)
    still = {one.contact_id for one in check(tx, held)}
    released = [contact for contact in held if contact not in still]
    for contact in released:
        damage.release(tx, contact, now)
        audit.record(tx, now, actor, ACTION, f"contact:{contact}")
    contacts.lock(tx, released)
    nudges.lay_out_anew(tx, released)
    return [held[contact].study_id for contact in released]


def set_field(tx: Connection, contact: int, field: str, text: str, now: datetime, actor: str) -> None:
    """Set a field as a person writes it. Raises UsageError if the text is not a value of this field."""
    if field not in FIELDS:
        raise UsageError(Sentence("--field must be one of {names}", names=", ".join(FIELDS)))
    stored = enrolment.profiles(tx, [contact])[contact]
    try:
        value = FIELDS[field](text, getattr(stored, field))
    except ValueError as error:
        raise UsageError(Sentence("--value {error}", error=error.args[0])) from None
    contacts.lock(tx, [contact])
    contacts.change(tx, contact, **{field: value})
    nudges.lay_out_anew(tx, [contact])
    audit.record(tx, now, actor, ACTION, f"contact:{contact}", {"field": field})


def end_session(tx: Connection, contact: int, now: datetime, actor: str) -> bool:
    """End an officer's open session without reading it, and without a message. False if none is open."""
    officer = contacts.officers(tx, [contact])[contact]
    if officer.session is None:
        return False
    changes = Changes()
    stop(Turn(tx, Library(), changes, now), officer)
    conversations.write(tx, changes)
    audit.record(tx, now, actor, ACTION, f"contact:{contact}", {"field": damaged_rows.SESSION_FIELD})
    return True


# -- one field --------------------------------------------------------------------------------------------------------


def _zone(text: str, _: str | None) -> str:
    return cells.as_zone(text)


def _shift(text: str, _: str | None) -> str | None:
    """`24x48 2026-03-02 07:00`: the hours, and when one shift begins; empty for an unknown shift."""
    if not text:
        return None
    hours, _space, start = text.partition(" ")
    on, _x, off = cells.as_hours(hours).partition("x")
    return Shift(int(on), int(off), datetime.fromisoformat(dates.as_moment(start)), "UTC").to_json()


def _dates(text: str, stored: str | None) -> str:
    given = {name: dates.as_date(value) for name, value in _pairs(text).items()}
    return _json({**sound_part("dates", stored or ""), **given})


def _attributes(text: str, stored: str | None) -> str:
    given = {name: cells.typed(cells.as_attribute(value)) for name, value in _pairs(text).items()}
    return _json({**sound_part("attributes", stored or ""), **given})


def _pairs(text: str) -> dict[str, str]:
    """`name=value, name=value`, or nothing."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ValueError("must be pairs such as workshop_date=2026-03-02, with commas between")
        found[name.strip()] = value.strip()
    return found


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


FIELDS: Mapping[str, Callable[[str, str | None], str | None]] = {
    "timezone": _zone,
    "shift": _shift,
    "dates": _dates,
    "attributes": _attributes,
}
"""Fields that a person may set: from the text and the stored value to the new value. Of dates and attributes, what can be read stays."""
