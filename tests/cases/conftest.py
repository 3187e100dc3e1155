"""A desk with cases, on each kind of database."""

from collections.abc import Iterator

import pytest

from app.store.database import Database
from app.store.vault import Vault
from tests.cases.world import SOURCE, Desk
from tests.conftest import StillClock


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    """Two officers and a published programme, in an open transaction."""
    with database.transaction() as tx:
        yield Desk(tx, vault, clock, SOURCE)
