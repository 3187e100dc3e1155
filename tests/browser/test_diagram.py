"""The page of a flow in a real browser: its own policy refuses nothing, nothing is fetched, it fits a telephone, links lead."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.flows.diagram.content import diagram
from app.flows.diagram.page import page
from app.flows.loader import load
from tests.browser.chromium import needs_chromium
from tests.programmes import FIRST

pytestmark = needs_chromium


@pytest.fixture
def pages(tmp_path: Path) -> list[Path]:
    """The page of every flow of the programme."""
    programme = load(FIRST.read_bytes(), FIRST.name).programme
    assert programme is not None
    for code in programme.flows:
        (tmp_path / f"{code}.html").write_text(page(diagram(programme, code, expand=True)), encoding="utf-8")
    return sorted(tmp_path.iterdir())


def test_a_page_stands_alone_and_fits_a_telephone(pages: list[Path], browser: Browser) -> None:
    said, fetched = list[str](), list[str]()
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: fetched.append(request.url))
    for path in pages:
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, path.name
        assert tab.evaluate("getComputedStyle(document.querySelector('.step')).borderLeftStyle") == "solid"
    tab.close()
    assert said == []
    assert fetched == [path.as_uri() for path in pages]


def test_a_link_leads_to_its_card(pages: list[Path], browser: Browser) -> None:
    [path] = [path for path in pages if path.name == "reporte_voz.html"]
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.goto(path.as_uri())
    tab.get_by_role("link", name="→ 4 barrera").click()
    assert tab.evaluate("document.querySelector(':target').id") == "barrera"
    tab.get_by_role("link", name="2 aplico").first.click()
    assert tab.evaluate("document.querySelector(':target').id") == "aplico"
    tab.close()
