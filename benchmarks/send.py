"""`python -m benchmarks send`: messages a second from the outbox to the carrier, each claimed, decided on, opened, posted and written
down, against a bare loop of httpx that makes the same posts and knows them all beforehand. The carrier is a process of its
own on this machine. The loop is measured with several numbers of requests at a time, and its best counts."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx
import uvloop
from sqlalchemy import Connection, func, select

from app.channels.base import Outgoing, SendResult
from app.channels.twilio.channel import TwilioChannel
from app.clock import system_clock
from app.errors import ExternalError
from app.sending.worker import SendWorker
from app.store.bulk import insert_rows
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import OUTBOUND
from app.store.vault import Vault
from benchmarks.load import Measured, measured, middle
from benchmarks.officers import ACCOUNT, OURS, SECRET, enrol, numbers
from benchmarks.servers import python, server

TEXT = "{{nombre}}, ¿pudo aplicar el principio de dar voz en su último contacto con la ciudadanía?"
ROUNDS = 5
WIDTHS = (1, 2, 5, 10)
"""Requests at a time of the bare loop: httpx gets slower with more."""


@dataclass(frozen=True, slots=True)
class SendFigures:
    """Medians over the rounds; latencies are those of a post. `ratio` is Trato's messages a second over the bare loop's at its
    best, with `bare_concurrency` requests at a time."""

    messages: int
    concurrency: int
    database: str
    bare_concurrency: int
    bare: Measured
    trato: Measured
    ratio: float


def measure(messages: int, concurrency: int, database_url: str | None) -> SendFigures:
    """Measure with so many messages a round, each to an officer of its own. `database_url`: an empty PostgreSQL database;
    else a SQLite file.

    Raises ExternalError if the carrier does not come up, or if a message was not sent.
    """
    bare: dict[int, list[Measured]] = {width: [] for width in WIDTHS}
    trato = []
    phones = numbers(messages)
    with (
        tempfile.TemporaryDirectory(prefix="trato-bench-") as folder,
        server(python("benchmarks.carrier", "{port}"), {}) as port,
    ):
        database = Database(database_url or f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            database.prepare()
            database.unlock(Vault(SECRET))
            with database.transaction() as tx:
                officers = enrol(tx, phones, system_clock())
            for round_ in range(ROUNDS):
                for width, found in bare.items():
                    found.append(uvloop.run(_bare(port, phones, width)))
                with database.transaction() as tx:
                    _queue(tx, officers, f"{TEXT} ({round_})", system_clock())
                trato.append(uvloop.run(_trato(port, database, concurrency)))
        finally:
            database.close()
    return _figures(concurrency, "postgresql" if database_url else "sqlite", bare, trato)


def _figures(concurrency: int, database: str, bare: dict[int, list[Measured]], trato: list[Measured]) -> SendFigures:
    at_best, floor = max(((width, middle(found)) for width, found in bare.items()), key=lambda one: one[1].per_second)
    ours = middle(trato)
    return SendFigures(
        trato[0].requests, concurrency, database, at_best, floor, ours, ours.per_second / floor.per_second
    )


async def _bare(port: int, phones: Sequence[str], width: int) -> Measured:
    """The floor: what httpx by itself posts, with the same fields."""
    url = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    left, latencies = iter(phones), []
    async with httpx.AsyncClient(auth=(ACCOUNT, "bench"), timeout=30) as client:

        async def post() -> None:
            for phone in left:
                fields = {
                    "To": f"whatsapp:{phone}",
                    "From": f"whatsapp:{OURS}",
                    "Body": TEXT.replace("{{nombre}}", "Alma"),
                    "StatusCallback": f"https://bench.invalid/twilio/status?m={uuid4().hex}",
                }
                began = time.perf_counter()
                (await client.post(url, data=fields)).raise_for_status()
                latencies.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(width)))
        return measured(latencies, time.perf_counter() - began)


class _Timed(TwilioChannel):
    """The channel, with a watch beside it."""

    latencies: list[float]

    async def send(self, message: Outgoing) -> SendResult:
        began = time.perf_counter()
        result = await super().send(message)
        self.latencies.append(time.perf_counter() - began)
        return result


async def _trato(port: int, database: Database, concurrency: int) -> Measured:
    """The sender as `trato serve` runs it, from rows that are due until all is written down."""
    vault = Vault(SECRET)
    channel = _Timed(
        ACCOUNT, ["bench"], public_url="https://bench.invalid", from_whatsapp=OURS, api_url=f"http://127.0.0.1:{port}"
    )
    channel.latencies = []
    ledger = Ledger(database, vault, system_clock, {})
    sender = SendWorker(ledger, channel, vault, system_clock, "bench", rate=1e6, concurrency=concurrency)
    began = time.perf_counter()
    await sender.drain()
    seconds = time.perf_counter() - began
    await ledger.close()
    await channel.aclose()
    with database.reading() as tx:
        if unsent := _unsent(tx):
            raise ExternalError(f"{unsent} messages were not sent: the figures would mean nothing")
    return measured(channel.latencies, seconds)


def _queue(tx: Connection, officers: Sequence[int], body: str, now: datetime) -> None:
    """One reply to each, due now. The same again and again would be taken for a loop."""
    insert_rows(
        tx,
        OUTBOUND,
        [
            {
                "uid": uuid4().hex,
                "contact_id": officer,
                "kind": "say",
                "channel": "whatsapp",
                "body": body,
                "options": "[]",
                "priority": 0,
                "due_at": now,
                "created_at": now,
                "status": "queued",
                "rank": 0,
                "attempts": 0,
            }
            for officer in officers
        ],
    )


def _unsent(tx: Connection) -> int:
    return int(
        tx.execute(select(func.count()).select_from(OUTBOUND).where(OUTBOUND.c.status != "accepted")).scalar_one()
    )
