"""Fetches the files of inbound messages, after the message has been stored and answered: through the carrier's channel, outside
the ledger, with retries for days. Files are checked, encrypted and stored with their message; failures with their reason."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from app.channels import files as kinds
from app.channels.base import Channel, File, NoFile
from app.clock import FARTHEST_AHEAD, Clock
from app.errors import ExternalError
from app.store import dead_letters, files
from app.store.files import PendingFile
from app.store.ledger import Ledger
from app.store.tables import MediaStatus
from app.store.vault import Vault

log = structlog.get_logger(__name__)

AT_ONCE = 2
"""Files in memory at a time: each may have 16 MB, and as many again sealed."""

IDLE = timedelta(seconds=10)
CLAIMED_FOR = timedelta(minutes=10)
"""Longer than a fetch may take."""

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 24
"""With these pauses: four days."""

TRIES_BEFORE_GONE = 3
"""The carrier may deliver a message a moment before it has its file."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches waiting files. Any number of processes may run one."""

    ledger: Ledger
    channel: Channel
    vault: Vault
    clock: Clock
    name: str = "media"

    async def once(self) -> timedelta:
        """Fetch due files. Returns the time until the next call. Raises ExternalError if the database is down."""
        now = self.clock()
        due = await self.ledger.run(
            partial(
                files.claim, now=now, until=now + CLAIMED_FOR, limit=AT_ONCE, longest=LONGEST_RETRY + FARTHEST_AHEAD
            )
        )
        await asyncio.gather(*[self._fetch(file) for file in due])
        return timedelta() if due else IDLE

    async def _fetch(self, file: PendingFile) -> None:
        """Fetch one file. Whatever goes wrong with it stops no other file: it is tried again, less and less often."""
        try:
            await self._try(file)
        except ExternalError:  # of the database: files stay claimed for a while
            raise
        except Exception as error:  # noqa: BLE001 - the edge
            await self._again(file, dead_letters.describe(error), "damaged")

    async def _try(self, file: PendingFile) -> None:
        if file.url is None:
            await self._give_up(file, MediaStatus.lost, "unreadable")
            return
        try:
            found = await self.channel.fetch(file.url, kinds.MOST_BYTES)
        except ExternalError as error:
            await self._again(file, str(error), "unreachable")
            return
        match found:
            case File():
                await self._keep(file, found)
            case NoFile(gone=True) if file.attempts < TRIES_BEFORE_GONE:
                await self._put_off(file)
            case NoFile(reason, gone):
                await self._give_up(file, MediaStatus.lost if gone else MediaStatus.refused, reason)

    async def _keep(self, file: PendingFile, found: File) -> None:
        content_type, objection = kinds.examine(file.content_type, found.content_type, found.content)
        if objection is not None:
            await self._give_up(file, MediaStatus.refused, objection)
            return
        sealed = await asyncio.to_thread(self.vault.seal_bytes, found.content, files.sealed_for(file.id))
        store = partial(
            files.store,
            file=file.id,
            content_type=content_type,
            size=len(found.content),
            sealed=sealed,
            now=self.clock(),
        )
        await self.ledger.run(store)

    async def _again(self, file: PendingFile, error: str, reason: str) -> None:
        log.warning("a file could not be fetched", file=file.id, attempts=file.attempts, error=error)
        if file.attempts >= MOST_TRIES:
            await self._give_up(file, MediaStatus.lost, reason)
        else:
            await self._put_off(file)

    async def _put_off(self, file: PendingFile) -> None:
        await self.ledger.run(partial(files.postpone, file=file.id, due_at=next_try(file.attempts, self.clock())))

    async def _give_up(self, file: PendingFile, status: MediaStatus, reason: str) -> None:
        log.warning("a file is not kept", file=file.id, status=status, reason=reason)
        await self.ledger.run(partial(files.give_up, file=file.id, status=status, reason=reason))


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after this many attempts: the wait doubles, up to six hours."""
    return now + min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 20)))
