"""Looking again and again, until cancelled: what the sender's helpers do beside it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def repeat(look: Callable[[], Awaitable[object]], seconds: float, what: str) -> None:
    """Look every so many seconds. What goes wrong is logged as `what`, and tried again the next time."""
    while True:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 - the edge: neither carrier nor database may end the looking
            log.warning(what, error=type(error).__name__)
        await asyncio.sleep(seconds)
