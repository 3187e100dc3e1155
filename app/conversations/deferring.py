"""Takes up deferred messages: of officers whose row another transaction held when they arrived. Each goes through the ledger
again, in the order of arrival and with the moment of its arrival."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels import sealed_form
from app.conversations.inbound import Arrival
from app.conversations.intake import Intake
from app.store import alerts, dead_letters, deferred
from app.store.dead_letters import DeadLetter
from app.store.deferred import Deferred

log = structlog.get_logger(__name__)

AT_ONCE = 200
LONG = timedelta(minutes=1)
"""How long a lock may last before a person hears of it."""

LOCKED = "locked"
"""The kind of the alert for an officer whose row has been locked for `LONG`."""


@dataclass(frozen=True, slots=True)
class DeferredMessages:
    """The deferred messages of all processes. Any number of processes may take them up."""

    intake: Intake
    name: str = "deferred"

    async def once(self) -> timedelta:
        """Handle the messages of officers whose row is free by now. Returns the time until the next call. Raises ExternalError."""
        ledger = self.intake.ledger
        if ready := await ledger.run(self._look):
            handled = await asyncio.gather(*[self._handle(one) for one in ready])
            # A dead letter has the message now, and its row must not hold up those behind it.
            dead = [one.id for one, result in zip(ready, handled, strict=True) if isinstance(result, DeadLetter)]
            await ledger.run(partial(deferred.remove, ids=dead))
            self.intake.on_answer()
        return timedelta()

    async def _handle(self, one: Deferred) -> object:
        try:
            arrival = self._arrival(one)
        except Exception as error:  # noqa: BLE001 - the edge: one row that cannot be opened must not stop the others
            return await self.intake.ledger.set_aside("inbound", {"MessageSid": one.sid}, dead_letters.describe(error))
        return await self.intake.ledger.submit("inbound", arrival)

    def _look(self, tx: Connection) -> list[Deferred]:
        _watch(tx, self.intake.ledger.clock())
        return deferred.ready(tx, AT_ONCE)

    def _arrival(self, one: Deferred) -> Arrival:
        message = sealed_form.load_message(self.intake.vault.open(one.sealed, deferred.purpose(one.sid)))
        return Arrival.of(replace(message, sent_at=message.sent_at or one.at), self.intake.vault, one.id)


def _watch(tx: Connection, now: datetime) -> None:
    """Ring once for a lock that lasts, and close the alert when it is gone."""
    locked = {f"contact:{contact}" for contact, at in deferred.oldest(tx).items() if now - at >= LONG}
    ringing = set(alerts.subjects(tx, LOCKED))
    for subject in sorted(locked - ringing):
        alerts.ring(tx, LOCKED, subject, now)
        log.error("an officer's row is locked by another transaction: their messages wait", officer=subject)
    for subject in sorted(ringing - locked):
        alerts.close(tx, LOCKED, subject, now)
