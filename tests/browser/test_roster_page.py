"""Padrón in a real browser, on a wide screen and on a telephone: a list is uploaded, mended and imported by clicking."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from app.people.roles import Role
from app.store.tables import CONTACT
from app.web.console import work
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.web.console.desk import WITH_HELP

LIST = """nombre,teléfono,cohorte,fecha_taller
Carla Núñez,55 5555 0103,norte,2026-02-02
Dora <b>Paz</b>,123,norte,2026-02-02
Alma,55 5555 0101,norte,
"""
pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """The pages over a database with two officers. All work takes too long for its page, which follows it."""
    monkeypatch.setattr(work, "PATIENCE", 0)
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        with running.desk():
            pass
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """Padrón, where ana is signed in."""
    with signed_in(browser, place.url, "ana", request.param) as opened:
        opened.get_by_role("link", name="Padrón").click()
        expect(opened.get_by_role("heading", name="Padrón", exact=True)).to_be_visible()
        yield opened


def test_a_list_is_uploaded_mended_and_imported(page: Page, place: Console) -> None:
    expect(page.get_by_text("2 oficiales")).to_be_visible()
    page.get_by_role("link", name="Subir una lista").click()
    page.get_by_label("Archivo").first.set_input_files(
        {"name": "lista.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Subir y revisar").first.click()
    expect(page.get_by_role("link", name="Con error 1")).to_be_visible()
    expect(page.get_by_role("button", name="Importar todo")).to_be_disabled()
    fits(page)
    page.get_by_label("teléfono, fila 3").fill("55 5555 0104")
    page.get_by_label("nombre, fila 3").fill("Dora Paz")
    page.get_by_role("button", name="Guardar y revisar").click()
    page.get_by_role("link", name="Nuevas 2").click()
    expect(page.get_by_text("Dora Paz")).to_be_visible()
    page.get_by_role("button", name="Importar todo").click()
    expect(page.get_by_text("2 nuevas, 1 con cambios, 0 iguales.")).to_be_visible()
    fits(page)
    with place.service.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(CONTACT)).scalar_one() == 4
    page.get_by_role("link", name="Ver a los oficiales").click()
    expect(page.get_by_text("4 oficiales")).to_be_visible()
    page.get_by_text("Descargar el padrón").click()
    page.get_by_label("Por qué").fill("revisar")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Descargar").click()
    assert taken.value.suggested_filename.startswith("padron-")
    page.get_by_role("link", name="Cohortes").click()
    page.get_by_label("Zona horaria").first.fill("Tijuana")
    page.get_by_role("button", name="Guardar zona").first.click()
    expect(page.get_by_text("La zona está guardada")).to_be_visible()
    fits(page)
