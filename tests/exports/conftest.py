"""Fixtures of the tests of exports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports import district
from tests.exports.field import Field
from tests.exports.test_report import lively


@pytest.fixture
def field(database: Database, vault: Vault, clock: StillClock, tmp_path: Path) -> Iterator[Field]:
    """An officer of a programme, on each kind of database."""
    with database.transaction() as tx:
        yield Field(tx, vault, clock, tmp_path / "salida")


@pytest.fixture
def installed(
    database_url: str, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Database]:
    """The database of an installation in the field, which the commands of this process find."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    database = Database(database_url)
    database.unlock(vault)
    with database.transaction() as tx:
        lively(district.Field(tx, vault, clock()))
    yield database
    database.close()
