"""Every page of the console, by axe: WCAG 2.2 AA without violations, light and dark, on a wide screen and on a telephone; nothing needs
sideways scrolling there or at 200 % zoom; nothing moves for those who have asked for less motion."""

from collections.abc import Iterator
from importlib.resources import files
from string import Formatter

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.people import accounts, tokens
from app.people.actors import Grant
from app.people.roles import Permission, Role
from app.web.console.routes import HANDLERS
from tests.browser.chromium import needs_chromium
from tests.browser.console import Console, console, fits, sign_in
from tests.cases.world import CRISIS
from tests.conversations.talking import ALMA, STRANGER
from tests.review.test_coding import CODED
from tests.web.console.desk import WITH_HELP, bruno_tells

pytestmark = needs_chromium

SOURCE = WITH_HELP + CODED[CODED.index("\ncodes:") :]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NOT_PAGES = ("/news", "/files/{file}", "/{code}/file", "/sample", "/schema", "/events", "/transcripts/{file}")
"""The ends of addresses that give a file, or a few facts for a script."""

EXAMPLES = {
    "case": "1",
    "name": "ana",
    "code": "prueba",
    "flow": "reporte",
    "kind": "roster",
    "notice": "1",
    "response": "1",
}
"""The values for the parts of an address; the study id is that of an officer."""

QUERIES = {"/console/calendar/officer": "?study_id={study_id}"}
"""The query of an address that asks a question."""

LIST = "Nombre,Teléfono,Grupo\nCelia,55 5555 0177,laurel-1\nDarío,123,laurel-1\n"
"""A roster with a mistake, whose import has a page."""

REFUSED = "/console/cases/999"
BESIDES = [
    "/me",
    "/status",
    "/console/review?which=reviewed",
    "/console/data/report?k=5",
    "/console/audit?by=nobody",
    REFUSED,
]
SCREENS = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "telephone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "wide, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "telephone, light": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
}
NIGHTLY = ("wide, dark", "telephone, light")
ZOOMED = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console with something on every page, and ana, who has every role."""
    with console(tmp_path_factory.mktemp("console"), SOURCE) as running:
        running.hire("ana", Role.administrator)
        with running.service.database.transaction() as tx:
            for role in set(Role) - {Role.administrator}:
                accounts.give_role(tx, "ana", Grant(role, ""), running.clock(), "test")
            tokens.make(tx, "ana", "R", [Permission.answers], "", 30, running.clock(), "test")
        with running.desk() as desk:
            bruno_tells(desk, "una señora de la esquina")
            desk.deliver()
            desk.say(STRANGER, "¿quién es?")
            desk.say(ALMA, CRISIS)
        EXAMPLES["study_id"] = running.bruno
        yield running


def pages() -> list[str]:
    """The address of every page, with an example for each of its parts."""
    routes = [line.removeprefix("GET ") for line in HANDLERS if line.startswith("GET ")]
    wanted = [one + QUERIES.get(one, "") for one in routes if not unknown(one) and not one.endswith(NOT_PAGES)]
    return [*(one.format_map(EXAMPLES) for one in wanted), *BESIDES]


def unknown(route: str) -> set[str]:
    """The parts of an address that have no example."""
    return {part for _, part, _, _ in Formatter().parse(route) if part} - {*EXAMPLES, "study_id", "file"}


def test_each_part_of_an_address_has_an_example() -> None:
    without = {line: parts for line in HANDLERS if line.startswith("GET ") and (parts := unknown(line))}
    assert without == {}, "add an example to EXAMPLES, and what it needs to `place` or `entered`"


def entered(browser: Browser, place: Console, options: dict[str, object]) -> tuple[BrowserContext, Page]:
    """A page where ana is signed in."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, place.url, "ana")
    listed = {"name": "lista.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    form = {"kind": "roster", "programme": "prueba", "file": listed}
    page.request.post(f"{place.url}/console/roster/import", multipart=form, headers={"Origin": place.url})
    page.goto(f"{place.url}/console/notice")
    page.locator("textarea[name=text]").fill("El taller cambia de lugar.")
    page.locator("form:has(textarea[name=text]) button.main").click()
    page.locator("button[name=sure]").click()
    return context, page


def faults(page: Page) -> list[str]:
    """The faults that axe finds: the rule, the number of places, and the first of them."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize(
    "screen", [pytest.param(one, marks=pytest.mark.nightly) if one in NIGHTLY else one for one in SCREENS]
)
def test_axe_finds_no_fault_on_any_page(browser: Browser, place: Console, screen: str) -> None:
    context, page = entered(browser, place, SCREENS[screen])
    wrong = {}
    for path in pages():
        answer = page.goto(place.url + path)
        if answer is None or not (answer.ok or path == REFUSED):
            wrong[path] = ["it is not there"]
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        fits(page)
        if found := faults(page):
            wrong[path] = found
    context.clear_cookies()
    page.goto(f"{place.url}/sign-in")
    if found := faults(page):
        wrong["/sign-in"] = found
    context.close()
    assert wrong == {}


def test_at_twice_the_size_nothing_scrolls_sideways_and_with_less_motion_nothing_moves(
    browser: Browser, place: Console
) -> None:
    context, page = entered(browser, place, ZOOMED)
    for path in pages():
        page.goto(place.url + path)
        fits(page)
        moving = "[...document.querySelectorAll('*')].filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0)"
        assert page.evaluate(f"{moving}.length") == 0, path
    context.close()
