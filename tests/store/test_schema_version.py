"""A newer schema: the releases that it permits serve on it, older ones refuse, and say so in one line. On both databases."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli import main
from app.errors import ConfigurationError, ExternalError
from app.scheduler.clock_watch import ClockWatch
from app.scheduler.ticker import Job, Ticker
from app.store import schema_version
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.schema_version import HEAD, LOOK_EVERY_SECONDS, SchemaWatch
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import flows_folder

LATER = "9999_later"


def upgrade(database: Database, oldest: str) -> None:
    """As a newer release would leave the schema."""
    with database.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": LATER})
        tx.execute(text("DELETE FROM schema_support"))
        tx.execute(text("INSERT INTO schema_support VALUES (:oldest)"), {"oldest": oldest})


def test_an_upgrade_stores_which_releases_may_serve(empty_url: str) -> None:
    database = Database(empty_url)
    database.upgrade()
    database.upgrade()
    with database.reading() as tx:
        assert tx.execute(text("SELECT oldest FROM schema_support")).scalars().all() == [schema_version.OLDEST]
    database.close()


def test_a_permitted_release_serves(database: Database) -> None:
    upgrade(database, HEAD)
    database.prepare()
    assert database.schema().is_newer


@pytest.mark.parametrize("oldest", ["9998_later", LATER])
def test_an_older_release_is_refused_and_not_advised_an_upgrade(database: Database, oldest: str) -> None:
    upgrade(database, oldest)
    with pytest.raises(ConfigurationError) as refused:
        database.prepare()
    assert "install the newer release" in str(refused.value)
    assert "db upgrade" not in str(refused.value)


@pytest.mark.parametrize("oldest", [HEAD, LATER])
def test_a_running_process_notices(database: Database, vault: Vault, clock: StillClock, oldest: str) -> None:
    seconds = [0.0]

    async def scene() -> None:
        ledger = Ledger(database, vault, clock, {})
        ledger._schema = SchemaWatch(lambda: seconds[0])
        await ledger.run(lambda _: None)
        upgrade(database, oldest)
        seconds[0] += LOOK_EVERY_SECONDS
        for _ in range(3):
            if oldest == HEAD:
                await ledger.run(lambda _: None)
            else:
                with pytest.raises(ExternalError, match="install the newer release"):
                    await ledger.run(lambda _: None)
        with database.transaction() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": HEAD})
        await ledger.run(lambda _: None)
        await ledger.close()

    with capture_logs() as lines:
        asyncio.run(scene())
    assert [line["log_level"] for line in lines] == ([] if oldest == HEAD else ["error"])


class _Task:
    name = "fetch"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def once(self) -> timedelta:
        await self._ledger.run(lambda _: None)
        return timedelta()


def test_a_refused_process_logs_one_line_and_its_clock_ticks_again(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    done: list[int] = []

    async def scene() -> None:
        ledger = Ledger(database, vault, clock, {})
        ledger._schema = SchemaWatch(lambda: float("inf"))  # looks each time
        upgrade(database, LATER)
        for watch in (None, ClockWatch()):
            jobs = (Job("plan", lambda tx, now: done.append(1) or 0), Job("wake", lambda tx, now: 0, shared=False))
            ticker = Ticker(ledger, clock, "a", jobs, tasks=(_Task(ledger),), watch=watch)
            for _ in range(3):
                await ticker.tick()
                await asyncio.sleep(0)
            assert (ticker.failing(), ticker.silent_for(), done) == ([], None, [])
        with database.transaction() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": HEAD})
        await ticker.tick()
        await ticker.stop()
        await ledger.close()

    with capture_logs() as lines:
        asyncio.run(scene())
    assert (len(lines), done) == (1, [1])


@pytest.fixture
def trato(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run a command on this database: exit code and output."""
    settings = {
        "DATABASE_URL": database.url.set(drivername=database.url.get_backend_name()).render_as_string(
            hide_password=False
        ),
        "FLOWS": str(flows_folder(tmp_path / "flows")),
        "SECRET_KEY": "a secret that only tests have",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TRATO_{name}", value)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main.app, list(words))
        return done.exit_code, f"{done.output}{done.exception or ''}"

    return run


def test_the_commands_say_so(database: Database, trato: Callable[..., tuple[int, str]]) -> None:
    assert json.loads(trato("status", "--json")[1])["schema"] == {"version": HEAD, "newer": False}
    upgrade(database, HEAD)
    assert f"schema {LATER}: of a newer release, which permits this one (version {HEAD}) to serve" in trato("status")[1]
    assert trato("db", "check") == (
        0,
        f"schema: {LATER}, of a newer release, which permits this one ({HEAD}) to serve\n",
    )
    upgrade(database, LATER)
    for words in (("status",), ("db", "check")):
        code, output = trato(*words)
        assert code != 0
        assert "install the newer release" in output
