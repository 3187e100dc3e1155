"""Hoy and the lists behind its numbers, through the application, on both databases."""

import asyncio
import re
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select, update

from app.people.roles import Role
from app.store import alerts, day_counts, pauses
from app.store.database import Database
from app.store.day_counts import DayCount
from app.store.tables import COHORT, CONTACT, OUTBOUND, SESSION
from app.store.vault import Vault
from tests.browser.console import PASSWORD, Console, console
from tests.conftest import StillClock
from tests.conversations.talking import BRUNO
from tests.web.console.desk import WITH_HELP, Office, alert, first_flow_arrives, words
from tests.world import OTHER_PROGRAMME, published

HERE = "/console/today"
PAGES = ("", "/flows", "/failures", "/silent", "/pause")


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office on a day on which Alma and Bruno got a flow each: his arrived and is answered, hers failed."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        first_flow_arrives(desk, days=1, hours=2)  # the day after the workshop, at noon
        desk.talk(BRUNO, "simón", "Escuché")
        failed = {"status": "undelivered", "error_cause": "recipient_unreachable", "delivered_at": None}
        desk.tx.execute(update(OUTBOUND).where(OUTBOUND.c.contact_id == desk.alma).values(**failed))
        read = {"status": "read", "read_at": clock()}
        desk.tx.execute(
            update(OUTBOUND).where(OUTBOUND.c.contact_id == desk.bruno, OUTBOUND.c.kind == "ask").values(read)
        )
    made.hire("ana", Role.coordinator)
    made.hire("ines", Role.researcher)
    made.hire("luz", Role.guardian)
    made.hire("root", Role.administrator)
    made.hire("rosa", Role.reviewer)
    return made


def numbers(page: str, cohort: str) -> list[str]:
    """The numbers of a cohort, in the order of the stages, then the skipped ones."""
    row = next(one for one in page.split("<tr>") if f'<th scope="row">{cohort}</th>' in one)
    cells = re.findall(r"<td data-label.*?</td>", row, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", one).strip() for one in cells]


def test_each_number_leads_to_the_list_of_as_many(office: Office) -> None:
    page = office.ask("ana", "GET", HERE).text
    planned, sent, delivered, read, replied, completed, skipped = map(int, numbers(page, "prueba-1"))
    assert (planned, sent, delivered, read, replied, completed, skipped) == (2, 2, 1, 1, 1, 1, 0)
    links = re.findall(rf'href="({HERE}/flows\?[^"]*)">(\d+)</a>', page)
    assert len(links) == 6
    for link, number in links:
        listed = office.ask("ana", "GET", link.replace("&amp;", "&")).text
        assert listed.count('href="/console/officers/') == int(number), link
    everybody = office.see("ana", f"{HERE}/flows?stage=read&came=no")
    assert office.alma in everybody
    assert office.bruno not in everybody


def test_a_failure_is_told_in_words_with_its_cure_and_its_officer(office: Office) -> None:
    page = office.see("ana", HERE)
    assert "el número no existe o no recibe: confírmelo" in page
    assert "2 mensajes a 1 oficial Confirme el número con el oficial" in page
    listed = office.see("ana", f"{HERE}/failures?cause=recipient_unreachable")
    assert listed.count(office.alma) == 2
    assert "no se entregó" in listed
    assert "No hay ninguno." in office.see("ana", f"{HERE}/failures?cause=filtered")


def test_the_response_of_a_day_has_its_interval(office: Office) -> None:
    page = office.see("ana", HERE)
    assert "50 % (9 a 91 %) 1 de 2" in page
    assert page.count("no se envió nada") == 6
    yesterday = (office.clock() - timedelta(days=1)).date()
    assert "En estos días no le toca nada a nadie." in office.see("ana", f"{HERE}?from={yesterday}&to={yesterday}")
    assert "En estos días" not in office.see("ana", f"{HERE}?from={yesterday}")


def test_who_did_not_answer_twice_in_a_row_is_listed(office: Office) -> None:
    assert "Nadie ha dejado de contestar dos veces seguidas." in office.see("ana", HERE)
    with office.database.transaction() as tx:
        version = tx.execute(select(SESSION.c.flow_version_id).limit(1)).scalar_one()
        alma = tx.execute(select(CONTACT.c.id).where(CONTACT.c.study_id == office.alma)).scalar_one()
        ended = {"state": None, "outcome": "expired", "wake_at": None}
        tx.execute(update(SESSION).where(SESSION.c.contact_id == alma).values(**ended, ended_at=office.clock()))
        for day in (5, 3):
            at = office.clock() - timedelta(days=day)
            row = {"contact_id": alma, "flow_version_id": version, "flow": "reporte", "channel": "sms"}
            tx.execute(
                insert(SESSION), {**row, "outcome": "expired", "started_at": at, "ended_at": at + timedelta(days=1)}
            )
    assert f"{office.alma} · 3 seguidos" in office.see("ana", HERE)
    listed = office.see("ines", f"{HERE}/silent")
    assert f"{office.alma} 3 seguidos" in listed
    assert office.bruno not in listed
    assert office.alma not in office.see("ines", f"{HERE}/silent?cohort=other")


def test_everything_is_stopped_after_a_question_and_goes_on(office: Office) -> None:
    asked = office.see("ana", f"{HERE}/pause")
    assert "¿Detener todo?" in asked
    assert "Sí, detener todo" in asked
    with office.database.reading() as tx:
        assert not pauses.is_stopped(tx)
    done = office.ask("ana", "POST", f"{HERE}/pause")
    assert (done.status_code, done.headers["location"]) == (303, f"{HERE}?done=all_stopped")
    page = office.see("ana", f"{HERE}?done=all_stopped")
    assert "Todo está detenido: no sale ningún mensaje a nadie. Que todo siga" in page
    assert "Que todo siga" not in office.see("ines", HERE)
    assert office.ask("ana", "POST", f"{HERE}/resume").headers["location"] == f"{HERE}?done=all_goes_on"
    assert "Todo está detenido" not in office.see("ana", HERE)
    assert office.audited("pause") == [("ana", "service")]
    assert office.audited("resume") == [("ana", "service")]


def test_a_cohort_is_paused_after_a_question_and_goes_on(office: Office) -> None:
    assert "¿Pausar la cohorte prueba-1?" in office.see("ana", f"{HERE}/pause?cohort=prueba-1")
    assert office.ask("ana", "POST", f"{HERE}/pause", data={"cohort": "prueba-1"}).status_code == 303
    assert "en pausa Reanudar" in office.see("ana", HERE)
    with office.database.reading() as tx:
        assert pauses.paused_cohorts(tx) == ["prueba-1"]
    assert office.ask("ana", "POST", f"{HERE}/resume", data={"cohort": "prueba-1"}).status_code == 303
    assert "en pausa" not in office.see("ana", HERE)
    unknown = office.ask("ana", "POST", f"{HERE}/pause", data={"cohort": "nadie"})
    assert (unknown.status_code, alert(unknown)) == (404, "No existe esa cohorte.")


def test_alerts_are_told_in_the_language_of_the_page(office: Office) -> None:
    with office.database.transaction() as tx:
        alerts.ring(tx, "loop", "contact:1", office.clock())
        alerts.ring(tx, "budget_spent", "budget", office.clock())
    page = office.see("ana", HERE)
    assert f"Un oficial recibía el mismo mensaje una y otra vez y quedó detenido · {office.alma}" in page
    assert "Se acabó el presupuesto: los mensajes nuevos esperan" in page
    office.cookies["ana"]["trato-language"] = "en"
    assert "The budget is spent: new messages wait" in office.see("ana", HERE)


def test_each_role_sees_what_it_may(office: Office) -> None:
    answers = {
        name: [office.ask(name, "GET", f"{HERE}{page}").status_code for page in PAGES]
        for name in ("ana", "ines", "luz", "root", "rosa")
    }
    assert answers == {
        "ana": [200, 200, 200, 200, 200],
        "ines": [200, 200, 200, 200, 403],
        "luz": [200, 403, 403, 403, 403],
        "root": [200, 403, 403, 403, 403],
        "rosa": [403, 403, 403, 403, 403],
    }
    assert [office.ask(name, "POST", f"{HERE}/pause").status_code for name in ("ines", "luz", "root")] == [403] * 3
    for name in ("luz", "root"):
        page = office.ask(name, "GET", HERE).text
        assert office.alma not in page
        assert "/flows" not in page
        assert "Sin contestar dos veces" not in page


def test_who_works_for_another_programme_sees_nothing_of_this_one(office: Office) -> None:
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
    office.hire("leo", Role.coordinator, "otro")
    page = office.see("leo", HERE)
    assert "Todavía no hay oficiales" in page
    assert "Detener todo" not in page, "that would stop the other programme, too"
    assert "recipient" not in page
    assert "No hay ninguno así." in office.see("leo", f"{HERE}/flows")
    for body in ({}, {"cohort": "prueba-1"}):
        assert office.ask("leo", "POST", f"{HERE}/pause", data=body).status_code == 403


def test_a_long_list_is_cut_into_pages_and_a_hostile_query_does_no_harm(office: Office) -> None:
    with office.database.transaction() as tx:
        row = dict(tx.execute(select(OUTBOUND).where(OUTBOUND.c.contact_id == 1).limit(1)).mappings().one())
        for number in range(70):
            copy = {**row, "uid": f"copy{number}", "sid": None, "body": None, "created_at": office.clock()}
            del copy["id"]
            tx.execute(OUTBOUND.insert(), copy)
        tx.execute(update(COHORT).values(code="<b>&\"'"))
    first = office.ask("ana", "GET", f"{HERE}/failures")
    assert words(first).count(office.alma) == 50
    further = re.search(r'rel="next" href="([^"]*)"', first.text)
    assert further
    assert office.see("ana", further[1].replace("&amp;", "&")).count(office.alma) == 22
    for query in (
        "?from=2026-99-99&to=x&page=-1&after=x_1&cohort=%3Cb%3E",
        "?after=2026-03-02T00:00:00_1",
        "?page=999",
    ):
        for page in PAGES[:-1]:
            assert office.ask("ana", "GET", f"{HERE}{page}{query}").status_code == 200
    assert "<b>&" not in office.ask("ana", "GET", HERE).text


def test_slow_counts_hold_up_no_other_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> list[DayCount]:
        begun.set()
        assert go_on.wait(30)
        return []

    async def play(running: Console) -> None:
        async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}, timeout=60) as client:
            await client.post("/sign-in", data={"name": "ana", "password": PASSWORD})
            counting = [
                asyncio.create_task(client.get(HERE)) for _ in range(45)
            ]  # more than there are threads for pages
            await asyncio.sleep(1)
            assert begun.is_set()
            try:
                assert (await asyncio.wait_for(client.get("/console"), 10)).status_code == 200
            finally:
                go_on.set()
            assert {one.status_code for one in await asyncio.gather(*counting)} == {200}

    monkeypatch.setattr(day_counts, "count", slow)
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        asyncio.run(play(running))
