"""The door of the interface for programs: who calls, by a bearer token. Tokens are compared by their hashes, all of them each
time, so that how long it takes says nothing. Nothing of a request is looked at before."""

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
    """Lets in who has a token, and says who it is as `request.state.who`. 401 for others, 413 for a body that is too large.

    What breaks inside is logged by its place only: an error's text may hold somebody's data.
    """

    def __init__(self, app: ASGIApp, tokens: Mapping[str, str]) -> None:
        self._app = app
        self._digests = {name: sha256(token.encode()).digest() for name, token in tokens.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        who = self.who(headers.get(b"authorization", b""))
        if who is None:
            await problem(401, "send a token: Authorization: Bearer …", **{"WWW-Authenticate": "Bearer"})(
                scope, receive, send
            )
            return
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" in headers or not length.isdigit() or len(length) > 9 or int(length) > LARGEST_BODY:
            await problem(413, f"a body has a Content-Length, of at most {LARGEST_BODY} bytes")(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "who": who}
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the edge; the answer is given already
            log.error(  # noqa: TRY400 - without the traceback, whose texts hold data
                "a request of the API failed", path=scope["path"], who=who, error=describe(error)
            )

    def who(self, authorization: bytes) -> str | None:
        """Whose token this is; None if it is nobody's."""
        scheme, _, token = authorization.partition(b" ")
        given = sha256(token.strip()).digest()
        found = [name for name, digest in self._digests.items() if hmac.compare_digest(digest, given)]
        return found[0] if found and scheme.lower() == b"bearer" else None
