"""`/readyz` is 503 exactly while a message could not be stored; what else is wrong stands in its detail, on both databases."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from structlog.testing import capture_logs

from app.errors import ConfigurationError
from app.store import alerts, heartbeat, keys, leases, our_numbers, sweeps
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.vault import Vault
from app.web import health, readiness
from app.web.readiness import Readiness
from tests.conftest import StillClock
from tests.web.test_edge import FIELDS, Edge


class Service(Edge):
    """The edge with its readiness."""

    silent: float | None = 1.0
    has_clock = True

    async def open(self) -> None:
        self.begin()
        silent = (lambda: self.silent) if self.has_clock else None
        self.readiness = Readiness(self.ledger, silent, 60.0, swept=True)
        self.site = FastAPI(openapi_url=None)
        self.site.router.routes.extend(health.routes(self.readiness))

    async def ask(self) -> tuple[int, dict[str, Any]]:
        transport = httpx.ASGITransport(app=self.site)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            answer = await client.get("/readyz")
            return answer.status_code, answer.json()

    async def page(self) -> tuple[int, str]:
        transport = httpx.ASGITransport(app=self.site)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            answer = await client.get("/status")
            return answer.status_code, answer.text

    async def webhook(self, number: int) -> int:
        sid = f"SM{number:032d}"
        return (await self.signed("/twilio/inbound", **{**FIELDS, "MessageSid": sid}, Body="¿Hola?" * 50)).status_code


Run = Callable[[Callable[[Service], Awaitable[None]]], None]


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Run:
    async def whole(work: Callable[[Service], Awaitable[None]]) -> None:
        service = Service(database, vault, clock)
        await service.open()
        await work(service)
        await service.ledger.close()

    return lambda work: asyncio.run(whole(work))


@pytest.fixture
def always_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH_SECONDS", -1.0)


@contextmanager
def _set(database: Database, pragma: str) -> Iterator[None]:
    """Every connection of this process with this setting; PostgreSQL's are read-only."""

    def apply(connection: Any, *_: object) -> None:
        if database.is_sqlite:
            connection.execute(pragma)
        else:
            connection.read_only = True

    event.listen(database.engine, "checkout", apply)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", apply)
        database.engine.dispose()


def _pages(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())


@pytest.mark.usefixtures("always_anew")
def test_a_read_only_database_is_not_ready(run: Run) -> None:
    async def work(service: Service) -> None:
        assert (await service.ask())[0] == await service.webhook(1) == 200
        with _set(service.database, "PRAGMA query_only=ON"), capture_logs() as logs:
            assert await service.webhook(2) == 503
            for _ in range(3):
                status, body = await service.ask()
                assert (status, body["checks"]) == (503, {"database": False, "schema": True, "key": True})
        with capture_logs() as later:
            assert (await service.ask())[0] == await service.webhook(2) == 200
            await service.ask()
        told = ["messages cannot be stored", "messages can be stored again"]
        assert [one["event"] for one in (*logs, *later) if one["event"] in told] == told, "once, and when it is over"

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_the_public_page_says_in_words_what_works(run: Run) -> None:
    async def work(service: Service) -> None:
        status, text = await service.page()
        assert status == 200
        assert "El servicio funciona" in text
        service.silent = 1000.0
        assert "por ahora no salen" in (await service.page())[1]
        with _set(service.database, "PRAGMA query_only=ON"):
            status, text = await service.page()
        assert (status, "Por ahora no se reciben mensajes" in text) == (503, True)
        assert not {"wake", "sender", "database", "alert_"} & set(re.findall(r"\w+", text)), "no data"

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_a_full_disk_is_not_ready(run: Run) -> None:
    async def work(service: Service) -> None:
        if not service.database.is_sqlite:
            return
        assert (await service.ask())[0] == 200
        with _set(service.database, f"PRAGMA max_page_count={_pages(service.database) + 6}"):
            stored = 0
            while await service.webhook(stored) == 200:
                stored += 1
                assert stored < 200
            assert (await service.ask())[0] == await service.webhook(999) == 503
        assert (await service.ask())[0] == await service.webhook(999) == 200

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_every_beat_needs_room(run: Run) -> None:
    """Otherwise a beat that reuses the room of the last one would pass on a full disk."""

    async def work(service: Service) -> None:
        if not service.database.is_sqlite:
            return
        for _ in range(5):
            await service.ask()
        with _set(service.database, f"PRAGMA max_page_count={_pages(service.database)}"):
            pages = _pages(service.database)
            for _ in range(5):
                await service.ask()
            assert _pages(service.database) == pages, "the room of the beat before the last is used again"

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_a_database_that_is_gone_is_not_ready(vault: Vault, clock: StillClock) -> None:
    async def work() -> None:
        ledger = Ledger(Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"), vault, clock, {})
        state = await Readiness(ledger, None, 60.0, swept=True)()
        assert (state.ready, state.checks["database"]) == (False, False)
        await ledger.close()

    asyncio.run(work())


@pytest.mark.usefixtures("always_anew")
def test_another_key_is_not_ready(run: Run) -> None:
    async def work(service: Service) -> None:
        own = service.vault
        keys.claim(service.database, own, service.clock())
        assert (await service.ask())[0] == 200
        service.vault = Vault("another secret that only tests have")
        await service.open()
        status, body = await service.ask()
        assert (status, body["checks"]) == (503, {"database": True, "schema": True, "key": False})
        service.vault = own
        await service.open()
        assert (await service.ask())[0] == 200

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_a_schema_of_another_release_is_not_ready(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(self: Database) -> None:
        raise ConfigurationError("the database is at another version")

    async def work(service: Service) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Database, "check", other)
            status, body = await service.ask()
        assert (status, body["checks"]["schema"]) == (503, False)
        assert (await service.ask())[0] == 200

    run(work)


def _ringing(service: Service) -> list[str]:
    with service.database.reading() as tx:
        return [one.kind for one in alerts.open_alerts(tx)]


@pytest.mark.usefixtures("always_anew")
def test_a_clock_that_has_stopped_takes_no_webhook_away(run: Run) -> None:
    async def work(service: Service) -> None:
        status, body = await service.ask()
        assert (status, body["detail"]["clock"], _ringing(service)) == (200, "ticking", [])
        service.silent = 61.0
        for _ in range(3):
            status, body = await service.ask()
            assert (status, body["detail"]["clock"], body["detail"]["alerts"]) == (200, "stopped", {"clock_stopped": 1})
        with service.database.reading() as tx:
            assert [one.times for one in alerts.open_alerts(tx)] == [1], "once"
        service.silent = 1.0
        await service.open()  # by another process too
        status, body = await service.ask()
        assert (status, body["detail"]["clock"], _ringing(service)) == (200, "ticking", [])

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_a_process_without_a_clock_sees_whether_another_ticks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(service: Service) -> None:
        service.has_clock = False
        await service.open()
        assert (await service.ask())[1]["detail"]["clock"] == "ticking", "it has just begun"
        service.readiness._born -= 61
        assert (await service.ask())[1]["detail"]["clock"] == "stopped"
        until = service.clock() + heartbeat.LONGEST_LEASE
        with service.database.transaction() as tx:
            leases.acquire(tx, heartbeat.TICKS, "clock", until, service.clock())
        assert (await service.ask())[1]["detail"]["clock"] == "ticking"
        service.clock.advance(days=-2)
        assert (await service.ask())[1]["detail"]["clock"] == "stopped", "a lease of another clock shows nothing"

    run(work)


@pytest.mark.usefixtures("always_anew")
def test_what_needs_a_person_stands_in_the_detail(run: Run) -> None:
    async def work(service: Service) -> None:
        now = service.clock()
        assert (await service.ask())[1]["detail"]["sweep"] == "never"
        with service.database.transaction() as tx:
            our_numbers.pause(tx, "twilio:sms", 21606, now)
            alerts.ring(tx, "sender_refused", "sender:twilio:sms", now)
            alerts.ring(tx, "job", "plan", now)
            sweeps.advance(tx, now - timedelta(hours=5), now)
        status, body = await service.ask()
        assert status == 200
        assert body["detail"] == {
            "clock": "ticking",
            "sweep": "behind",
            "failing_jobs": ["plan"],
            "senders_paused": 1,
            "senders_resting": 0,
            "cohorts_paused": 0,
            "officers_held": 0,
            "on_hold": {},
            "stopped": False,
            "alerts": {"job": 1, "sender_refused": 1},
        }

    run(work)


def test_a_flood_of_requests_costs_one_write(run: Run) -> None:
    async def work(service: Service) -> None:
        statements: list[str] = []
        event.listen(service.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        answers = await asyncio.gather(*[service.ask() for _ in range(200)])
        assert {status for status, _ in answers} == {200}
        writes = [one for one in statements if one.split()[0] in ("INSERT", "UPDATE", "DELETE")]
        assert len(writes) <= 4
        assert len(statements) <= 30

    run(work)
