"""The report in a real browser: nothing is refused by its own policy, nothing is fetched, it fits a narrow screen, and every
picture has a name and its table."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.exports.report import page
from app.exports.report.sample import Sample
from app.exports.report.words import Language
from app.store.database import Database
from app.store.vault import Vault
from tests.browser.chromium import needs_chromium
from tests.conftest import StillClock
from tests.exports.district import Field
from tests.exports.test_report import lively

FAULTS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const name = svg.querySelector('title').textContent, whole = svg.viewBox.baseVal, found = [];
  const words = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBBox()]);
  for (const [word, box] of words)
    if (box.x < 0 || box.y < 0 || box.x + box.width > whole.width || box.y + box.height > whole.height) found.push(`${name}: ${word} is cut`);
  words.forEach(([one, a], place) => words.slice(place + 1).forEach(([other, b]) => {
    if (a.x < b.x + b.width && b.x < a.x + a.width && a.y + 2 < b.y + b.height && b.y + 2 < a.y + a.height) found.push(`${name}: ${one} over ${other}`);
  }));
  if (svg.getBoundingClientRect().width < .95 * whole.width) found.push(`${name} is too small to read`);
  return found;
})"""
"""Faults that an eye would find in a picture."""


pytestmark = needs_chromium


@pytest.fixture
def reports(tmp_path: Path, sqlite_template: Path, vault: Vault, clock: StillClock) -> dict[Language, Path]:
    """A report of two years in each language."""
    (tmp_path / "trato.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path}/trato.db")
    database.unlock(vault)
    written: dict[Language, Path] = {"es": tmp_path / "es.html", "en": tmp_path / "en.html"}
    with database.transaction() as tx:
        field = Field(tx, vault, clock())
        lively(field, 60)
        for place in range(24 * 12):
            field.talk(1 + place % 12, "aplica", at=field.at + timedelta(days=30 * (place // 12))).answer(
                "aplico", place % 2, "behaviour"
            )
        for language, path in written.items():
            path.write_bytes(page.report(tx, Sample("prueba"), language=language))
    database.close()
    return written


@pytest.mark.parametrize("language", ["es", "en"])
def test_nothing_in_a_picture_is_cut_or_covered_or_too_small(
    reports: dict[Language, Path], language: Language, browser: Browser
) -> None:
    for width in (360, 1000):
        tab = browser.new_page(viewport={"width": width, "height": 800})
        tab.goto(reports[language].as_uri())
        assert tab.evaluate(FAULTS) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 688, "height": 1000})  # between the margins of an A4 page
    assert (
        tab.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth).length"
        )
        == 0
    )
    tab.close()


def test_a_report_stands_alone(reports: dict[Language, Path], browser: Browser) -> None:
    path, said, fetched = reports["es"], list[str](), list[str]()
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: fetched.append(request.url))
    tab.goto(path.as_uri())
    assert said == []
    assert fetched == [path.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        tab.evaluate("getComputedStyle(document.querySelector('.caution')).borderLeftStyle") == "solid"
    )  # the policy lets it
    figures = tab.locator("figure")
    assert figures.count() > 10
    assert tab.locator("figure:not(:has(table))").count() == 0
    assert tab.locator("svg[role=img]").count() == tab.locator("svg > title:not(:empty)").count() > 8
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(item => item.id)")
    assert len(ids) == len(set(ids))
    tab.close()
