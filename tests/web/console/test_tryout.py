"""Probar en mi teléfono, through the application, on both databases."""

import re

import pytest
from sqlalchemy import select

from app.conversations.inbound import receive
from app.flows.tryouts import code_of
from app.people.roles import Role
from app.scheduler.nudging import plan_some
from app.store import tryouts
from app.store.database import Database
from app.store.tables import OUTBOUND
from app.store.vault import Vault
from tests.cases.world import CRISIS, QUIET
from tests.conftest import StillClock
from tests.conversations.talking import ALMA
from tests.web.console.desk import Office, alert, words
from tests.world import OTHER_PROGRAMME, message, published

PATH = "/console/programme/prueba/tryout"
DORA = "+525555550104"
FORM = {
    "text": "published",
    "press": "hour",
    "channel": "sms",
    "number1": "55 5555 0104",
    "name1": "<b>Dora</b>",
    "agreed": "yes",
}


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with Alma and Bruno, and people of several roles."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        published(desk.tx, clock(), OTHER_PROGRAMME)
    for name, role in {"ana": Role.coordinator, "ines": Role.researcher, "gil": Role.guardian}.items():
        made.hire(name, role)
    made.hire("eva", Role.coordinator, "otro")
    return made


def test_what_would_go_out_is_shown_then_it_runs_marked_and_ends(office: Office) -> None:
    page = office.see("ana", PATH)
    assert len(re.findall(r"día \d+ del programa", page)) == 9
    assert "hoy a las 10:00 Consentimiento día 1 del programa" in page or "Consentimiento día 1" in page
    started = office.ask("ana", "POST", PATH, data=FORM)
    assert started.headers["location"] == f"{PATH}?done=tryout_started"
    assert "En unos segundos" in office.see("ana", PATH)
    with office.database.transaction() as tx:
        office.library.refresh(tx)
        plan_some(tx, office.library, QUIET, office.clock())
        study_id = tryouts.telephones(tx, code_of("prueba"))[0][1]
    page = office.see("ana", PATH)
    assert page.count(" previsto") == 9
    assert "Hay una prueba en curso: la empezó ana" in page
    shown = office.ask("ana", "GET", f"/console/officers/{study_id}")
    assert "Prueba en teléfono: no cuenta" in words(shown)
    assert "prueba~prueba" in words(shown)
    assert study_id not in office.see("ana", "/console/roster")
    assert "prueba~prueba" not in office.see("ana", "/console/roster")
    assert office.ask("eva", "GET", f"/console/officers/{study_id}").status_code == 403
    ended = office.ask("ana", "POST", f"{PATH}/end")
    assert ended.headers["location"] == f"{PATH}?done=tryout_ended"
    assert office.ask("ana", "POST", f"{PATH}/end").status_code == 404
    assert office.ask("ana", "GET", f"/console/officers/{study_id}").status_code == 404
    assert office.audited("tryout start") == office.audited("tryout end") == [("ana", "programme:prueba")]


def test_a_case_of_a_tryout_is_listed_and_marked(office: Office) -> None:
    office.ask("ana", "POST", PATH, data=FORM)
    with office.database.transaction() as tx:
        office.library.refresh(tx)
        receive(tx, office.library, [message(office.vault, DORA, CRISIS)], office.clock())
        assert tx.execute(select(OUTBOUND.c.id).where(OUTBOUND.c.step == "support")).first() is not None
    page = office.see("ana", "/console")
    assert "PRUEBA" in page
    assert "prueba~prueba" in page
    assert "Prueba en teléfono: no cuenta" in office.see("ana", "/console/cases/1")
    assert "PRUEBA" in office.see("gil", "/console")
    ended = office.ask("ana", "POST", f"{PATH}/end")
    assert ended.status_code == 303


def test_a_mistake_is_said_and_nothing_begins(office: Office) -> None:
    for change, said in (
        ({"agreed": ""}, "No empezó nada: marque que quien tiene cada número está de acuerdo."),
        ({"number1": "12"}, "Ese número no existe. Escriba diez dígitos."),
        ({"number1": ""}, "Escriba de uno a 3 números distintos. No empezó nada."),
        ({"number2": "5555550104"}, "Escriba de uno a 3 números distintos. No empezó nada."),
        ({"number1": ALMA}, "Uno de esos números ya es de un oficial, o de otra prueba. No empezó nada."),
        ({"campaign": "x"}, "El programa no tiene esa campaña."),
    ):
        refused = office.ask("ana", "POST", PATH, data={**FORM, **change})
        assert (refused.status_code in (400, 409), alert(refused)) == (True, said)
        assert "<b>Dora" not in refused.text
    with office.database.reading() as tx:
        assert tryouts.current(tx) == {}


def test_it_is_for_those_who_may_change_the_programme_and_see_numbers(office: Office) -> None:
    for name in ("ines", "gil", "eva"):
        for method, path in (("GET", PATH), ("POST", PATH), ("POST", f"{PATH}/end")):
            assert office.ask(name, method, path).status_code == 403, (name, path)
