"""Authentication of the API by bearer token. Each request is compared with the hashes of all tokens, so that timing reveals
nothing. No other part of a request is read before."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.store.dead_letters import describe
from app.web.problem import problem

log = structlog.get_logger(__name__)

LARGEST_BODY = 64 * 1024


class Guard:
    """Passes on requests with a valid token, with its name in `request.state.who`. 401 without one, 413 for a body that is too
    large or has no Content-Length.

    Exceptions are logged by type and place only: their texts may hold personal data.
    """

    def __init__(self, app: ASGIApp, tokens: Mapping[str, str]) -> None:
        self._app = app
        self._digests = {name: sha256(token.encode()).digest() for name, token in tokens.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI request."""
        if scope["type"] != "http":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        who = self.caller(headers.get(b"authorization", b""))
        if who is None:
            await problem(401, "send a token: Authorization: Bearer …", **{"WWW-Authenticate": "Bearer"})(
                scope, receive, send
            )
            return
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" in headers or not length.isdigit() or len(length) > 9 or int(length) > LARGEST_BODY:
            await problem(413, f"a body needs a Content-Length of at most {LARGEST_BODY} bytes")(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "who": who}
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the edge; the response has been sent already
            log.error(  # noqa: TRY400 - without the traceback, which may hold personal data
                "a request of the API failed", path=scope["path"], who=who, error=describe(error)
            )

    def caller(self, authorization: bytes) -> str | None:
        """The name of the token in an Authorization header; None if it is unknown."""
        scheme, _, token = authorization.partition(b" ")
        given = sha256(token.strip()).digest()
        found = [name for name, digest in self._digests.items() if hmac.compare_digest(digest, given)]
        return found[0] if found and scheme.lower() == b"bearer" else None
