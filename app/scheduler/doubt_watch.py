"""Asks whose the numbers in doubt are now, and tells a person about those that give no answer or could not be asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.conversations.doubting import ask
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, write_batch
from app.store import alerts, contacts, doubts
from app.store.conversations import Changes
from app.store.doubts import DOUBTED
from app.store.holds import Hold

ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DoubtWatch:
    """Watches the numbers in doubt of the programmes in a library."""

    library: Library

    def look(self, tx: Connection, now: datetime) -> int:
        """Put the question where it has not been put, and open or close each programme's alert."""
        found = doubts.listed(tx)
        self._ask(tx, [one.contact_id for one in found if one.is_to_ask(now)][:ASKED_AT_ONCE], now)
        wanted = {f"programme:{one.programme}" for one in found if one.needs_person(now)}
        ringing = set(alerts.subjects(tx, DOUBTED))
        for subject in sorted(wanted - ringing):
            alerts.ring(tx, DOUBTED, subject, now)
        for subject in sorted(ringing - wanted):
            alerts.close(tx, DOUBTED, subject, now)
        return 0

    def _ask(self, tx: Connection, whom: list[int], now: datetime) -> None:
        turn = Turn(tx, self.library, Changes(), now, NUDGE)
        for officer in contacts.officers(tx, whom).values():
            if Hold.number in officer.holds:  # else answered meanwhile
                ask(turn, officer)
        write_batch(tx, self.library, turn.changes, now)
