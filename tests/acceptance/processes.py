"""Trato and its carrier as processes of their own, as they run in life, and what a test says to them."""

import csv
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from app.store.database import Database
from app.store.vault import Vault
from tests.carrier.book import Account
from tests.forked import CARRIER, TRATO, Forked, command, service

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
SECRET = "only acceptance tests have this one"
ZONES = (
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Asia/Karachi",
    "Europe/Madrid",
    "America/Sao_Paulo",
    "America/Mexico_City",
    "America/Tijuana",
    "Pacific/Honolulu",
    "Asia/Dubai",
    "Atlantic/Azores",
    "Pacific/Tahiti",
    "Asia/Bangkok",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def midday_zone() -> str:
    """A zone where it is about noon: a test must pass at any hour."""
    now = datetime.now(UTC)
    return min(ZONES, key=lambda zone: abs(now.astimezone(ZoneInfo(zone)).hour - 12))


LOCAL = httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), limits=httpx.Limits(max_keepalive_connections=0))
"""A client for the servers of the tests, which have no certificates: to load those of the authorities costs more than a request."""

PATIENCE = 3
"""How many times slower a machine may be that does everything else as well."""


def until(find: Callable[[], T], what: str, seconds: float = 20) -> T:
    """The first result of `find` that is not empty, within `seconds` on an idle machine."""
    end = time.monotonic() + seconds * PATIENCE
    while (begun := time.monotonic()) < end:
        if found := find():
            return found
        # A command that is asked again and again takes half a core at most.
        time.sleep(max(0.05, time.monotonic() - begun))
    raise AssertionError(f"not within {seconds * PATIENCE} s: {what}")


def answers(url: str) -> bool:
    """Whether a server gives a 200 at an address."""
    try:
        return LOCAL.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def running(main: str, arguments: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[Forked]:
    """A process of its own, stopped at the end. `main` is as in `tests/forked.py`."""
    process = service(main, arguments, {**clean(), **environment}, ROOT, log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except TimeoutExpired:
            process.kill()
            process.wait()


def clean() -> dict[str, str]:
    """The environment without settings of Trato."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRATO_")}


@dataclass(slots=True)
class Installation:
    """A folder with everything an installation has, and the carrier beside it."""

    folder: Path
    database_url: str
    source: str
    more: dict[str, str] = field(default_factory=dict)
    contents: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    carrier_port: int = field(default_factory=free_port)
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        (self.folder / "flows").mkdir(parents=True, exist_ok=True)
        (self.folder / "flows" / "prueba.yaml").write_text(self.source, encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def carrier_url(self) -> str:
        return f"http://127.0.0.1:{self.carrier_port}"

    @property
    def log(self) -> str:
        path = self.folder / "serve.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def opened(self) -> Database:
        """The database, with the installation's key."""
        database = Database(self.database_url)
        database.unlock(Vault(SECRET))
        return database

    def environment(self) -> dict[str, str]:
        return {
            "TRATO_DATABASE_URL": self.database_url,
            "TRATO_FLOWS": str(self.folder / "flows"),
            "TRATO_CHANNEL": "twilio",
            "TRATO_PUBLIC_URL": self.url,
            "TRATO_TWILIO_API_URL": self.carrier_url,
            "TRATO_TWILIO_ACCOUNT_SID": self.account.sid,
            "TRATO_TWILIO_AUTH_TOKEN": f"old-one,{self.account.auth_token}",
            "TRATO_TWILIO_API_KEY": self.account.api_key,
            "TRATO_TWILIO_API_SECRET": self.account.api_secret,
            "TRATO_TWILIO_FROM_SMS": self.account.sms,
            "TRATO_TWILIO_FROM_WHATSAPP": self.account.whatsapp,
            "TRATO_SECRET_KEY": SECRET,
            "TRATO_QUIET_HOURS": "23:58-23:59",
            "TRATO_TICK_SECONDS": "0.3",
            "TRATO_SEEN_AFTER": "0",  # the phones of tests answer at once
            "TRATO_PORT": str(self.port),
            **self.more,
        }

    def trato(self, *arguments: str, typed: str = "") -> "CompletedProcess[str]":
        """A command, as an operator gives it; `typed` is what it asks for."""
        return command(arguments, {**clean(), **self.environment()}, ROOT, typed, timeout=60)

    @contextmanager
    def serving(self) -> Iterator[Forked]:
        """`trato serve`, once it is ready."""
        with running(TRATO, ["serve"], self.environment(), self.folder / "serve.log") as process:
            until(lambda: self._ready(process), "the service is ready", 40)
            yield process

    def _ready(self, process: Forked) -> bool:
        assert process.poll() is None, self.log
        return answers(f"{self.url}/readyz")

    @contextmanager
    def carrier(self) -> Iterator[None]:
        """The carrier, once it answers."""
        words = [
            "--port",
            str(self.carrier_port),
            "--webhook",
            f"{self.url}/twilio/inbound#rc=2&rp=all",
            "--fallback",
            f"{self.url}/twilio/fallback",
        ]
        with running(CARRIER, words, {}, self.folder / "carrier.log"):
            until(lambda: answers(f"{self.carrier_url}/control/messages"), "the carrier answers", 40)
            LOCAL.put(f"{self.carrier_url}/control/contents", json=self.contents).raise_for_status()
            yield

    # -- what phones send and get --------------------------------------------------------------------------------------

    def messages(self) -> list[dict[str, Any]]:
        """Every message that the carrier knows of, oldest first."""
        found: list[dict[str, Any]] = LOCAL.get(f"{self.carrier_url}/control/messages", timeout=10).json()["messages"]
        return found

    def sent(self, number: str) -> list[dict[str, Any]]:
        """The messages to a phone, as the carrier has it."""
        return [
            item
            for item in self.messages()
            if item["direction"].startswith("outbound") and item["receiver"].endswith(number)
        ]

    def reached(self, number: str) -> list[str]:
        """The texts that reached a phone."""
        return [item["body"] for item in self.sent(number)]

    def gets(self, number: str, part: str, seconds: float = 30) -> str:
        """Wait until a text that holds `part` has reached a phone, and until the carrier has reported so: nobody answers before."""
        found = until(lambda: next((text for text in self.reached(number) if part in text), ""), part, seconds)
        with suppress(httpx.TimeoutException):  # some tests have a service that does not listen
            LOCAL.post(f"{self.carrier_url}/control/settle", timeout=5)
        return found

    def types(self, number: str, body: str, *, channel: str = "whatsapp", **more: Any) -> dict[str, Any]:
        """A person writes; the carrier posts it, signed. Gives the carrier's record."""
        sender = f"whatsapp:{number.replace('+52', '+521')}" if channel == "whatsapp" else number
        answer = LOCAL.post(
            f"{self.carrier_url}/control/inbound", json={"from": sender, "body": body, **more}, timeout=30
        )
        record: dict[str, Any] = answer.json()
        return record

    def presses(self, number: str, title: str, **more: Any) -> dict[str, Any]:
        """A person presses a button of the last message that had it, or chooses it from a list."""
        answer = LOCAL.post(
            f"{self.carrier_url}/control/press", json={"number": number, "title": title, **more}, timeout=30
        )
        record: dict[str, Any] = answer.json()
        return record

    def export(self, *options: str) -> list[dict[str, str]]:
        """`trato export`, and the rows of responses.csv."""
        done = self.trato("export", str(self.folder / "out"), *options)
        assert done.returncode == 0, done.stderr
        with (self.folder / "out" / "responses.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
