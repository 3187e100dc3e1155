"""One browser for the tests of a file. It must not outlive them: as long as it runs, `asyncio.run` refuses to work in this thread."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS

expect.set_options(timeout=30_000)  # milliseconds: the machine may do everything else as well


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()
