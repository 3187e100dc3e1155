"""Aviso, through the application, on both databases."""

import pytest

from app.people.roles import Role
from app.sending.announcing import AnnouncementJob
from app.sending.send_policy import Means
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.web.console.desk import Office, alert, words

FORM = {"text": "{{ nombre }}, el taller <b>cambia</b> de lugar."}


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with Alma and Bruno, and people of several roles."""
    made = Office(database, vault, clock)
    with made.desk():
        pass
    for name, role in {"ana": Role.coordinator, "eva": Role.coordinator, "ines": Role.researcher}.items():
        made.hire(name, role)
    return made


def test_what_would_happen_is_shown_before_it_is_sent_and_after_what_did(office: Office) -> None:
    shown = office.ask("ana", "POST", "/console/notice", data=FORM)
    page = words(shown)
    assert "Guadalupe, el taller <b>cambia</b> de lugar." in page
    assert "<b>cambia" not in shown.text
    assert "Les llegaría a 2 oficiales." in page
    assert "Por SMS: 2" in page
    assert office.audited("notice send") == []
    changed = office.ask("ana", "POST", "/console/notice", data={**FORM, "sure": "7"})
    assert changed.status_code == 200, "shown again: it would be another number"
    sent = office.ask("ana", "POST", "/console/notice", data={**FORM, "sure": "2"})
    path = sent.headers["location"].partition("?")[0]
    assert path == "/console/notice/1"
    assert "Todavía no sale." in office.see("ana", path)
    with office.database.transaction() as tx:
        assert AnnouncementJob(office.library, Means()).step(tx, office.clock()) == 2
    assert "en cola: 2" in office.see("ana", path)
    assert "aviso a muchos" in office.see("ana", f"/console/officers/{office.bruno}")
    assert office.ask("eva", "POST", f"{path}/cancel").status_code == 303
    assert "se canceló: 2" in office.see("ana", path)
    again = office.ask("eva", "POST", f"{path}/cancel")
    assert (again.status_code, alert(again)) == (409, "Ya no hay nada que detener.")
    assert office.audited("notice cancel") == [("eva", "announcement:1")]


def test_a_mistake_is_said_and_what_was_typed_stays(office: Office) -> None:
    refused = office.ask("ana", "POST", "/console/notice", data={"text": "Hola {{ telefono }}", "at": "x"})
    assert (refused.status_code, alert(refused)) == (400, "Escriba el día y la hora, y revise el año.")
    assert "Hola {{ telefono }}" in words(refused)
    for moment in ("9999-12-31T23:59", "0001-01-01T00:00+05:00"):
        assert office.ask("ana", "POST", "/console/notice", data={**FORM, "at": moment}).status_code == 400
    assert office.ask("ana", "GET", "/console/notice/9").status_code == 404
    assert office.ask("ana", "GET", "/console/notice/x").status_code == 404


def test_only_who_keeps_the_schedule_sees_it(office: Office) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/1"), ("POST", "/1/approve"), ("POST", "/1/cancel")):
        assert office.ask("ines", method, f"/console/notice{path}").status_code == 403
