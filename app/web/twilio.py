"""The carrier's webhooks. A request is verified, handed to the ledger, and answered only once it is durable. Plain
Starlette routes: nothing of FastAPI's request handling is needed here, and they are twice as fast."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.channels.base import Forged
from app.errors import ExternalError
from app.services.intake import Intake

LARGEST_FORM = 128 * 1024
"""Bytes of a webhook's form. Twilio's stay under 10 kB; what is larger is no form of theirs."""

_HEARD = b"<Response/>"
_XML = "text/xml"

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(intake: Intake) -> list[Route]:
    """The three addresses that the carrier is given."""

    async def inbound(path: str, body: bytes, request: Request) -> Response:
        await intake.inbound(path, body, request.headers)
        return Response(_HEARD, media_type=_XML)

    async def status(path: str, body: bytes, request: Request) -> Response:
        await intake.status(path, body, request.headers, request.query_params.get("m"))
        return Response(status_code=204)

    return [
        Route("/twilio/inbound", _guarded(inbound), methods=["POST"]),
        Route("/twilio/fallback", _guarded(inbound), methods=["POST"]),
        Route("/twilio/status", _guarded(status), methods=["POST"]),
    ]


def _guarded(handle: Callable[[str, bytes, Request], Awaitable[Response]]) -> Endpoint:
    """403 for a forgery, 413 for what is too large, 503 if it cannot be kept now: the carrier then tries the
    fallback. Never a redirect, never 429, never a stack trace."""

    async def endpoint(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        query = request.url.query
        path = f"{request.url.path}?{query}" if query else request.url.path
        try:
            return await handle(path, body, request)
        except Forged:
            return Response(status_code=403)
        except ExternalError:
            return Response(status_code=503)

    return endpoint


async def _body(request: Request) -> bytes | None:
    """The request's body, or None once it is larger than any form of the carrier."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FORM:
            return None
        parts.append(part)
    return b"".join(parts)
