"""Authentication of the API by bearer token. No other part of a request is read before."""

from collections.abc import Callable

import structlog
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import ExternalError
from app.people.throttle import TooOften
from app.store.dead_letters import describe
from app.web.gate import Gate
from app.web.problem import problem

log = structlog.get_logger(__name__)

LARGEST_BODY = 64 * 1024


class Guard:
    """Passes on requests with a valid token, with its account in `request.state.actor`. 401 without one, 429 after too many, 413 for a
    body that is too large or has no Content-Length. The application is made at the first request that is passed on.

    Exceptions are logged by type and place only: their texts may hold personal data.
    """

    def __init__(self, make: Callable[[], ASGIApp], gate: Gate) -> None:
        self._make = make
        self._app: ASGIApp | None = None
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        try:
            actor = await self._gate.program(request.headers.get("authorization", ""), self._gate.address(request))
        except TooOften as error:
            await problem(429, str(error), **{"Retry-After": str(error.seconds)})(scope, receive, send)
            return
        except ExternalError as error:
            await problem(503, str(error))(scope, receive, send)
            return
        if actor is None:
            await problem(401, "send a token: Authorization: Bearer …", **{"WWW-Authenticate": "Bearer"})(
                scope, receive, send
            )
            return
        length = request.headers.get("content-length", "0")
        if (
            "transfer-encoding" in request.headers
            or not length.isdigit()
            or len(length) > 9
            or int(length) > LARGEST_BODY
        ):
            await problem(413, f"a body needs a Content-Length of at most {LARGEST_BODY} bytes")(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "actor": actor}
        if self._app is None:
            self._app = await run_sync(self._make)
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the edge; the response has been sent already
            log.error(  # noqa: TRY400 - without the traceback, which may hold personal data
                "a request of the API failed", path=scope["path"], who=actor.label, error=describe(error)
            )
