"""The HTTP server. Its streams end before it waits for the requests that are under way: they would last."""

import socket

import uvicorn

from app.web.console.streams import Streams


class Server(uvicorn.Server):
    """Uvicorn, which ends streams when it stops."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn has it, but without waiting for streams."""
        self._streams.close()
        await super().shutdown(sockets)
