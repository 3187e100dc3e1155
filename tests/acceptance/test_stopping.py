"""Stops in order, under load: a process that is asked to stop does so in time, loses no webhook and leaves no message half sent; two processes
that are restarted one after the other refuse the carrier nothing. With processes as they run in life, behind a load balancer."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.store.tables import InboundMessage, OutboundMessage
from tests.acceptance.processes import ROOT, Installation, free_port
from tests.chaos.front import Front
from tests.world import PROGRAMME

pytestmark = pytest.mark.nightly

OFFICERS = 40
A_SECOND = 12
"""Messages from officers."""

IN_TIME = 40.0
"""Seconds after which systemd and compose end a process that was asked to stop: ops/trato.service, compose.yaml."""


@dataclass(slots=True)
class Fleet:
    """Processes of one installation behind a load balancer on its port."""

    place: Installation
    front: Front
    ports: list[int]
    processes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, port: int) -> None:
        """Start the process of a port, and let it take part once it is ready."""
        environment = {**os.environ, **self.place.environment(), "TRATO_PORT": str(port)}
        with (self.place.folder / f"serve-{port}.log").open("ab") as log:
            self.processes[port] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "app.cli.main", "serve", cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        async with httpx.AsyncClient(timeout=5) as client:
            for _ in range(600):
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
            else:
                raise AssertionError((self.place.folder / f"serve-{port}.log").read_text("utf-8")[-2000:])
        self.front.backends.add(port)

    async def stop(self, port: int) -> float:
        """Ask a process to stop, as systemd does. The load balancer finds out by itself. Gives the seconds."""
        process, began = self.processes[port], time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), IN_TIME)
        self.front.backends.discard(port)
        assert process.returncode in (0, -signal.SIGTERM)
        return time.monotonic() - began


@asynccontextmanager
async def fleet(place: Installation, number: int) -> AsyncIterator[Fleet]:
    front = Front(place.port, Random(1))
    await front.start()
    made = Fleet(place, front, [free_port() for _ in range(number)])
    try:
        for port in made.ports:
            await made.start(port)
        yield made
    finally:
        for process in made.processes.values():
            if process.returncode is None:
                process.kill()
                await process.wait()
        await front.stop()


@dataclass(slots=True)
class Load:
    """Officers who write, each as often as another, through the carrier."""

    place: Installation
    written: int = 0

    async def write(self) -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            while True:
                number = f"+52155555503{self.written % OFFICERS:02d}"
                said = {"from": f"whatsapp:{number}", "body": "AYUDA", "wait": False}
                self.written += 1
                await asyncio.shield(client.post(f"{self.place.carrier_url}/control/inbound", json=said))
                await asyncio.sleep(1 / A_SECOND)


@asynccontextmanager
async def load(place: Installation) -> AsyncIterator[Load]:
    made = Load(place)
    task = asyncio.create_task(made.write())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    made = Installation(tmp_path, database_url, PROGRAMME)
    rows = "".join(f"Oficial {one},55 5555 03{one:02d},prueba-1,{datetime.now():%Y-%m-%d}\n" for one in range(OFFICERS))  # noqa: DTZ005
    (tmp_path / "roster.csv").write_text(f"Nombre,Teléfono,Cohorte,fecha_taller\n{rows}", encoding="utf-8")
    published = made.trato("publish")
    assert published.returncode == 0, published.stdout + published.stderr
    done = made.trato("roster", "import", str(tmp_path / "roster.csv"))
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def _rows(place: Installation, *what: Any) -> list[Any]:
    database = place.opened()
    try:
        with database.reading() as tx:
            return list(tx.execute(select(*what)).all())
    finally:
        database.close()


def _half_sent(place: Installation) -> int:
    database = place.opened()
    try:
        with database.reading() as tx:
            half = select(func.count()).where(OutboundMessage.status.in_(("sending", "unknown")))  # type: ignore[attr-defined]
            return int(tx.execute(half).scalar_one())
    finally:
        database.close()


async def _rests(place: Installation) -> dict[str, Any]:
    """Wait until no reply is on its way, and give the carrier's account. Reports that came while nobody listened are asked for hours
    later."""
    async with httpx.AsyncClient(timeout=60) as client:
        for _ in range(300):
            pending = (await client.post(f"{place.carrier_url}/control/settle")).json()["pending"]
            rows = _rows(place, OutboundMessage.status, OutboundMessage.priority)
            waiting = [row for row in rows if row.priority == 0 and row.status in ("queued", "sending", "unknown")]
            if not waiting and not pending:  # in this order: a webhook that is settled has its reply in the outbox
                return dict((await client.get(f"{place.carrier_url}/control/messages")).json())
            await asyncio.sleep(0.2)
    raise AssertionError(f"still on their way: {waiting[:5]}")


async def _all_is_well(place: Installation, written: int) -> list[list[int]]:
    """Every message of an officer that was answered with a 200 is here once; every message of ours is at the carrier once. Gives the answers to
    the webhooks."""
    known = await _rests(place)
    inbound = [one for one in known["messages"] if one["direction"] == "inbound"]
    outbound = [one for one in known["messages"] if one["direction"] != "inbound"]
    assert len(inbound) == written
    stored = [row.sid for row in _rows(place, InboundMessage.sid)]
    assert len(stored) == len(set(stored))
    assert {one["sid"] for one in inbound if 200 in one["webhook_answers"]} <= set(stored)
    ours = [row.sid for row in _rows(place, OutboundMessage.sid) if row.sid is not None]
    assert sorted(ours) == sorted(one["sid"] for one in outbound)
    assert known["refused"] == []
    return [one["webhook_answers"] for one in inbound]


def test_a_process_that_is_asked_to_stop_does_so_in_time_and_leaves_nothing_half(place: Installation) -> None:
    async def whole() -> None:
        number = 1 if place.database_url.startswith("sqlite") else 2
        async with fleet(place, number) as made:
            async with load(place) as crowd:
                await asyncio.sleep(4)
                seconds = [await made.stop(port) for port in made.ports]
            assert _half_sent(place) == 0, "every message is sent, or not begun"
            assert max(seconds) < IN_TIME / 2
            for port in made.ports:
                await made.start(port)
            await _all_is_well(place, crowd.written)  # what came while nobody listened is the sweep's: test_outage

    with place.carrier():
        httpx.put(f"{place.carrier_url}/control/faults", json={"slow": 0.3}).raise_for_status()
        asyncio.run(whole())


def test_two_processes_are_restarted_one_after_the_other_without_a_failed_webhook(place: Installation) -> None:
    if place.database_url.startswith("sqlite"):
        pytest.skip("a SQLite file is for one process")

    async def whole() -> None:
        async with fleet(place, 2) as made:
            async with load(place) as crowd:
                for port in made.ports:
                    await asyncio.sleep(3)
                    await made.stop(port)
                    await made.start(port)
                await asyncio.sleep(2)
            answers = await _all_is_well(place, crowd.written)
            assert crowd.written > 100
            assert {one[-1] for one in answers} == {200}, "no webhook failed, and none went to the fallback"
            again = [one for one in answers if len(one) > 1]
            assert len(again) <= crowd.written / 100, f"tried again by the carrier: {again}"

    with place.carrier():
        asyncio.run(whole())
