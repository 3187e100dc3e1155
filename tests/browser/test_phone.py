"""The telephone's page in a real browser, over the whole service. Needs an installed Chromium (Debian: apt install chromium);
without one, the HTTP tests in tests/web are all there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from app.channels.simulator import Simulator
from app.clock import PacedClock
from app.main import Service, build
from app.settings import Settings
from app.store.tables import Assignment, InboundMessage, OutboundMessage
from tests.browser.chromium import needs_chromium
from tests.browser.console import NOON, complaints_of, serving
from tests.world import PROGRAMME, enrol, stored

ALMA = "+525555550101"

pytestmark = needs_chromium


def made(settings: Settings) -> Service:
    """A service with one officer, whose consent is asked for at noon."""
    service = build(settings, PacedClock(NOON), ALMA)
    with service.database.transaction() as tx:
        alma = enrol(tx, service.intake.vault, NOON, ALMA, channel="sms")
        tx.execute(insert(Assignment), {"contact_id": alma, "campaign": "seguimiento", "at": NOON})
    assert isinstance(service.channel, Simulator)
    service.channel.phone(ALMA)
    return service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[Service, str]]:
    """The whole service, and its address."""
    with serving(tmp_path, PROGRAMME, made) as (running, url, _):
        yield running, url


@pytest.fixture
def page(service: tuple[Service, str], browser: Browser) -> Iterator[Page]:
    """The page, on a wide screen. Whatever the browser complains of fails the test."""
    opened = browser.new_page(viewport={"width": 1280, "height": 860})
    complaints = complaints_of(opened)
    opened.goto(f"{service[1]}/phone")
    yield opened
    opened.close()
    assert complaints == []


def messages(page: Page, who: str) -> list[str]:
    return page.locator(f"#messages li.{who} > p:not(.understood)").all_text_contents()


def test_a_conversation_with_faults_and_a_quotation_is_the_same_on_the_phone_and_in_the_database(
    page: Page, service: tuple[Service, str], tmp_path: Path
) -> None:
    expect(page.locator("#standing")).to_contain_text("Próximo envío")
    page.get_by_role("button", name="Al siguiente envío").click()
    expect(page.locator("#standing")).to_contain_text("paso «contacto»")
    page.get_by_label("Canal").select_option("sms")
    page.locator("#troubles > summary").click()
    page.get_by_label("Todo llega dos veces").check()
    page.get_by_label("El mensaje sale, su acuse se pierde").check()
    expect(page.locator("#wrong")).to_have_text("2")
    page.get_by_role("textbox", name="Mensaje").fill("Simón")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li.us").last).to_contain_text("¿Qué pasó?")
    expect(page.locator("#messages li.me .understood")).to_contain_text("Se guardó contact_any: Sí = 1 · regla")
    expect(page.locator("#meter")).to_contain_text("1 SMS")
    page.get_by_role("button", name="Quitar todas").click()
    expect(page.locator("#wrong")).to_be_hidden()
    page.get_by_label("Canal").select_option("whatsapp")
    page.get_by_label("Qué se envía").select_option("photo")
    page.get_by_role("textbox", name="Mensaje").fill("le expliqué")
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("#messages li.us").last).to_contain_text("Gracias.")
    page.get_by_role("button", name="Responder a este mensaje").last.click()
    expect(page.locator("#quoting")).to_contain_text("Respuesta a: Gracias.")
    page.keyboard.type("otra cosa")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li.me blockquote")).to_have_text("Gracias.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Guardar como transcripción").click()
    assert download.value.suggested_filename == "reporte_1.yaml"
    assert "> Simón" in Path(download.value.path()).read_text(encoding="utf-8")
    expect(page.locator("#messages li.us").last).to_contain_text("Por ahora no hay preguntas.")
    with service[0].database.reading() as tx:
        said = [body for (body,) in stored(tx, InboundMessage, "body")]
        sent = [body for (body,) in stored(tx, OutboundMessage, "body")]
    assert messages(page, "me") == ["Simón", "Foto", "le expliqué", "otra cosa"]
    assert said == ["Simón", "le expliqué", "otra cosa"]
    assert [text.splitlines()[0] for text in messages(page, "us")] == [
        text.replace("{{nombre}}", "Alma") for text in sent
    ]


def test_by_keyboard_alone_and_on_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    page.reload()
    drawer = page.locator("#drawer")
    expect(drawer).not_to_have_attribute("open", "")
    page.get_by_text("Teléfonos", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Otro número").fill("55 5555 0199")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("+525555550199")
    expect(page.locator("#standing")).to_contain_text("Número desconocido")
    page.get_by_role("textbox", name="Mensaje").fill("hola")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li.us")).to_contain_text("participantes registrados")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    expect(page.get_by_role("button", name="Enviar")).to_be_in_viewport()
