"""Trato's sender and webhooks on one end of a wire, the fake carrier on the other: the real channel, the real edge, either
database, and a clock that stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import func, insert, select, update

from app.channels.twilio.channel import TwilioChannel
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.library import Library
from app.sending import delivery_reports
from app.sending.worker import SendWorker
from app.store.database import Database
from app.store.ledger import Kind, Ledger
from app.store.tables import OUTBOUND, Address, OutboundMessage
from app.store.vault import Vault
from app.web.webhooks import Webhooks
from tests.carrier import Account, Carrier
from tests.conftest import StillClock
from tests.world import enrol, sealed

ALMA, BRUNO = "+525555550101", "+525555550102"
TEMPLATE = "HX" + "0" * 32
ACCOUNT = Account(
    webhook="https://trato.example/twilio/inbound", contents={TEMPLATE: "Buen día, {{1}}. Le escribimos del taller."}
)


@dataclass
class Wire:
    """Trato's sender and webhooks on one end, the carrier on the other."""

    database: Database
    vault: Vault
    clock: StillClock
    carrier: Carrier
    ledger: Ledger
    channel: TwilioChannel
    alma: int
    bruno: int

    def sender(self, **changes: Any) -> SendWorker:
        given: dict[str, Any] = {
            "ledger": self.ledger,
            "channel": self.channel,
            "vault": self.vault,
            "clock": self.clock,
            "owner": "one",
            "rate": 1000.0,
            "chance": Random(1),
            "templates": {"apertura": TEMPLATE},
            **changes,
        }
        return SendWorker(**given)

    def queue(self, body: str, *, to: int | None = None, **changes: Any) -> str:
        uid = uuid4().hex
        row = {
            "uid": uid,
            "contact_id": self.alma if to is None else to,
            "kind": "say",
            "channel": "whatsapp",
            "body": body,
            "priority": 0,
            "due_at": self.clock(),
            "created_at": self.clock(),
            "status": "queued",
            "rank": 0,
            "attempts": 0,
            "options": "[]",
            **changes,
        }
        with self.database.transaction() as tx:
            tx.execute(insert(OutboundMessage), sealed(tx, OutboundMessage, row))
        return uid

    def heard(self, contact: int, ago: timedelta = timedelta(minutes=1)) -> None:
        self.set(Address, {"last_inbound_at": self.clock() - ago}, contact_id=contact, channel="whatsapp")

    def set(self, table: Any, values: dict[str, Any], **where: Any) -> None:
        with self.database.transaction() as tx:
            tx.execute(
                update(table).values(**values).where(*[getattr(table, name) == value for name, value in where.items()])
            )

    def row(self, uid: str) -> Any:
        with self.database.reading() as tx:
            table = OUTBOUND
            return tx.execute(select(table).where(table.c.uid == uid)).one()

    def words(self, row: Any) -> str:
        return self.vault.open(row.body, f"outbound_body:{row.uid}")

    def status(self, uid: str) -> str:
        return str(self.row(uid).status)

    def count(self, table: Any, **where: Any) -> int:
        with self.database.reading() as tx:
            found = select(func.count()).where(*[getattr(table, name) == value for name, value in where.items()])
            return tx.execute(found.select_from(table)).scalar_one()

    async def send(self, **changes: Any) -> None:
        """Send what is due, and let the carrier finish telling."""
        await self.sender(**changes).drain()
        await self.carrier.settle()

    def bodies(self, number: str = ALMA) -> list[str]:
        return [message.body for message in self.carrier.sent_to(number)]


Work = Callable[[Wire], Awaitable[None]]
Run = Callable[[Work], None]


def wired(database: Database, vault: Vault, clock: StillClock) -> Run:
    """Runs a test's work with everything wired. At the end, every request was within the carrier's rules."""

    async def whole(work: Work) -> None:
        library = Library()
        ledger = Ledger(
            database,
            vault,
            clock,
            {
                "inbound": Kind(receiver(library), lambda arrival: dict(arrival.message.form)),
                "status": Kind(delivery_reports.recorder("twilio"), lambda status: {"sid": status.sid}),
            },
        )
        carrier = Carrier(ACCOUNT, clock=clock, seed=3)
        channel = TwilioChannel(
            ACCOUNT.sid,
            (ACCOUNT.auth_token,),
            credentials=(ACCOUNT.api_key, ACCOUNT.api_secret),
            from_sms=ACCOUNT.sms,
            from_whatsapp=ACCOUNT.whatsapp,
            public_url="https://trato.example",
            api_url="https://api.example",
            client=httpx.AsyncClient(transport=httpx.ASGITransport(carrier)),
        )
        webhooks = Webhooks(_nothing, Intake(channel, ledger, vault))
        carrier.caller.client = httpx.AsyncClient(transport=httpx.ASGITransport(webhooks))
        with database.transaction() as tx:
            alma, bruno = enrol(tx, vault, clock(), ALMA), enrol(tx, vault, clock(), BRUNO, name="Bruno")
        wire = Wire(database, vault, clock, carrier, ledger, channel, alma, bruno)
        wire.heard(alma)
        wire.heard(bruno)
        await carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        await carrier.inject(f"whatsapp:{BRUNO}", "hola", deliver=False)
        try:
            await work(wire)
            await carrier.settle()
        finally:
            await ledger.close()
        assert carrier.book.refused == []

    return lambda work: asyncio.run(whole(work))


async def eventually(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so, but not for ever."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("only webhooks are called")
