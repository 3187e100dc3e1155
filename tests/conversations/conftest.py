"""A world to talk in, on each kind of database."""

from collections.abc import Iterator

import pytest

from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import World


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    """Two officers and a published programme, in an open transaction."""
    with database.transaction() as tx:
        yield World(tx, vault, clock)
