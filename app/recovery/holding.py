"""The hold of a process after a restore: until the replay has succeeded, in this process or another, it sends nothing and takes no message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from app.errors import ExternalError
from app.recovery.replaying import Replay
from app.store import leases, restored
from app.store.ledger import Ledger
from app.store.restored import Restored
from app.wording import Sentence

log = structlog.get_logger(__name__)

LIST_BEHIND = timedelta(minutes=2)
"""The carrier's list may lack what was sent just before: it is read so long after the restore at the earliest."""

RETRY_SECONDS = 60.0
_LOOK_SECONDS = 5.0
_RENEW_SECONDS = 30.0
_LEASE = timedelta(minutes=2)
_NAME = "recovery"


@dataclass(slots=True)
class Hold:
    """The hold of one process. `replay` makes a replay; of several processes one replays, for all. `owner` names the process."""

    ledger: Ledger
    owner: str
    replay: Callable[[Restored], Replay]
    is_over: bool = False

    async def run(self) -> None:
        """Return once the time since the backup is known again. Tries for as long as it takes."""
        while (held := await self.ledger.run(restored.pending)) is not None:  # noqa: ASYNC110 - another process may end it
            await asyncio.sleep(await self._attempt(held))
        self.is_over = True

    def check(self) -> None:
        """Raise ExternalError while the hold lasts."""
        if not self.is_over:
            raise ExternalError(
                Sentence("the database was restored from a backup, and the carrier's list since then is not read yet")
            )

    async def _attempt(self, held: Restored) -> float:
        """Replay, if it is time and no other process does. Returns the seconds to wait before looking again."""
        now = self.ledger.clock()
        if now < (first := held.restored_at + LIST_BEHIND):
            return (first - now).total_seconds()
        if not await self._lease():
            return _LOOK_SECONDS
        renewing = asyncio.create_task(self._renew())
        replay = self.replay(held)
        try:
            await replay.run()
        except ExternalError as error:
            log.error(  # noqa: TRY400 - an operator's error has no trace
                "held after a restore: the carrier's list cannot be read, so nothing is sent", error=str(error)
            )
            return RETRY_SECONDS
        except Exception:  # the edge: whatever it was, nothing is sent before it has succeeded
            log.exception("held after a restore: the replay failed")
            return RETRY_SECONDS
        finally:
            renewing.cancel()
            await replay.ledger.close()
            with suppress(ExternalError):
                await self.ledger.run(lambda tx: leases.release(tx, _NAME, self.owner, self.ledger.clock()))
        return 0.0

    async def _lease(self) -> bool:
        now = self.ledger.clock()
        return await self.ledger.run(partial(leases.acquire, name=_NAME, owner=self.owner, until=now + _LEASE, now=now))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(ExternalError):
                await self._lease()
