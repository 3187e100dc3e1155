"""The carrier's webhooks, at the addresses that the channel names. A request is verified, handed to the ledger, and answered
only once it is durable. Plain ASGI in front of everything else: without a framework's request handling, which is not needed
here, the same machine takes twice as many."""

import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from app.channels.base import UID_PARAMETER, Forged, Webhook
from app.conversations.intake import Intake
from app.errors import ExternalError
from app.measures import WEBHOOK_SECONDS, WEBHOOKS
from app.web.tally import Tally

LARGEST_FORM = 32 * 1024
"""Bytes of a webhook's form. Carriers' forms stay under 10 kB; 1,600 characters of which each takes four bytes make 20 kB."""

_Answer = tuple[int, bytes]
_Handle = Callable[[str, bytes, dict[str, str]], Awaitable[object]]


class Webhooks:
    """The carrier's addresses, in front of the rest of the application.

    403 for a forgery, 413 for a body that is too large, 405 for anything but POST (and the question of `trato doctor`), 503 if a message cannot be stored now: the
    carrier then calls its fallback. Never a redirect, never 429, never a stack trace. The headers are looked at before the body is read,
    and a refusal ends the connection: whoever is no carrier has sent us as little as possible.
    """

    def __init__(self, app: ASGIApp, intake: Intake, tally: Tally | None = None) -> None:
        self._app = app
        self._intake = intake
        self._tally = tally or Tally()
        self._webhooks = {webhook.path: webhook for webhook in intake.channel.webhooks}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan, as ASGI has it."""
        webhook = self._webhooks.get(scope["path"]) if scope["type"] == "http" else None
        if webhook is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = webhook  # as the router has it, for the trace
        begun = time.perf_counter()
        status, body = await self._answer(webhook, scope, receive)
        WEBHOOKS.labels(webhook.kind, status).inc()
        WEBHOOK_SECONDS.labels(webhook.kind).observe(time.perf_counter() - begun)
        headers = [(b"content-length", str(len(body)).encode())]
        if body:
            headers.append((b"content-type", b"text/xml; charset=utf-8"))
        if 400 <= status < 500:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, webhook: Webhook, scope: Scope, receive: Receive) -> _Answer:
        headers = _headers(scope)
        if scope["method"] != "POST":
            return self._probed(scope, headers), b""
        try:
            self._intake.channel.glance(headers)
            body = await _body(receive, headers)
            if body is None:
                return 413, b""
            await self._handle(webhook, scope, body, headers)
        except Forged as forged:
            self._tally.refused(names_us=forged.names_us)
            return 403, b""
        except ExternalError:
            return 503, b""
        self._tally.accepted()
        return (200, webhook.answer) if webhook.answer else (204, b"")

    def _probed(self, scope: Scope, headers: dict[str, str]) -> int:
        """The status of a request that is no POST. A signed GET without a query asks whether a signature is ours: no carrier sends one, and
        nothing of it is stored. One with a query may be a message of a carrier that is configured wrongly, which must not get a 204."""
        if scope["method"] != "GET" or scope["query_string"]:
            return 405
        try:
            self._intake.channel.glance(headers)
        except Forged:
            return 405
        try:
            self._intake.channel.verify(scope["path"], b"", headers)
        except Forged:
            self._tally.refused(names_us=False)
            return 403
        return 204

    async def _handle(self, webhook: Webhook, scope: Scope, body: bytes, headers: dict[str, str]) -> None:
        query: bytes = scope["query_string"]
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        handle: _Handle = self._intake.inbound if webhook.kind == "inbound" else self._status
        await handle(f"{path}?{query.decode('latin-1')}" if query else path, body, headers)

    async def _status(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        uid = parse_qs(path.partition("?")[2]).get(UID_PARAMETER, [None])[0]
        await self._intake.status(path, body, headers, uid)


def _headers(scope: Scope) -> dict[str, str]:
    """A request's headers by their names in lower case, as ASGI has them. The last of equal names counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive, headers: dict[str, str]) -> bytes | None:
    """The request's body, or None if it is larger than any form of a carrier, or the other side has gone."""
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said[:9]) > LARGEST_FORM:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST_FORM:
            return None
        if not message.get("more_body", False):
            return bytes(body)
