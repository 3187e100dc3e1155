"""The Host header: which names are ours, and that others reach nothing but the probes."""

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app.web.hosts import Hosts


async def _inside(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def _answer(host: str, path: str = "/phone", names: tuple[str, ...] = ("trato.example", "::2")) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(app=Hosts(_inside, names))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.get(path, headers={"Host": host})).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "host",
    [
        "trato.example",
        "Trato.Example:443",
        "localhost:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]:8000",
        "[::1]",
        "[::2]:80",
    ],
)
def test_our_own_names_are_answered(host: str) -> None:
    assert _answer(host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "trato.example.evil.example", "", "trato.example:x", "::1", "[::3]:80"],
)
def test_other_names_are_not(host: str) -> None:
    assert _answer(host) == 421
    assert _answer(host, "/healthz") == _answer(host, "/readyz") == 200


def test_two_names_are_none() -> None:
    async def ask() -> int:
        sent: list[int] = []

        async def send(message: object) -> None:
            sent.append(message.get("status", 0))  # type: ignore[attr-defined]

        headers = [(b"host", b"localhost"), (b"host", b"evil.example")]
        scope = {"type": "http", "path": "/phone", "headers": headers}
        await Hosts(_inside, ())(scope, None, send)  # type: ignore[arg-type]
        return sent[0]

    assert asyncio.run(ask()) == 421
