"""Closes the alerts of officers whose fault is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app.clock import Clock
from app.sending.rounds import repeat
from app.store import alerts
from app.store.alerts import OpenAlert
from app.store.ledger import Ledger

EVERY_SECONDS = 60.0
_OFFICER = "contact:"

IsOver = Callable[[Connection, int, OpenAlert], bool]
"""Whether the fault of an officer, by contact id, is over."""


@dataclass(frozen=True, slots=True)
class AlertWatch:
    """Looks at the open alerts of some kinds, each with its rule. Alerts that are about no officer stay."""

    ledger: Ledger
    clock: Clock
    rules: Mapping[str, IsOver]

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        await repeat("alert watch", self.once, EVERY_SECONDS, "officers with an alert could not be looked at again")

    async def once(self) -> None:
        """Look at every officer with such an alert."""
        await self.ledger.run(self._close)

    def _close(self, tx: Connection) -> None:
        for kind, is_over in self.rules.items():
            for alert in alerts.open_alerts(tx, kind):
                contact = alert.subject.removeprefix(_OFFICER)
                if contact != alert.subject and is_over(tx, int(contact), alert):
                    alerts.close(tx, kind, alert.subject, self.clock())
