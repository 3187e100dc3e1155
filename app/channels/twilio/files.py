"""A message's file from Twilio, which asks for credentials and then redirects to a file store, at an address that needs none.
Credentials go only to Twilio's own hosts and never along a redirect; no other host is asked; bytes are counted as they come,
whatever size is announced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.channels.base import File, NoFile
from app.errors import ExternalError
from app.wording import Sentence

TWILIO = ".twilio.com"
_STORES = (".twiliocdn.com",)
_OPEN_STORES = ("s3-external-1.amazonaws.com",)
"""The store of files that an account's settings leave open: https://www.twilio.com/docs/messaging, "HTTP basic
authentication for media access"."""

MOST_REDIRECTS = 3
LONGEST_SECONDS = 120.0
TIMEOUT = httpx.Timeout(30.0, connect=10.0)


async def fetch(client: httpx.AsyncClient, url: str, auth: httpx.BasicAuth, api_url: str, most: int) -> File | NoFile:
    """The file at an address of Twilio's. `api_url` is this installation's address of Twilio, whose host is trusted too.
    Raises ExternalError if it may be available later."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await _follow(client, url, auth, api_url, most)
    except TimeoutError:
        raise ExternalError(Sentence("a file takes too long to come")) from None
    except httpx.InvalidURL:
        return NoFile("address")
    except httpx.HTTPError as error:
        raise ExternalError(Sentence("a file cannot be had: {fault}", fault=type(error).__name__)) from None


async def _follow(client: httpx.AsyncClient, url: str, auth: httpx.BasicAuth, api_url: str, most: int) -> File | NoFile:
    api, address, credentials = httpx.URL(api_url), httpx.URL(url), True
    for _ in range(1 + MOST_REDIRECTS):
        if not (_is_twilio(address, api) or (not credentials and _is_store(address))):
            return NoFile("host")
        async with _asked(client, address, auth if credentials else None) as response:
            if response.has_redirect_location:
                address, credentials = address.join(response.headers["Location"]), False
                continue
            return await _received(response, most)
    return NoFile("redirects")


@asynccontextmanager
async def _asked(
    client: httpx.AsyncClient, url: httpx.URL, auth: httpx.BasicAuth | None
) -> AsyncIterator[httpx.Response]:
    request = client.build_request("GET", url, headers={"Accept-Encoding": "identity"}, timeout=TIMEOUT)
    response = await client.send(request, auth=auth, stream=True, follow_redirects=False)
    try:
        yield response
    finally:
        await response.aclose()


async def _received(response: httpx.Response, most: int) -> File | NoFile:
    if response.status_code in (404, 410):
        return NoFile("gone", gone=True)
    if response.status_code != 200:
        raise ExternalError(Sentence("a file cannot be had: HTTP {status}", status=response.status_code))
    if _announced(response) > most:
        return NoFile("size")
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > most:
            return NoFile("size")
    return File(bytes(content), response.headers.get("Content-Type", ""))


def _announced(response: httpx.Response) -> int:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _is_twilio(url: httpx.URL, api: httpx.URL) -> bool:
    if (url.scheme, url.host, url.port) == (api.scheme, api.host, api.port):
        return not url.userinfo
    return _is_safe(url) and url.host.endswith(TWILIO)


def _is_store(url: httpx.URL) -> bool:
    return _is_safe(url) and (url.host.endswith(_STORES) or url.host in _OPEN_STORES)


def _is_safe(url: httpx.URL) -> bool:
    return url.scheme == "https" and url.port is None and not url.userinfo
