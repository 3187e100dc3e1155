"""The bounds of a connection, over real sockets: who is cut off, when, and who is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.cli.serve import listening
from app.web import connections
from app.web.connections import LARGEST_HEAD, LARGEST_REQUEST, Connection, Connections


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body, after the time that the path says."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await asyncio.sleep(float(scope["path"].rpartition("/")[2] or 0))
    answer = str(size).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(answer)).encode())]}
    )
    await send({"type": "http.response.body", "body": answer})


def served(scene: Callable[[int], Awaitable[None]], most: int = 50, longest_wait: float = 0.5) -> None:
    """Run a scene against a server with these bounds."""

    async def run() -> None:
        listener = listening("127.0.0.1", 0)
        http = partial(Connection, connections=Connections(most, longest_wait))
        server = uvicorn.Server(uvicorn.Config(_echo, http=http, log_config=None, lifespan="off", ws="none"))  # type: ignore[arg-type]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn's flag
                await asyncio.sleep(0.01)
            await scene(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task

    asyncio.run(run())


async def said(port: int, *parts: bytes, pause: float = 0.0, wait: float = 5.0) -> bytes:
    """What is answered to these bytes until the connection is ended, or the wait is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        async with asyncio.timeout(wait):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            while got := await reader.read(65_536):
                answer += got
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return answer


def _get(path: str = "/", more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n".encode()


def _post(size: int) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (_get(more="X: " + "y" * (LARGEST_HEAD - 200) + "\r\n"), b"200"),
        (_get(more="X: " + "y" * LARGEST_HEAD * 2 + "\r\n"), b"431"),
        (_get(more="X: y\r\n" * 10_000), b"431"),
        (_get("/" + "0" * LARGEST_HEAD * 2), b"431"),
        (b"\r\n" * LARGEST_HEAD, b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000_000, b"431"),
    ],
)
def test_a_head_is_bounded(head: bytes, status: bytes) -> None:
    async def scene(port: int) -> None:
        began = time.monotonic()
        answer = await said(port, head)
        # Whoever still sends when the connection ends may never see the answer.
        assert answer.startswith(b"HTTP/1.1 " + status) or (status == b"431" and answer == b"")
        assert time.monotonic() - began < 2

    served(scene, longest_wait=5)


def test_a_request_is_bounded_with_its_trailer() -> None:
    async def scene(port: int) -> None:
        assert (await said(port, _post(60_000), b"x" * 60_000)).endswith(b"60000")
        assert b"200" not in await said(port, _post(LARGEST_REQUEST * 2), b"x" * LARGEST_REQUEST * 2)
        to_the_console = _post(LARGEST_REQUEST * 2).replace(b"POST /", b"POST /console/0")
        assert (await said(port, to_the_console, b"x" * LARGEST_REQUEST * 2)).endswith(
            str(LARGEST_REQUEST * 2).encode()
        )
        assert b"200" not in await said(
            port, to_the_console.replace(b"/console/", b"/console"), b"x" * LARGEST_REQUEST * 2
        )
        chunked = _post(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        assert (await said(port, chunked, b"1\r\nx\r\n0\r\n\r\n")).endswith(b"\r\n\r\n1")
        assert b"200" not in await said(port, chunked, b"1\r\nx\r\n0\r\n" + b"A: b\r\n" * 100_000)

    served(scene)


@pytest.mark.parametrize("start", [b"", b"\r\n", b"GET /", _post(100), _post(100) + b"x"])
def test_whoever_takes_too_long_is_cut_off_however_busy_they_look(start: bytes) -> None:
    drop = b"\r\n" if start in (b"", b"\r\n") else b"x"

    async def scene(port: int) -> None:
        began = time.monotonic()
        assert await said(port, start, *[drop] * 100, pause=0.1, wait=10) == b""
        assert 0.4 < time.monotonic() - began < 4

    served(scene)


def test_an_answer_may_take_longer_than_a_request() -> None:
    async def scene(port: int) -> None:
        assert (await said(port, _get("/2.5"))).endswith(b"\r\n\r\n0")

    served(scene)


def test_a_connection_that_is_kept_alive_has_the_whole_time_for_each_request() -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(4):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"200" in head
            assert await reader.readexactly(1) == b"0"
            await asyncio.sleep(0.3)
        writer.close()

    served(scene)


def test_one_connection_too_many_ends_the_slowest_and_never_one_that_is_served() -> None:
    async def scene(port: int) -> None:
        served_ones = [asyncio.create_task(said(port, _get("/4"), wait=10)) for _ in range(5)]
        await asyncio.sleep(0.2)
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        await asyncio.sleep(0.2)
        assert (await said(port, _get(), wait=2)).endswith(b"\r\n\r\n0")
        assert not any(reader.at_eof() or reader.exception() for reader, _ in slow)  # they are young
        await asyncio.sleep(1.5)
        ended = [reader.at_eof() or reader.exception() is not None for reader, _ in slow]
        assert ended == sorted(ended, reverse=True)  # the oldest are the ones that ended
        assert sum(ended) == 15
        assert all(answer.endswith(b"\r\n\r\n0") for answer in await asyncio.gather(*served_ones))
        for _, writer in slow:
            writer.transport.abort()

    served(scene, most=10, longest_wait=30)


def test_many_requests_that_wait_for_no_answer_end_the_connection() -> None:
    async def scene(port: int) -> None:
        one = b"GET /0.1 HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = await said(port, one * 200, wait=3)
        assert answer.count(b"HTTP/1.1 200") < 10

    served(scene)


def test_a_process_has_files_for_its_connections() -> None:
    most = connections.protocol().keywords["connections"]._most
    assert 64 < most <= connections.MOST_CONNECTIONS < connections._files()
