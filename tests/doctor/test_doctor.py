"""`trato doctor` on installations that are broken in one way each: it names the fault, in its area, with a remedy, and nothing else."""

import asyncio
import json
import shutil
import socket
import ssl
import sys
import threading
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, delete, insert, select, text
from typer.testing import CliRunner

from app.channels.simulator import Simulator
from app.channels.templates import Finding as TemplateFault
from app.channels.templates import Review
from app.cli import main
from app.cli.examining import short
from app.clock import system_clock
from app.doctor import public_address, stored
from app.doctor.carrier import of_templates
from app.doctor.findings import Area, Level
from app.doctor.machine import clock
from app.errors import ExternalError, UsageError
from app.settings import Settings
from app.store import backups, webhook_tally
from app.store.database import Database
from app.store.tables import ACCOUNT_ROLE, AUDIT_ENTRY, COHORT
from app.store.tables import PROGRAMME as PROGRAMMES
from tests.acceptance.processes import ROOT, free_port
from tests.carrier import Carrier
from tests.doctor.site import ACCOUNT, NUMBER, PROGRAMME, SENDER, Site, answering, sound
from tests.world import published

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
Break = Callable[[Site], None]


@pytest.fixture(scope="module")
def carrier() -> Iterator[tuple[int, Carrier]]:
    with answering() as found:
        yield found


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    sound(sqlite_template, folder)
    return folder


@pytest.fixture
def site(carrier: tuple[int, Carrier], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    shutil.copy(whole / "trato.db", tmp_path / "trato.db")
    site = Site(tmp_path, *carrier, monkeypatch)
    site.monkeypatch.setattr("app.alerting.ways.httpx.AsyncClient.head", _answered)
    return site


async def _answered(*_: object) -> httpx.Response:
    return httpx.Response(405)


def test_a_sound_installation_has_nothing_wrong_and_each_part_is_looked_at(site: Site) -> None:
    found = site.found()
    assert {one.area: one.text for one in found if one.level is not Level.ok} == {}
    assert {one.area for one in found} == set(Area) - {Area.certificate, Area.alerts, Area.traces}
    shown = CliRunner().invoke(main.app, ["doctor", "--json"])
    assert shown.exit_code == 0
    assert {one["level"] for one in json.loads(shown.stdout)} == {"ok"}


# -- one fault each ------------------------------------------------------------------------------------------------------


def row(work: Callable[[Connection], object]) -> Break:
    return lambda site: site.write(work)


def setting(**given: str) -> Break:
    return lambda site: site.set(**given)


def twilio(sid: str, **fields: object) -> Break:
    return lambda site: site.at_twilio(sid, **fields)


def _open_env(site: Site) -> None:
    (site.folder / ".env").write_text("# nothing\n", encoding="utf-8")
    (site.folder / ".env").chmod(0o644)


def _little_room(site: Site) -> None:
    site.monkeypatch.setattr("app.doctor.machine.shutil.disk_usage", lambda _: SimpleNamespace(free=10**8))


def _old_zone(site: Site) -> None:
    """Mexico City with the hours of New York: as if summer time were still kept."""
    place = site.folder / "zones" / "America"
    place.mkdir(parents=True)
    with zoneinfo._common.load_tzdata("America/New_York") as data:  # type: ignore[attr-defined]
        (place / "Mexico_City").write_bytes(data.read())
    zoneinfo.reset_tzpath(to=[str(site.folder / "zones")])


def _no_line(site: Site) -> None:
    site.set(TWILIO_FROM_SMS="+525555550077")


def _unready(tx: Connection) -> None:
    published(tx, AT, PROGRAMME.replace("name: Emergencias", "name: '[nombre]'"))


def _nowhere(tx: Connection) -> None:
    row = {"code": "c", "programme": "prueba", "timezone": "America/Nowhere", "dates": "{}", "created_at": AT}
    tx.execute(insert(COHORT), row)


def _template_lacks(site: Site) -> None:
    (site.folder / "templates.json").write_text(json.dumps({"trato_quien": "HX" + "9" * 32}), encoding="utf-8")
    site.set(TEMPLATES="templates.json")


def _forged(tx: Connection) -> None:
    webhook_tally.add(tx, 0, 3, 3, AT)


def _no_collector(site: Site) -> None:
    site.monkeypatch.setattr("app.cli.examining._PATIENCE_SECONDS", 0.5)
    site.set(OTLP_ENDPOINT=f"http://127.0.0.1:{free_port()}")


def _no_extra(site: Site) -> None:
    site.monkeypatch.setitem(sys.modules, "app.otlp", None)
    site.set(OTLP_ENDPOINT="https://collector.example")


FAULTS: list[tuple[str, Break, Area, str]] = [
    ("a wrong setting", setting(QUIET_HOURS="tonight"), Area.settings, "TRATO_QUIET_HOURS"),
    ("a map that is none", setting(TEMPLATES="no-such.json"), Area.settings, "no-such.json cannot be read"),
    ("no key of its own", setting(TWILIO_API_KEY="", TWILIO_API_SECRET=""), Area.settings, "sent with the auth token"),
    (
        "a proxy that is not named",
        setting(PUBLIC_URL="https://trato.example"),
        Area.settings,
        "TRATO_TRUSTED_PROXIES names none",
    ),
    ("a key for others to read", _open_env, Area.files, "can read .env"),
    ("a full disk", _little_room, Area.disk, "0.1 GB are free"),
    ("no server", setting(DATABASE_URL=f"postgresql://u@127.0.0.1:{free_port()}/x"), Area.database, "does not answer"),
    (
        "an old schema",
        row(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '0003_password_links'"))),
        Area.schema,
        "at version 0003_password_links",
    ),
    (
        "another key",
        setting(SECRET_KEY="another key, as long as the first"),
        Area.key,
        "is not the key of this database",
    ),
    ("no programme", row(lambda tx: tx.execute(delete(PROGRAMMES))), Area.programmes, "no programme"),
    (
        "a zone that does not exist",
        row(_nowhere),
        Area.time_zones,
        "does not know the time zone America/Nowhere",
    ),
    ("old zones", _old_zone, Area.time_zones, "has other hours on this machine"),
    ("a wrong clock", lambda site: setattr(site, "later", 3600.0), Area.clock, "seconds from the carrier's clock"),
    ("nobody listens", setting(PUBLIC_URL=f"http://127.0.0.1:{free_port()}"), Area.public_address, "no answer from"),
    ("another place listens", lambda site: site.set(PUBLIC_URL=f"{site.url}/trato"), Area.public_address, "HTTP 404"),
    ("another token", setting(TWILIO_AUTH_TOKEN="0" * 32), Area.credentials, "no auth token is the account's"),
    ("another secret", setting(TWILIO_API_SECRET="wrong"), Area.credentials, "refuses our credentials"),
    ("a number of somebody else", _no_line, Area.senders, "+525555550077 is not in the account"),
    ("a WhatsApp sender that is off", twilio(SENDER, status="OFFLINE"), Area.senders, "is OFFLINE at Twilio"),
    ("no address", twilio(SENDER, webhook=None), Area.webhooks, "no address is set for inbound"),
    (
        "an old address",
        twilio(NUMBER, sms_url="https://old.example/twilio/inbound"),
        Area.webhooks,
        "goes to https://old.example",
    ),
    ("by GET", twilio(NUMBER, sms_method="GET"), Area.webhooks, "goes to GET http"),
    ("an application", twilio(NUMBER, sms_application_sid="AP" + "1" * 32), Area.webhooks, "uses something else"),
    ("webhooks that are all refused", row(_forged), Area.webhooks, "the last 3 webhooks"),
    ("an unknown template", _template_lacks, Area.templates, "trato_quien: its HX… is no content"),
    ("no help lines", row(_unready), Area.help_lines, "help lines are missing"),
    ("nobody who answers", row(lambda tx: tx.execute(delete(ACCOUNT_ROLE))), Area.people, "nobody who can sign in"),
    (
        "an old backup",
        row(lambda tx: backups.record(tx, Path("x.backup"), AT)),
        Area.backup,
        "the latest is of 2026-03-02",
    ),
    ("a weak key", setting(SECRET_KEY="hush hush"), Area.key, "TRATO_SECRET_KEY is weak"),
    (
        "no mail server",
        setting(SMTP_HOST="127.0.0.1", SMTP_PORT=str(free_port()), SMTP_FROM="a@example.org"),
        Area.alerts,
        "mail server",
    ),
    ("no collector", _no_collector, Area.traces, "no collector at 127.0.0.1 takes them"),
    ("no extra", _no_extra, Area.settings, "TRATO_OTLP_ENDPOINT needs OpenTelemetry: pip install"),
]


HERE = {
    Area.settings,
    Area.files,
    Area.disk,
    Area.schema,
    Area.key,
    Area.programmes,
    Area.time_zones,
    Area.help_lines,
    Area.people,
}
"""Areas of which this machine and the database know everything."""


@pytest.mark.parametrize(("name", "broken", "area", "said"), FAULTS, ids=[one[0] for one in FAULTS])
def test_each_fault_is_named(name: str, broken: Break, area: Area, said: str, site: Site) -> None:
    broken(site)
    try:
        wrong = site.wrong(offline=area in HERE)
    finally:
        zoneinfo.reset_tzpath()
    assert said in wrong[area], wrong
    assert ACCOUNT.auth_token not in str(wrong)


def test_a_finding_leaves_the_parts_that_depend_on_it_unseen(site: Site) -> None:
    site.set(DATABASE_URL=f"sqlite:///{site.folder}/none.db")
    found = {one.area: one.level for one in site.found(offline=True)}
    assert found[Area.database] is Level.warning
    assert {found[area] for area in (Area.schema, Area.key, Area.programmes, Area.credentials)} == {Level.unknown}
    assert not (site.folder / "none.db").exists(), "a doctor makes nothing"


def test_a_warning_alone_is_no_failure_and_a_fault_is_one(site: Site) -> None:
    site.set(TWILIO_AUTH_TOKEN=f"{ACCOUNT.auth_token},{'0' * 32}")
    assert site.wrong() == {Area.credentials: "one of the auth tokens is not the account's, or no longer"}
    assert CliRunner().invoke(main.app, ["doctor"]).exit_code == 0
    site.set(SECRET_KEY="another key, as long as the first")
    shown = CliRunner().invoke(main.app, ["doctor", "--offline", "--lang", "es"])
    assert shown.exit_code == 1
    assert "FALLA     clave: TRATO_SECRET_KEY no es la clave de esta base de datos" in shown.stdout
    assert "Vea docs/keys.md: sin su clave la base de datos se pierde" in shown.stdout
    assert "sin ver   credenciales: no se revisó, por --offline" in shown.stdout


def test_the_start_of_the_service_says_what_is_wrong_here(site: Site) -> None:
    site.write(lambda tx: tx.execute(delete(ACCOUNT_ROLE)))
    database = Database(f"sqlite:///{site.folder}/trato.db")
    found = short(Settings.load(), database, AT)
    database.close()
    assert {one.area for one in found} == {Area.people}


def test_clocks_that_differ() -> None:
    levels = [clock(AT + timedelta(seconds=ahead), AT, "x").level for ahead in (0, -29, 31, 899, -901)]
    assert levels == [Level.ok, Level.ok, Level.warning, Level.warning, Level.fault]


def test_the_clock_of_the_database(postgresql: str) -> None:
    database = Database(postgresql)
    with database.reading() as tx:
        assert stored.database_clock(tx, system_clock()).level is Level.ok
        assert stored.database_clock(tx, AT).level is Level.fault
    database.close()


def test_a_certificate_before_its_end_and_after_it(tmp_path: Path) -> None:
    levels = [public_address.until(AT + timedelta(days=days), AT).level for days in (30, 10, 2, -1)]
    assert levels == [Level.ok, Level.warning, Level.fault, Level.fault]
    with _tls(tmp_path) as port:
        found = asyncio.run(public_address.certificate(f"https://localhost:{port}", AT))
    assert found is not None
    assert (found.level, found.text) == (Level.fault, "the certificate is refused: certificate has expired")
    assert asyncio.run(public_address.certificate("http://localhost", AT)) is None


@contextmanager
def _tls(folder: Path) -> Iterator[int]:
    """A server with a certificate that has expired, of an authority that this process trusts."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(AT - timedelta(days=9)).not_valid_after(AT - timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    none = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
    (folder / "both.pem").write_bytes(private + signed)
    (folder / "cert.pem").write_bytes(signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
        thread = threading.Thread(target=_greet, args=(listener, context), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)


def _greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
        secured.recv(1)


def test_a_name_that_leads_nowhere_or_to_this_machine() -> None:
    assert [one.text for one in public_address.name("https://no-such-name.invalid")] == [
        "the name no-such-name.invalid has no address"
    ]
    assert [one.text for one in public_address.name("http://127.0.0.1:8000")] == [
        "http://127.0.0.1:8000 is this machine alone"
    ]
    assert [one.level for one in public_address.name("https://10.1.2.3")] == [Level.warning]
    assert list(public_address.name("https://1.1.1.1")) == []


# -- trato twilio configure ------------------------------------------------------------------------------------------------


def configure(*options: str) -> tuple[int, list[dict[str, object]]]:
    shown = CliRunner().invoke(main.app, ["twilio", "configure", "--json", *options])
    return shown.exit_code, json.loads(shown.stdout)


def test_the_addresses_are_set_once_and_nothing_else(site: Site) -> None:
    status = {"status_callback_url": "https://other.example/status"}
    site.at_twilio(SENDER, webhook={"callback_url": "https://old.example", "callback_method": "GET", **status})
    site.at_twilio(NUMBER, sms_url=None, sms_application_sid="AP" + "1" * 32, friendly_name="Programa")
    site.set(TWILIO_MESSAGING_SERVICE_SID=f"otro={ACCOUNT.service}")
    before = json.dumps(site.carrier.at_twilio.resources)
    code, planned = configure("--dry-run")
    assert code == 0
    assert json.dumps(site.carrier.at_twilio.resources) == before, "a dry run sets nothing"
    assert [one["was_right"] for one in planned] == [False, False, False]

    assert configure() == (0, planned)
    at = site.carrier.at_twilio.resources
    inbound, fallback = f"{site.url}/twilio/inbound#rc=5&rp=all", f"{site.url}/twilio/fallback"
    assert (at[NUMBER]["sms_url"], at[NUMBER]["sms_fallback_url"], at[NUMBER]["sms_application_sid"]) == (
        inbound,
        fallback,
        None,
    )
    assert at[NUMBER]["friendly_name"] == "Programa"
    hook = {"callback_url": inbound, "callback_method": "POST", "fallback_url": fallback, "fallback_method": "POST"}
    assert at[SENDER]["webhook"] == {**hook, **status}
    service = at[ACCOUNT.service]
    assert (service["inbound_request_url"], service["use_inbound_webhook_on_number"]) == (inbound, False)
    assert site.carrier.book.refused == []
    assert [one["was_right"] for one in configure()[1]] == [True, True, True]
    site.write(_audited_once)


def _audited_once(tx: Connection) -> None:
    rows = tx.execute(select(AUDIT_ENTRY.c.detail).where(AUDIT_ENTRY.c.action == "twilio configure")).scalars()
    assert [json.loads(one) for one in rows] == [{"senders": 3}]


def test_a_fallback_on_another_machine_stays(site: Site) -> None:
    site.at_twilio(NUMBER, sms_url=None, sms_fallback_url="https://second.example/twilio/fallback")
    configure()
    assert site.carrier.at_twilio.resources[NUMBER]["sms_fallback_url"] == "https://second.example/twilio/fallback"
    assert Area.webhooks not in site.wrong()


def test_what_cannot_be_configured_is_said(site: Site) -> None:
    site.set(TWILIO_FROM_SMS="+525555550077")
    code, found = configure()
    assert (code, found[0]["found"], found[0]["faults"]) == (
        1,
        False,
        ["+525555550077 is not in the account at Twilio"],
    )
    site.set(TWILIO_API_SECRET="wrong")
    refused = CliRunner().invoke(main.app, ["twilio", "configure"])
    assert isinstance(refused.exception, ExternalError)
    assert "refuses our credentials" in refused.exception.text
    site.monkeypatch.setattr("app.cli.twilio.make_channel", lambda *_: Simulator(system_clock))
    assert isinstance(CliRunner().invoke(main.app, ["twilio", "configure"]).exception, UsageError)


def test_each_area_is_explained() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert [area for area in Area if f"\n| {area} | " not in page] == []


def test_equal_faults_of_templates_are_one_finding() -> None:
    found = of_templates(
        Review(findings=[*(TemplateFault(f"t{n}", "is missing") for n in range(5)), TemplateFault("x", "costs", True)])
    )
    assert [(one.text, one.level) for one in found] == [
        ("t0, t1, t2 and 2 more: is missing", Level.fault),
        ("x: costs", Level.warning),
    ]
