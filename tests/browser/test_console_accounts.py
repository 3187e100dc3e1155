"""Primeros pasos and Cuentas in a real browser: an administrator adds a person, who sets a password by the link, signs in, and follows the
first steps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.people.roles import Role
from tests.browser.chromium import needs_chromium
from tests.browser.console import PASSWORD, SCREENS, Console, console, fits, signed_in
from tests.web.console.desk import WITH_HELP

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A new installation, with an administrator."""
    with console(tmp_path_factory.mktemp("console"), WITH_HELP) as running:
        running.hire("root", Role.administrator)
        yield running


@pytest.mark.parametrize("screen", SCREENS)
def test_a_person_gets_in_by_a_link_and_sees_the_first_steps(browser: Browser, place: Console, screen: str) -> None:
    name = f"luz-{screen}"
    with signed_in(browser, place.url, "root", screen) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Primeros pasos")
        fits(page)
        page.get_by_role("link", name="Cuentas", exact=True).click()
        page.get_by_label("Nombre de usuario").fill(name)
        page.get_by_label("Función").select_option("coordinator")
        page.get_by_role("button", name="Agregar").click()
        link = page.locator(".notice code").inner_text()
        fits(page)
    context = browser.new_context(viewport={"width": SCREENS[screen][0], "height": 800})
    theirs = context.new_page()
    theirs.goto(link)
    theirs.get_by_label("Contraseña nueva").fill(PASSWORD)
    theirs.get_by_label("La misma, otra vez").fill(PASSWORD)
    theirs.get_by_role("button", name="Guardar y entrar").click()
    expect(theirs.get_by_role("button", name="Entrar")).to_be_visible()
    context.close()
    with signed_in(browser, place.url, name, screen) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Primeros pasos")
        if screen == "wide":  # the first of the two
            page.get_by_role("button", name="Ya lo vimos").click()
        expect(page.locator("li.is-done").filter(has_text="Ensayo y calendario vistos")).to_have_count(1)
        expect(page.get_by_role("link", name="Cuentas", exact=True)).to_have_count(0)
