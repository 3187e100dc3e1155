"""The first day of a coordinator, by clicking alone: a roster comes in, the plan is looked at, the follow-up starts, an officer answers and another
needs a person, a text is edited and published, and the answers are downloaded."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.store.tables import NUDGE, OutboundMessage
from tests.browser.chromium import needs_chromium
from tests.browser.console import Console, console, sign_in, signed_in
from tests.cases.world import INCIDENT
from tests.web.console.desk import WITH_HELP
from tests.world import stored

ALMA, BRUNO = "+525555550101", "+525555550102"
ROSTER = """nombre,teléfono,cohorte,fecha_taller,consentimiento,canal
Alma Ficticia,55 5555 0101,norte,2026-03-01,2026-03-01,sms
Bruno Ficticio,55 5555 0102,norte,2026-03-01,2026-03-01,sms
"""
pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Console]:
    """An installation without officers, its clock and its sender running, and ana, who coordinates and analyses."""
    with console(tmp_path, WITH_HELP, role="all") as running:
        running.hire("ana", Role.coordinator)
        with running.service.database.transaction() as tx:
            accounts.give_role(tx, "ana", Grant(Role.researcher, ""), running.clock(), "test")
        yield running


@pytest.fixture
def page(place: Console, browser: Browser) -> Iterator[Page]:
    """The first page of ana."""
    with signed_in(browser, place.url, "ana") as opened:
        yield opened


def asked(place: Console) -> list[str]:
    """The telephones that have the question."""
    with place.service.database.reading() as tx:
        found = stored(tx, OutboundMessage, "contact_id", "body", "status")
    numbers = {1: ALMA, 2: BRUNO}  # as they stand in the roster
    return [numbers[who] for who, body, status in found if "¿Tuvo contacto" in body and status == "delivered"]


def test_from_the_roster_to_the_export(page: Page, place: Console, tmp_path: Path) -> None:
    _the_roster_comes_in(page)
    _the_plan_is_looked_at(page)
    _the_follow_up_starts(page, place)
    _a_case_is_answered(page, place)
    _a_text_is_changed(page)
    assert _answers(page, tmp_path) == [("contact_any", "0")]


def _go(page: Page, name: str) -> None:
    page.get_by_role("navigation").first.get_by_role("link", name=name).click()
    expect(page.locator("nav [aria-current=page]").first).to_contain_text(name)


def _the_roster_comes_in(page: Page) -> None:
    _go(page, "Padrón")
    page.get_by_role("link", name="Subir una lista").first.click()
    page.get_by_label("Archivo").first.set_input_files(
        {"name": "lista.csv", "mimeType": "text/csv", "buffer": ROSTER.encode()}
    )
    page.get_by_role("button", name="Subir y revisar").first.click()
    page.get_by_role("button", name="Importar todo").click()
    expect(page.get_by_text("2 nuevas")).to_be_visible()


def _the_plan_is_looked_at(page: Page) -> None:
    _go(page, "Calendario")
    for _ in range(40):  # the clock lays out the plan of new officers
        if page.get_by_text("Reporte").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text("Reporte").first).to_be_visible()


def _the_follow_up_starts(page: Page, place: Console) -> None:
    page.goto("about:blank")
    page.context.clear_cookies()  # a session ends while hours pass, if they are many
    while not asked(place):
        place.clock.at = max(place.clock.at + timedelta(minutes=5), _first_due(place))
        page.wait_for_timeout(300)  # a tick and more
    sign_in(page, place.url, "ana")
    place.arrives(asked(place)[0], "No")
    _go(page, "Hoy")
    expect(page.locator("main")).to_contain_text("Contestados")


def _first_due(place: Console) -> datetime:
    """The moment of the first flow; now, as long as none is planned."""
    with place.service.database.reading() as tx:
        return tx.execute(select(func.min(NUDGE.c.due_at))).scalar() or place.clock()


def _a_case_is_answered(page: Page, place: Console) -> None:
    other = BRUNO if asked(place)[0] == ALMA else ALMA
    place.arrives(other, INCIDENT)
    _go(page, "Pendientes")
    page.locator("#cases a").first.click()
    page.get_by_label("Contestarle").fill("Soy Ana, de la coordinación. ¿En qué le ayudo?")
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("li.us").last).to_contain_text("Soy Ana, de la coordinación.")
    page.get_by_role("button", name="Atendido").click()
    expect(page.get_by_role("status")).to_have_text("Caso cerrado.")


def _a_text_is_changed(page: Page) -> None:
    _go(page, "Programa")
    page.get_by_role("link", name="Reporte", exact=True).click()
    page.get_by_role("link", name="Cambiar sus textos").click()
    field = page.locator("fieldset", has_text="fin").locator(".field").first
    field.get_by_role("textbox").fill("Gracias por contestar.")
    page.get_by_role("button", name="Guardar en el borrador").click()
    page.get_by_role("link", name="Ver qué cambia y publicar").click()
    page.get_by_role("button", name="Publicar", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Publicado.")


def _answers(page: Page, folder: Path) -> list[tuple[str, str]]:
    _go(page, "Datos")
    with page.expect_download() as found:
        page.get_by_role("button", name="Descargar").click()
    found.value.save_as(folder / "got.zip")
    with ZipFile(folder / "got.zip") as archive:
        text = archive.read(next(name for name in archive.namelist() if name.endswith("responses.csv"))).decode()
    return [(row["variable"], row["value"]) for row in csv.DictReader(io.StringIO(text))]
