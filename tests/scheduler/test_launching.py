"""With a real carrier, no campaign begins without help lines, a contact and reading hours; everything else goes on. On both
databases."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import main
from app.scheduler.launching import LaunchWatch
from app.scheduler.outlook import Outlook
from app.settings import Settings
from app.store import alerts, nudges
from app.store import status as counts
from app.store.database import Database
from app.store.tables import Contact, OutboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.scheduler.test_nudging import QUIET, TWO_WEEKS, Office
from tests.world import stored

READY = TWO_WEEKS.replace(
    "  help: Ayuda del programa.\n",
    """  help: "Ayuda del programa: {{ contacto }}."
  support: "Llame: {{ lineas_ayuda }}. Se lee {{ horario_lectura }}."
""",
).replace(
    "notices:\n",
    """contact: {person: Alma Rivera, name: Oficina, telephone: 55 0000 0000}
help_lines: [{name: Emergencias, telephone: "911", hours: 24 horas}]
reading_hours: de 9 a 18 horas
reply_time: dos días hábiles
notices:
""",
    1,
)
TWILIO = {
    "channel": "twilio",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "t",
    "secret_key": "a secret that only tests have",
    "twilio_from_sms": "+525555550000",
}


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Iterator[Office]:
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        office.library.reaches_people = True
        yield office


def _publish(office: Office, source: str) -> None:
    office.publish(source)
    office.library.reaches_people = True


def _look(office: Office) -> list[tuple[str, str]]:
    LaunchWatch(office.library).look(office.tx, office.clock())
    return [(one.kind, one.subject) for one in alerts.open_alerts(office.tx)]


def test_nothing_begins_until_a_version_is_published_that_has_everything(office: Office) -> None:
    office.enrol()
    office.plan()
    office.go(3)
    office.tick()
    assert office.nudges()["w01.1"][1:] == ("planned", "not_ready")
    assert _look(office) == _look(office) == [("not_ready", "programme:prueba")]
    assert counts.not_ready(office.tx) == {
        "prueba": ["launch-help-lines", "launch-contact", "launch-reading-hours", "launch-reply-time", "launch-notices"]
    }
    _publish(office, READY)
    assert _look(office) == []
    office.go(3, 17)
    office.tick()
    assert office.sessions() == [("reporte", None)]


def test_what_never_became_ready_is_skipped_with_the_reason(office: Office) -> None:
    office.enrol()
    office.plan()
    office.go(3)
    for _ in range(100):
        office.tick()
        office.clock.at += timedelta(minutes=30)
    assert office.nudges()["w01.1"][1:] == ("skipped", "not_ready")


def test_messages_are_still_received_and_obeyed(office: Office) -> None:
    contact = office.enrol()
    office.tick()
    office.say("BAJA")
    assert office.tx.execute(select(Contact.status).where(Contact.id == contact)).scalar_one() == "opted_out"
    assert stored(office.tx, OutboundMessage, "body") == [("Ya no le escribiremos.",)]


def test_a_simulated_carrier_needs_none_of_it(office: Office) -> None:
    office.library.reaches_people = False
    office.enrol()
    office.plan()
    office.go(3)
    office.tick()
    assert office.sessions() == [("reporte", None)]
    assert _look(office) == []


def test_the_outlook_names_the_reason(office: Office) -> None:
    office.enrol()
    programme = office.library.programmes[office.library.current["prueba"]].definition
    looker = Outlook.of(office.tx, programme, QUIET, office.clock(), ready=False)
    pages = nudges.enrolled(office.tx, "prueba", programme.campaigns)
    assert {one.reason for page in pages for _, found in looker.look(office.tx, page) for one in found} == {"not_ready"}


@pytest.mark.parametrize(
    ("settings", "reaches"),
    [
        ({}, False),
        (TWILIO, True),
        (TWILIO | {"twilio_api_url": "http://127.0.0.1:9"}, False),
        (TWILIO | {"twilio_api_url": "https://twilio.example.org"}, True),
    ],
    ids=["simulator", "twilio", "a carrier on this machine", "by a proxy"],
)
def test_which_carrier_reaches_people(settings: dict[str, str], reaches: bool) -> None:
    assert Settings(**settings).reaches_people is reaches  # type: ignore[arg-type]


def test_plan_and_status_say_what_is_missing(
    database: Database, database_url: str, vault: Vault, clock: StillClock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flows")
    (folder / "prueba.yaml").write_text(TWO_WEEKS, encoding="utf-8")
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        office.library.reaches_people = True
        office.enrol()
        _look(office)
    environment = {
        "TRATO_DATABASE_URL": database_url,
        "TRATO_FLOWS": str(folder),
        **{f"TRATO_{name.upper()}": value for name, value in TWILIO.items()},
    }

    def said(*words: str) -> str:
        result = CliRunner().invoke(main.app, list(words), env=environment)
        assert result.exit_code == 0, result.output
        return result.stdout

    planned = said("plan", "--since", "2026-03-02", "--until", "2026-03-20")
    assert "no campaign begins until these are mended: launch-help-lines, launch-contact" in planned
    assert "NO CAMPAIGN of prueba begins: launch-help-lines" in said("status")
    assert json.loads(said("status", "--json"))["not_ready"]["prueba"][0] == "launch-help-lines"
