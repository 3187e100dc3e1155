"""A carrier for the benchmark of sending: it takes every message, names it, and answers as Twilio does, from a server that does
no more than that. `python -m benchmarks.carrier PORT`."""

import asyncio
import secrets
import sys
from itertools import count

import uvloop

_ANSWER = (
    '{"account_sid":"AC00000000000000000000000000000000","api_version":"2010-04-01","body":"","date_created":"Mon, 02 Mar 2026 '
    '16:00:00 +0000","date_sent":null,"date_updated":"Mon, 02 Mar 2026 16:00:00 +0000","direction":"outbound-api","error_code":'
    'null,"error_message":null,"from":"whatsapp:+525555550000","messaging_service_sid":null,"num_media":"0","num_segments":"1",'
    '"price":null,"price_unit":null,"sid":"SM%s","status":"queued","subresource_uris":{},"to":"","uri":""}'
)
_names = count()
_run = secrets.token_hex(8)


class _Connection(asyncio.Protocol):
    """Reads of a request its length and nothing else."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = b""
        body = (_ANSWER % f"{_run}{next(_names):016x}").encode()
        status = b"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(status + body)  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def serve(port: int) -> None:
    """Take messages until stopped."""
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
