"""A load generator for webhooks: many keep-alive connections on the loopback, each sending its next request when the
answer to the last is there. Reads only what it must of HTTP/1.1, so that the server is what is measured."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, latencies in milliseconds, and how many answers were not 2xx."""

    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    refused: int


class _Client(asyncio.Protocol):
    """One connection. Takes requests off the shared list until it is empty."""

    def __init__(
        self, requests: "list[bytes]", latencies: list[float], refused: list[int], done: asyncio.Event
    ) -> None:
        self._requests, self._latencies, self._refused, self._done = requests, latencies, refused, done
        self._began = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._done.set()

    def _next(self) -> None:
        if not self._requests:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._requests.pop())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = b""
        self._latencies.append(time.perf_counter() - self._began)
        if not head.startswith(b"HTTP/1.1 2"):
            self._refused[0] += 1
        self._next()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def post(path: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """A whole POST request of a form, ready for the wire."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(port: int, requests: Sequence[bytes], connections: int) -> Measured:
    """Send all requests over so many connections. Raises OSError if nothing listens."""
    waiting = list(reversed(requests))
    latencies: list[float] = []
    refused = [0]
    ends = [asyncio.Event() for _ in range(connections)]
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(_Client, waiting, latencies, refused, end), "127.0.0.1", port)
    await asyncio.gather(*(end.wait() for end in ends))
    seconds = time.perf_counter() - began
    if not latencies:
        raise OSError("the server answered nothing")
    return measured(latencies, seconds, refused[0])


def measured(latencies: Sequence[float], seconds: float, refused: int = 0) -> Measured:
    """The figures of so many requests in that time."""
    in_order = sorted(latencies)
    return Measured(
        per_second=len(in_order) / seconds,
        p50_ms=in_order[len(in_order) // 2] * 1000,
        p99_ms=in_order[int(len(in_order) * 0.99)] * 1000,
        requests=len(in_order),
        refused=refused,
    )


def middle(rounds: Sequence[Measured]) -> Measured:
    """The medians over rounds, and how many requests there were in all."""
    return Measured(
        median(item.per_second for item in rounds),
        median(item.p50_ms for item in rounds),
        median(item.p99_ms for item in rounds),
        sum(item.requests for item in rounds),
        sum(item.refused for item in rounds),
    )
