"""When officers work, as it is stored: the shift in one column, the times in which it is otherwise in a table of their own."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import Connection, select

from app.flows.shifts import Duty, Shift, ShiftException, usual
from app.store.bulk import MOST_PARAMETERS
from app.store.tables import SHIFT_CHANGE


def duty(shift: str | None, timezone: str, changes: Sequence[ShiftException] = ()) -> Duty:
    """What is known of an officer's turns. The same turns are equal, from whichever of them the shift was counted."""
    return Duty(None if shift is None else _shift(shift, timezone), tuple(changes))


def changes(tx: Connection, contacts: Collection[int]) -> dict[int, list[ShiftException]]:
    """The changes of these officers' turns, in order. Who has none is absent."""
    found: dict[int, list[ShiftException]] = {}
    ids = list(contacts)
    for begin in range(0, len(ids), MOST_PARAMETERS):
        wanted = (
            select(SHIFT_CHANGE.c.contact_id, SHIFT_CHANGE.c.kind, SHIFT_CHANGE.c.starts_at, SHIFT_CHANGE.c.ends_at)
            .where(SHIFT_CHANGE.c.contact_id.in_(ids[begin : begin + MOST_PARAMETERS]))
            .order_by(SHIFT_CHANGE.c.contact_id, SHIFT_CHANGE.c.starts_at)
        )
        for contact, *values in tx.execute(wanted):
            found.setdefault(contact, []).append(ShiftException(*values))
    return found


@lru_cache(maxsize=4096)
def _shift(text: str, timezone: str) -> Shift:
    return usual(Shift.from_json(text, timezone))
