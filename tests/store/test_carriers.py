"""The carrier that a database has been used with, on both databases: simulated and real telephones never share one."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert

from app.channels.simulator import Simulator
from app.errors import ConfigurationError
from app.main import Service, build, running
from app.settings import Settings
from app.store import carriers
from app.store.database import Database
from app.store.tables import BUCKET
from tests.conftest import StillClock
from tests.world import flows_folder

REAL = {
    "channel": "twilio",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "t",
    "twilio_from_whatsapp": {"": "+525555550000"},
    "public_url": "https://trato.example",
}


def built(database: Database, clock: StillClock, flows: Path, **given: object) -> Service:
    settings = Settings.load(
        database_url=database.url.render_as_string(hide_password=False),
        flows=flows_folder(flows),
        secret_key="a secret that only tests have",
        **given,
    )
    return build(settings, clock)


def runs(service: Service, number: str | None = None) -> None:
    """As a process does: it begins, a telephone may write, and it stops."""

    async def life() -> None:
        async with running(service):
            if number is not None and isinstance(service.channel, Simulator):
                service.channel.connect(service.intake.message, service.intake.told)
                await service.channel.type(number, "hola")

    asyncio.run(life())


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    return tmp_path / "flows"


def test_the_simulator_does_not_run_where_a_real_carrier_has(
    database: Database, clock: StillClock, flows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs(built(database, clock, flows, **REAL))
    with database.reading() as tx:
        assert carriers.used(tx) == "twilio"
    with pytest.raises(
        ConfigurationError, match=r"TRATO_CHANNEL is not set, .* used with twilio: set TRATO_CHANNEL=twilio"
    ):
        built(database, clock, flows)
    with pytest.raises(ConfigurationError, match="the simulator does not run on it"):
        built(database, clock, flows, channel="simulator")
    assert not (tmp_path / "var").exists()  # no key was made for it
    runs(built(database, clock, flows, channel="simulator", simulator_forced=("database",)))
    with database.reading() as tx:
        assert carriers.used(tx) == "twilio"


def test_a_real_carrier_does_not_run_where_telephones_were_simulated(
    database: Database, clock: StillClock, flows: Path
) -> None:
    runs(built(database, clock, flows), number="+525555550101")
    with database.reading() as tx:
        assert carriers.used(tx) == "simulator"
    with pytest.raises(
        ConfigurationError, match="its answers may be invented: set another TRATO_DATABASE_URL for twilio"
    ):
        built(database, clock, flows, **REAL)
    runs(built(database, clock, flows))


def test_a_simulator_without_messages_leaves_a_database_as_good_as_new(
    database: Database, clock: StillClock, flows: Path
) -> None:
    runs(built(database, clock, flows))
    runs(built(database, clock, flows, **REAL))
    with database.reading() as tx:
        assert carriers.used(tx) == "twilio"


def test_a_database_of_before_is_known_by_the_numbers_that_sent(
    database: Database, clock: StillClock, flows: Path
) -> None:
    with database.transaction() as tx:
        assert carriers.used(tx) is None
        tx.execute(insert(BUCKET), {"sender": "simulator:whatsapp", "tokens": 1.0, "at": clock()})
        assert carriers.used(tx) == "simulator"
        tx.execute(insert(BUCKET), {"sender": "twilio:a:sms", "tokens": 1.0, "at": clock()})
        assert carriers.used(tx) == "twilio"
    with pytest.raises(ConfigurationError, match="TRATO_CHANNEL is not set"):
        built(database, clock, flows)
