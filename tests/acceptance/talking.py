"""An officer of a large programme who talks with Trato by signed webhooks, over a database."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from fastapi import FastAPI

from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.signature import sign
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.sessions import Turn, begin
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.ledger import Kind, Ledger
from app.store.tables import OutboundMessage, Response
from app.store.vault import Vault
from app.web.webhooks import Webhooks
from tests.conftest import StillClock
from tests.programmes import FIRST
from tests.world import OURS, arrive, enrol, officer, published, stored

ALMA = "+525555550101"
ACCOUNT, TOKEN, PUBLIC = "AC" + "1" * 32, "token of the tests", "https://trato.example"
INBOUND = "/twilio/inbound"


class Talk:
    """One officer of the first programme, and the webhooks over a database."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock, *, consented: bool = True) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        with database.transaction() as tx:
            self.library = published(tx, clock(), FIRST.read_text(encoding="utf-8"))
            self.alma = enrol(tx, vault, clock(), ALMA, programme="pj_cdmx", consented=consented)

    def opens(self, flow: str) -> "Talk":
        """Begin a flow with the officer."""
        with self.database.transaction() as tx:
            changes = Changes()
            begin(Turn(tx, self.library, changes, self.clock()), officer(tx, self.alma), flow)
            write(tx, changes)
        return self

    def hears(self, *bodies: str | dict[str, str]) -> "Talk":
        """The officer writes, a minute apart, having seen everything; each message is a signed webhook that is answered with 200."""
        for body in bodies:
            with self.database.transaction() as tx:
                arrive(tx)
            self.clock.advance(minutes=1)
            self.quickly(body)
        return self

    def quickly(self, *bodies: str | dict[str, str]) -> "Talk":
        """The officer writes at once, having seen nothing new."""
        asyncio.run(self._posted(bodies))
        return self

    async def _posted(self, bodies: tuple[str | dict[str, str], ...]) -> None:
        kinds = {"inbound": Kind(receiver(self.library), lambda one: dict(one.message.form))}
        ledger = Ledger(self.database, self.vault, self.clock, kinds)
        channel = TwilioChannel(ACCOUNT, [TOKEN], public_url=PUBLIC, from_whatsapp=OURS)
        app = Webhooks(FastAPI(openapi_url=None), Intake(channel, ledger, self.vault))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside") as client:
            for body in bodies:
                given = {"Body": body} if isinstance(body, str) else {"Body": "", **body}
                form = {
                    "MessageSid": f"SM{uuid4().hex}",
                    "AccountSid": ACCOUNT,
                    "From": f"whatsapp:{ALMA}",
                    "To": f"whatsapp:{OURS}",
                    **given,
                }
                headers = {
                    "X-Twilio-Signature": sign(PUBLIC + INBOUND, list(form.items()), TOKEN),
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                answer = await client.post(INBOUND, content=urlencode(form).encode(), headers=headers)
                assert answer.status_code == 200
        await ledger.close()

    def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as tx:
            return stored(tx, table, *columns)

    def said(self) -> list[str]:
        """Everything that was said to the officer."""
        return [body for (body,) in self.rows(OutboundMessage, "body")]

    def data(self) -> list[tuple[Any, ...]]:
        return self.rows(Response, "variable", "value", "status")
