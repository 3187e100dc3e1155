"""Delivers alerts to the people named for them, with growing pauses until the server takes them. What is claimed in the database is
attempted by one process only. A process that is killed between the server's yes and its own note sends that one again, after
`CLAIMED_FOR`, under the same Message-ID."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

import structlog

from app.alerting.receivers import Announcer
from app.alerting.ways import NO_SERVER, Hook, Mailer, Undelivered
from app.alerting.wording import as_json, notice
from app.clock import FARTHEST_AHEAD, Clock
from app.store import alert_deliveries, dead_letters
from app.store.alert_deliveries import Delivery
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

CLAIMED_FOR = timedelta(minutes=1)
"""Longer than all attempts of one round may take."""
AT_ONCE = 20
"""Deliveries claimed in one round, each attempted at the same time."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers urgent alerts, or all others, in two tasks, so that a server that hangs with the others holds no crisis up. `simulated`:
    the officers are invented. Any number of processes may run one."""

    ledger: Ledger
    announcer: Announcer
    clock: Clock
    mailer: Mailer | None
    hook: Hook
    urgent: bool
    simulated: bool = False

    @property
    def name(self) -> str:
        """Its name in the log."""
        return "urgent_alerts" if self.urgent else "alerts"

    async def once(self) -> timedelta:
        """Attempt what is due. Returns the time until the next call. Raises ExternalError if the database is down."""
        now = self.clock()
        if self.urgent:
            await self.ledger.run(partial(self.announcer.announce, now=now))
        claim = partial(
            alert_deliveries.claim,
            now=now,
            until=now + CLAIMED_FOR,
            limit=AT_ONCE,
            longest=max(LONGEST_RETRY, CLAIMED_FOR) + FARTHEST_AHEAD,
            urgent=self.urgent,
        )
        due = await self.ledger.run(claim)
        await asyncio.gather(*[self._deliver(some) for some in self._together(due)])
        return timedelta()

    def _together(self, due: Sequence[Delivery]) -> list[list[Delivery]]:
        """Group the alerts into e-mails and requests: one for each receiver, and one more for each urgent alert."""
        if self.urgent:
            return [[one] for one in due]
        in_order = sorted(due, key=lambda one: (one.key.receiver, one.id))
        return [list(some) for _, some in groupby(in_order, key=lambda one: one.key.receiver)]

    async def _deliver(self, some: Sequence[Delivery]) -> None:
        """Attempt one e-mail or request, and note how it went. Whatever goes wrong with it stops no other."""
        try:
            await self._send(some)
        except Undelivered as error:
            await self._failed(some, str(error))
        except Exception as error:  # noqa: BLE001 - the edge
            await self._failed(some, dead_letters.describe(error))
        else:
            await self.ledger.run(partial(alert_deliveries.sent, deliveries=some, now=self.clock()))

    async def _send(self, some: Sequence[Delivery]) -> None:
        way, _, place = some[0].key.receiver.partition(":")
        key = hashlib.sha256("|".join(map(str, (one.key for one in some))).encode()).hexdigest()[:32]
        if way == "webhook":
            await self.hook.post(place, [as_json(one, simulated=self.simulated) for one in some], key)
        elif self.mailer is None:
            raise Undelivered(NO_SERVER)
        else:
            zone = self.announcer.timezone(some[0].alert.programme)
            await self.mailer.send(place, notice(some, zone, simulated=self.simulated), key)

    async def _failed(self, some: Sequence[Delivery], error: str) -> None:
        attempts = min(one.attempts for one in some)
        log.warning(
            "an alert could not be delivered", alerts=[one.key.alert_id for one in some], attempts=attempts, error=error
        )
        due_at = next_try(attempts, self.clock())
        await self.ledger.run(partial(alert_deliveries.failed, deliveries=some, due_at=due_at, error=error))


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after this many attempts: the wait doubles, up to 15 minutes."""
    return now + min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 20)))
