"""Probar en mi teléfono in a real browser, with the clock and the sender running: it is looked at, begun, seen to go out, and ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.people.roles import Role
from tests.browser.chromium import needs_chromium
from tests.browser.console import console, fits, signed_in
from tests.web.console.desk import WITH_HELP

pytestmark = needs_chromium


@pytest.fixture(params=[pytest.param("wide", marks=pytest.mark.nightly), "telephone"])
def page(request: pytest.FixtureRequest, tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """The programme, where ana is signed in."""
    with console(tmp_path, WITH_HELP, role="all") as place:
        place.hire("ana", Role.coordinator)
        with place.desk():
            pass
        with signed_in(browser, place.url, "ana", request.param) as opened:
            opened.goto(f"{place.url}/console/programme/prueba")
            yield opened


def test_a_programme_is_tried_on_a_telephone(page: Page) -> None:
    page.get_by_role("link", name="Probar en mi teléfono").click()
    expect(page.get_by_text("día 1 del programa")).to_be_visible()
    page.get_by_label("En cuánto tiempo").select_option("un día")
    page.get_by_role("button", name="Ver qué saldría").click()
    page.get_by_label("Número 1").fill("55 5555 0104")
    page.get_by_label("Nombre que se dice 1").fill("Dora")
    page.get_by_label("está de acuerdo").check()
    fits(page)
    page.get_by_role("button", name="Empezar por").click()
    expect(page.get_by_text("La prueba empezó.")).to_be_visible()
    expect(page.get_by_text(re.compile("^(enviado|entregado|leído)$"))).to_have_count(1, timeout=20_000)
    expect(page.get_by_text("previsto", exact=True)).to_have_count(8)
    fits(page)
    page.get_by_role("link", name=re.compile("^PRUEBA")).click()
    expect(page.get_by_text("¿Acepta participar?")).to_be_visible()
    expect(page.get_by_text("Prueba en teléfono: no cuenta")).to_be_visible()
    fits(page)
    page.go_back()
    page.get_by_role("button", name="Terminar y borrar").click()
    expect(page.get_by_text("La prueba terminó")).to_be_visible()
