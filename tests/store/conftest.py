"""Fixtures of the tests of the store."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.store import keys
from app.store.database import Database
from app.store.vault import Vault
from tests.carrier import Carrier
from tests.conftest import StillClock
from tests.recovery.life import ACCOUNT, begin_life


@pytest.fixture(scope="session")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with a day of conversations in it, for copies."""
    path = tmp_path_factory.mktemp("lived") / "trato.db"
    shutil.copy(sqlite_template, path)
    vault, clock = (
        Vault("a secret that only tests have"),
        StillClock(datetime.fromisoformat("2026-03-02T16:00:00+00:00")),
    )
    database = Database(f"sqlite:///{path}")
    keys.claim(database, vault, clock())
    life = begin_life(database, vault, clock, Carrier(ACCOUNT, clock=clock, seed=1), officers=12, seed=2)
    life.run(clock(), clock() + timedelta(hours=34))
    database.close()
    return path
