"""The console in a real browser, on a wide screen and on a telephone, with no other host within reach: a person signs in, clears cases by
clicking and by keyboard alone, and looks at an officer. Whatever the browser complains of fails the test."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from pydantic import SecretStr
from sqlalchemy import select

from app.conversations.inbound import receive
from app.main import Service, build, create_app
from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.settings import Settings
from app.store.cases import CaseOutcome
from app.store.tables import CASE
from tests.browser.test_phone import CHROMIUM, FLAGS
from tests.cases.world import CRISIS, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.web.console.desk import WITH_HELP
from tests.world import flows_folder, message

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
PASSWORD = "cuatro tazas de café"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"

expect.set_options(timeout=30_000)  # milliseconds: the machine may do everything else as well
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed: apt install chromium, or set TEST_CHROMIUM"
)


@dataclass
class Place:
    """A running service with three cases, its address, and the officers' study ids."""

    service: Service
    clock: StillClock
    url: str
    alma: str
    bruno: str

    def arrives(self, number: str, body: str) -> None:
        """A message from a phone."""
        with self.service.database.transaction() as tx:
            receive(tx, self.service.library, [message(self.service.intake.vault, number, body)], self.clock())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """The pages over a database with a crisis, a reply that was not understood, and an unknown number."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings.load(
        database_url=f"sqlite:///{tmp_path}/trato.db",
        flows=flows_folder(tmp_path / "flows", WITH_HELP),
        secret_key=SecretStr("a secret that only tests have"),
        public_url=url,
        channel="simulator",
        role="web",
    )
    clock = StillClock(NOON)
    service = build(settings, clock)
    with service.database.transaction() as tx:
        accounts.add(tx, "ana", PASSWORD, NOON, "test")
        accounts.give_role(tx, "ana", Grant(Role.coordinator, ""), NOON, "test")
        desk = Desk(tx, service.intake.vault, clock, WITH_HELP)
        desk.begin(desk.bruno)
        desk.talk(BRUNO, "quién sabe", HOSTILE)
        desk.say(STRANGER, "¿quién es?")
        desk.say(ALMA, CRISIS)
        alma, bruno = desk.row(desk.alma).study_id, desk.row(desk.bruno).study_id
    with service.database.reading() as tx:
        service.library.refresh(tx)
    server = uvicorn.Server(uvicorn.Config(create_app(service), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    with closing(listener):
        thread.start()
        yield Place(service, clock, url, alma, bruno)
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(params=[(1280, "light"), (360, "dark")], ids=["wide", "telephone"])
def page(request: pytest.FixtureRequest, place: Place, browser: Browser) -> Iterator[Page]:
    """A page where ana is signed in."""
    width, scheme = request.param
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)

    def only_ours(route: Route) -> None:
        if route.request.url.startswith(place.url):
            route.continue_()
        else:
            complaints.append(f"a request to another host: {route.request.url}")
            route.abort()

    context.route("**/*", only_ours)
    opened = context.new_page()
    opened.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: complaints.append(f"a script of an officer ran: {dialog.message}"))
    opened.goto(place.url)
    opened.get_by_label("Nombre de usuario").fill("ana")
    opened.get_by_label("Contraseña").fill(PASSWORD)
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name="Pendientes", exact=True)).to_be_visible()
    opened.wait_for_load_state()  # the page's script has run
    yield opened
    context.close()
    assert complaints == []


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def outcomes(place: Place) -> list[str | None]:
    with place.service.database.reading() as tx:
        return list(tx.execute(select(CASE.c.outcome).order_by(CASE.c.id)).scalars())


def test_a_crisis_is_taken_answered_and_closed(page: Page, place: Place) -> None:
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


def test_hostile_words_are_text_and_count_as_an_answer(page: Page, place: Place) -> None:
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


def test_every_case_is_cleared_by_keyboard_alone(page: Page, place: Place) -> None:
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


def test_what_comes_meanwhile_appears_by_itself_and_arrow_keys_walk_the_list(page: Page, place: Place) -> None:
    expect(page.locator("#cases a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cases a").nth(1)).to_be_focused()
    place.clock.at += timedelta(minutes=1)
    place.arrives("+525555550188", "hola, ¿quién escribe?")
    expect(page.locator("#cases li")).to_have_count(4, timeout=15_000)
    expect(page.locator("#badge")).to_have_text("4")
    expect(page).to_have_title("(4) Pendientes · Trato")
    expect(page.locator("#cases a").nth(1)).to_be_focused()


def test_an_officer_is_found_and_leave_is_written_down_in_english_too(page: Page, place: Place) -> None:
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
