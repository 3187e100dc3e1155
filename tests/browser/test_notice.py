"""Aviso in a real browser, on a wide screen and on a telephone: the forecast is looked at, the message is sent, and stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.people.roles import Role
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.web.console.desk import WITH_HELP

pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Console]:
    """The pages over a database with two officers."""
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        with running.desk():
            pass
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """Aviso, where ana is signed in."""
    with signed_in(browser, place.url, "ana", request.param) as opened:
        opened.get_by_role("link", name="Aviso", exact=True).click()
        expect(opened.get_by_role("heading", name="Aviso", exact=True)).to_be_visible()
        yield opened


def test_a_message_is_looked_at_sent_and_stopped(page: Page) -> None:
    page.get_by_label("Mensaje").fill("{{ nombre }}, el taller cambia al salón 2. Academia")
    page.get_by_role("button", name="Ver qué pasaría").click()
    expect(page.get_by_text("Guadalupe, el taller cambia al salón 2. Academia")).to_be_visible()
    expect(page.get_by_text("Les llegaría a 2 oficiales.")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Mandar a 2").click()
    expect(page.get_by_text("El aviso está guardado.")).to_be_visible()
    page.get_by_role("button", name="Detener lo que no ha salido").click()
    expect(page.get_by_text("Lo que no había salido ya no sale.")).to_be_visible()
    expect(page.get_by_text("detenido", exact=True)).to_be_visible()
    fits(page)
