"""The key of a database, on both databases: with another one nothing starts and nothing is written."""

from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from app.cli import main
from app.errors import ConfigurationError
from app.main import build
from app.settings import Settings
from app.store import keys
from app.store.database import Database
from app.store.tables import ADDRESS, FLOW_VERSION, STATE_VALUE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, flows_folder

OTHER = Vault("another secret that only tests have")


def _marks(database: Database) -> int:
    with database.reading() as tx:
        return tx.execute(
            select(func.count()).select_from(STATE_VALUE).where(STATE_VALUE.c.name == "key_check")
        ).scalar_one()


def test_the_first_key_is_the_key_of_the_database(database: Database, vault: Vault, clock: StillClock) -> None:
    keys.claim(database, vault, clock())
    keys.claim(database, vault, clock())
    with pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY is not the key"):
        keys.claim(database, OTHER, clock())
    with database.reading() as tx:
        assert keys.is_right(tx, vault)
        assert not keys.is_right(tx, OTHER)


def test_a_database_of_before_this_check_is_claimed_by_the_key_that_opens_its_numbers(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
    with pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY"):
        keys.claim(database, OTHER, clock())
    assert _marks(database) == 0
    keys.claim(database, vault, clock())
    assert _marks(database) == 1


def test_one_damaged_number_hides_no_key(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        first = enrol(tx, vault, clock(), "+525555550101")
        enrol(tx, vault, clock(), "+525555550102")
        tx.execute(ADDRESS.update().where(ADDRESS.c.contact_id == first).values(sealed=b"\x01damaged"))
    keys.claim(database, vault, clock())
    assert _marks(database) == 1


def test_a_service_with_another_key_does_not_start(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path
) -> None:
    keys.claim(database, vault, clock())
    settings = Settings.load(
        database_url=database.url.render_as_string(hide_password=False),
        flows=flows_folder(tmp_path / "flows"),
        secret_key="another secret that only tests have",
    )
    with pytest.raises(ConfigurationError, match="nothing was started or written"):
        build(settings, clock)
    with database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(FLOW_VERSION)).scalar_one() == 0


@pytest.mark.parametrize(
    ("secret", "said"),
    [("another secret that only tests have", "is not the key of this database"), ("hush hush hush hush", "is weak")],
)
def test_commands_stop_and_status_says_why(
    database: Database,
    vault: Vault,
    clock: StillClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    said: str,
) -> None:
    keys.claim(database, vault, clock())
    monkeypatch.setenv("TRATO_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    monkeypatch.setenv("TRATO_SECRET_KEY", secret)
    with database.transaction() as tx:
        tx.execute(insert(STATE_VALUE), {"name": "before", "value": "1", "updated_at": clock()})
    for words in (["officers", "check"], ["pause", "--cohort", "c1"], ["leave", "list"]):
        stopped = CliRunner().invoke(main.app, words)
        assert isinstance(stopped.exception, ConfigurationError), words
        assert said in str(stopped.exception)
        assert secret not in str(stopped.exception)
    shown = CliRunner().invoke(main.app, ["status"])
    assert (shown.exit_code, f"KEY: TRATO_SECRET_KEY {said}" in shown.stdout) == (0, True)
