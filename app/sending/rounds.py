"""The loop of the jobs that run beside the send worker."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app import spans
from app.store.schema_version import OutdatedError

log = structlog.get_logger(__name__)


async def repeat(name: str, job: Callable[[], Awaitable[object]], seconds: float, failure: str) -> None:
    """Run `job`, of this name in traces, every so many seconds, until cancelled. A failure is logged as `failure`; the next round tries again."""
    while True:
        try:
            with spans.begin(f"task {name}"):
                await job()
        except OutdatedError:
            pass
        except Exception as error:  # noqa: BLE001 - the edge: neither carrier nor database may end the loop
            log.warning(failure, error=type(error).__name__)
        await asyncio.sleep(seconds)
