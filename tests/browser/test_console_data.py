"""Datos and Textos in a real browser, on a wide screen and on a telephone: a review, a download with its progress, one that is cancelled, and
the report."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.review.test_coding import CODED
from tests.review.texts import Desk

HOSTILE = "<img src=x onerror=alert(1)> en la esquina"
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The pages over a database with two texts, and ines, who reviews and analyses."""
    with console(tmp_path_factory.mktemp("console"), CODED) as running:
        running.hire("ines", Role.researcher)
        with running.service.database.transaction() as tx:
            accounts.give_role(tx, "ines", Grant(Role.reviewer, ""), running.clock(), "test")
            Desk(tx, running.service.intake.vault, running.clock, CODED).tells(HOSTILE, "No hubo tiempo")
        with running.service.database.reading() as tx:
            running.service.library.refresh(tx)
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """The first page of ines."""
    with signed_in(browser, place.url, "ines", request.param) as opened:
        yield opened


def test_a_text_is_reviewed_then_downloaded_and_the_report_read(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="Textos").click()
    fits(page)
    if page.get_by_text(HOSTILE).count():  # the first of the two screens
        first = page.locator("section.text").filter(has_text=HOSTILE)
        first.get_by_text("Tachar").click()
        first.get_by_label("Lo que sí se puede leer").fill("[algo] en la esquina")
        first.get_by_role("button", name="Guardar así").click()
        expect(page.get_by_role("status")).to_have_text("Guardado.")
    page.get_by_role("link", name="Datos").click()
    fits(page)
    page.get_by_label("Excel", exact=True).check()
    with page.expect_download() as found:
        page.get_by_role("button", name="Descargar").click()
    expect(page.locator("#progress")).to_have_text(
        "Listo: se guardó en sus descargas. Oficiales cuyos datos comparten menos de 5: 1 de 1."
    )
    found.value.save_as(tmp_path / "got.zip")
    packed = ZipFile(tmp_path / "got.zip")
    assert {"responses.xlsx", "responses.csv", "codebook.html"} <= set(packed.namelist())
    assert "[algo] en la esquina" in packed.read("responses.csv").decode()
    page.get_by_role("button", name="Ver el reporte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reporte de seguimiento")
    fits(page)


def test_a_download_is_cancelled_and_the_page_stays(page: Page) -> None:
    page.goto(page.url.partition("/console")[0] + "/console/data")
    page.route("**/console/data/export", lambda route: None)  # an answer that never comes
    page.get_by_role("button", name="Descargar").click()
    expect(page.locator("#progress")).to_have_text("Preparando: 0 filas")
    page.get_by_role("button", name="Cancelar").click()
    expect(page.locator("#progress")).to_have_text("Cancelado. No quedó ningún archivo.")
    expect(page.get_by_role("button", name="Descargar")).to_be_enabled()
