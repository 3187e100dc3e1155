"""Answers only requests that name this installation in their Host header: a page elsewhere that gives its own name our address (DNS
rebinding) reaches neither the simulated phones nor a session."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FREE = frozenset({"/healthz", "/readyz"})
"""For probes, which ask by whatever address a machine has. They tell nothing about anybody."""

_REFUSAL = b"This name is not ours: TRATO_PUBLIC_URL has the one that is.\n"


class Hosts:
    """In front of an application: 421 for any other name than these and those of this machine."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = LOOPBACK | {_bracketed(name.lower()) for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan, as ASGI has it."""
        if scope["type"] != "http" or scope["path"] in _FREE or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(_REFUSAL)).encode())]
        await send({"type": "http.response.start", "status": 421, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": _REFUSAL})

    def _is_ours(self, scope: Scope) -> bool:
        named = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and _without_port(named[0]) in self._names


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
