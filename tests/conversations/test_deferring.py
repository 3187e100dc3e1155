"""An officer whose row another transaction holds: their messages wait, in their order, and nobody else does."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from app.channels import sealed_form
from app.channels.simulator import Simulator
from app.conversations.deferring import LONG, DeferredMessages
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.errors import ExternalError
from app.main import LOCK_WAIT
from app.store import alerts, isolation
from app.store.database import Database, LockedError
from app.store.ledger import Kind, Ledger
from app.store.tables import CONTACT, DEFERRED, INBOUND, InboundMessage, OutboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, message, published, stored

ALMA = "+525555550100"
OTHERS = [f"+5255555502{number:02}" for number in range(20)]
AT_ONCE = 2.0
"""Seconds for twenty messages, generously: the lock lasts until the test ends it."""

on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


class Service:
    """A ledger that handles messages, and the task that takes up deferred ones."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        with database.transaction() as tx:
            self.library = published(tx, clock())
            self.alma = enrol(tx, vault, clock(), ALMA)
            for number in OTHERS:
                enrol(tx, vault, clock(), number)
        self.broken = False
        self.ledger = Ledger(database, vault, clock, {"inbound": Kind(self.handle, lambda one: dict(one.message.form))})
        self.intake = Intake(Simulator(clock), self.ledger, vault)
        self.task = DeferredMessages(self.intake)

    def handle(self, tx: Any, arrivals: Any, now: Any) -> Any:
        if self.broken and any(one.deferred for one in arrivals):
            raise LookupError
        return receiver(self.library)(tx, arrivals, now)

    async def say(self, number: str, body: str, **more: Any) -> Any:
        return await self.ledger.submit("inbound", message(self.vault, number, body, **more))

    def stored(self) -> list[tuple[Any, ...]]:
        """Body and moment of the messages of Alma, in the order in which they were handled."""
        with self.database.reading() as tx:
            return stored(tx, InboundMessage, "body", "received_at", where=[INBOUND.c.contact_id == self.alma])

    def count(self, table: Any) -> int:
        with self.database.reading() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar_one())

    def play(self, scene: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(30):
                await scene()
                await self.ledger.close()

        asyncio.run(main())


@contextmanager
def locked(database: Database, contact: int) -> Iterator[None]:
    """Another transaction holds this officer's row during the body."""
    with database.engine.connect() as other, other.begin() as transaction:
        other.execute(select(CONTACT.c.id).where(CONTACT.c.id == contact).with_for_update())
        yield
        transaction.rollback()


@pytest.fixture
def service(database: Database, vault: Vault, clock: StillClock) -> Service:
    return Service(database, vault, clock)


@on_postgresql
def test_one_locked_officer_waits_and_nobody_else(service: Service, clock: StillClock) -> None:
    async def scene() -> None:
        with locked(service.database, service.alma):
            begin = time.monotonic()
            results = await asyncio.gather(
                service.say(ALMA, "uno"), *[service.say(number, "hola") for number in OTHERS]
            )
            assert time.monotonic() - begin < AT_ONCE
            assert [one.outcome for one in results] == ["deferred", *["nothing_open"] * 20]
            clock.advance(minutes=1)
            assert (await service.say(ALMA, "dos")).outcome == "deferred"
            await service.task.once()
            assert service.count(DEFERRED) == 2
        # The row is free, and an earlier message still waits: a new one does not overtake it.
        clock.advance(minutes=1)
        assert (await service.say(ALMA, "tres")).outcome == "deferred"
        assert service.stored() == []
        await service.task.once()
        assert (await service.say(ALMA, "cuatro")).outcome != "deferred"

    start = clock()
    service.play(scene)
    assert service.stored() == [
        ("uno", start),
        ("dos", start + timedelta(minutes=1)),
        ("tres", start + timedelta(minutes=2)),
        ("cuatro", start + timedelta(minutes=2)),
    ]
    assert service.count(DEFERRED) == 0


@on_postgresql
def test_a_deferred_message_is_handled_once(service: Service) -> None:
    async def scene() -> None:
        with locked(service.database, service.alma):
            for _ in range(2):  # the carrier repeats it
                assert (await service.say(ALMA, "uno", sid="SM1")).outcome == "deferred"
            assert service.count(DEFERRED) == 1
        second = DeferredMessages(service.intake)
        await asyncio.gather(service.task.once(), second.once())
        assert (await service.say(ALMA, "uno", sid="SM1")).duplicate

    service.play(scene)
    assert [body for body, _ in service.stored()] == ["uno"]
    assert (service.count(DEFERRED), service.count(OutboundMessage)) == (0, 1)


@on_postgresql
def test_a_deferred_message_that_fails_becomes_a_dead_letter_and_holds_up_none(service: Service) -> None:
    async def scene() -> None:
        with locked(service.database, service.alma):
            await service.say(ALMA, "uno")
        service.broken = True
        await service.task.once()
        assert service.count(DEFERRED) == 0
        assert (await service.say(ALMA, "dos")).outcome == "nothing_open"

    service.play(scene)
    assert service.ledger.counts.dead == 1


@on_postgresql
def test_a_row_that_cannot_be_opened_holds_up_none(service: Service) -> None:
    async def scene() -> None:
        with locked(service.database, service.alma):
            await service.say(ALMA, "uno")
            await service.say(ALMA, "dos")
        with service.database.transaction() as tx:
            first = select(func.min(DEFERRED.c.id)).scalar_subquery()
            tx.execute(DEFERRED.update().where(DEFERRED.c.id == first).values(sealed=b"damaged"))
        await service.task.once()
        await service.task.once()
        assert service.count(DEFERRED) == 0

    service.play(scene)
    assert [body for body, _ in service.stored()] == ["dos"]
    assert service.ledger.counts.dead == 1


@on_postgresql
def test_a_short_lock_is_waited_for(service: Service) -> None:
    async def scene() -> None:
        with locked(service.database, service.alma):
            one = asyncio.create_task(service.say(ALMA, "uno"))
            await asyncio.sleep(0.05)
        assert (await one).outcome == "nothing_open"

    service.play(scene)


@on_postgresql
def test_a_lock_that_lasts_rings_once_and_is_over_once(service: Service, clock: StillClock) -> None:
    def ringing() -> list[tuple[str, int]]:
        with service.database.reading() as tx:
            return [(one.kind, one.times) for one in alerts.open_alerts(tx)]

    async def scene() -> None:
        with locked(service.database, service.alma):
            await service.say(ALMA, "uno")
            await service.task.once()
            assert ringing() == []
            clock.advance(seconds=LONG.total_seconds())
            await service.task.once()
            await service.task.once()
            assert ringing() == [("locked", 1)]
        await service.task.once()
        await service.task.once()
        assert ringing() == []

    service.play(scene)


@on_postgresql
def test_what_else_needs_a_locked_row_fails_alone(service: Service) -> None:
    """A status that blocks its officer, say. It is not lost: the carrier gets a 503 for it and repeats it."""

    def block(tx: Any, contacts: Any, now: Any) -> list[str]:
        for contact in contacts:
            tx.execute(CONTACT.update().where(CONTACT.c.id == contact).values(status="blocked"))
        return ["blocked"] * len(contacts)

    async def scene() -> None:
        with locked(service.database, service.alma):
            others = list(range(service.alma + 1, service.alma + 6))
            begin = time.monotonic()
            results = await asyncio.gather(
                *[service.ledger.submit("status", contact) for contact in [service.alma, *others]],
                return_exceptions=True,
            )
            assert isinstance(results[0], ExternalError)
            assert results[1:] == ["blocked"] * 5
            assert time.monotonic() - begin < 5

    service.ledger.kinds = {"status": Kind(block, lambda _: {})}
    service.ledger.database = Database(service.database.url.render_as_string(hide_password=False), LOCK_WAIT)
    service.ledger.database.unlock(service.vault)
    service.play(scene)
    service.ledger.database.close()
    assert service.ledger.counts.dead == 0


@on_postgresql
def test_a_lock_is_not_damage(service: Service, clock: StillClock) -> None:
    """A job that waits too long for a locked officer fails, and puts nobody on hold."""

    def touch(tx: Connection, contacts: Sequence[int]) -> None:
        tx.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        tx.execute(select(CONTACT.c.id).where(CONTACT.c.id.in_(contacts)).with_for_update())

    with locked(service.database, service.alma), pytest.raises(LockedError), service.database.transaction() as tx:
        isolation.run(tx, "nudge", [service.alma], lambda one: one, partial(touch, tx), clock())
    with service.database.reading() as tx:
        assert tx.execute(select(func.count()).where(CONTACT.c.damage.is_not(None))).scalar_one() == 0


def test_a_deferred_message_is_the_same_message(vault: Vault, clock: StillClock) -> None:
    arrival = message(
        vault,
        ALMA,
        "sí 😀",
        media=(("https://x.example/1", "image/png"),),
        also=("whatsapp:MX.1",),
        button="b",
        quoted_sid="SM9",
        sent_at=clock(),
        programme="prueba",
    )
    assert sealed_form.load_message(sealed_form.dump_message(arrival.message)) == arrival.message
