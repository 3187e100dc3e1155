"""Whether this process can store a message, for `/readyz`, and what else is wrong, which takes no webhook away from it. A result
holds for a few seconds, so that many requests cost one write."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import structlog
from sqlalchemy import Connection

from app.errors import AppError, ConfigurationError
from app.store import alerts, heartbeat, keys, our_numbers, restored, schema_version, status, sweeps, webhook_tally
from app.store.ledger import Ledger
from app.web.health import State

log = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
LONGEST_SECONDS = 10.0
"""How long the write may take. A carrier waits 15 seconds for the answer to a webhook."""

STOPPED = ("clock_stopped", "service")
"""Kind and subject of the alert that the clock has stopped."""


@dataclass(slots=True)
class Readiness:
    """The readiness of one process. `silent` gives the seconds since the last tick of this process (None before the first), and is
    None if it has no clock; it may be silent for `longest_silence` seconds. `swept`: the carrier has a list of messages. `is_held`: the
    process takes no message yet, after a restore."""

    ledger: Ledger
    silent: Callable[[], float | None] | None
    longest_silence: float
    swept: bool
    is_held: Callable[[], bool] = lambda: False
    _born: float = field(default_factory=time.monotonic)
    _at: float = 0.0
    _state: State | None = None
    _rung: bool | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self) -> State:
        """The state now, or a few seconds ago."""
        async with self._lock:
            if self._state is None or time.monotonic() - self._at > FRESH_SECONDS:
                found = await self._look()
                if found.checks != (self._state or found).checks or (self._state is None and not found.ready):
                    _log(found.checks)
                self._state, self._at = found, time.monotonic()
            return self._state

    async def _look(self) -> State:
        checks = {"database": False, "schema": True, "key": True, **({"recovered": False} if self.is_held() else {})}
        detail = dict[str, object]()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                checks["schema"] = await asyncio.to_thread(self._has_schema)
                if checks["schema"]:
                    checks["key"], self._rung = await self.ledger.run(self._beat)
                    detail = await asyncio.to_thread(self._detail)
                    checks["database"] = not self.ledger.is_full
        except (AppError, TimeoutError):
            pass
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, a message could not be stored
            log.warning("the heartbeat failed", error=type(error).__name__)
        return State(checks, detail)

    def _has_schema(self) -> bool:
        try:
            self.ledger.database.check()
        except ConfigurationError:
            return False
        return True

    def _beat(self, tx: Connection) -> tuple[bool, bool]:
        """Whether the key is right, and whether the clock has stopped."""
        now = self.ledger.clock()
        heartbeat.beat(tx, now)
        stopped = not self._is_ticking(tx)
        if stopped and self._rung is not True:
            alerts.ring(tx, *STOPPED, now)
        elif not stopped and self._rung is not False:
            alerts.close(tx, *STOPPED, now)
        return keys.is_right(tx, self.ledger.vault), stopped

    def _is_ticking(self, tx: Connection) -> bool:
        since_start = time.monotonic() - self._born
        if self.silent is None:
            return heartbeat.is_ticking(tx, self.ledger.clock()) or since_start <= self.longest_silence
        silent = self.silent()
        return (since_start if silent is None else silent) <= self.longest_silence

    def _detail(self) -> dict[str, object]:
        now = self.ledger.clock()
        with self.ledger.database.reading() as tx:
            stopped = status.stopped(tx)
            schema = schema_version.read(tx)
            webhooks = webhook_tally.read(tx)
            held = restored.pending(tx)
            return {
                **({"newer_schema": schema.version} if schema.is_newer else {}),
                **({"held_after_restore": held.since.isoformat()} if held is not None else {}),
                "clock": "stopped" if self._rung else "ticking",
                **({"sweep": sweeps.state(tx, now)} if self.swept else {}),
                "failing_jobs": sorted(status.failing_jobs(tx)),
                "senders_paused": len(stopped["senders_paused"]),
                "senders_resting": len(our_numbers.resting(tx, now)),
                "cohorts_paused": len(stopped["cohorts_paused"]),
                "officers_held": len(stopped["officers_held"]),
                "on_hold": {reason: len(officers) for reason, officers in status.on_hold(tx).items()},
                "stopped": stopped["stopped"],
                **({"webhooks": asdict(webhooks)} if webhooks.forged else {}),
                "alerts": alerts.counts(tx),
            }


def _log(checks: Mapping[str, bool]) -> None:
    if all(checks.values()):
        log.info("messages can be stored again")
    else:
        log.error("messages cannot be stored", failing=[name for name, passed in checks.items() if not passed])
