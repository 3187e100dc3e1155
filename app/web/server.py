"""The HTTP server. Before it waits for the requests that are under way, it says so to those who must not go on meanwhile: streams, which
would last, and the sender; and when it has ended, to whoever still has something to send: a signal that ended the server then ends the process."""

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
