"""Counts the webhooks of this process, genuine and forged, and writes the counts now and then: a flood of forgeries costs one small
transaction every few seconds."""

import asyncio
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection

from app.errors import AppError
from app.store import webhook_tally
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0


@dataclass(slots=True)
class Tally:
    """The webhooks since the counts were last written."""

    genuine: int = 0
    forged: int = 0
    naming_us: int = 0

    def accepted(self) -> None:
        """A webhook was genuine, and is stored."""
        self.genuine += 1

    def refused(self, *, names_us: bool) -> None:
        """A webhook was forged. `names_us`: see `Forged`."""
        self.forged += 1
        self.naming_us += names_us

    async def run(self, ledger: Ledger) -> None:
        """Write the counts until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write(ledger)

    async def write(self, ledger: Ledger) -> None:
        """Write the counts, if there are any. Those of a time without a database are written later."""
        genuine, forged, naming_us = self.genuine, self.forged, self.naming_us
        if not genuine and not forged:
            return
        try:
            await ledger.run(partial(_add, genuine, forged, naming_us, ledger))
        except AppError:  # the database does not answer, which others have said
            return
        except Exception as error:  # noqa: BLE001 - the edge: counting must end neither the service nor its orderly stop
            log.warning("webhooks could not be counted", error=type(error).__name__)
            return
        self.genuine -= genuine
        self.forged -= forged
        self.naming_us -= naming_us


def _add(genuine: int, forged: int, naming_us: int, ledger: Ledger, tx: Connection) -> None:
    webhook_tally.add(tx, genuine, forged, naming_us, ledger.clock())
