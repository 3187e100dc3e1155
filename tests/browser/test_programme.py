"""Programa and Publicar in a real browser, on a wide screen and on a telephone: a text is changed, counted as one types, compared, published,
and taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.people.roles import Role
from app.store import versions
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.web.console.desk import WITH_HELP

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Console]:
    """The pages over a programme, for a coordinator."""
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """The list of conversations, where ana is signed in."""
    with signed_in(browser, place.url, "ana", request.param) as opened:
        opened.get_by_role("link", name="Programa", exact=True).click()
        expect(opened.get_by_role("heading", name="Programa de prueba")).to_be_visible()
        yield opened


def sources(place: Console) -> list[str]:
    with place.service.database.reading() as tx:
        return [versions.read(tx, version).source for version in versions.current(tx).values()]


def test_a_text_is_changed_published_and_taken_back(page: Page, place: Console) -> None:
    fits(page)
    page.get_by_role("link", name="Reporte", exact=True).click()
    expect(page.locator(".diagram article")).to_have_count(4)
    fits(page)
    page.get_by_role("link", name="Cambiar sus textos").click()
    field = page.locator("fieldset", has_text="contacto").locator(".field").first
    question, counted = field.get_by_role("textbox"), field.locator(".counted")
    expect(counted).to_have_text("SMS: 1")
    question.fill(f"¿Tuvo contacto? {HOSTILE} {'á' * 70}")
    expect(counted).to_have_text("SMS: 3")
    fits(page)
    phone = page.locator("#phone")
    expect(phone.locator("li.us").last).to_contain_text(f"¿Tuvo contacto? {HOSTILE}")
    phone.get_by_role("button", name="Sí").click()
    expect(phone.locator("li.us").last).to_have_text("¿Qué pasó?")
    expect(phone.locator(".understood")).to_have_text("Se guarda contact_any: Sí = 1 (regla button)")
    phone.get_by_label("Como oficial, escriba…").fill("nada")
    page.keyboard.press("Enter")
    expect(phone.locator("li.aside")).to_have_text("La conversación terminó.")
    assert page.locator("main img, main script").count() == 0
    page.get_by_role("button", name="Guardar en el borrador").click()
    expect(page.get_by_role("status")).to_have_text("Guardado en el borrador.")
    assert sources(place) == [WITH_HELP]
    page.get_by_role("link", name="Ver qué cambia y publicar").click()
    expect(page.locator(".changes ins").first).to_contain_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0
    fits(page)
    page.get_by_role("button", name="Publicar", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Publicado.")
    assert HOSTILE in sources(place)[0]
    page.get_by_role("button", name="Volver a la versión").click()
    expect(page.get_by_role("status")).to_contain_text("usan otra vez esa versión")
    assert sources(place) == [WITH_HELP]
    fits(page)


def test_a_mistake_in_the_file_is_found_and_corrected_while_one_types(page: Page, place: Console) -> None:
    page.get_by_role("link", name="El archivo entero (YAML)").click()
    editor = page.get_by_role("textbox", name="Archivo del programa, en YAML")
    expect(page.locator("#keys")).to_be_visible()
    fits(page)
    editor.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type(f"\nautority: {HOSTILE}")
    problem = page.locator("#problems li", has_text="autority")
    expect(problem).to_contain_text("Línea 3: aquí no hay una clave autority. ¿Quiso decir authority?")
    problem.get_by_role("button", name="Corregir").click()
    expect(problem).to_have_count(0)
    editor.press("Control+End")
    page.keyboard.type("late")
    page.locator(".cm-tooltip-autocomplete li", has_text="late_answers").click()
    page.keyboard.type("9d")
    fits(page)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Guardado en el borrador.")
    page.get_by_role("link", name="Ver qué cambia y publicar").click()
    expect(page.locator(".changes ins").first).to_contain_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0
