"""aiohttp's connections under httpx's client, for several times the requests a second. Errors become httpx's, strictly: only a
request that certainly never left this machine is a connect error, because its message is sent again. A connection that breaks
later may have carried the message. (The package httpx-aiohttp calls that a connect time-out.)"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.request import getproxies

import aiohttp
import httpx
from yarl import URL

_UNWANTED = ("User-Agent", "Content-Type", "Accept", "Accept-Encoding")
"""Headers that aiohttp would add by itself; httpx has set its own."""


def client(timeout: httpx.Timeout, keepalive_seconds: float) -> httpx.AsyncClient:
    """A client for any number of connections, over aiohttp; behind a proxy of the environment, over httpx's own transport:
    aiohttp would look for the proxy in a thread, for each request, and for passwords in a .netrc too."""
    if getproxies().keys() & {"http", "https", "all"}:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=keepalive_seconds)
        return httpx.AsyncClient(timeout=timeout, limits=limits)
    return httpx.AsyncClient(timeout=timeout, transport=AiohttpTransport(keepalive_seconds))


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Belongs to the event loop in which it is first used. Follows no redirect, repeats only a GET on a connection that the other
    end had closed, keeps no cookie, reads nothing from the environment."""

    def __init__(self, keepalive_seconds: float) -> None:
        self._keepalive = keepalive_seconds
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request; the body of the answer is read later, as a stream."""
        given = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            total=None, connect=given.get("connect"), sock_connect=given.get("connect"), sock_read=given.get("read")
        )
        with _in_httpx_words(request):
            response = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=timeout,
            )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(request, response))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=self._keepalive, ssl=httpx.create_ssl_context())
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_UNWANTED,
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(self, request: httpx.Request, response: aiohttp.ClientResponse) -> None:
        self._request, self._response = request, response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_httpx_words(self._request):
            async for part in self._response.content.iter_any():
                yield part

    async def aclose(self) -> None:
        """Give the connection back if all has been read, or close it."""
        self._response.release() if self._response.content.at_eof() else self._response.close()


@contextmanager
def _in_httpx_words(request: httpx.Request) -> Iterator[None]:
    """Without the texts of aiohttp's errors, which may hold the requested address."""
    try:
        yield
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise httpx.UnsupportedProtocol("no such address", request=request) from None
    except aiohttp.ClientConnectorError:
        raise httpx.ConnectError("no connection", request=request) from None
    except aiohttp.ConnectionTimeoutError:
        raise httpx.ConnectTimeout("no connection in time", request=request) from None
    except TimeoutError:
        raise httpx.ReadTimeout("no answer in time", request=request) from None
    except aiohttp.ServerDisconnectedError:
        raise httpx.RemoteProtocolError("the connection was closed without an answer", request=request) from None
    except aiohttp.ClientConnectionError:
        raise httpx.ReadError("the connection broke", request=request) from None
    except aiohttp.ClientError as error:
        raise httpx.RemoteProtocolError(
            f"no answer that can be read: {type(error).__name__}", request=request
        ) from None
