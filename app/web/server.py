"""The HTTP server. Before it waits for the requests that are under way, it says so to those who must not go on meanwhile: streams, which
would last, and the sender."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn, which calls `on_stop` as soon as it stops."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn has it, once `on_stop` is called."""
        self._on_stop()
        await super().shutdown(sockets)
