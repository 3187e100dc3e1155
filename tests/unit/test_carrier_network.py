"""The carrier as a process of its own: its calls wait in a queue, and its account can be read from outside."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.acceptance.processes import free_port
from tests.carrier import Carrier, Message
from tests.carrier.network import Network

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def posted(handle: Handle, *, times: int = 1, at_once: int = 100, patience: float = 5.0) -> list[object]:
    """Post so many times at once to a server that does `handle`. Gives each status or error."""

    async def whole() -> list[object]:
        network = Network(at_once)
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/twilio/status?m=a%2Fb+c&d=%C3%A9"
        try:
            async with server:
                posts = [network.post(url, content="a=1", headers={"X-A": "b"}, timeout=patience) for _ in range(times)]
                answers = await asyncio.gather(*posts, return_exceptions=True)
        finally:
            await network.close()
        return [answer if isinstance(answer, BaseException) else answer.status_code for answer in answers]

    return asyncio.run(whole())


def test_only_so_many_calls_are_under_way_and_none_is_forgotten() -> None:
    now, most = 0, 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await reader.readuntil(b"\r\n\r\na=1")
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(OK)
        writer.close()

    assert posted(handle, times=20, at_once=3) == [204] * 20
    assert most == 3


def test_waiting_in_the_queue_is_not_part_of_the_patience() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(OK)
        writer.close()

    assert posted(handle, times=6, at_once=1, patience=0.8) == [204] * 6


def test_the_address_is_posted_to_as_it_was_signed() -> None:
    lines: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readline())
        writer.write(OK)
        writer.close()

    assert posted(handle) == [204]
    assert lines == [b"POST /twilio/status?m=a%2Fb+c&d=%C3%A9 HTTP/1.1\r\n"]


def test_what_went_wrong_is_said_in_the_words_of_httpx() -> None:
    async def breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def nobody() -> None:
        network = Network()
        with pytest.raises(httpx.ConnectError):
            await network.post(f"http://127.0.0.1:{free_port()}/", content="", headers={}, timeout=5)
        await network.close()

    assert isinstance(posted(breaks)[0], httpx.ReadError)
    assert isinstance(posted(hangs, patience=0.1)[0], httpx.ReadTimeout)
    asyncio.run(nobody())


def test_the_account_is_read_from_where_one_stopped() -> None:
    async def whole() -> None:
        carrier = Carrier(seed=3)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(carrier), base_url="http://carrier")
        for body in ("uno", "dos", "tres"):
            await carrier.inject("whatsapp:+5215550000001", body, media=["image/png"], deliver=False)
        records = json.loads((await client.get("/control/messages?since=1")).content)["messages"]
        assert [Message.of_record(record) for record in records] == carrier.messages[1:]
        assert json.loads((await client.get("/control/messages?since=3")).content)["messages"] == []

    asyncio.run(whole())
