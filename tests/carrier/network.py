"""The carrier's calls over a real network: aiohttp's connections behind a queue. Only so many calls are under way at a time;
the others wait here in the order in which they came, and the wait costs nothing. (httpx's pool looks at every waiting
request whenever one begins or ends, so that thousands of them leave no time for anything else.)"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import httpx
from yarl import URL

AT_ONCE = 100
"""Calls under way at a time."""


@dataclass(frozen=True, slots=True)
class Status:
    """All that the carrier wants of an answer."""

    status_code: int


class Network:
    """The part of an `httpx.AsyncClient` that `calls.Caller` needs, in httpx's errors. A connection for each call, as a load balancer
    distributes connections. Belongs to the event loop in which it is first used; the time in the queue is not part of a
    call's patience."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, *, content: str, headers: Mapping[str, str], timeout: float) -> Status:  # noqa: ASYNC109
        """Post a form. httpx.ConnectError if nobody listens, another httpx.HTTPError if there was no answer in `timeout`
        seconds."""
        async with self._turns:
            try:
                async with self._opened().post(
                    URL(url, encoded=True),
                    data=content,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=timeout),
                ) as answer:
                    return Status(answer.status)
            except aiohttp.ClientConnectorError as error:
                raise httpx.ConnectError(str(error)) from error
            except TimeoutError as error:
                raise httpx.ReadTimeout(str(error)) from error
            except aiohttp.ClientError as error:
                raise httpx.ReadError(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session
