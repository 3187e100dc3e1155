"""Primeros pasos, through the application, on both databases: the steps that are done or missing, and the roles that begin there until a conversation has begun."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from app.alerting.ways import Hook, Mailer
from app.conversations.sessions import Turn, begin
from app.people.roles import Role
from app.scheduler import first_steps
from app.scheduler.first_steps import Setup, StepCode
from app.store import alerts, audit
from app.store.conversations import Changes
from app.store.conversations import write as keep
from app.store.database import Database
from app.store.tables import ASSIGNMENT
from app.store.vault import Vault
from tests.alerting.servers import Post, Web, in_a_thread
from tests.conftest import StillClock
from tests.web.console.desk import WITH_HELP, Office, alert, words
from tests.world import officer, published

GUARD, GONE = "guardia@example.org", "nadie@example.org"
NOTHING = Setup(False, False, {}, {}, False)


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with a programme and two officers, and a person of each role."""
    made = Office(database, vault, clock)
    with made.desk():
        pass
    for role in Role:
        made.hire(str(role), role)
    return made


def missing(office: Office, setup: Setup | None = None) -> dict[StepCode, tuple[str, ...]]:
    """What is missing, by step."""
    with office.database.reading() as tx:
        office.library.refresh(tx)
        found = first_steps.steps(tx, office.library, setup or office.setup, "prueba")
    return {step.code: step.missing for step in found if not step.done}


def test_each_step_knows_what_is_missing(office: Office) -> None:
    found = missing(office, replace(NOTHING, reaches_people=False))
    assert found[StepCode.carrier] == ("simulator",)
    assert found[StepCode.senders] == ("number",)
    assert "launch-contact" in found[StepCode.safety]
    assert "launch-help-lines" not in found[StepCode.safety], "the programme has a help line"
    assert found[StepCode.campaign] == ("nobody",)
    assert found[StepCode.alerts] == ("receivers",)
    assert (found[StepCode.alerts_tried], found[StepCode.rehearsal]) == (("never",), ("never",))
    assert StepCode.roster not in found
    assert StepCode.people not in found
    assert missing(office, replace(office.setup, encrypted=False))[StepCode.carrier] == ("public_url",)
    with office.database.transaction() as tx:
        tx.execute(insert(ASSIGNMENT), {"contact_id": 1, "campaign": "seguimiento", "at": office.clock()})
    for delivered, lacking in ((0, ("failed",)), (1, None)):
        with office.database.transaction() as tx:
            detail = {"delivered": delivered, "of": 1}
            audit.record(tx, office.clock(), "ana", alerts.TRIED, "programme:prueba", detail)
        assert missing(office).get(StepCode.alerts_tried) == lacking
    found = missing(office)
    assert not found.keys() & {StepCode.campaign, StepCode.alerts_tried, StepCode.carrier, StepCode.senders}


def test_the_page_says_what_to_do_and_a_person_ticks_the_rehearsal(office: Office) -> None:
    page = office.see("coordinator", "/console/start")
    assert "Líneas de ayuda y persona responsable falta: sin esto no sale nada" in page
    assert "trato check --for-launch" in page
    assert "Nadie sigue una campaña" in page
    done = office.ask("coordinator", "POST", "/console/start/rehearsed", data={"programme": "prueba"})
    assert done.headers["location"] == "/console/start?done=rehearsed"
    assert "Ensayo y calendario vistos listo" in office.see("coordinator", "/console/start")
    assert office.audited(first_steps.REHEARSED) == [("coordinator", "programme:prueba")]
    assert office.ask("guardian", "POST", "/console/start/rehearsed", data={"programme": "prueba"}).status_code == 403
    assert office.ask("reviewer", "GET", "/console/start").status_code == 403


def test_a_test_alert_goes_out_and_the_page_says_what_became_of_it(office: Office, clock: StillClock) -> None:
    nobody = office.ask("coordinator", "POST", "/console/start/alerts", data={"programme": "prueba"})
    assert (nobody.status_code, "no nombra a nadie" in alert(nobody)) == (400, True)
    with office.database.transaction() as tx:
        published(tx, clock(), WITH_HELP + f"alerts: {{email: [{GUARD}, {GONE}]}}\n")
    without = office.ask("coordinator", "POST", "/console/start/alerts")
    assert f"{GUARD} : falta TRATO_SMTP_HOST: no hay servidor de correo" in words(without)
    post = Post({GONE})
    with in_a_thread(post, Web()):
        office.ways = Mailer("127.0.0.1", post.port, "none", "trato@example.org"), Hook()
        tried = words(office.ask("guardian", "POST", "/console/start/alerts", data={"programme": "prueba"}))
        assert f"{GUARD} : el servidor lo aceptó" in tried
        assert f"{GONE} : el servidor de correo no aceptó la dirección (SMTP 550)" in tried
        assert "La última prueba no llegó a todos." in tried
        post.refuses.clear()
        again = words(office.ask("administrator", "POST", "/console/start/alerts"))
    assert "Mandar otro aviso de prueba" in again
    assert post.to(GUARD) == ["Trato: prueba de avisos (prueba)"] * 2
    assert office.audited(alerts.TRIED) == [
        (one, "programme:prueba") for one in ("coordinator", "guardian", "administrator")
    ]
    assert office.ask("researcher", "POST", "/console/start/alerts").status_code == 403


def test_it_is_the_first_page_of_those_who_do_it_until_a_conversation_has_begun(office: Office) -> None:
    first = {role: office.ask(str(role), "GET", "/").headers["location"] for role in Role}
    assert first == {
        Role.coordinator: "/console/start",
        Role.researcher: "/console/today",
        Role.reviewer: "/console/review",
        Role.guardian: "/console",
        Role.administrator: "/console/start",
    }
    with office.database.transaction() as tx:
        changes = Changes()
        begin(Turn(tx, office.library, changes, office.clock()), officer(tx, 1), "reporte")
        keep(tx, changes)
    assert office.ask("coordinator", "GET", "/").headers["location"] == "/console"
    assert office.ask("administrator", "GET", "/").headers["location"] == "/console/today"
    assert "El seguimiento ya empezó" in office.see("coordinator", "/console/start")
