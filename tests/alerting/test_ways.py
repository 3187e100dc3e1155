"""The mail server as it is met: encrypted or not, with a password or without, and what is said when it refuses."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.alerting.deliverer import next_try
from app.alerting.ways import Hook, Mailer, Undelivered
from app.alerting.wording import Notice
from app.errors import ConfigurationError
from app.settings import Settings
from tests.alerting.servers import Post, only

NOTICE = Notice("Trato: aviso", "Un aviso de prueba: ñandú.\n")


def _certificate(folder: Path) -> Path:
    """A certificate for this machine with its key, in one file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def _mailer(post: Post, security: str, user: str | None = None, password: str | None = None) -> Mailer:
    return Mailer("127.0.0.1", post.port, security, "trato@example.org", user, password)


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()

    asyncio.run(whole())


def test_with_starttls_and_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)

    async def work() -> None:
        options = {"tls_context": context, "authenticator": only("trato", "secreto"), "auth_required": True}
        async with Post().running(**options) as post:
            with pytest.raises(Undelivered, match="the mail server"):
                await _mailer(post, "starttls", "trato", "secreto").send("a@example.org", NOTICE, "k")
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
            with pytest.raises(Undelivered, match=r"refused TRATO_SMTP_USER or its password \(SMTP 535\)"):
                await _mailer(post, "starttls", "trato", "otro").send("a@example.org", NOTICE, "k")
            await _mailer(post, "starttls", "trato", "secreto").send("a@example.org", NOTICE, "k")
            (received,) = post.received
            assert received.get_content().splitlines() == NOTICE.body.splitlines()
            assert (received["Message-ID"], received["Auto-Submitted"]) == ("<k@example.org>", "auto-generated")

    _run(work)


def test_a_server_without_starttls_gets_nothing_in_clear() -> None:
    async def work() -> None:
        async with Post().running() as post:
            with pytest.raises(Undelivered):
                await _mailer(post, "starttls").send("a@example.org", NOTICE, "k")
            assert post.received == []

    _run(work)


def test_what_goes_wrong_is_said_without_the_address() -> None:
    async def work() -> None:
        async with Post({"a@example.org"}).running() as post:
            with pytest.raises(Undelivered) as refused:
                await _mailer(post, "none").send("a@example.org", NOTICE, "k")
            with pytest.raises(Undelivered) as away:
                await Mailer("nowhere.invalid", 25, "none", "trato@example.org").send("a@example.org", NOTICE, "k")
            with pytest.raises(Undelivered) as hook:
                await Hook().post("http://127.0.0.1:1/secret-path", [], "k")
        assert [str(error.value) for error in (refused, away, hook)] == [
            "the mail server refused the address (SMTP 550)",
            "no connection to the mail server",
            "no connection to the webhook",
        ]

    _run(work)


def test_the_pauses_grow_up_to_a_quarter_of_an_hour() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert [(next_try(attempts, now) - now).total_seconds() for attempts in (1, 2, 3, 7, 8, 500)] == [
        10,
        20,
        40,
        640,
        900,
        900,
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"smtp_host": "mail.example.org"}, "TRATO_SMTP_HOST needs TRATO_SMTP_FROM"),
        ({"smtp_user": "trato"}, "both or neither"),
        (
            {
                "smtp_host": "mail.example.org",
                "smtp_from": "a@example.org",
                "smtp_user": "u",
                "smtp_password": "not-to-be-shown",
                "smtp_security": "none",
            },
            "would send TRATO_SMTP_PASSWORD in clear",
        ),
        ({"alert_email": "a@example.org, nobody"}, "1 of them no plain address"),
    ],
)
def test_half_a_mail_server_is_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        Settings.load(**settings)
    assert "not-to-be-shown" not in str(refused.value)
