"""Settings: what an operator writes, and what is said of a mistake."""

import os
from datetime import time
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.settings import Settings

TWILIO = {
    "CHANNEL": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "hush",
    "SECRET_KEY": "hush hush hush hush",
    "TWILIO_FROM_SMS": "+525555550000",
}


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TRATO_")]:
        monkeypatch.delenv(name)


def _set(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"TRATO_{name}", value)


def test_without_any_it_is_the_simulator_on_a_file() -> None:
    settings = Settings.load()
    assert (settings.channel, settings.database_url, settings.role) == ("simulator", "sqlite:///var/trato.db", "all")
    assert settings.quiet_hours == (time(21), time(9))


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("TRATO_PORT=8001\nTRATO_HOST=0.0.0.0\nOTHER=1\n", encoding="utf-8")
    _set(monkeypatch, PORT="8002")
    settings = Settings.load()
    assert (settings.port, settings.host) == (8002, "0.0.0.0")


def test_an_empty_setting_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PORT="", TEMPLATES="", TWILIO_FROM_SMS="", QUIET_HOURS="")
    assert Settings.load() == Settings()
    assert Settings.load().templates is None


def test_an_empty_secret_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **TWILIO | {"SECRET_KEY": ""})
    with pytest.raises(ConfigurationError, match="needs TRATO_SECRET_KEY"):
        Settings.load()


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "TWILIO_FROM_SMS"])
def test_twilio_needs_its_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **{key: value for key, value in TWILIO.items() if key != name})
    with pytest.raises(ConfigurationError, match=f"TRATO_CHANNEL=twilio needs .*TRATO_{name}"):
        Settings.load()


@pytest.mark.parametrize(
    "sender",
    [
        {"TWILIO_FROM_WHATSAPP": "+525555550000"},
        {"TWILIO_MESSAGING_SERVICE_SID": "MG1"},
        {"TWILIO_FROM_SMS": "+525555550000"},
    ],
)
def test_any_sender_will_do(sender: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **{key: value for key, value in TWILIO.items() if key != "TWILIO_FROM_SMS"} | sender)
    assert Settings.load().channel == "twilio"


def test_senders_by_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **TWILIO, TWILIO_FROM_WHATSAPP="pj_cdmx=+525555550001, pj_cancun=+529985550002,+525555550003")
    settings = Settings.load()
    assert settings.twilio_from_sms == {"": "+525555550000"}
    assert settings.twilio_from_whatsapp == {
        "pj_cdmx": "+525555550001",
        "pj_cancun": "+529985550002",
        "": "+525555550003",
    }


def test_half_an_api_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **TWILIO, TWILIO_API_KEY="SK1")
    with pytest.raises(ConfigurationError, match="both TRATO_TWILIO_API_KEY and TRATO_TWILIO_API_SECRET"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many-secrets", "TRATO_PORT: Input should be a valid integer"),
        ("PORT", "0", "TRATO_PORT: Input should be greater than or equal to 1"),
        ("CHANNEL", "many-secrets", "TRATO_CHANNEL: Input should be 'simulator' or 'twilio'"),
        ("ROLE", "many-secrets", "TRATO_ROLE: Input should be 'all', 'web', 'clock' or 'sender'"),
        ("QUIET_HOURS", "many-secrets", "TRATO_QUIET_HOURS: must be two times of day, such as 21:00-09:00"),
        ("QUIET_HOURS", "21:00", "TRATO_QUIET_HOURS: must be two times of day, such as 21:00-09:00"),
        (
            "TWILIO_FROM_SMS",
            "pj=secret,pj=secrets",
            "TRATO_TWILIO_FROM_SMS: must be one value, or one per programme",
        ),
        ("TWILIO_FROM_SMS", "pj=", "TRATO_TWILIO_FROM_SMS: must be one value, or one per programme"),
        ("TWILIO_FROM_SMS", "=secret", "TRATO_TWILIO_FROM_SMS: must be one value, or one per programme"),
        ("TWILIO_FROM_SMS", "secret,secrets", "TRATO_TWILIO_FROM_SMS: must be one value, or one per programme"),
        ("SEND_RATE", "-1", "TRATO_SEND_RATE: Input should be greater than 0"),
    ],
)
def test_a_mistake_is_named_and_its_value_is_not(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, **{name: value})
    with pytest.raises(ConfigurationError) as raised:
        Settings.load()
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["PUBLIC_URL", "TWILIO_API_URL", "OTLP_ENDPOINT"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("http://secret.example", "must begin with https://"),
        ("http://127.0.0.1.secret.example", "must begin with https://"),
        ("http://10.0.0.1:8000", "must begin with https://"),
        ("secret.example", "must be an address such as https://trato.example.org"),
        ("ftp://localhost/secret", "must be an address such as https://trato.example.org"),
        ("https://", "must be an address such as https://trato.example.org"),
    ],
)
def test_an_address_that_others_could_listen_to_is_refused(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, **{name: value})
    with pytest.raises(ConfigurationError, match=f"TRATO_{name} {said}") as raised:
        Settings.load()
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    ["https://trato.example", "http://localhost:8000", "http://127.0.0.1", "http://127.0.0.9", "http://[::1]:80"],
)
def test_an_address_that_nobody_can_listen_to_is_good(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PUBLIC_URL=value, TWILIO_API_URL=value, OTLP_ENDPOINT=value)
    assert Settings.load().public_url == value


def test_the_simulator_refuses_to_run_beside_the_settings_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {key: value for key, value in TWILIO.items() if key != "CHANNEL"}
    _set(monkeypatch, **given)
    with pytest.raises(
        ConfigurationError, match=r"TRATO_CHANNEL is not set, but .* \(TRATO_TWILIO_ACCOUNT_SID, "
    ) as raised:
        Settings.load().check_simulator()
    assert "hush" not in str(raised.value)
    _set(monkeypatch, CHANNEL="simulator")
    with pytest.raises(ConfigurationError, match="TRATO_CHANNEL is simulator, but Twilio's settings are present"):
        Settings.load().check_simulator()
    _set(monkeypatch, SIMULATOR_FORCED="twilio")
    Settings.load().check_simulator()
    _set(monkeypatch, CHANNEL="twilio", SIMULATOR_FORCED="")
    Settings.load().check_simulator()


@pytest.mark.parametrize(
    ("host", "refused"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True), ("10.0.0.7", True)],
)
def test_the_simulator_shows_its_telephones_to_this_machine_only(
    host: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, HOST=host)
    if refused:
        with pytest.raises(ConfigurationError, match=r"TRATO_HOST \(--host\)"):
            Settings.load().check_simulator()
        _set(monkeypatch, SIMULATOR_FORCED="database, address")
    Settings.load().check_simulator()


def test_a_reason_that_is_none_forces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SIMULATOR_FORCED="adress")
    with pytest.raises(
        ConfigurationError, match="TRATO_SIMULATOR_FORCED: Input should be 'twilio', 'database' or 'address'"
    ):
        Settings.load()


def test_all_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PORT="x", ROLE="y")
    with pytest.raises(ConfigurationError, match=r"TRATO_ROLE: .*; TRATO_PORT: "):
        Settings.load()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **TWILIO)
    assert "hush" not in repr(Settings.load())


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("API_TOKENS", "`trato token add ACCOUNT --scope answers`"),
        ("API_REVIEWERS", "`trato token add ACCOUNT --scope free-text`"),
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_tokens_in_the_environment_are_no_more(
    name: str, command: str, in_file: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    if in_file:
        (tmp_path / ".env").write_text(f"TRATO_{name}=lee={'a' * 32}\n", encoding="utf-8")
    else:
        _set(monkeypatch, **{name: f"lee={'a' * 32}"})
    with pytest.raises(ConfigurationError) as raised:
        Settings.load()
    assert f"TRATO_{name}: " in str(raised.value)
    assert command in str(raised.value)
    assert "aaaa" not in str(raised.value)


@pytest.mark.parametrize("wrong", ["ana maría", "-ana", "a" * 41, "claims to be ana"])
def test_who_acts_is_a_plain_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    _set(monkeypatch, ACTOR=wrong)
    with pytest.raises(ConfigurationError, match="TRATO_ACTOR"):
        Settings.load()
