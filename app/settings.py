"""The settings of an installation, from the environment (prefix `TRATO_`) and a `.env` file. Only the composition
roots (`main.py`, `cli/`) read them; every other room gets the values it needs as arguments."""

import os
import re
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import ConfigurationError
from app.flows.language.safety import EMAIL
from app.shipped import shipped
from app.wording import Sentence


def _hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    start, _, end = value.partition("-")
    try:
        return (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    except ValueError as error:
        raise ValueError("must be two times of day, such as 21:00-09:00") from error


def _by_programme(value: object) -> object:
    """Parse one value for all programmes, or programme=value pairs separated by commas, or both. The key "" is the value for all."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for part in value.split(","):
        programme, _, one = part.rpartition("=")
        if (
            not one.strip()
            or ("=" in part and not programme.strip())
            or found.setdefault(programme.strip(), one.strip()) != one.strip()
        ):
            raise ValueError("must be one value, or one per programme: pj_cdmx=…,pj_cancun=…")
    return found


ByProgramme = Annotated[dict[str, str], NoDecode, BeforeValidator(_by_programme)]


ENV_FILE = ".env"
_REMOVED = {
    "TRATO_API_TOKENS": "tokens belong to accounts now: `trato token add ACCOUNT --scope answers`",
    "TRATO_API_REVIEWERS": "a token that reviews has a scope of its own: `trato token add ACCOUNT --scope free-text`",
}


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine's own, which no other machine reaches."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _names(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Every setting with its default. `Settings.load()` reports all invalid settings in one error."""

    model_config = SettingsConfigDict(env_prefix="TRATO_", env_file=ENV_FILE, env_ignore_empty=True, extra="ignore")

    database_url: str = Field("sqlite:///var/trato.db", description="SQLAlchemy URL: sqlite:///… or postgresql://…")
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Public address that the carrier calls; signatures are checked against it"
    )
    channel: Literal["simulator", "twilio"] = Field(
        "simulator",
        description="The carrier: simulator or twilio; without a default once the database has been used with a real one",
    )
    simulator_forced: Annotated[
        tuple[Literal["twilio", "database", "address"], ...], NoDecode, BeforeValidator(_names)
    ] = Field(
        (),
        description="Runs the simulator all the same: twilio (its settings are present), database (used with the other carrier), "
        "address (not loopback); separated by commas",
    )
    twilio_account_sid: str | None = Field(None, description="Twilio account, AC…")
    twilio_auth_token: SecretStr | None = Field(
        None, description="Checks webhook signatures; during a rotation two, separated by a comma"
    )
    twilio_api_key: str | None = Field(None, description="API key for sending, SK…")
    twilio_api_secret: SecretStr | None = Field(None, description="The API key's secret")
    twilio_from_sms: ByProgramme = Field(
        {}, description="Our SMS number, +52…; or one per programme: pj_cdmx=+52…,pj_cancun=+52…"
    )
    twilio_from_whatsapp: ByProgramme = Field({}, description="Our WhatsApp number, +52…; or one per programme")
    twilio_messaging_service_sid: ByProgramme = Field(
        {}, description="Messaging Service to send from instead of numbers, MG…; or one per programme"
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="Address of Twilio's API; tests use another")
    templates: Path | None = Field(
        None, description="JSON file: the Content SID, HX…, of each WhatsApp template and content, by name"
    )
    flows: Path = Field(Path("flows"), description="Folder of flow files")
    secret_key: SecretStr | None = Field(
        None, description="Key that encrypts identities and words; `openssl rand -base64 32` makes one"
    )
    secret_key_old: SecretStr | None = Field(
        None, description="The key before, while keys are changed: until `trato keys rotate` has finished"
    )
    backup_key: SecretStr | None = Field(
        None, description="Key that encrypts backups; `openssl rand -base64 32` makes one"
    )
    backup_folder: Path = Field(Path("var/backups"), description="Folder that `trato backup` writes to")
    quiet_hours: Annotated[tuple[time, time], NoDecode, BeforeValidator(_hours)] = Field(
        (time(21), time(9)), description="Hours without nudges, in each officer's local time"
    )
    seen_after: float = Field(
        5.0,
        ge=0,
        le=600,
        description="Seconds in which nobody reads and answers a question: a message that comes sooner may belong to the one before",
    )
    silent_days: int = Field(
        120,
        ge=0,
        le=3650,
        description="Days of silence after which a number is first asked whether it is still the same person's; 0: never",
    )
    role: Literal["all", "web", "clock", "sender"] = Field(
        "all", description="Which parts to run: all, web, clock or sender"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Port for Prometheus to read measures from; unset: there is none"
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Address of that port: for a private network, never a public one"
    )
    otlp_endpoint: str | None = Field(
        None,
        description="Address of an OpenTelemetry collector that traces are sent to, by HTTP; unset: there are none",
    )
    tick_seconds: float = Field(5.0, gt=0, le=3600, description="Seconds between two ticks of the clock")
    send_rate: float = Field(20.0, gt=0, description="Messages a second from one of our numbers")
    send_concurrency: int = Field(5, ge=1, le=100, description="Simultaneous requests to the carrier")
    actor: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$",
        description="Who uses the command line, for the audit log; unset: the user of the machine",
    )
    lang: Literal["es", "en"] | None = Field(
        None, description="Language of the command line: es or en; unset: that of the machine"
    )
    oidc_issuer: str | None = Field(
        None,
        description="Address of the directory, with OpenID Connect, by which people sign in; unset: by password only",
    )
    oidc_client_id: str | None = Field(None, description="The name of this installation at the directory")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret at the directory")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        (),
        description="Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas: sign-ins are limited by address",
    )

    smtp_host: str | None = Field(
        None, description="Mail server that alerts go out by; unset: no alert goes out by e-mail"
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted: starttls, tls (port 465) or none"
    )
    smtp_user: str | None = Field(None, description="Name at the mail server, if it asks for one")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server")
    smtp_from: str | None = Field(None, description="Address that alerts come from")
    alert_email: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        (),
        description="Addresses for alerts that concern no programme alone, separated by commas; unset: those of every programme",
    )
    alert_webhook_token: SecretStr | None = Field(
        None, description="Sent as a bearer token to the webhooks that programmes name under alerts"
    )

    def plain(self) -> dict[str, str]:
        """Every setting as text, secrets too: for comparison only."""
        secrets = {name: value.get_secret_value() for name, value in self if isinstance(value, SecretStr)}
        return {name: secrets.get(name, str(value)) for name, value in self}

    @model_validator(mode="after")
    def _directory_is_complete(self) -> "Settings":
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if len({one is None for one in given}) > 1:
            raise ValueError("TRATO_OIDC_ISSUER, TRATO_OIDC_CLIENT_ID and TRATO_OIDC_CLIENT_SECRET: all or none")
        if self.oidc_issuer is not None:
            address = urlsplit(self.oidc_issuer)
            if address.scheme != "https" and not is_loopback(address.hostname):
                raise ValueError("TRATO_OIDC_ISSUER must begin with https://")
        return self

    @property
    def silence(self) -> timedelta | None:
        """How long a number may be silent; None: for ever."""
        return timedelta(days=self.silent_days) if self.silent_days else None

    @property
    def reaches_people(self) -> bool:
        """Whether messages go to real telephones: by a carrier that is not simulated on this machine."""
        return self.channel != "simulator" and not is_loopback(urlsplit(self.twilio_api_url).hostname)

    @model_validator(mode="after")
    def _mail_is_complete(self) -> "Settings":
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("TRATO_SMTP_HOST needs TRATO_SMTP_FROM")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("TRATO_SMTP_USER and TRATO_SMTP_PASSWORD: both or neither")
        if self.smtp_user is not None and self.smtp_security == "none" and not is_loopback(self.smtp_host):
            raise ValueError("TRATO_SMTP_SECURITY=none would send TRATO_SMTP_PASSWORD in clear")
        if wrong := [one for one in (*self.alert_email, self.smtp_from) if one and not re.fullmatch(EMAIL, one)]:
            raise ValueError(
                f"TRATO_ALERT_EMAIL, TRATO_SMTP_FROM: {len(wrong)} of them no plain address such as a@example.org"
            )
        return self

    @model_validator(mode="after")
    def _addresses_are_encrypted(self) -> "Settings":
        for name in ("public_url", "twilio_api_url", "otlp_endpoint"):
            if (given := getattr(self, name)) is None:
                continue
            address = urlsplit(given)
            if not address.hostname or address.scheme not in ("http", "https"):
                raise ValueError(f"TRATO_{name.upper()} must be an address such as https://trato.example.org")
            if address.scheme == "http" and not is_loopback(address.hostname):
                raise ValueError(f"TRATO_{name.upper()} must begin with https:// (http:// is for this machine alone)")
        return self

    def with_shipped_flows(self) -> "Settings":
        """The same settings with the programme that comes with Trato, where TRATO_FLOWS is not set and its default folder is missing.
        Only for commands that change no installation: a service in a wrong folder must not begin another programme."""
        missing = "flows" not in self.model_fields_set and not self.flows.exists()
        return self.model_copy(update={"flows": shipped("flows")}) if missing else self

    @property
    def names_channel(self) -> bool:
        """Whether the carrier was chosen, and is not the default."""
        return "channel" in self.model_fields_set

    def check_simulator(self) -> None:
        """Raise ConfigurationError if these settings are no place for the simulator: a real installation's, or ones that show its
        telephones to other machines."""
        if self.channel != "simulator":
            return
        if (present := self._twilio_settings()) and "twilio" not in self.simulator_forced:
            chosen = Sentence("is simulator") if self.names_channel else Sentence("is not set")
            raise ConfigurationError(
                Sentence(
                    "TRATO_CHANNEL {chosen}, but Twilio's settings are present ({names}), so the simulator does not run: "
                    "set TRATO_CHANNEL=twilio or remove them; TRATO_SIMULATOR_FORCED=twilio runs it all the same",
                    chosen=chosen,
                    names=", ".join(present),
                )
            )
        if not is_loopback(self.host) and "address" not in self.simulator_forced:
            raise ConfigurationError(
                Sentence(
                    "the simulator shows its telephones to whoever reaches its address, so it listens on 127.0.0.1 only: "
                    "change TRATO_HOST (--host); TRATO_SIMULATOR_FORCED=address runs it all the same"
                )
            )

    def _twilio_settings(self) -> list[str]:
        """The names of the settings of a Twilio account that are present."""
        account = [name for name in type(self).model_fields if name.startswith("twilio_") and name != "twilio_api_url"]
        return [f"TRATO_{name.upper()}" for name in account if getattr(self, name)]

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.channel == "twilio":
            self._require_twilio()
        return self

    def _require_twilio(self) -> None:
        needed = ("twilio_account_sid", "twilio_auth_token", "secret_key")
        missing = [f"TRATO_{name.upper()}" for name in needed if getattr(self, name) is None]
        if not (self.twilio_from_sms or self.twilio_from_whatsapp or self.twilio_messaging_service_sid):
            missing.append("TRATO_TWILIO_FROM_SMS or TRATO_TWILIO_FROM_WHATSAPP")
        if (self.twilio_api_key is None) != (self.twilio_api_secret is None):
            missing.append("both TRATO_TWILIO_API_KEY and TRATO_TWILIO_API_SECRET, or neither")
        if missing:
            raise ValueError("TRATO_CHANNEL=twilio needs " + ", ".join(missing))

    @classmethod
    def load(cls, **overrides: object) -> "Settings":
        """Read the environment. Raises ConfigurationError: one line with the name of each invalid setting, never its value."""
        given = {**dotenv_values(ENV_FILE), **os.environ}
        if gone := [f"{name}: {instead}" for name, instead in _REMOVED.items() if given.get(name)]:
            raise ConfigurationError(Sentence("settings that are no more: {names}", names="; ".join(gone)))
        try:
            return cls(**overrides)  # type: ignore[arg-type]
        except ValidationError as error:
            wrong = [
                f"TRATO_{str(item['loc'][0]).upper()}: {item['msg']}" if item["loc"] else item["msg"]
                for item in error.errors(include_input=False)
            ]
            wrong = [text.replace("Value error, ", "") for text in wrong]
            raise ConfigurationError(Sentence("wrong settings: {names}", names="; ".join(wrong))) from None
