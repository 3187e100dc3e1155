"""Fixtures of the tests of the sender."""

import pytest

from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.sending.wire import Run, wired


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Run:
    """Runs a test's work with sender, webhooks and carrier wired together, on each database in turn."""
    return wired(database, vault, clock)
