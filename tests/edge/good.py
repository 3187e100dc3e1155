"""The carrier beside an assault, in a process of its own: it posts good webhooks, one after the other, and notes how long each took."""

import asyncio
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from urllib.parse import urlencode

from app.channels.twilio.signature import sign

PATIENCE = 30.0
BETWEEN = 0.1
"""Seconds between two."""


def post(
    port: int, url: str, account: str, token: str, ours: str, over: Event, times: "Queue[tuple[list[float], int]]"
) -> None:
    """Post until it is over; then give the times in milliseconds of those that were answered with 200, and the number of the others."""
    times.put(asyncio.run(_post(port, url, account, token, ours, over)))


async def _post(port: int, url: str, account: str, token: str, ours: str, over: Event) -> tuple[list[float], int]:
    answered: list[float] = []
    number, refused = 0, 0
    while not over.is_set():
        number += 1
        fields = {
            "MessageSid": f"SM{number:032x}",
            "AccountSid": account,
            "From": f"whatsapp:+52155{number:08d}",
            "To": f"whatsapp:{ours}",
            "Body": "hola",
        }
        body = urlencode(fields).encode()
        head = (
            "POST /twilio/inbound HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {sign(url, list(fields.items()), token)}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.monotonic()
        if await exchange(port, head.encode() + body, PATIENCE) == [200]:
            answered.append(1000 * (time.monotonic() - began))
        else:
            refused += 1
        await asyncio.sleep(BETWEEN)
    return answered, refused


async def exchange(port: int, content: bytes, patience: float) -> list[int]:
    """Send bytes on a connection of their own, and wait until the other side ends it. Gives the statuses of the answers; none if it was cut
    off, or nothing came in time."""
    answer = b""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(content)
                while part := await reader.read(65_536):
                    answer += part
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        pass
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]
