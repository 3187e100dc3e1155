"""The console in a real browser, on a wide screen and on a telephone, with no other host within reach: a person signs in, clears cases by
clicking and by keyboard alone, and looks at an officer. Whatever the browser complains of fails the test."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.people.roles import Role
from app.store.cases import CaseOutcome
from app.store.tables import CASE
from tests.browser.chromium import needs_chromium
from tests.browser.console import SCREENS, Console, console, fits, signed_in
from tests.cases.world import CRISIS
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.web.console.desk import WITH_HELP

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
pytestmark = needs_chromium


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Console]:
    """The pages over a database with a crisis, a reply that was not understood, and an unknown number."""
    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        with running.desk() as desk:
            desk.begin(desk.bruno)
            desk.talk(BRUNO, "quién sabe", HOSTILE)
            desk.say(STRANGER, "¿quién es?")
            desk.say(ALMA, CRISIS)
        yield running


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, place: Console, browser: Browser) -> Iterator[Page]:
    """Pendientes, where ana is signed in."""
    with signed_in(browser, place.url, "ana", request.param) as opened:
        expect(opened.get_by_role("heading", name="Pendientes", exact=True)).to_be_visible()
        yield opened


def outcomes(place: Console) -> list[str | None]:
    with place.service.database.reading() as tx:
        return list(tx.execute(select(CASE.c.outcome).order_by(CASE.c.id)).scalars())


def test_a_crisis_is_taken_answered_and_closed(page: Page, place: Console) -> None:
    fits(page)
    band = page.locator("section.danger")
    expect(band).to_contain_text("1 caso en peligro sin cerrar")
    expect(band).to_contain_text("Emergencias 911 (24 horas)")
    expect(page.locator("body")).not_to_contain_text(CRISIS)
    band.get_by_role("link").click()
    expect(page.locator("li.officer")).to_contain_text(CRISIS)
    fits(page)
    page.get_by_role("button", name="Tomar").click()
    expect(page.get_by_role("status")).to_have_text("El caso es suyo.")
    page.get_by_label("Contestarle").fill("Estoy con usted, {{ nombre }}. ¿Le puedo llamar ahora?")
    expect(page.locator("#segments")).to_have_text("SMS que se pagan: 1.")
    expect(page.locator("#way")).to_contain_text("WhatsApp acepta texto libre por 23 h 50 min")
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("li.us").last).to_contain_text("Estoy con usted, (nombre). ¿Le puedo llamar ahora?")
    page.get_by_label("Nota, si hace falta").fill("La acompaña la psicóloga de prueba.")
    page.get_by_role("button", name="Atendido").click()
    expect(page.get_by_role("status")).to_have_text("Caso cerrado.")
    expect(band).to_have_count(0)
    assert outcomes(place) == [None, None, CaseOutcome.handled]


def test_hostile_words_are_text_and_count_as_an_answer(page: Page, place: Console) -> None:
    page.get_by_role("link", name=place.bruno).click()
    expect(page.locator("li.officer")).to_contain_text(HOSTILE)
    assert page.locator("li.officer img, li.officer script").count() == 0
    question = page.locator("form.question").filter(has_text="¿Tuvo contacto con ciudadanía?")
    question.get_by_role("button", name="Sí").click()
    expect(page.get_by_role("status")).to_have_text("Cuenta como respuesta, con su nombre.")
    page.get_by_role("link", name="Toda la conversación").click()
    expect(page.locator(".understood").filter(has_text="lo decidió ana")).to_contain_text(
        "Se guardó contact_any: Sí = 1"
    )
    fits(page)


def test_every_case_is_cleared_by_keyboard_alone(page: Page, place: Console) -> None:
    for left in (2, 1, 0):
        expect(page.locator("#cases a").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Cerrar")).to_be_visible()
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.value") == "handled":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Caso cerrado.")
        expect(page.locator("#cases li")).to_have_count(left)
    expect(page.locator(".empty")).to_contain_text("No hay nada pendiente.")
    assert outcomes(place) == [CaseOutcome.handled] * 3


def test_what_comes_meanwhile_appears_by_itself_and_arrow_keys_walk_the_list(page: Page, place: Console) -> None:
    expect(page.locator("#cases a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cases a").nth(1)).to_be_focused()
    place.clock.at += timedelta(minutes=1)
    place.arrives("+525555550188", "hola, ¿quién escribe?")
    expect(page.locator("#cases li")).to_have_count(4, timeout=15_000)
    expect(page.locator("#badge")).to_have_text("4")
    expect(page).to_have_title("(4) Pendientes · Trato")
    expect(page.locator("#cases a").nth(1)).to_be_focused()


def test_an_officer_is_found_and_leave_is_written_down_in_english_too(page: Page, place: Console) -> None:
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="Officers").click()
    page.get_by_label("Study id").fill(place.bruno.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=place.bruno)).to_be_visible()
    page.locator("summary", has_text="Shift, leave and days off").click()
    page.get_by_label("First day").fill("2026-03-09")
    page.get_by_label("Last day").fill("2026-03-15")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("Written down.")
    expect(page.locator(".acts")).to_contain_text("Leave: 2026-03-09 to 2026-03-15")
    page.locator("summary", has_text="Name and number").click()
    page.get_by_label("Why you need it").fill("to call")
    page.get_by_role("button", name="Look").click()
    expect(page.locator(".person")).to_contain_text(f"Bruno {BRUNO}")
    fits(page)
