"""One bad destination: the carrier may not, or will not, deliver to an officer's number. That message fails, the officer is marked,
with an alert, and our number goes on. It pauses once the destinations of several officers in a row are refused: then it is our
number, or its account, that is at fault."""

import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.clock import Clock
from app.sending import pausing
from app.sending.rounds import repeat
from app.store import addresses, alerts, our_numbers, resends
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

SEVERAL = 3
"""This many officers in a row show that our own number is at fault."""

EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message whose destination was refused: its row, its officer, its channel, and the carrier's code. `sent_at` is the moment
    from which the officer's addresses were in use."""

    id: int
    contact_id: int
    channel: str
    code: int | None
    sent_at: datetime


def refused(tx: Connection, sender: str, message: RefusedMessage, now: datetime) -> bool:
    """Mark the officer's addresses on this channel as unreachable, and ring. Pauses our number instead of ringing if it is refused
    by several officers in a row. Returns whether it did."""
    resends.without_channel(tx, message.contact_id, message.channel, message.sent_at, now)
    if our_numbers.refuse(tx, sender, message.id, now) >= SEVERAL:
        pausing.refused(tx, sender, message.code, now)
        return True
    study_id = addresses.study_ids(tx, [message.contact_id]).get(message.contact_id)
    detail = {"study_id": study_id, "channel": message.channel, "code": message.code}
    if alerts.ring(tx, pausing.DESTINATION, f"contact:{message.contact_id}", now, detail):
        log.error("the carrier does not deliver to an officer's number", officer=study_id, code=message.code)
    return False


@dataclass(frozen=True, slots=True)
class DestinationWatch:
    """Closes the alerts of officers who can be reached again: they wrote, got another number, or were resumed."""

    ledger: Ledger
    clock: Clock

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        await repeat(self.once, EVERY_SECONDS, "refused destinations could not be looked at again")

    async def once(self) -> None:
        """Look at every officer with such an alert."""
        await self.ledger.run(self._close)

    def _close(self, tx: Connection) -> None:
        for alert in alerts.open_alerts(tx, pausing.DESTINATION):
            contact = int(alert.subject.removeprefix("contact:"))
            if not addresses.is_marked(tx, contact, json.loads(alert.detail)["channel"]):
                alerts.close(tx, pausing.DESTINATION, alert.subject, self.clock())
