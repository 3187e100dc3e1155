"""The report in a real browser: nothing is refused by its own policy, nothing is fetched, it fits a narrow screen, and every
picture has a name and its table."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from app.exports.report import page
from app.exports.report.sample import Sample
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports.district import Field
from tests.exports.test_report import lively

CHROMIUM = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt install chromium, or set TEST_CHROMIUM")


def test_a_report_stands_alone(tmp_path: Path, sqlite_template: Path, vault: Vault, clock: StillClock) -> None:
    path, said, fetched = tmp_path / "report.html", [], []
    (tmp_path / "trato.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path}/trato.db")
    with database.transaction() as tx:
        lively(Field(tx, vault, clock()), 60)
        path.write_bytes(page.report(tx, Sample("prueba")))
    database.close()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page(viewport={"width": 360, "height": 800})
        tab.on("console", lambda message: said.append(message.text))
        tab.on("request", lambda request: fetched.append(request.url))
        tab.goto(path.as_uri())
        assert said == []
        assert fetched == [path.as_uri()]
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        assert tab.evaluate("getComputedStyle(document.querySelector('.caution')).borderLeftStyle") == "solid"   # the policy lets it
        figures = tab.locator("figure")
        assert figures.count() > 10
        assert tab.locator("figure:not(:has(table))").count() == 0
        assert tab.locator("svg[role=img]").count() == tab.locator("svg > title:not(:empty)").count() > 8
        ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(item => item.id)")
        assert len(ids) == len(set(ids))
        browser.close()
