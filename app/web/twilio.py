"""The carrier's webhooks. A request is verified, handed to the ledger, and answered only once it is durable. Plain ASGI, in
front of the framework: its request handling is not needed here, and without it a machine handles twice as many webhooks."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from app.channels.base import Forged
from app.conversations.intake import Intake
from app.errors import ExternalError

LARGEST_FORM = 128 * 1024
"""Bytes of a webhook's form. Twilio's stay below 10 kB."""

_RECEIVED = (200, b"<Response/>")
_STORED = (204, b"")
_Answer = tuple[int, bytes]
_Handle = Callable[[str, bytes, dict[str, str]], Awaitable[_Answer]]


class Webhooks:
    """The carrier's three addresses, in front of the rest of the application.

    403 for an invalid signature, 413 for a form that is too large, 405 for a method other than POST, 503 if a message cannot be
    stored now: the carrier then uses its fallback. Never a redirect, never 429, never a stack trace.
    """

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self._app = app
        self._intake = intake
        self._handles: dict[str, _Handle] = {
            "/twilio/inbound": self._inbound,
            "/twilio/fallback": self._inbound,
            "/twilio/status": self._status,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request, or the lifespan."""
        handle = self._handles.get(scope["path"]) if scope["type"] == "http" else None
        if handle is None:
            await self._app(scope, receive, send)
            return
        status, body = await self._answer(handle, scope, receive)
        headers = [(b"content-length", str(len(body)).encode())]
        if body:
            headers.append((b"content-type", b"text/xml; charset=utf-8"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, handle: _Handle, scope: Scope, receive: Receive) -> _Answer:
        body = await _body(receive)
        if body is None:
            return 413, b""
        if scope["method"] != "POST":
            return 405, b""
        query: bytes = scope["query_string"]
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        try:
            return await handle(f"{path}?{query.decode('latin-1')}" if query else path, body, _headers(scope))
        except Forged:
            return 403, b""
        except ExternalError:
            return 503, b""

    async def _inbound(self, path: str, body: bytes, headers: dict[str, str]) -> _Answer:
        await self._intake.inbound(path, body, headers)
        return _RECEIVED

    async def _status(self, path: str, body: bytes, headers: dict[str, str]) -> _Answer:
        uid = parse_qs(path.partition("?")[2]).get("m", [None])[0]
        await self._intake.status(path, body, headers, uid)
        return _STORED


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name. If a header is repeated, the last value counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None if it exceeds LARGEST_FORM or the client disconnects."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > LARGEST_FORM:
            return None
        if not message.get("more_body", False):
            return body
