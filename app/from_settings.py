"""The parts of an installation that its settings name: key, carrier, numbers, templates and ways of alerts. Used by the composition root,
and by commands that need a part without the service, whose modules are slow to load."""

import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app import with_extra
from app.channels.addresses import CHANNELS
from app.channels.base import Channel
from app.channels.our_numbers import SHARED, OurNumbers
from app.channels.simulator import Simulator
from app.channels.twilio import our_numbers as twilio_numbers
from app.clock import Clock
from app.doctor import machine, stored
from app.doctor.findings import Level
from app.errors import ConfigurationError, reason
from app.scheduler.first_steps import Setup
from app.sending.send_policy import Means, Rules
from app.settings import ENV_FILE, Settings
from app.store import backups, private_files
from app.store.database import Database
from app.store.vault import Vault
from app.wording import Sentence

GENERATED_KEY = Path("var") / "secret.key"
"""The key that the simulator makes for itself."""

if TYPE_CHECKING:
    from app.alerting.ways import Hook, Mailer
    from app.otlp import Collector


def secret(settings: Settings) -> str:
    """The installation's secret key. With the simulator, which holds no real people, a missing key is generated in `var/secret.key`.

    Raises ConfigurationError if the key is missing or unreadable.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if settings.channel != "simulator":
        raise ConfigurationError(Sentence("TRATO_SECRET_KEY is missing: `openssl rand -base64 32` makes one"))
    return _generated_secret(GENERATED_KEY)


def vault_of(settings: Settings) -> Vault:
    """The vault of the installation's key, and of the one before it while keys are changed. Raises ConfigurationError."""
    old = settings.secret_key_old
    return Vault(secret(settings), None if old is None else old.get_secret_value())


def backup_key(settings: Settings) -> str:
    """The key of the installation's backups. Raises ConfigurationError if it is missing, weak, or another key of the installation."""
    others = tuple(one.get_secret_value() for one in (settings.secret_key, settings.secret_key_old) if one is not None)
    given = settings.backup_key
    return backups.check_key(None if given is None else given.get_secret_value(), others)


def _generated_secret(path: Path) -> str:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32), encoding="ascii")
        private_files.close(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            Sentence(
                "{path} cannot be read or created ({reason}): set TRATO_SECRET_KEY", path=path, reason=reason(error)
            )
        ) from None


def make_channel(settings: Settings, clock: Clock) -> Channel:
    """The carrier selected in the settings."""
    if settings.channel == "simulator":
        return Simulator(clock)
    from app.channels.twilio.channel import TwilioChannel  # noqa: PLC0415 - loads aiohttp: 9 MB, not needed by the simulator

    return TwilioChannel(
        settings.twilio_account_sid or "",
        _auth_tokens(settings),
        public_url=settings.public_url,
        credentials=_api_key(settings),
        from_sms=settings.twilio_from_sms,
        from_whatsapp=settings.twilio_from_whatsapp,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        api_url=settings.twilio_api_url,
    )


def configured_numbers(settings: Settings) -> OurNumbers:
    """The numbers that programmes send from; the simulator has one for all. Raises ConfigurationError."""
    if settings.channel == "simulator":
        return OurNumbers({}, {})
    return twilio_numbers.numbers(
        settings.twilio_from_sms, settings.twilio_from_whatsapp, settings.twilio_messaging_service_sid
    )


def _auth_tokens(settings: Settings) -> list[str]:
    token = settings.twilio_auth_token
    return [part.strip() for part in (token.get_secret_value() if token else "").split(",") if part.strip()]


def _api_key(settings: Settings) -> tuple[str, str] | None:
    key, api_secret = settings.twilio_api_key, settings.twilio_api_secret
    return (key, api_secret.get_secret_value()) if key and api_secret else None


def templates(settings: Settings) -> Mapping[str, str]:
    """The carrier's ids by name: of the approved templates that flows name, and of the generic contents for buttons and lists.
    The simulator has all of them, approved.

    Raises ConfigurationError if the file is not a JSON object of names and SIDs.
    """
    if settings.channel == "simulator":
        return AllApproved()
    if settings.templates is None:
        return {}
    try:
        found = json.loads(settings.templates.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(
            Sentence("{file} cannot be read as JSON (TRATO_TEMPLATES)", file=settings.templates)
        ) from None
    if not isinstance(found, dict) or not all(
        isinstance(value, str) and value.startswith("HX") for value in found.values()
    ):
        raise ConfigurationError(
            Sentence('{file} must have pairs such as "name": "HX…" (TRATO_TEMPLATES)', file=settings.templates)
        )
    return found


class AllApproved(Mapping[str, str]):
    """The simulator's templates: every name has a SID, including names of flows that are published later."""

    def __getitem__(self, name: str) -> str:
        return name

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def means(settings: Settings) -> Means:
    """The means of answering officers."""
    rules = Rules(settings.quiet_hours, templates(settings), settings.silence)
    return Means(rules) if settings.channel == "simulator" else Means(rules, configured_numbers(settings).channels)


def setup(settings: Settings) -> Setup:
    """The first steps as far as settings decide them. Raises ConfigurationError."""
    ours = configured_numbers(settings)
    channels = {
        programme: frozenset(one for one in CHANNELS if ours.origin(one, programme) is not None)
        for programme in {SHARED, *(code for those in ours.own.values() for code in those)}
    }
    if settings.channel == "simulator":
        channels = {SHARED: frozenset(CHANNELS)}
    return Setup(
        settings.reaches_people,
        settings.public_url.startswith("https://"),
        channels,
        templates(settings),
        settings.smtp_host is not None,
    )


def alert_ways(settings: Settings) -> "tuple[Mailer | None, Hook]":
    """The ways by which alerts leave the machine; no e-mail without a server."""
    from app.alerting.ways import Hook, Mailer  # noqa: PLC0415 - loads clients of mail and HTTP, which most commands do without

    token, password = settings.alert_webhook_token, settings.smtp_password
    hook = Hook(token.get_secret_value() if token else None)
    if settings.smtp_host is None:
        return None, hook
    mailer = Mailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_from or "",
        settings.smtp_user,
        password.get_secret_value() if password else None,
    )
    return mailer, hook


def collector(settings: Settings) -> "Collector | None":
    """Where traces go; None if there are none. Raises ConfigurationError if OpenTelemetry is not installed."""
    if settings.otlp_endpoint is None:
        return None
    try:
        from app.otlp import Collector  # noqa: PLC0415 - needs OpenTelemetry, which is optional
    except ImportError:
        raise ConfigurationError(
            Sentence("TRATO_OTLP_ENDPOINT needs OpenTelemetry: {command}", command=with_extra("traces"))
        ) from None
    return Collector(settings.otlp_endpoint)


def exposures(database: Database) -> list[str]:
    """The exposures of this installation to other people, in sentences for `trato status`."""
    found = [*stored.exposures(database), *machine.open_files([Path(ENV_FILE)])]
    return [
        Sentence("{fault}: {remedy}", fault=one.text, remedy=one.remedy) for one in found if one.level is Level.fault
    ]
