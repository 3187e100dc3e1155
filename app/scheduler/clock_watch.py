"""Watches the system clock. A clock that was set back or forward is logged and raises an alert for an hour; after a step back,
whatever waits for a moment of the other clock is decided on again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.clock import FARTHEST_AHEAD
from app.store import clock_steps, files, heartbeat, leases, our_numbers, outbox
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

STEP = timedelta(minutes=1)
"""The smallest step that is noticed."""

SHOWN_SECONDS = 3600.0
"""How long the alert stays open after the last step."""


@dataclass(slots=True)
class ClockWatch:
    """Compares our clock with the machine's `monotonic` one, from tick to tick, and at the first tick with the lease that processes
    before this one had."""

    monotonic: Callable[[], float] = time.monotonic
    _last: tuple[datetime, float] | None = None
    _step: timedelta = timedelta()
    _closes: float | None = None

    async def look(self, ledger: Ledger, now: datetime) -> None:
        """Notice a step since the last look. Raises ExternalError if the database is down; then the next look stores it."""
        at = self.monotonic()
        if self._last is None:
            self._step = await ledger.run(partial(self._since_others, now=now))
            self._closes = at + SHOWN_SECONDS  # of an alert that an earlier process left open
        else:
            step = (now - self._last[0]) - timedelta(seconds=at - self._last[1])
            self._step += step if abs(step) >= STEP else timedelta()
        self._last = now, at
        if self._step:
            seconds = round(self._step.total_seconds())
            log.error("the clock was set: check the machine's time service", seconds=seconds)
            await ledger.run(partial(_note, now=now, seconds=seconds))
            self._step, self._closes = timedelta(), at + SHOWN_SECONDS
        elif self._closes is not None and at >= self._closes:
            await ledger.run(lambda tx: clock_steps.close(tx, now))
            self._closes = None

    def _since_others(self, tx: Connection, now: datetime) -> timedelta:
        """How far the clock was set back while no process ran: negative, or zero."""
        until = leases.until(tx, heartbeat.TICKS)
        latest = now + heartbeat.LONGEST_LEASE + FARTHEST_AHEAD
        return latest - until if until is not None and until > latest else timedelta()


def _note(tx: Connection, now: datetime, seconds: int) -> None:
    clock_steps.note(tx, now, seconds)
    if seconds < 0:
        clock_steps.move_starts(tx, now, timedelta(seconds=seconds))
        our_numbers.end_throttles(tx)
        outbox.decide_again(tx, now)
        files.try_again(tx, now)
