"""Hoy and Calendario in a real browser, on a wide screen and on a telephone: numbers lead to lists, news appear by themselves, everything
is stopped after a question. Whatever the browser complains of fails the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.people.roles import Role
from app.store import pauses
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.conversations.talking import BRUNO
from tests.web.console.desk import WITH_HELP, first_flow_arrives

pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Console]:
    """The pages over a database with two officers under way."""
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        with running.desk() as desk:
            first_flow_arrives(desk, days=1)
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """Hoy, where ana is signed in."""
    with signed_in(browser, place.url, "ana", request.param) as opened:
        opened.get_by_role("link", name="Hoy", exact=True).click()
        expect(opened.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
        yield opened


def test_a_number_leads_to_its_officers_an_answer_appears_by_itself_and_all_is_stopped(
    page: Page, place: Console
) -> None:
    fits(page)
    row = page.locator("table.numbers tbody tr")
    expect(row.get_by_role("link", name="2", exact=True)).to_have_count(2)
    place.arrives(BRUNO, "sí")
    expect(row.get_by_role("link", name="1", exact=True)).to_have_count(1, timeout=30_000)
    row.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("ul.rows")).to_contain_text(place.bruno)
    expect(page.locator("ul.rows")).to_contain_text("contestado")
    fits(page)
    page.get_by_role("link", name="← Hoy").click()
    page.get_by_role("link", name="Detener todo").click()
    expect(page.get_by_role("link", name="No, volver")).to_be_focused()
    fits(page)
    page.get_by_role("button", name="Sí, detener todo").click()
    expect(page.locator("section.danger")).to_contain_text("Todo está detenido")
    with place.service.database.reading() as tx:
        assert pauses.is_stopped(tx)
    page.get_by_role("button", name="Que todo siga").click()
    expect(page.locator("section.danger")).to_have_count(0)


def test_the_calendar_leads_to_the_officers_of_a_day_and_to_why(page: Page, place: Console) -> None:
    page.get_by_role("link", name="Calendario", exact=True).click()
    page.get_by_role("link", name="Semana siguiente").click()
    fits(page)
    page.locator("table.week tbody").get_by_role("link", name="2", exact=True).first.click()
    expect(page.locator("ul.rows li")).to_have_count(2)
    fits(page)
    page.get_by_role("link", name=place.bruno).click()
    expect(page.get_by_role("heading", name=place.bruno)).to_be_visible()
    expect(page.locator("ul.items li")).to_have_count(2)
    fits(page)
