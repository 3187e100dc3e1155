"""An id for each HTTP request, in every line that the request logs, and in its answer: a person who reports a fault can name it. What a client
says of itself is not taken for one."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

HEADER = b"x-request-id"


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

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER, own.encode())]
            await send(message)

        with bound_contextvars(request=own):
            await self._app(scope, receive, named)
