"""A crisis, from the carrier's signed webhooks to a released officer. On both databases."""

import asyncio

import httpx
from sqlalchemy import select

from app.cases import closing, reading
from app.conversations.library import Library
from app.store import cases, holds
from app.store.cases import CaseOutcome
from app.store.database import Database
from app.store.tables import OutboundMessage
from app.store.vault import Vault
from tests.cases.world import CRISIS, INCIDENT, SOURCE
from tests.conftest import StillClock
from tests.web.test_edge import FIELDS, Edge
from tests.world import enrol

ALMA, BRUNO = "+525555550101", "+525555550102"


def test_signed_webhooks_open_one_case_for_each_officer(database: Database, vault: Vault, clock: StillClock) -> None:
    edge = Edge(database, vault, clock, SOURCE)
    with database.transaction() as tx:
        alma, bruno = enrol(tx, vault, clock(), ALMA), enrol(tx, vault, clock(), BRUNO)

    async def post(number: str, text: str, place: int) -> httpx.Response:
        sender = f"whatsapp:+521{number.removeprefix('+52')}"
        fields = {**FIELDS, "MessageSid": f"SM{place:032x}", "From": sender}
        return await edge.signed("/twilio/inbound", **fields, Body=text)

    async def scene() -> list[int]:
        said = [(ALMA, CRISIS), (BRUNO, INCIDENT), (ALMA, "sí"), (ALMA, "ALTA"), (BRUNO, "hola"), (ALMA, CRISIS)]
        answers = await asyncio.gather(*[post(number, text, place) for place, (number, text) in enumerate(said)])
        again = await post(ALMA, CRISIS, 0)  # the carrier repeats what it has delivered
        await edge.ledger.close()
        return [one.status_code for one in (*answers, again)]

    assert asyncio.run(scene()) == [200] * 7
    with database.transaction() as tx:
        listed = [(one.contact_id, str(one.reason), one.messages) for one in cases.listed(tx)]
        assert listed == [(alma, "crisis", 4), (bruno, "serious", 2)]
        steps = select(OutboundMessage.step).where(OutboundMessage.contact_id == alma)
        assert list(tx.execute(steps).scalars()) == ["support"]
        case = cases.open_of(tx, alma)
        assert case is not None
        assert len(reading.show(tx, case, clock(), "test").messages) == 4
        library = Library()
        library.refresh(tx)
        closing.close(tx, library, vault, case, CaseOutcome.false_alarm, None, clock(), "test")
        assert holds.of(tx, alma) == frozenset()
        assert list(tx.execute(steps).scalars()) == ["support", "false_alarm"]
