"""Finds damaged rows of officers: columns whose text this release cannot read. Read as text, one row after the other, so that
nothing damaged can stop the search. Also the checks of what is about to be written to these columns."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from app.flows.engine.state import State
from app.flows.language.vocabulary import is_zone
from app.flows.shifts import Shift, is_possible
from app.store import sealing, state_values
from app.store.bulk import portions
from app.store.sealing import SESSION_STATE
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, SESSION
from app.wording import Sentence

ReadSession = Callable[[int, str], object]
"""Reads a session by its version and state. Raises any error if this release cannot."""


SESSION_FIELD = "session"


@dataclass(frozen=True, slots=True)
class Finding:
    """A damaged field of an officer. `field` is a column of the contact, `cohort dates`, or `session`."""

    contact_id: int
    study_id: str
    programme: str
    cohort: str
    field: str
    problem: str


def decode_only(version: int, state: str) -> object:  # noqa: ARG001 - as ReadSession
    """Read a session's state, whatever its version."""
    return State.from_json(state)


def find(
    tx: Connection, contacts: Collection[int] | None = None, read_session: ReadSession = decode_only
) -> Iterator[Finding]:
    """The damaged fields of these officers, or (None) of all, by id."""
    columns = (
        CONTACT.c.id,
        CONTACT.c.study_id,
        COHORT.c.programme,
        COHORT.c.code,
        CONTACT.c.timezone,
        CONTACT.c.attributes,
        CONTACT.c.dates,
        CONTACT.c.shift,
        COHORT.c.dates.label("shared"),
        SESSION.c.flow_version_id,
        SESSION.c.state,
    )
    joined = CONTACT_WITH_COHORT.outerjoin(
        SESSION, (SESSION.c.contact_id == CONTACT.c.id) & SESSION.c.ended_at.is_(None)
    )
    wanted = select(*columns).select_from(joined).order_by(CONTACT.c.id)
    if contacts is None:
        rows = tx.execute(wanted).all()
    else:
        rows = [row for some in portions(list(contacts)) for row in tx.execute(wanted.where(CONTACT.c.id.in_(some)))]
    for row in rows:
        yield from _findings(tx, row, read_session)


def is_damaged(tx: Connection, contact: int) -> bool:
    """Whether anything of an officer's row or session is damaged."""
    return any(find(tx, [contact]))


def _ignore(version: int, state: str) -> None:
    del version, state


def unreadable(tx: Connection, programme: str | None = None, cohort: str | None = None) -> dict[int, str]:
    """The officers of a programme or a cohort (None: all) whose own rows are damaged, whatever their session: study ids by contact id.
    Commands leave them out, and list them."""
    return {
        one.contact_id: one.study_id
        for one in find(tx, read_session=_ignore)
        if programme in (None, one.programme) and cohort in (None, one.cohort)
    }


# -- the number of them, which the clock keeps -----------------------------------------------------------------------

_LOOKED = "unreadable officers"
"""The name of the value that has the officers found at the last look, as JSON."""


def note_found(tx: Connection, contacts: Collection[int], now: datetime) -> None:
    """Keep the officers whose own rows a look at all of them found damaged."""
    state_values.write(tx, _LOOKED, json.dumps(sorted(contacts)), now)


def known_number(tx: Connection) -> int:
    """The number of officers whose own rows are damaged: of those that the last look found, which may have been mended since. Before the first
    look, all officers are looked at."""
    kept = state_values.read(tx, _LOOKED)
    among = None if kept is None else json.loads(kept)
    return len({one.contact_id for one in find(tx, among, _ignore)})


def after(tx: Connection, last: int, most: int) -> list[int]:
    """The next officers, by id: a part of a look at all of them."""
    found = select(CONTACT.c.id).where(CONTACT.c.id > last).order_by(CONTACT.c.id).limit(most)
    return list(tx.execute(found).scalars())


def damaged_among(tx: Connection, contacts: Collection[int]) -> set[int]:
    """Those of these officers whose own rows are damaged, whatever their session."""
    return {one.contact_id for one in find(tx, contacts, _ignore)}


def _findings(tx: Connection, row: Any, read_session: ReadSession) -> Iterator[Finding]:  # noqa: ANN401 - a row of `find`
    texts = {name: getattr(row, name) for name in CHECKS} | {"cohort dates": row.shared}
    for field, text in texts.items():
        if (problem := CHECKS[field.removeprefix("cohort ")](text)) is not None:
            yield Finding(row.id, row.study_id, row.programme, row.code, field, problem)
    if row.state is not None:
        try:
            read_session(row.flow_version_id, sealing.open_text(tx, SESSION_STATE, row.id, row.state))
        except Exception as error:  # noqa: BLE001 - whatever a damaged state causes
            yield Finding(
                row.id, row.study_id, row.programme, row.code, SESSION_FIELD, f"cannot be read ({type(error).__name__})"
            )


# -- one field --------------------------------------------------------------------------------------------------------


@lru_cache(100)
def _zone(text: str) -> str | None:
    return None if is_zone(text) else "is not a time zone"


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _attributes(text: str) -> str | None:
    found = _object(text)
    if found is None:
        return Sentence("is not a JSON object")
    odd = any(value is not None and not isinstance(value, str | int | float | bool) for value in found.values())
    return Sentence("has a value that is neither text nor a number") if odd else None


def _dates(text: str) -> str | None:
    found = _object(text)
    if found is None:
        return Sentence("is not a JSON object")
    return None if all(_is_date(value) for value in found.values()) else "has a value that is not a date"


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@lru_cache(1_000)  # officers have few shifts
def _shift(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        shift = Shift.from_json(text, "UTC")
        possible = is_possible(shift.on, shift.off)
    except (ValueError, TypeError, LookupError):
        return Sentence("is not a shift")
    return None if possible else "has hours that no shift has"


CHECKS: Mapping[str, Callable[[Any], str | None]] = {
    "timezone": _zone,
    "attributes": _attributes,
    "dates": _dates,
    "shift": _shift,
}
"""Checks of single columns, by name. Each returns the problem, or None."""


def sound_part(field: str, text: str) -> dict[str, Any]:
    """The part of `attributes` or `dates` that can be read; empty if the text is not a JSON object."""
    found = _object(text) or {}
    return {name: value for name, value in found.items() if CHECKS[field](json.dumps({name: value})) is None}


def refuse_damaged(values: Mapping[str, object]) -> None:
    """Raise ValueError if a column of an officer or a cohort is about to be written that could not be read again. The text names
    the column, never the value."""
    for name, check in CHECKS.items():
        if name in values and (problem := check(values[name])) is not None:
            raise ValueError(f"{name} {problem}")
