"""What officers write that is no answer, in whole conversations with the shipped programme: signed webhooks in, rows out."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.signature import sign
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.sessions import Turn, begin
from app.store import alerts
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.ledger import Kind, Ledger
from app.store.tables import Consent, Contact, InboundMessage, OutboundMessage, Response
from app.store.vault import Vault
from app.web.webhooks import Webhooks
from tests.conftest import StillClock
from tests.world import OURS, enrol, officer, published

ALMA = "+525555550101"
SHIPPED = Path(__file__).parents[2] / "flows" / "principles.yaml"
ACCOUNT, TOKEN, PUBLIC = "AC" + "1" * 32, "token of the tests", "https://trato.example"
INBOUND = "/twilio/inbound"


class Talk:
    """One officer of the shipped programme, and the webhooks over a database."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock, *, consented: bool = True) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        with database.transaction() as tx:
            self.library = published(tx, clock(), SHIPPED.read_text(encoding="utf-8"))
            self.alma = enrol(tx, vault, clock(), ALMA, programme="pj_cdmx", consented=consented)

    def opens(self, flow: str) -> "Talk":
        """Begin a flow with the officer."""
        with self.database.transaction() as tx:
            changes = Changes()
            begin(Turn(tx, self.library, changes, self.clock()), officer(tx, self.alma), flow)
            write(tx, changes)
        return self

    def hears(self, *bodies: str | dict[str, str]) -> "Talk":
        """The officer writes; each message is a signed webhook that is answered with 200."""
        asyncio.run(self._posted(bodies))
        return self

    async def _posted(self, bodies: tuple[str | dict[str, str], ...]) -> None:
        kinds = {"inbound": Kind(receiver(self.library), lambda one: dict(one.message.form))}
        ledger = Ledger(self.database, self.vault, self.clock, kinds)
        channel = TwilioChannel(ACCOUNT, [TOKEN], public_url=PUBLIC, from_whatsapp=OURS)
        app = Webhooks(FastAPI(openapi_url=None), Intake(channel, ledger, self.vault))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside") as client:
            for body in bodies:
                self.clock.advance(minutes=1)
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
            found = tx.execute(select(*(getattr(table, name) for name in columns)).order_by(table.id))
            return [tuple(row) for row in found]

    def said(self) -> list[str]:
        """Everything that was said to the officer."""
        return [body for (body,) in self.rows(OutboundMessage, "body")]

    def data(self) -> list[tuple[Any, ...]]:
        return self.rows(Response, "variable", "value", "status")


@pytest.fixture
def talk(database: Database, vault: Vault, clock: StillClock) -> Talk:
    return Talk(database, vault, clock)


def test_a_crisis_is_answered_at_once_and_is_no_data(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("ya no quiero vivir")
    assert talk.data() == []
    assert "911" in talk.said()[-1] or "ayuda" in talk.said()[-1]
    assert talk.rows(InboundMessage, "act", "needs_person") == [("crisis", True)]
    with talk.database.reading() as tx:
        assert "crisis" in [one.kind for one in alerts.open_alerts(tx)]


@pytest.mark.parametrize("flow", ["reporte_voz", ""])
@pytest.mark.parametrize("text", ["ya no quiero participar", "salir", "saquenme de aqui", "vaja"])
def test_a_clear_wish_to_leave_is_obeyed_whatever_is_open(talk: Talk, flow: str, text: str) -> None:
    if flow:
        talk.opens(flow)
    talk.hears(text)
    assert talk.data() == []
    assert talk.rows(Contact, "status") == [("opted_out",)]
    assert talk.rows(InboundMessage, "act", "outcome") == [("leave", "keyword")]


@pytest.mark.parametrize("flow", ["reporte_voz", ""])
def test_a_doubtful_wish_to_leave_is_asked_about_and_flagged(talk: Talk, flow: str) -> None:
    if flow:
        talk.opens(flow)
    talk.hears("terminar")
    assert talk.data() == []
    assert talk.said()[-1] == "¿Quiere dejar de recibir mensajes? Responda BAJA."
    assert talk.rows(InboundMessage, "act", "needs_person") == [("leave_maybe", True)]
    assert talk.hears("baja").rows(Contact, "status") == [("opted_out",)]


@pytest.mark.parametrize(
    "text", ["ok, al rato le contesto", "no, estoy manejando", "un segundo", "5 min", "sí, mañana le contesto"]
)
@pytest.mark.parametrize(
    ("flow", "answers", "last"),
    [("reporte_voz", ["sí"], ("rep_voz_applied", "1", "ok")), ("ocasion_voz", [], ("rep_voz_last5", "1", "ok"))],
)
def test_who_answers_later_has_not_answered(
    talk: Talk, text: str, flow: str, answers: list[str], last: tuple[str, str, str]
) -> None:
    talk.opens(flow).hears(*answers, text, text)
    assert len(talk.data()) == len(answers)
    assert talk.rows(InboundMessage, "act", "outcome")[-1] == ("deferral", "set_aside")
    assert talk.said()[-1] == "Claro, conteste cuando pueda."
    assert talk.hears("1").data()[-1] == last


def test_greetings_questions_stickers_and_voice_use_no_try(talk: Talk) -> None:
    sticker = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/m", "MediaContentType0": "image/webp"}
    talk.opens("reporte_voz").hears("Hola", "buenas tardes", "¿quién es?", "🙏 gracias", sticker, sticker, "sí")
    assert talk.data() == [("rep_voz_contact", "1", "ok")]
    assert all(not needed for (needed,) in talk.rows(InboundMessage, "needs_person"))


class TestConsent:
    """An officer who has not been asked for consent."""

    @pytest.fixture
    def talk(self, database: Database, vault: Vault, clock: StillClock) -> Talk:
        return Talk(database, vault, clock, consented=False).opens("consentimiento")

    @pytest.mark.parametrize(
        "text",
        [
            "sí por obligación",
            "sí, porque me lo ordenaron",
            "me obligan",
            "si usted lo ordena",
            "sí, siempre y cuando sea anónimo",
        ],
    )
    def test_an_order_or_a_condition_goes_to_a_person(self, talk: Talk, text: str) -> None:
        talk.hears(text)
        assert talk.rows(Consent, "id") == talk.data() == []
        assert talk.rows(InboundMessage, "outcome", "needs_person") == [("set_aside", True)]
        talk.hears("acepto")
        assert talk.rows(Consent, "granted") == [(True,)]

    def test_questions_are_answered_and_the_question_stays_open(self, talk: Talk) -> None:
        talk.hears("Buenas tardes", "¿de parte de quién?", "Acepto participar")
        assert "Somos el equipo" in talk.said()[2]
        assert talk.rows(Consent, "granted", "version") == [(True, "aviso_2026_1")]

    def test_after_an_unclear_end_an_acceptance_puts_the_question_again(self, talk: Talk) -> None:
        talk.hears("tal vez", "depende", "Acepto")
        assert talk.rows(Consent, "id") == []
        assert "Aviso 2026-1" in talk.said()[-1]
        assert talk.hears("sí acepto").rows(Consent, "granted") == [(True,)]

    def test_later_is_no_consent_and_costs_nothing(self, talk: Talk) -> None:
        talk.hears("luego", "mañana le digo", "sí, luego lo leo")
        assert talk.rows(Consent, "id") == []
        assert talk.hears("1").rows(Consent, "granted") == [(True,)]
