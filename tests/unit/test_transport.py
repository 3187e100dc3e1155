"""The transport against real sockets that misbehave: what may have reached the carrier is never called a connect error, and
nothing is posted twice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.channels import transport
from app.channels.base import Accepted, Ambiguous, Outgoing, Rejected, SendResult
from app.channels.causes import Cause
from app.channels.twilio.channel import TwilioChannel

SID = "SM" + "0" * 32
BODY = b'{"sid": "%s", "status": "queued"}' % SID.encode()
OUTGOING = Outgoing("u" * 32, "whatsapp", "+525555550101", "Buen día, ¿cómo va?")
PATIENT, IMPATIENT = httpx.Timeout(10.0), httpx.Timeout(0.2)


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


CREATED = answer("201 CREATED", BODY)


@dataclass
class Peer:
    """A server that answers each request with the next of its answers, and then hangs up if there is none. None is silence."""

    answers: list[bytes | None]
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                self.requests.append(head + await reader.readexactly(length))
                said = self.answers.pop(0)
                if said is None:
                    await reader.read()
                    return
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def peer(*answers: bytes | None) -> AsyncIterator[Peer]:
    one = Peer(list(answers))
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()


def channel(port: int, client: httpx.AsyncClient, scheme: str = "http") -> TwilioChannel:
    return TwilioChannel(
        "AC" + "0" * 32,
        ["token"],
        public_url="https://trato.example",
        from_whatsapp="+525555550000",
        api_url=f"{scheme}://127.0.0.1:{port}",
        client=client,
    )


def with_client(work: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with transport.client(PATIENT, 2.0) as client:
            return await asyncio.wait_for(work(client), 20)

    return asyncio.run(whole())


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.channels.twilio.channel._PATIENCE", {"timeout": PATIENT.as_dict()})
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    known = socket.getaddrinfo

    def look_up(host: Any, *given: Any, **more: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return known(host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (CREATED, Accepted(SID, "queued")),
        (answer("429 TOO MANY", b'{"code": 20429}', "Retry-After: 7"), Rejected(Cause.rate_limited, 20429, 7.0)),
        (answer("400 BAD", b'{"code": 63024}'), Rejected(Cause.other_channel, 63024)),
        (answer("503 BUSY"), Ambiguous("http_503")),
        (answer("307 ELSEWHERE", b"", "Location: http://127.0.0.1:9/"), Rejected(Cause.foreign_answer)),
        (b"SMTP? no\r\n\r\n", Ambiguous("RemoteProtocolError")),
    ],
    ids=["taken", "too many", "refused", "busy", "elsewhere", "no HTTP"],
)
def test_what_a_peer_says_is_what_the_channel_hears(said: bytes, expected: SendResult) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async with peer(said, CREATED) as one:
            assert await channel(one.port, client).send(OUTGOING) == expected
            assert len(one.requests) == 1

    with_client(work)


@pytest.mark.parametrize("said", [None, CREATED[:40], CREATED[:-5]], ids=["nothing", "half a head", "half a body"])
def test_a_peer_that_falls_silent_may_have_it(monkeypatch: pytest.MonkeyPatch, said: bytes | None) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        monkeypatch.setattr("app.channels.twilio.channel._PATIENCE", {"timeout": IMPATIENT.as_dict()})
        async with peer(said, CREATED) as one:
            assert await channel(one.port, client).send(OUTGOING) == Ambiguous("ReadTimeout")
            assert len(one.requests) == 1

    with_client(work)


@pytest.mark.parametrize("said", [b"", CREATED[:40], CREATED[:-5]], ids=["nothing", "half a head", "half a body"])
def test_a_connection_that_closes_after_the_post_may_have_carried_it(said: bytes) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async with peer(said) as one:
            assert await channel(one.port, client).send(OUTGOING) == Ambiguous("RemoteProtocolError")
            assert len(one.requests) == 1

    with_client(work)


def test_a_connection_that_is_reset_after_the_post_may_have_carried_it() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            writer.transport.abort()

        async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
            result = await channel(server.sockets[0].getsockname()[1], client).send(OUTGOING)
        assert result in (Ambiguous("ReadError"), Ambiguous("RemoteProtocolError"))

    with_client(work)


def test_a_post_is_never_repeated_on_a_connection_that_the_other_end_has_closed() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async with peer(CREATED, b"", CREATED) as one:
            twilio = channel(one.port, client)
            assert await twilio.send(OUTGOING) == Accepted(SID, "queued")
            one.answers[:] = [b""]
            assert await twilio.send(OUTGOING) == Ambiguous("RemoteProtocolError")
            assert (len(one.requests), one.connections) == (2, 1)

    with_client(work)


def test_what_never_left_may_be_sent_again() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            assert await channel(nobody.getsockname()[1], client).send(OUTGOING) == Rejected(Cause.carrier_unreachable)

        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 no TLS here\r\n")
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as plain:
            port = plain.sockets[0].getsockname()[1]
            assert await channel(port, client, "https").send(OUTGOING) == Rejected(Cause.carrier_unreachable), (
                "no TLS there"
            )
        twilio = TwilioChannel(
            "AC", ["t"], public_url="", from_whatsapp="+525555550000", api_url="http://nowhere.invalid", client=client
        )
        assert await twilio.send(OUTGOING) == Rejected(Cause.carrier_unreachable), "no such host"
        twilio = TwilioChannel(
            "AC", ["t"], public_url="", from_whatsapp="+525555550000", api_url="ftp://127.0.0.1", client=client
        )
        assert await twilio.send(OUTGOING) == Rejected(Cause.account_refused), "no such way"

    with_client(work)


def test_a_peer_that_takes_no_connection_is_waited_for_no_longer_than_asked() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            with pytest.raises(httpx.ConnectTimeout):
                await client.post(f"http://127.0.0.1:{full.getsockname()[1]}/", timeout=IMPATIENT)
            for one in waiting:
                one.close()

    with_client(work)


def test_what_is_on_the_wire() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async with peer(CREATED, CREATED) as one:
            twilio = channel(one.port, client)
            for _ in range(2):
                await twilio.send(OUTGOING)
            head, _, body = one.requests[0].partition(b"\r\n\r\n")
            assert sorted(line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]) == [
                b"accept",
                b"authorization",
                b"content-length",
                b"content-type",
                b"host",
                b"user-agent",
            ]
            assert b"Body=Buen+d%C3%ADa%2C+%C2%BFc%C3%B3mo+va%3F" in body
            assert one.connections == 1

    with_client(work)


def test_an_address_goes_as_it_is() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        async with peer(answer("200 OK", b"uno"), answer("200 OK")) as one:
            response = await client.get(f"http://127.0.0.1:{one.port}/a%2Fb?To=whatsapp%3A%2B52555555&x=%C3%B1")
            assert response.content == b"uno"
            assert one.requests[0].startswith(b"GET /a%2Fb?To=whatsapp%3A%2B52555555&x=%C3%B1 HTTP/1.1\r\n")

    with_client(work)


def test_behind_a_proxy_the_request_goes_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with peer(CREATED) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            async with transport.client(PATIENT, 2.0) as client:
                twilio = TwilioChannel(
                    "AC",
                    ["t"],
                    public_url="",
                    from_whatsapp="+525555550000",
                    api_url="http://api.invalid",
                    client=client,
                )
                assert await twilio.send(OUTGOING) == Accepted(SID, "queued")
            assert proxy.requests[0].startswith(b"POST http://api.invalid/")

    asyncio.run(work())


def test_no_error_tells_whom_a_message_was_for() -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for address in ("http://127.0.0.1:9/?To=5555550101", "http://x5555550101.invalid/"):
            with pytest.raises(httpx.HTTPError) as caught:
                await client.get(address)
            assert "5555550101" not in f"{caught.value} {caught.value.__cause__}"
            assert caught.value.__suppress_context__

    with_client(work)
