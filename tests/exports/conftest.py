"""Fixtures of the tests of exports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports.field import Field


@pytest.fixture
def field(database: Database, vault: Vault, clock: StillClock, tmp_path: Path) -> Iterator[Field]:
    """An officer of a programme, on each kind of database."""
    with database.transaction() as tx:
        yield Field(tx, vault, clock, tmp_path / "salida")
