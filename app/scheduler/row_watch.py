"""Looks for officers whose rows this release cannot read, some at a time, so that a page can tell their number at once: `trato officers check`
looks at all of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.store import damaged_rows

EVERY_LOOK = timedelta(hours=1)
_AT_ONCE = 1_000


@dataclass(slots=True)
class RowWatch:
    """The look of one process: it has come to the officer `_last`, and has found these."""

    _last: int = 0
    _found: set[int] = field(default_factory=set)

    def look(self, tx: Connection, now: datetime) -> int:
        """Look at the next officers. Returns their number; 0 at the end, when what was found is kept."""
        some = damaged_rows.after(tx, self._last, _AT_ONCE)
        if some:
            self._found |= damaged_rows.damaged_among(tx, some)
            self._last = some[-1]
            return len(some)
        damaged_rows.note_found(tx, self._found, now)
        self._last, self._found = 0, set()
        return 0
