"""The carrier of a chaos run, as a process of its own, and what the conductor says to it. Neither takes the other's time, and
what cannot be said or heard is an error that ends the run: a message that is not in the carrier's account would not be
missed by the judge."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.acceptance.processes import ROOT, free_port
from tests.carrier.book import Account, Message
from tests.forked import CARRIER, Forked, service

BEGIN_SECONDS = 60
AT_ONCE = 200
"""So many officers can be sending at a time; the others wait for their turn."""


class RemoteCarrier:
    """The carrier's `/control`. `inbound` are the sids of what has been sent to us, as far as `news` has been read."""

    def __init__(self, session: aiohttp.ClientSession, account: Account, port: int) -> None:
        self.account, self.port = account, port
        self.inbound: set[str] = set()
        self.pending = 0
        self._session = session
        self._url = f"http://127.0.0.1:{port}/control"
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._reading = asyncio.Lock()
        self._seen = 0

    async def change(self, faults: dict[str, Any]) -> None:
        """Set faults."""
        await self._ask("PUT", "faults", faults)

    async def put(self, contents: dict[str, str]) -> None:
        """Have approved contents: texts by sid."""
        await self._ask("PUT", "contents", contents)

    async def inject(self, sender: str, body: str, **extra: str) -> None:
        """Somebody sends us a message. Returns once the webhook has been called as the faults allow."""
        async with self._turns:
            await self._ask("POST", "inbound", {"from": sender, "body": body, "extra": extra})

    async def news(self) -> Sequence[Message]:
        """The messages since the last call, oldest first. `pending` is then how many calls to us are to be made."""
        async with self._reading:
            answer = await self._ask("GET", f"messages?since={self._seen}")
            messages = [Message.of_record(record) for record in answer["messages"]]
            self._seen += len(messages)
        self.pending = answer["pending"]
        self.inbound.update(message.sid for message in messages if message.direction == "inbound")
        return messages

    async def account_of_everything(self) -> tuple[Sequence[Message], Sequence[tuple[int, str]]]:
        """Every message as it stands now, and the requests that were refused as against the rules."""
        answer = await self._ask("GET", "messages")
        messages = [Message.of_record(record) for record in answer["messages"]]
        return messages, [(code, text) for code, text in answer["refused"]]

    async def answers(self) -> bool:
        """Whether it has begun."""
        try:
            await self._ask("GET", "faults")
        except aiohttp.ClientConnectorError:
            return False
        return True

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        async with self._session.request(method, f"{self._url}/{path}", json=body) as answer:
            answer.raise_for_status()
            return None if answer.status == 204 else await answer.json()


@asynccontextmanager
async def remote_carrier(account: Account, seed: int, folder: Path) -> AsyncIterator[RemoteCarrier]:
    """Begin the carrier's process, and end it. `account` has its contents and the addresses of our webhooks."""
    port = free_port()
    process = await asyncio.to_thread(_begun, account, port, seed, folder / "carrier.log")
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
            carrier = RemoteCarrier(session, account, port)
            end = time.monotonic() + BEGIN_SECONDS
            while not await carrier.answers():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the carrier did not begin: {folder / 'carrier.log'}")
                await asyncio.sleep(0.05)
            await carrier.put(dict(account.contents))
            yield carrier
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


def _begun(account: Account, port: int, seed: int, log: Path) -> Forked:
    options = {"port": port, "webhook": account.webhook, "fallback": account.fallback, "seed": seed}
    return service(CARRIER, [f"--{name}={value}" for name, value in options.items()], dict(os.environ), ROOT, log)
