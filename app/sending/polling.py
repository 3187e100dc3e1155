"""Accepted messages with no final status: half a day later the carrier is asked about each, then less and less often; after
three days they are marked and left as they are. An answer is handled as a callback."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Channel, SentMessage
from app.clock import Clock
from app.errors import ExternalError
from app.sending import delivery_reports
from app.sending.rounds import repeat
from app.store import alerts, damage, dead_letters, leases, silent
from app.store.ledger import Ledger
from app.store.silent import Silent

log = structlog.get_logger(__name__)

EVERY_SECONDS = 300.0
AT_A_TIME = 100
AFTER = timedelta(hours=12)
STEPS = ((timedelta(days=1), timedelta(hours=4)), (timedelta(days=3), timedelta(hours=12)))
"""Up to an age of one day every 4 hours, up to three days every 12."""

_LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Poller:
    """Asks about silent messages. Of several processes one at a time does it."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    owner: str

    async def run(self) -> None:
        """Ask every five minutes, until cancelled."""
        await repeat("poll", self.once, EVERY_SECONDS, "silent messages could not be asked about")

    async def once(self) -> int:
        """Ask about the messages that have been silent longest. Returns how many. Raises ExternalError."""
        messages = await self.ledger.run(self._silent)
        for message in messages:
            try:
                found = await self.channel.look_up(message.sid)
                await self.ledger.run(partial(self._record, message=message, found=found))
            except ExternalError:
                raise
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                await self.ledger.run(partial(self._put_off, message=message, error=dead_letters.describe(error)))
        return len(messages)

    def _put_off(self, tx: Connection, message: Silent, error: str) -> None:
        """Ask again at the next step, and tell a person."""
        now = self.clock()
        silent.mark_asked(tx, message.id, now)
        if alerts.ring(tx, damage.DAMAGED, f"message:{message.uid}", now, {"job": "poll", "error": error}):
            log.error("a message's status cannot be recorded", message=message.uid, error=error)

    def _silent(self, tx: Connection) -> list[Silent]:
        now = self.clock()
        if not leases.acquire(tx, "poll", self.owner, now + _LEASE, now):
            return []
        if given_up := silent.give_up(tx, now - STEPS[-1][0]):
            log.warning("messages never got a final status", messages=given_up)
        return silent.to_ask(tx, now, after=AFTER, steps=STEPS, limit=AT_A_TIME)

    def _record(self, tx: Connection, message: Silent, found: SentMessage | None) -> None:
        now = self.clock()
        silent.mark_asked(tx, message.id, now)
        if found is not None:
            silent.save_prices(tx, [found])
            delivery_reports.record(tx, [found.report(message.uid)], now, self.channel.name)
