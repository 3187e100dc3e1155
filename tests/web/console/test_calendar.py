"""Calendario, through the application, on both databases: counts by day, the officers behind them, and the reasons of those without a flow."""

import re

import pytest
from sqlalchemy import update

from app.people.roles import Role
from app.store import holds
from app.store.database import Database
from app.store.holds import Hold
from app.store.tables import ASSIGNMENT, COHORT, CONTACT, NUDGE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.web.console.desk import Office, alert, both_follow
from tests.world import OTHER_PROGRAMME, published

HERE = "/console/calendar"
NEXT = f"{HERE}?week=2026-03-10"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office whose two officers follow the campaign, which begins on the next day. Each occasion is at noon."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        both_follow(desk)
    made.hire("ana", Role.coordinator)
    made.hire("ines", Role.researcher)
    made.hire("luz", Role.guardian)
    return made


def links(page: str) -> list[tuple[str, int]]:
    found = re.findall(rf'href="({HERE}/flows\?[^"]*)">(\d+)</a>', page)
    return [(path.replace("&amp;", "&"), int(number)) for path, number in found]


def test_each_number_of_the_week_leads_to_as_many_officers(office: Office) -> None:
    page = office.ask("ana", "GET", NEXT)
    found = links(page.text)
    assert [number for _, number in found] == [2, 2]
    for path, number in found:
        listed = office.ask("ana", "GET", path).text
        assert listed.count(f'href="{HERE}/officer?') == number
        assert "saldrá" in listed
    assert "En esta semana no le toca nada a nadie." in office.see("ana", f"{HERE}?week=2027-01-01")
    assert "En esta semana no le toca nada a nadie." in office.see("ana", f"{NEXT}&cohort=prueba-1&page=3")
    assert links(office.ask("ana", "GET", f"{NEXT}&cohort=other").text) == []
    assert office.ask("ana", "GET", f"{path}&after=9999-12-31T23:59:59-05:00_1").status_code == 200


def test_who_has_to_wait_and_who_gets_nothing_is_counted_apart_and_told(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).where(CONTACT.c.study_id == office.alma).values(consented_at=None))
        holds.add(tx, 2, Hold.person, office.clock())
    page = office.see("ana", NEXT)
    assert page.count("0 2 en espera") == 2
    path, _ = links(office.ask("ana", "GET", NEXT).text)[0]
    listed = office.see("ana", path)
    assert "está en espera" in listed
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).values(status="opted_out"))
    assert office.see("ana", NEXT).count("0 2 no") == 2
    assert office.see("ana", path).count("no saldrá: está de baja") == 2


def test_why_an_officer_gets_nothing(office: Office) -> None:
    def why(week: str = "2026-03-10") -> str:
        return office.see("ana", f"{HERE}/officer?study_id={office.bruno.lower()}&week={week}")

    assert why().count("Reporte · saldrá") == 2
    assert "Lo siguiente: Reporte" in why()
    over = why("2026-06-01")
    assert "Esta semana no le toca nada." in over
    assert "Lo anterior: Reporte" in over
    assert "ya no le toca nada" in over
    with office.database.transaction() as tx:
        tx.execute(update(COHORT).values(paused_at=office.clock()))
    assert why().count("su grupo está en pausa") == 2
    with office.database.transaction() as tx:
        tx.execute(update(COHORT).values(dates="{}"))
        tx.execute(NUDGE.delete())
    assert "Le falta la fecha «workshop_date»" in why()
    with office.database.transaction() as tx:
        tx.execute(update(ASSIGNMENT).values(campaign=None))
    assert "No sigue ninguna campaña del programa" in why()
    unknown = office.ask("ana", "GET", f"{HERE}/officer?study_id=NOBODY")
    assert (unknown.status_code, alert(unknown)) == (404, "Ningún oficial tiene esa clave de estudio.")


def test_only_who_may_plan_sees_it(office: Office) -> None:
    for page in ("", "/flows", f"/officer?study_id={office.alma}"):
        assert office.ask("ana", "GET", f"{HERE}{page}").status_code == 200
        assert [office.ask(name, "GET", f"{HERE}{page}").status_code for name in ("ines", "luz")] == [403, 403]
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
    office.hire("leo", Role.coordinator, "otro")
    assert "Todavía no hay oficiales" in office.see("leo", NEXT)
    assert office.ask("leo", "GET", f"{HERE}/officer?study_id={office.alma}").status_code == 403
    assert office.alma not in office.see("leo", f"{HERE}/flows?from=2026-03-02&to=2026-03-31")
