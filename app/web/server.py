"""The HTTP server. Before it waits for open requests, it calls `on_stop`, which ends streams and the sender. Once the application has ended, it
calls `on_end`: a signal that stopped the server ends the process right after, so nothing behind the server's run is reached."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn, which calls `on_stop` as soon as it stops, and `on_end` once the application has ended."""

    def __init__(
        self, config: uvicorn.Config, on_stop: Callable[[], None], on_end: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self._on_stop, self._on_end = on_stop, on_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn has it, between `on_stop` and `on_end`."""
        self._on_stop()
        await super().shutdown(sockets)
        self._on_end()
