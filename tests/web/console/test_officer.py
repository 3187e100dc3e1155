"""Oficial, through the application, on both databases: an officer as each role sees it, and the acts."""

import re

import pytest
from sqlalchemy import select, update

from app.people.roles import Role
from app.roster import people
from app.store.database import Database
from app.store.tables import ADDRESS, ASSIGNMENT, CONTACT, IDENTITY, OUTBOUND, SHIFT_CHANGE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO
from tests.web.console.desk import Office, alert, bruno_tells, words
from tests.world import OTHER_PROGRAMME, enrol, published

CARLA = "+525555550303"
ELSEWHERE = "Alguien de otro programa tiene ese número: pida el cambio a quien administra Trato. No se hizo nada."
STORY = "Le expliqué <b>todo</b> a la señora"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office, and Bruno, who follows the campaign and has answered: yes, and a story."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        bruno_tells(desk, STORY)
        desk.deliver()
    made.hire("ana", Role.coordinator)
    made.hire("ines", Role.researcher)
    made.hire("luz", Role.guardian)
    return made


def test_a_coordinator_reads_the_words_with_how_far_each_message_has_come_and_it_is_kept(office: Office) -> None:
    office.simulated = False
    answer = office.ask("ana", "GET", f"/console/officers/{office.bruno}")
    page = words(answer)
    assert STORY in page
    assert "<b>todo" not in answer.text
    assert "¿Tuvo contacto con ciudadanía?" in page
    assert "whatsapp · aceptado por la operadora · reporte.contacto" in page
    assert "Se guardó" not in page, "answers are for researchers"
    assert "…0102" in page
    assert BRUNO not in page
    assert "Bruno" not in page
    assert office.audited("officers show") == [("ana", "contact:2")]


def test_a_researcher_sees_what_was_understood_and_by_which_rule_and_no_word(office: Office) -> None:
    office.simulated = False
    page = office.see("ines", f"/console/officers/{office.bruno}")
    assert "Se guardó contact_any: Sí = 1 · regla" in page
    assert "Se guardó story: (un texto) · regla" in page
    assert not [one for one in ("simón", "señora", "…0102", "Anotar otro número") if one in page]
    assert office.ask("ines", "POST", f"/console/officers/{office.bruno}/pause").status_code == 403
    assert office.ask("luz", "GET", f"/console/officers/{office.bruno}").status_code == 403


def test_on_the_simulated_telephone_everybody_sees_what_was_understood(office: Office) -> None:
    assert "Se guardó contact_any: Sí = 1" in office.see("ana", f"/console/officers/{office.bruno}")


def test_what_comes_next_and_why_something_will_not_is_said(office: Office) -> None:
    page = office.see("ana", f"/console/officers/{office.bruno}")
    assert page.partition("Lo que sigue")[2].partition("Consentimiento")[0].count("Reporte") >= 2
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).values(status="opted_out"))
        tx.execute(update(ASSIGNMENT).values(arm="control"))
    page = office.see("ines", f"/console/officers/{office.bruno}")
    assert "no saldrá está de baja" in page
    assert "Grupo del estudio: control" in page
    assert "Grupo del estudio" not in office.see("ana", f"/console/officers/{office.bruno}")


def test_an_officer_is_found_by_study_id_and_by_name_with_a_reason(office: Office) -> None:
    found = office.ask("ines", "GET", f"/console/officers?study_id=%20{office.bruno.lower()}%20")
    assert found.headers["location"] == f"/console/officers/{office.bruno}"
    unknown = office.ask("ines", "GET", "/console/officers/NOBODY")
    assert (unknown.status_code, alert(unknown)) == (404, "Ningún oficial tiene esa clave de estudio.")
    assert office.ask("ines", "POST", "/console/officers/find", data={"wanted": "bru"}).status_code == 403
    refused = office.ask("ana", "POST", "/console/officers/find", data={"wanted": "bru"})
    assert alert(refused) == "Escriba por qué lo necesita, en una línea."
    assert office.audited("officers find") == []
    page = words(office.ask("ana", "POST", "/console/officers/find", data={"wanted": "bru", "reason": "llamar"}))
    assert f"1 oficial {office.bruno} Bruno" in page
    assert office.audited("officers find") == [("ana", "identity")]


def test_name_and_number_are_shown_once_with_a_reason(office: Office) -> None:
    path = f"/console/officers/{office.bruno}/who"
    assert alert(office.ask("ana", "POST", path)) == "Escriba por qué lo necesita, en una línea."
    page = words(office.ask("ana", "POST", path, data={"reason": "llamar"}))
    assert f"Bruno {BRUNO}" in page
    assert office.audited("officers who") == [("ana", "contact:2")]
    assert office.ask("ines", "POST", path, data={"reason": "x"}).status_code == 403


def test_leave_is_written_down_and_taken_away(office: Office) -> None:
    path = f"/console/officers/{office.bruno}"
    wrong = {"kind": "leave", "first": "2026-03-09", "last": "2026-03-02"}
    refused = office.ask("ana", "POST", f"{path}/leave", data=wrong)
    assert refused.status_code == 400
    assert alert(refused).startswith("Esas fechas no se pueden anotar")
    assert 'value="2026-03-09"' in refused.text
    done = office.ask("ana", "POST", f"{path}/leave", data={**wrong, "last": "2026-03-15"})
    assert done.headers["location"] == f"{path}?done=leave_added"
    assert "Vacaciones o licencia: 2026-03-09 a 2026-03-15" in office.see("ana", path)
    assert office.ask("ana", "POST", f"{path}/leave-remove", data={"first": "2026-03-09"}).status_code == 303
    with office.database.reading() as tx:
        assert tx.execute(select(SHIFT_CHANGE.c.id)).all() == []


def test_pausing_another_number_and_letting_out(office: Office) -> None:
    path = f"/console/officers/{office.bruno}"
    assert office.ask("ana", "POST", f"{path}/pause").status_code == 303
    assert "Alguien lo puso en pausa." in office.see("ana", path)
    assert office.ask("ana", "POST", f"{path}/resume").status_code == 303
    assert office.ask("ana", "POST", f"{path}/number", data={"number": "55 5555 0177"}).status_code == 303
    assert "…0177" in office.see("ana", path)
    asked = office.ask("ana", "POST", f"{path}/invite")
    assert (asked.status_code, alert(asked)) == (409, "Ya aceptó.")
    assert office.ask("ana", "POST", f"{path}/out").status_code == 303
    again = office.ask("ana", "POST", f"{path}/out")
    assert (again.status_code, alert(again)) == (409, "Ya está de baja.")
    with office.database.reading() as tx:
        assert tx.execute(select(CONTACT.c.status).where(CONTACT.c.id == 2)).scalar_one() == "opted_out"
        assert len(tx.execute(select(ADDRESS.c.id).where(ADDRESS.c.retired_at.is_not(None))).all()) == 2


@pytest.fixture
def other(office: Office) -> Office:
    """The office with a second programme, whose Carla has a number, and Leo, who is coordinator of the first only."""
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
        enrol(tx, office.vault, office.clock(), CARLA, name="Bruna", programme="otro")
    office.hire("leo", Role.coordinator, "prueba")
    return office


def in_use(office: Office) -> list[tuple[int, str]]:
    found = select(ADDRESS.c.contact_id, ADDRESS.c.channel).where(ADDRESS.c.retired_at.is_(None))
    with office.database.reading() as tx:
        return [(contact, channel) for contact, channel in tx.execute(found.order_by(ADDRESS.c.id))]


def test_a_number_of_another_programme_is_neither_taken_nor_told_of(other: Office) -> None:
    path, before = f"/console/officers/{other.bruno}/number", in_use(other)
    for choice in ("", "take", "swap"):
        refused = other.ask("leo", "POST", path, data={"number": CARLA, "other": choice})
        assert (refused.status_code, alert(refused)) == (400, ELSEWHERE)
    assert in_use(other) == before
    told = alert(other.ask("ana", "POST", path, data={"number": CARLA}))
    assert re.match(r"Ese número es del oficial [0-9A-F]{8}\.", told), "Ana is coordinator of both programmes"
    assert alert(other.ask("leo", "POST", path, data={"number": ALMA})).startswith("Ese número es del oficial ")
    assert other.ask("ana", "POST", path, data={"number": CARLA, "other": "take"}).status_code == 303
    assert in_use(other) != before


def test_a_search_is_cut_after_it_is_limited_to_the_programmes_of_the_person(
    other: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other.database.transaction() as tx:
        last = enrol(tx, other.vault, other.clock(), "+525555000303", name="Bruno Dos")
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == last)).scalar_one()
        tx.execute(update(CONTACT).where(CONTACT.c.id == 2).values(erased_at=other.clock()))
        tx.execute(IDENTITY.delete().where(IDENTITY.c.contact_id == 2))
    monkeypatch.setattr(people, "MOST", 1)

    def found(name: str, wanted: str) -> str:
        answer = other.ask(name, "POST", "/console/officers/find", data={"wanted": wanted, "reason": "llamar"})
        assert answer.status_code == 200
        return words(answer)

    assert "Bruna" in found("ana", "bru")
    assert f"1 oficial {study_id} Bruno Dos" in found("leo", "bru")
    assert study_id in found("leo", "0303")
    assert "Bruna" in found("ana", CARLA)
    assert "Bruna" not in found("leo", CARLA)


def test_a_long_conversation_is_cut_into_pages(office: Office) -> None:
    with office.database.transaction() as tx:
        row = dict(tx.execute(select(OUTBOUND).where(OUTBOUND.c.contact_id == 2).limit(1)).mappings().one())
        for number in range(70):
            again = {
                **row,
                "uid": f"copy{number}",
                "sid": None,
                "body": None,
                "created_at": office.clock.advance(seconds=1),
            }
            del again["id"]
            tx.execute(OUTBOUND.insert(), again)
    page = office.ask("ana", "GET", f"/console/officers/{office.bruno}").text
    assert page.count("<time datetime") >= 60
    assert STORY not in words(office.ask("ana", "GET", f"/console/officers/{office.bruno}"))
    earlier = page.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert STORY in office.see("ana", earlier)


def test_a_name_is_corrected_with_a_reason_and_nobody_is_shown_the_old_one(office: Office) -> None:
    path = f"/console/officers/{office.bruno}"
    right = {"datum": "nombre", "right": "Bruno Téllez", "correct_reason": "lo pidió"}
    done = office.ask("ana", "POST", f"{path}/correct", data=right)
    assert done.headers["location"] == f"{path}?done=corrected"
    assert office.audited("officers correct") == [("ana", "contact:2")]
    seen = office.ask("ana", "POST", f"{path}/who", data={"reason": "para llamarle"})
    assert "Bruno Téllez" in words(seen)
    for change, said in (
        ({}, "Ya dice eso."),
        ({"correct_reason": ""}, "Escriba por qué lo necesita"),
        ({"right": " "}, "Así no se puede guardar"),
        ({"right": "<i>Bruno"}, "Así no se puede guardar"),
        ({"datum": "placa"}, "El programa no tiene ese dato"),
    ):
        refused = office.ask("ana", "POST", f"{path}/correct", data={**right, **change})
        assert (refused.status_code, alert(refused).startswith(said)) == (400, True), said
    assert office.ask("ines", "POST", f"{path}/correct", data=right).status_code == 403
    assert "Corregir nombre y datos" not in office.see("ines", path)
