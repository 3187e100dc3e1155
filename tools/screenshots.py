"""The pictures of the README: Pendientes and a telephone, as `trato demo` shows them, in an installed Chromium.

* `python -m tools.screenshots` writes docs/images/
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.processes import ROOT, answers, free_port, running, until
from tests.browser.chromium import CHROMIUM, FLAGS

TARGET = ROOT / "docs" / "images"
PATIENCE_MS = 180_000


@contextmanager
def demo(folder: str) -> Iterator[str]:
    """A running demo, by its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["-m", "app.cli.main", "demo", "--port", str(port), "--folder", folder]
    with running(command, {}, Path(folder, "said.log")):
        until(lambda: answers(f"{url}/healthz"), "the demo answers", 60)
        yield url


def take(browser: Browser, url: str) -> None:
    """Write the pictures once officers have answered and a case is open."""
    console = browser.new_page(viewport={"width": 1000, "height": 640}, device_scale_factor=1.5)
    console.goto(f"{url}/console")
    console.locator("#cases li").first.wait_for(timeout=PATIENCE_MS)
    console.screenshot(path=TARGET / "console.png")
    telephone = browser.new_page(viewport={"width": 560, "height": 640}, device_scale_factor=1.5)
    telephone.goto(f"{url}/phone")
    telephone.locator("#messages li.us").first.wait_for(timeout=PATIENCE_MS)
    telephone.get_by_role("textbox", name="Mensaje").fill("Acepto")
    telephone.keyboard.press("Enter")
    telephone.locator("#messages li.us").nth(1).wait_for(timeout=PATIENCE_MS)
    telephone.screenshot(path=TARGET / "telephone.png")


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(browser, url)
        browser.close()
