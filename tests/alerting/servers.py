"""A real mail server and a real web server on this machine, which keep what they are given and can misbehave."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Post:
    """A mail server. `refuses` are addresses it does not take; `hangs` until the event is set; `asked` are the addresses it was asked to
    take, `port` is known once it runs."""

    refuses: set[str] = field(default_factory=set)
    hangs: asyncio.Event | None = None
    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    asked: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.put_nowait(address)
        if self.hangs is not None:
            await self.hangs.wait()
        if address in self.refuses:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        self.received.append(cast("EmailMessage", message))
        return "250 OK"

    def to(self, address: str) -> list[str]:
        """The subjects that an address got."""
        return [str(message["Subject"]) for message in self.received if message["To"] == address]

    @asynccontextmanager
    async def running(self, port: int = 0, **options: Any) -> AsyncIterator["Post"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True, **options), "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


def only(user: str, password: str) -> Any:
    """An authenticator that takes one name and password."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()), handled=False)

    return authenticate


@dataclass
class Web:
    """A web server that keeps what is posted. It answers with `status`."""

    status: int = 200
    port: int = 0
    received: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        self.headers.append(headers)
        self.received.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Web"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


@contextmanager
def in_a_thread(post: Post, web: Web, port: int = 0) -> Iterator[None]:
    """Both servers, in a thread with its own loop: for a command that has one itself. `port` is the mail server's."""
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with post.running(port), web.running():
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
