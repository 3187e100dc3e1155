"""An id for each HTTP request, in every line that the request logs, in its trace, and in its answer: a person who reports a fault can name it. What a
client says of itself is not taken for one: neither an id, nor a trace that the request belongs to, which would choose what is recorded."""

import secrets
from collections.abc import Iterator

from fastapi.telemetry import TelemetryConfig
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from app import spans

HEADER = b"x-request-id"
NO_TELEMETRY: TelemetryConfig = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
"""For FastAPI, whose own traces would hold the addresses of requests, with their queries, and whose logs the texts of errors."""
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Those that traces name; another one is a stranger's word."""


class RequestIds:
    """Around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own = secrets.token_hex(6)
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set("http.response.status_code", message["status"])
                if message["status"] >= 500:
                    span.fail(str(message["status"]))
                message["headers"] = [*message["headers"], (HEADER, own.encode())]
            await send(message)

        with (
            bound_contextvars(request=own),
            spans.begin(method, {"http.request.method": method, "trato.request": own}, "server") as span,
        ):
            try:
                await self._app(scope, receive, named)
            finally:
                if span is not spans.NOTHING and (route := route_of(scope)):
                    span.rename(f"{method} {route}")
                    span.set("http.route", route)


def route_of(scope: Scope) -> str:
    """The address with the names of its parts, once the router has found it; "" of an address that we do not have. A part may be a secret, such
    as the link to a new password, or tell of an officer."""
    path = getattr(scope.get("route"), "path", None) or next(_paths(scope), "")
    return f"{scope.get('root_path', '')}{path}" if path else ""


def _paths(scope: Scope) -> Iterator[str]:
    """The routes of Starlette, which the scope does not name."""
    endpoint = scope.get("endpoint")
    for one in getattr(scope.get("app"), "routes", ()):
        if isinstance(one, Route) and one.endpoint is endpoint and one.matches(scope)[0] is Match.FULL:
            yield one.path
