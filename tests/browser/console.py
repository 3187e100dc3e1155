"""The console as a running service, and the browser pages of its people. Whatever a browser complains of fails the test."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, Route, expect
from pydantic import SecretStr

from app.conversations.inbound import receive
from app.main import Service, build, create_app
from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.settings import Settings
from app.web.server import Server
from tests.cases.world import Desk
from tests.conftest import StillClock
from tests.world import flows_folder, message

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
PASSWORD = "cuatro tazas de café"
SCREENS = {"wide": (1280, "light"), "telephone": (360, "dark")}
"""The screens that every page is tried on: width in pixels, colours."""


@dataclass
class Console:
    """A running service, the programme that it began with, its clock, and its address. Time stands still: move `clock.at`."""

    service: Service
    source: str
    clock: StillClock
    url: str
    server: Server
    alma: str = ""
    bruno: str = ""

    def hire(self, name: str, role: Role) -> None:
        """Give somebody an account."""
        with self.service.database.transaction() as tx:
            accounts.add(tx, name, PASSWORD, self.clock(), "test")
            accounts.give_role(tx, name, Grant(role, ""), self.clock(), "test")

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk, in a transaction of its own; then the service has its programme. Alma and Bruno are known by their study ids from then on."""
        with self.service.database.transaction() as tx:
            made = Desk(tx, self.service.intake.vault, self.clock, self.source)
            self.alma, self.bruno = made.row(made.alma).study_id, made.row(made.bruno).study_id
            yield made
        with self.service.database.reading() as tx:
            self.service.library.refresh(tx)

    def arrives(self, number: str, body: str) -> None:
        """A message from a phone."""
        with self.service.database.transaction() as tx:
            receive(tx, self.service.library, [message(self.service.intake.vault, number, body)], self.clock())


@contextmanager
def serving(
    folder: Path, source: str, make: Callable[[Settings], Service], role: str = "all"
) -> Iterator[tuple[Service, str, Server]]:
    """A service, its address and its server, over a new database in a folder, with the programme of `source`, for the time of the block."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # a browser that is faster than the service waits
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings.load(
        database_url=f"sqlite:///{folder}/trato.db",
        flows=flows_folder(folder / "flows", source),
        secret_key=SecretStr("a secret that only tests have"),
        public_url=url,
        channel="simulator",
        role=role,
        tick_seconds=0.2,
    )
    service = make(settings)
    server = Server(uvicorn.Config(create_app(service), log_config=None, access_log=False), service.wind_down)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    with closing(listener):
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield service, url, server
        server.should_exit = True
        thread.join(timeout=20)


@contextmanager
def console(folder: Path, source: str, now: datetime = NOON, role: str = "web") -> Iterator[Console]:
    """The pages over a new database in a folder, with the programme of `source`, for the time of the block. With the role `all` the clock and
    the sender run, too."""
    clock = StillClock(now)
    with serving(folder, source, lambda settings: build(settings, clock), role) as (service, url, server):
        yield Console(service, source, clock, url, server)


def complaints_of(page: Page) -> list[str]:
    """The errors and warnings of a page's browser. The list grows as they come."""
    found: list[str] = []
    page.on("console", lambda one: found.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@contextmanager
def signed_in(browser: Browser, url: str, name: str, screen: str = "wide") -> Iterator[Page]:
    """A page where somebody is signed in, with no other host within reach. A complaint of the browser raises AssertionError at the end."""
    width, scheme = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )

    def only_ours(route: Route) -> None:
        if route.request.url.startswith(url):
            route.continue_()
        else:
            complaints.append(f"a request to another host: {route.request.url}")
            route.abort()

    opened = context.new_page()
    complaints = complaints_of(opened)
    context.route("**/*", only_ours)
    opened.on("dialog", lambda dialog: complaints.append(f"a script of an officer ran: {dialog.message}"))
    sign_in(opened, url, name)
    yield opened
    context.close()
    assert complaints == []


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in, and wait for the first page."""
    page.goto(url)
    page.get_by_label("Nombre de usuario").fill(name)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("main#main")).to_be_visible()
    page.wait_for_load_state()  # the page's script has run


def fits(page: Page) -> None:
    """Nothing is wider than the screen, once the page is laid out."""
    page.wait_for_load_state()
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=5000)
