"""The load balancer in front of Trato's processes: each connection goes to one of those that live, or is refused if none
does. Tells nobody that a process died in the middle of an answer: the carrier sees what it would see."""

import asyncio
from random import Random


class Front:
    """Forwards connections from one port to several."""

    def __init__(self, port: int, chance: Random) -> None:
        self.port = port
        self.backends: set[int] = set()
        self._chance = chance
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        ways = [asyncio.create_task(_copy(reader, inner[1])), asyncio.create_task(_copy(inner[0], writer))]
        try:  # when either side is gone, the other is told
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for one in (inner[1], writer):
                one.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ports = sorted(self.backends)
        self._chance.shuffle(ports)
        for port in ports:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
        raise ConnectionRefusedError


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
