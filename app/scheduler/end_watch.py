"""Ends programmes: after the last day the last message goes to everybody who takes part, by the rules of every nudge; after the last day
for answers open conversations end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, notice, say, stop, write_batch
from app.flows.language.definition import Programme
from app.store import contacts, endings
from app.store.conversations import Changes
from app.store.endings import FAREWELL

EVERY_LOOK = timedelta(minutes=1)
AT_ONCE = 200

FAREWELL_TEMPLATE = "trato_despedida"
"""The approved WhatsApp template of the last message, by its name in the environment's map: it has no variables."""


@dataclass(frozen=True, slots=True)
class EndWatch:
    """Looks at the programmes that have ended."""

    library: Library

    def look(self, tx: Connection, now: datetime) -> int:
        """Send last messages and end conversations, some at a time. Returns how many officers were found: call again."""
        current = [self.library.programmes[version].definition for version in self.library.current.values()]
        return sum(self._end(tx, definition, now) for definition in current)

    def _end(self, tx: Connection, programme: Programme, now: datetime) -> int:
        ended_at, over_at = programme.begins_nothing_from, programme.takes_no_answer_from
        if ended_at is None or over_at is None or now < ended_at:
            return 0
        if now < over_at:
            return self._say_farewell(tx, programme.programme, ended_at, now)
        return self._stop(tx, programme.programme, now)

    def _say_farewell(self, tx: Connection, programme: str, since: datetime, now: datetime) -> int:
        found = endings.without_farewell(tx, programme, since, now, AT_ONCE)
        changes = Changes()
        for officer in contacts.officers(tx, found).values():
            turn = Turn(tx, self.library, changes, now, NUDGE)
            if text := notice(turn, officer, FAREWELL):
                say(turn, officer, FAREWELL, text, FAREWELL_TEMPLATE)
        said = len(changes.outbound)
        write_batch(tx, self.library, changes, now)
        return said

    def _stop(self, tx: Connection, programme: str, now: datetime) -> int:
        found = endings.in_conversation(tx, programme, AT_ONCE)
        changes = Changes()
        for officer in contacts.officers(tx, found).values():
            stop(Turn(tx, self.library, changes, now, NUDGE), officer)
        write_batch(tx, self.library, changes, now)
        return len(found)
