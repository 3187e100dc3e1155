"""Work that takes longer than a page may: in a thread of its own, one at a time in this process, with its progress, and stopped on request.
Its end is stored, so that a process that dies loses nothing but time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from app.store.dead_letters import describe

log = structlog.get_logger(__name__)

PATIENCE = 1.5
"""Seconds that a page waits for work to end, before it shows the progress."""


class Stopped(Exception):
    """Somebody has stopped the work."""


@dataclass(slots=True)
class Progress:
    """A piece of work under way, and how much of it is done, in percent."""

    percent: int = 0
    stopped: bool = False
    task: "asyncio.Task[None] | None" = None

    def told(self, percent: int) -> None:
        """Note the progress. Raises Stopped."""
        self.percent = percent
        if self.stopped:
            raise Stopped


@dataclass(slots=True)
class Work:
    """The pieces of work of this process that are under way, by a key. One has the `limiter` at a time."""

    under_way: dict[int, Progress] = field(default_factory=dict)
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def run(self, key: int, work: Callable[[Callable[[int], None]], None], failed: Callable[[], None]) -> None:
        """Begin a piece of work and wait a little for its end. `failed` is called, in a thread, if it raises anything but Stopped."""
        progress = self.under_way[key] = Progress()
        progress.task = asyncio.get_running_loop().create_task(self._run(key, progress, work, failed))
        await asyncio.wait({progress.task}, timeout=PATIENCE)

    async def stop(self, key: int) -> None:
        """Stop a piece of work, and wait until it has."""
        if (found := self.under_way.get(key)) is not None:
            found.stopped = True
            if found.task is not None:
                await asyncio.wait({found.task})

    async def _run(
        self, key: int, progress: Progress, work: Callable[[Callable[[int], None]], None], failed: Callable[[], None]
    ) -> None:
        try:
            await run_sync(partial(work, progress.told), limiter=self.limiter)
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - the edge: nobody waits for it
            log.error("work of the console failed", error=describe(error))  # noqa: TRY400 - the traceback may hold personal data
            await run_sync(failed)
        finally:
            if self.under_way.get(key) is progress:
                del self.under_way[key]
