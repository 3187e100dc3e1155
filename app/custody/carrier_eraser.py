"""Lets the carrier delete the messages of erased officers, with their files: one by one, again and again until it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Channel
from app.clock import Clock
from app.errors import ExternalError
from app.store import carrier_deletions
from app.store.carrier_deletions import Due
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

AT_ONCE = 20
IDLE = timedelta(minutes=1)
CLAIMED_FOR = timedelta(minutes=10)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class CarrierEraser:
    """Deletes at the carrier what is due. Any number of processes may run one."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    name: str = "carrier deletions"

    async def once(self) -> timedelta:
        """Delete some messages. Returns the time until the next call. Raises ExternalError if the database is down."""
        due = await self.ledger.run(self._due)
        for one in due:
            await self._delete(one)
        return timedelta() if due else IDLE

    def _due(self, tx: Connection) -> list[Due]:
        now = self.clock()
        carrier_deletions.plan(tx, now)
        return carrier_deletions.claim(tx, now, now + CLAIMED_FOR, AT_ONCE)

    async def _delete(self, one: Due) -> None:
        try:
            await self.channel.delete(one.sid)
        except ExternalError as error:
            log.warning("the carrier has not deleted a message", attempts=one.attempts, error=str(error))
            await self.ledger.run(partial(carrier_deletions.postpone, sid=one.sid, due_at=self._later(one)))
        else:
            await self.ledger.run(partial(carrier_deletions.done, sid=one.sid, now=self.clock()))

    def _later(self, one: Due) -> datetime:
        return self.clock() + min(LONGEST_RETRY, FIRST_RETRY * (1 << min(one.attempts - 1, 10)))
