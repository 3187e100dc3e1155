"""The simulated telephone: what its page asks for, over a database of each kind, and the conversation as a transcript."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update

from app.channels import simulator_faults
from app.channels.base import Outgoing
from app.channels.simulator import Simulator
from app.clock import Clock, PacedClock
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.sessions import Turn, begin
from app.flows.engine.buttons import payload
from app.flows.engine.compiled import bind
from app.flows.loader import load
from app.flows.transcripts.runner import play
from app.flows.transcripts.scripts import read_script
from app.people import accounts
from app.rehearsal.officer_view import OfficerView
from app.scheduler.waking import wake_due
from app.sending import delivery_reports
from app.store import holds
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.holds import Hold
from app.store.ledger import Kind, Ledger
from app.store.tables import CAMPAIGN_VERSION, COHORT, Contact, InboundMessage, Nudge, OutboundMessage
from app.store.vault import Vault
from app.web import phone
from app.web.gate import Gate, NotSignedIn
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, officer, published

ALMA, STRANGER = "+525555550101", "+525555550199"
HERE = f"/phone/api/phones/{ALMA.replace('+', '%2B')}"
SOURCE = PROGRAMME.replace("notices:", "fields: [sector]\nnotices:", 1)


class House:
    """A telephone and everything behind it, but the sender."""

    def __init__(self, database: Database, vault: Vault, base: StillClock, clock: Clock | None = None) -> None:
        self.database, self.base = database, base
        self.clock: Clock = clock or PacedClock(base(), base=base)
        with database.transaction() as tx:
            self.library = published(tx, base(), SOURCE)
            self.alma = enrol(tx, vault, base(), ALMA)
            tx.execute(update(Contact).values(attributes='{"sector": "norte"}'))
        self.simulator = Simulator(self.clock)
        self.simulator.phone(ALMA)
        kinds = {
            "inbound": Kind(receiver(self.library), lambda one: dict(one.message.form)),
            "status": Kind(delivery_reports.recorder("twilio"), lambda status: {"sid": status.sid}),
        }
        ledger = Ledger(database, vault, self.clock, kinds)
        intake = Intake(self.simulator, ledger, vault)
        gate = Gate(database, ledger, vault, self.clock, "http://inside")
        officers = OfficerView(database, self.library, vault, self.clock)
        permitted = gate.permitted(free_until_accounts=True)
        self.simulator.connect(intake.message, intake.told)
        self.app = FastAPI(openapi_url=None)
        self.app.include_router(
            phone.router(self.simulator, self.clock, officers, ALMA, permitted=permitted, ledger=ledger)
        )

    def arrive(self) -> None:
        """Every queued message has arrived on the phone."""
        with self.database.transaction() as tx:
            arrive(tx)

    def begin(self, flow: str = "reporte") -> int:
        with self.database.transaction() as tx:
            changes = Changes()
            session = begin(Turn(tx, self.library, changes, self.clock()), officer(tx, self.alma), flow)
            write(tx, changes)
            return session

    def wake(self) -> None:
        with self.database.transaction() as tx:
            wake_due(tx, self.library, self.clock())

    def plan(self, after: timedelta) -> None:
        with self.database.transaction() as tx:
            version = tx.execute(CAMPAIGN_VERSION.select()).first()
            assert version is not None
            tx.execute(
                insert(Nudge),
                {
                    "contact_id": self.alma,
                    "campaign_version_id": version.id,
                    "campaign": "seguimiento",
                    "slot": "w01.1",
                    "flow": "reporte",
                    "planned_for": self.clock() + after,
                    "due_at": self.clock() + after,
                    "closes_at": self.clock() + after * 2,
                    "status": "planned",
                    "created_at": self.clock(),
                },
            )


Work = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture
def house(database: Database, vault: Vault, clock: StillClock) -> House:
    return House(database, vault, clock)


def run(house: House, work: Work) -> None:
    async def whole() -> None:
        transport = httpx.ASGITransport(app=house.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            await work(client)
        await house.simulator.aclose()

    asyncio.run(whole())


async def get(client: httpx.AsyncClient, path: str = HERE) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(client: httpx.AsyncClient, path: str = HERE, status: int = 200, **body: Any) -> Any:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_page_is_there_and_takes_nothing_from_elsewhere(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        answer = await client.get("/phone")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "<script src=" in answer.text
        assert "onclick" not in answer.text
        assert "style=" not in answer.text

    run(house, work)


@pytest.mark.parametrize(
    ("officer", "missing"), [({"consented_at": None}, "no_consent"), ({"consented_to": "aviso_0"}, "notice_changed")]
)
def test_it_promises_no_flow_to_who_has_to_agree_first(house: House, officer: dict[str, object], missing: str) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        house.plan(timedelta(days=2))
        assert (await get(client))["standing"]["next_title"] == "Reporte"
        with house.database.transaction() as tx:
            tx.execute(update(Contact).values(**officer))
        standing = (await get(client))["standing"]
        assert (standing["consent"], standing["next_at"]) == (missing, None)
        await post(client, text="ALTA")
        standing = (await get(client))["standing"]
        assert (standing["flow"], standing["step"]) == ("permiso", "acepta")
        house.arrive()
        await post(client, text="1")
        standing = (await get(client))["standing"]
        assert (standing["consent"], standing["next_title"]) == (None, "Reporte")

    run(house, work)


def test_it_says_where_the_conversation_stands_and_what_comes_next(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        before = (await get(client))["standing"]
        assert (before["status"], before["step"], before["next_at"]) == ("active", None, None)
        house.begin()
        house.plan(timedelta(days=2))
        standing = (await get(client))["standing"]
        assert (standing["flow"], standing["title"], standing["step"]) == ("reporte", "Reporte", "contacto")
        assert (standing["next_title"], standing["timezone"]) == ("Reporte", "America/Mexico_City")
        house.arrive()
        await post(client, text="1")
        assert (await get(client))["standing"]["step"] == "historia"

    run(house, work)


def test_nothing_is_promised_to_who_is_paused_or_has_left(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        house.plan(timedelta(days=2))
        with house.database.transaction() as tx:
            holds.add(tx, house.alma, Hold.person, house.clock())
            tx.execute(update(COHORT).values(paused_at=house.clock()))
        found = await get(client)
        assert found["standing"]["next_at"] is None
        assert found["held"] == ["Alguien lo puso en pausa.", "Su cohorte está en pausa."]
        with house.database.transaction() as tx:
            holds.lift(tx, house.alma, {Hold.person})
            tx.execute(update(COHORT).values(paused_at=None))
        assert (await get(client))["standing"]["next_title"] == "Reporte"
        await post(client, text="BAJA")
        assert (await get(client))["standing"]["next_at"] is None

    run(house, work)


def test_what_was_understood_is_beside_each_reply_and_names_are_for_who_may_see_them(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        house.begin()
        house.arrive()
        await post(client, text="simón")
        house.arrive()
        await post(client, text="le expliqué")
        said = [one["understood"] for one in (await get(client))["messages"] if one["mine"]]
        assert said[0][0].startswith("Se guardó contact_any: Sí = 1 · regla ")
        assert said[1][0].startswith("Se guardó story: (un texto) · regla ")
        assert (await get(client, "/phone/api/phones"))["names"] is True
        assert await get(client, "/phone/api/names") == {ALMA: "Alma"}
        with house.database.transaction() as tx:
            accounts.add(tx, "ines", None, house.clock(), "test")
        with pytest.raises(NotSignedIn):
            await client.get("/phone/api/names")

    run(house, work)


def test_the_clock_goes_to_the_next_flow_or_to_where_patience_ends(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        start = house.clock()
        assert (await post(client, "/phone/api/clock", 409, to="timeout", number=ALMA))[
            "detail"
        ] == "No hay una pregunta abierta."
        assert "nada planeado" in (await post(client, "/phone/api/clock", 409, to="next", number=ALMA))["detail"]
        house.begin()
        house.plan(timedelta(hours=30))
        await post(client, "/phone/api/clock", to="timeout", number=ALMA)
        assert house.clock() - start == timedelta(hours=24, seconds=1)  # when the reminder is due
        await post(client, "/phone/api/clock", to="next", number=ALMA)
        assert house.clock() - start == timedelta(hours=30, seconds=1)
        await post(client, "/phone/api/clock", hours=1)
        assert house.clock() - start == timedelta(hours=31, seconds=1)
        await post(client, "/phone/api/clock", 422, hours=-1)

    run(house, work)


def test_a_real_clock_is_not_moved(database: Database, vault: Vault, clock: StillClock) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert (await get(client, "/phone/api/phones"))["movable"] is False
        assert "el real" in (await post(client, "/phone/api/clock", 409, hours=1))["detail"]

    run(House(database, vault, clock, clock), work)


def test_each_message_says_how_it_came(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        send = house.simulator.send
        await send(Outgoing("u1", "whatsapp", ALMA, "Una plantilla", content_sid="apertura"))
        await send(Outgoing("u0", "whatsapp", ALMA, "Con botones", content_sid="trato_botones_2"))
        await send(Outgoing("u2", "sms", ALMA, "Acentuación " * 10, buttons=(("t1:1:a:si", "Sí"),)))
        await post(client, "/phone/api/faults", refuse_with=63016)
        await send(Outgoing("u3", "whatsapp", ALMA, "Refused"))
        await house.simulator.settle()
        found = await get(client)
        first, buttons, second, lost = found["messages"]
        assert (buttons["template"], buttons["text"]) == (None, "Con botones")
        assert (first["template"], first["segments"], first["status"]) == ("apertura", None, "read")
        assert (second["template"], second["segments"], second["options"]) == (
            None,
            2,
            [{"label": "Sí", "payload": "t1:1:a:si"}],
        )
        assert (lost["code"], lost["status"], "24 horas" in lost["reason"]) == (63016, "failed", True)
        assert found["sms"] == {"segments": 2, "encoding": "UCS-2", "characters": 120, "forced_by": "ó"}
        await post(client, text="gracias", quoted=first["sid"])
        assert [one["quoted"] for one in (await get(client))["messages"] if one["mine"]] == ["Una plantilla"]
        assert "ventana abierta 23 h 50 min" in (await get(client))["window"]

    run(house, work)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"kind": "photo", "text": "mi libreta"}, {"files": ["image/jpeg"], "text": "mi libreta", "place": False}),
        ({"kind": "voice"}, {"files": ["audio/ogg"], "text": ""}),
        ({"kind": "location"}, {"files": [], "place": True}),
        ({"text": "👍", "quoted": "SM1"}, {"text": "👍", "quoted": None}),
    ],
)
def test_what_else_a_phone_sends(house: House, body: dict[str, Any], shown: dict[str, Any]) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        sid = (await post(client, **body))["sid"]
        (message,) = (await get(client))["messages"]
        assert {"sid": sid, "mine": True, **shown}.items() <= message.items()

    run(house, work)


def test_faults_are_shown_explained_and_taken_away(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        offered = await get(client, "/phone/api/faults")
        assert {one["code"] for one in offered["refusals"]} == {failure.code for failure in simulator_faults.REFUSALS}
        changed = await post(client, "/phone/api/faults", outage=True, delay=1.5, fail_with=30003)
        assert (changed["outage"], changed["delay"], changed["fail_with"], changed["refuse_with"]) == (
            True,
            1.5,
            30003,
            None,
        )
        assert (await post(client, "/phone/api/faults", fail_with=0, outage=False, delay=0))["fail_with"] is None
        assert house.simulator.faults == type(house.simulator.faults)()
        await post(client, "/phone/api/faults", 422, delay=31)
        await post(client, "/phone/api/faults", 422, fire=True)

    run(house, work)


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/phone/api/phones", {"number": "55 55"}, 422, "Escriba diez dígitos"),
        ("/phone/api/phones/%2B520000000000", {"text": "hola"}, 404, "No existe ese teléfono"),
        (HERE, {"text": "  "}, 422, "Escriba un mensaje"),
    ],
)
def test_what_cannot_be_done_is_said_in_spanish(
    house: House, path: str, body: dict[str, str], status: int, said: str
) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert said in (await post(client, path, status, **body))["detail"]

    run(house, work)


def test_another_telephone_is_an_unknown_sender(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert await post(client, "/phone/api/phones", number="044 55 5555 0199") == {"number": STRANGER}
        there = f"/phone/api/phones/{STRANGER.replace('+', '%2B')}"
        await post(client, there, text="hola")
        assert (await get(client, there))["standing"] is None
        assert (await client.get(f"{there}/transcript")).status_code == 404

    run(house, work)


# -- the conversation as a transcript -----------------------------------------------------------------------------------

TOLD = """\
programme: prueba

transcripts:
  reporte_1:
    flow: reporte
    at: "2026-03-02 10:00"
    channel: sms
    contact: {nombre: "Alma", sector: "norte"}
    talk: |
      < Alma, una pregunta.
      < ¿Tuvo contacto con ciudadanía?
        1 Sí
        2 No
      (+25h)
      < Alma, ¿nos contesta?
        ¿Tuvo contacto con ciudadanía?
        1 Sí
        2 No
      > [button si]
      < ¿Qué pasó?
      (whatsapp)
      > ayuda
      < Ayuda del programa.
      (+40m)
      > [media image/jpeg] le expliqué

        y se calmó
      < Gracias.
    expect: {contact_any: 1, story: "le expliqué\\n\\ny se calmó"}
    ends: completed
"""


def test_a_conversation_is_kept_as_a_transcript_that_passes(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        assert (await client.get(f"{HERE}/transcript")).status_code == 404
        await post(client, text="antes de la conversación")
        session = house.begin()
        with house.database.transaction() as tx:  # there is no template: so it went
            tx.execute(update(OutboundMessage).values(channel="sms"))
        house.base.advance(hours=25)
        house.wake()
        await post(client, text="Sí", button=payload(session, "contacto", "si"), channel="sms")
        await post(client, text="ayuda")
        house.base.advance(minutes=40)
        await post(client, kind="photo", text="le expliqué\n\ny se calmó")
        house.base.advance(days=1)
        await post(client, text="después")
        answer = await client.get(f"{HERE}/transcript")
        assert answer.headers["content-disposition"] == 'attachment; filename="reporte_1.yaml"'
        kept["text"] = answer.text

    kept: dict[str, str] = {}
    run(house, work)
    text = kept["text"]
    assert text == TOLD
    programme = load(SOURCE, "prueba.yaml").programme
    assert programme is not None
    book = bind(programme, "test")
    script = read_script(text, "reporte_1.yaml", {"prueba": book})
    assert script.problems == ()
    assert play(script.transcripts[0], book).differences == ()


def test_a_transcript_has_what_counts_after_details_and_corrections(house: House) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        house.begin()
        house.arrive()
        await post(client, text="sí")
        await post(client, text="sí tuve contacto")
        await post(client, text="perdón, no")
        kept["text"] = (await client.get(f"{HERE}/transcript")).text

    kept: dict[str, str] = {}
    run(house, work)
    with house.database.reading() as tx:
        outcomes = list(tx.execute(select(InboundMessage.outcome).order_by(InboundMessage.id)).scalars())
    assert outcomes == ["answer", "detail", "corrected"]
    assert "> No\n      < Gracias." in kept["text"]
    assert [line for line in kept["text"].splitlines() if line.strip().startswith(">")] == ["      > No"]
