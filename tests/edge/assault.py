"""The assault on one `trato serve`: requests of strangers, then slow connections, while a carrier posts good webhooks all the time."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from sqlalchemy import func, select

from app.store.database import Database
from app.store.tables import DEAD_LETTER, INBOUND
from tests.acceptance.processes import Installation, running, until
from tests.edge.good import PATIENCE, exchange, post
from tests.edge.requests import Requests

AT_ONCE = 32
IMPATIENCE = 0.3
"""Seconds that a stranger waits: many requests have no end, and the service waits for it longer than that."""


@dataclass(slots=True)
class Found:
    """What an assault found. Times in milliseconds. `stored` is what the database has beyond the good webhooks."""

    requests: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    good: list[float] = field(default_factory=list)
    good_refused: int = 0
    stored: int = 0
    slow: int = 0
    blocked_ms: float = 0.0
    memory_mb: float = 0.0
    seconds: float = 0.0

    @property
    def slowest_good(self) -> float:
        """The time of the slowest good webhook."""
        return max(self.good, default=0.0)

    def percentile(self, share: float) -> float:
        """A percentile of the times of good webhooks."""
        ordered = sorted(self.good)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def faults(self) -> list[str]:
        """What must not be, in words."""
        errors = sum(count for status, count in self.answers.items() if status >= 500)
        return [
            text
            for text, wrong in (
                (f"{self.stored} forgeries stored", self.stored),
                (f"{errors} answers of 500 or more", errors),
                (f"{self.good_refused} good webhooks not answered with 200", self.good_refused),
                ("no good webhook was posted", not self.good),
                (f"the loop was blocked for {self.blocked_ms} ms", self.blocked_ms > 250),
                (f"{self.memory_mb} MB of memory", self.memory_mb > 400),
            )
            if wrong
        ]


def assault(place: Installation, requests: int, slow: int, seed: int) -> Found:
    """Serve, attack, look into the database. AssertionError if the service does not begin."""
    found, noted = Found(), place.folder / "watch.json"
    with running("tests.edge.serve:main", [str(noted)], place.environment(), place.folder / "serve.log") as process:
        until(lambda: place._ready(process), "the service is ready", 60)
        began = time.monotonic()
        asyncio.run(_attack(place, found, requests, slow, seed))
        found.seconds = time.monotonic() - began
        time.sleep(0.5)
        assert process.poll() is None, place.log
        watched = json.loads(noted.read_text("ascii"))
    assert watched["looks"] > 5 * found.seconds, "the watch ended before the assault"
    found.blocked_ms, found.memory_mb = watched["blocked_ms"], watched["memory_mb"]
    found.stored = _stored(place.database_url) - len(found.good)
    return found


def _stored(url: str) -> int:
    """The messages and dead letters. A good webhook is one message, of an unknown number."""
    database = Database(url)
    with database.reading() as tx:
        total = sum(
            tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (INBOUND, DEAD_LETTER)
        )
    database.close()
    return int(total)


async def _attack(place: Installation, found: Found, requests: int, slow: int, seed: int) -> None:
    processes = get_context("spawn")
    over, times = processes.Event(), processes.Queue()
    account = place.account
    good = processes.Process(
        target=post,
        args=(
            place.port,
            f"{place.url}/twilio/inbound",
            account.sid,
            account.auth_token,
            account.whatsapp,
            over,
            times,
        ),
    )
    good.start()
    try:
        made = Requests(account, f"127.0.0.1:{place.port}", seed)
        left = iter(range(requests))
        await asyncio.gather(*(_fire(place.port, made, left, found) for _ in range(AT_ONCE)))
        if slow:
            await _creep(place.port, slow, found)
    finally:
        over.set()
        found.good, found.good_refused = await asyncio.to_thread(times.get, timeout=2 * PATIENCE)
        good.join()


async def _fire(port: int, made: Requests, left: Iterator[int], found: Found) -> None:
    for _ in left:
        found.requests += 1
        for status in await exchange(port, made.next(), IMPATIENCE):
            found.answers[status] += 1


async def _creep(port: int, many: int, found: Found) -> None:
    """Connections that send a byte now and then: half of them in the head, half in the body of a form. Whoever is cut off comes again."""
    head = b"POST /twilio/inbound HTTP/1.1\r\nHost: localhost\r\n"
    body = head + b"X-Twilio-Signature: " + b"A" * 27 + b"=\r\nContent-Length: 30000\r\n\r\n"
    until_then = time.monotonic() + 15
    await asyncio.gather(*(_creep_along(port, (head, body)[number % 2], until_then, found) for number in range(many)))


async def _creep_along(port: int, start: bytes, until_then: float, found: Found) -> None:
    while time.monotonic() < until_then:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.5)
            continue
        found.slow += 1
        try:
            writer.write(start)
            while time.monotonic() < until_then and not reader.at_eof():
                writer.write(b"a")
                await asyncio.wait_for(writer.drain(), 5)
                await asyncio.sleep(1)
        except (OSError, TimeoutError):
            await asyncio.sleep(0.5)
        finally:
            writer.transport.abort()
