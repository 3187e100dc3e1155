"""An installation in which nothing is wrong, for tests that break it: a database with a programme that is ready, people, and a carrier that
answers on a port of this machine, with our own webhooks beside its API."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn
from sqlalchemy import Connection

from app.channels.interactive import CONTENTS
from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.generic_contents import resource
from app.cli.examining import examine
from app.cli.templates import report_of
from app.clock import system_clock
from app.conversations.intake import Intake
from app.doctor.findings import Area, Finding, Level
from app.flows.loader import load
from app.people import accounts
from app.people.actors import EVERY_PROGRAMME, Grant
from app.people.roles import Role
from app.store import alerts, audit, backups, keys
from app.store.database import Database
from app.store.vault import Vault
from app.web.webhooks import Webhooks
from tests.acceptance.processes import free_port
from tests.carrier import Account, Carrier
from tests.carrier.contents import TEXT
from tests.scheduler.test_launching import READY
from tests.world import published

PROGRAMME = READY.replace("notices:\n", "alerts: {webhook: 'https://alertas.example/hook'}\nnotices:\n", 1)
KEY = "a secret that only tests have"
ACCOUNT = Account()
NUMBER, SENDER = "PN" + "d4" * 16, "XE" + "e5" * 16


@dataclass(slots=True)
class Site:
    """One installation, in a folder that is the current one."""

    folder: Path
    port: int
    carrier: Carrier
    monkeypatch: pytest.MonkeyPatch
    later: float = 0.0
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self.monkeypatch.chdir(self.folder)
        self.carrier.at_twilio.__init__(self.carrier, self.carrier._knows)  # type: ignore[misc]
        self.shelve()
        hooks = {"sms_url": f"{self.url}/twilio/inbound#rc=5&rp=all", "sms_fallback_url": f"{self.url}/twilio/fallback"}
        self.at_twilio(NUMBER, **hooks)
        hook = {"callback_url": hooks["sms_url"], "callback_method": "POST", "fallback_url": hooks["sms_fallback_url"]}
        self.at_twilio(SENDER, webhook=hook)
        self.set(
            CHANNEL="twilio",
            PUBLIC_URL=self.url,
            TWILIO_API_URL=self.url,
            TWILIO_ACCOUNT_SID=ACCOUNT.sid,
            TWILIO_AUTH_TOKEN=ACCOUNT.auth_token,
            TWILIO_API_KEY=ACCOUNT.api_key,
            TWILIO_API_SECRET=ACCOUNT.api_secret,
            TWILIO_FROM_SMS=ACCOUNT.sms,
            TWILIO_FROM_WHATSAPP=ACCOUNT.whatsapp,
            SECRET_KEY=KEY,
            DATABASE_URL=f"sqlite:///{self.folder}/trato.db",
            TEMPLATES=str(self.folder / "templates.json"),
        )

    def at_twilio(self, sid: str, **fields: Any) -> None:
        """Change what Twilio has under an id."""
        self.carrier.at_twilio.resources[sid].update(fields)

    def shelve(self) -> None:
        """Let Twilio have every template and content that the programme uses, approved, and the map name them."""
        shelf, ids = self.carrier.book.shelf, {}
        shelf.contents.clear()
        for place, (name, (types, language)) in enumerate(wanted().items()):
            ids[name] = f"HX{place:032x}"
            shelf.put(ids[name], types, language=language)
        (self.folder / "templates.json").write_text(json.dumps(ids), encoding="utf-8")

    def set(self, **settings: str) -> None:
        """Change settings."""
        for name, value in settings.items():
            self.monkeypatch.setenv(f"TRATO_{name}", value)

    def write(self, work: Any) -> None:
        """Change the database."""
        database = Database(f"sqlite:///{self.folder}/trato.db")
        database.unlock(Vault(KEY))
        with database.transaction() as tx:
            work(tx)
        database.close()

    def found(self, *, offline: bool = False) -> list[Finding]:
        """The findings of a doctor whose clock is `later` by so many seconds."""
        return examine(system_clock() if not self.later else _later(self.later), offline=offline)

    def wrong(self, *, offline: bool = False) -> dict[Area, str]:
        """What is wrong, by area."""
        found = [one for one in self.found(offline=offline) if one.level in (Level.warning, Level.fault)]
        assert all(one.remedy for one in found), "each finding has its remedy"
        return {one.area: one.text for one in found}


def _later(seconds: float) -> datetime:
    return datetime.fromtimestamp(time.time() + seconds, tz=system_clock().tzinfo)


@cache
def wanted() -> dict[str, tuple[dict[str, Any], str]]:
    """The templates and contents of the programme: their types and language."""
    programme = load(PROGRAMME, "prueba.yaml").programme
    assert programme is not None
    used = {name: next(iter(found)) for name, found in report_of({}, [programme], []).uses.items()}
    contents = {name: (cast("dict[str, Any]", resource(one)["types"]), "es_MX") for name, one in CONTENTS.items()}
    return {name: ({TEXT: {"body": use.text}}, use.language) for name, use in used.items()} | contents


def sound(template: Path, folder: Path) -> None:
    """The database of an installation in which nothing is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "trato.db")
    (folder / "trato.db").chmod(0o600)
    database, vault, now = Database(f"sqlite:///{folder}/trato.db"), Vault(KEY), system_clock()
    keys.claim(database, vault, now)
    with database.transaction() as tx:
        _fill(tx, now)
    database.close()


def _fill(tx: Connection, now: datetime) -> None:
    published(tx, now, PROGRAMME)
    backups.record(tx, Path("trato.backup"), now)
    accounts.add(tx, "ana", "a very long password", now, "test")
    for role in (Role.administrator, Role.coordinator):
        accounts.give_role(tx, "ana", Grant(role, EVERY_PROGRAMME), now, "test")
    audit.record(tx, now, "test", alerts.TRIED, "programme:prueba", {"delivered": 1, "of": 1})


@contextmanager
def answering() -> Iterator[tuple[int, Carrier]]:
    """A carrier on a port of this machine, and our webhooks on the same one."""
    port, carrier = free_port(), Carrier(ACCOUNT)
    channel = TwilioChannel(ACCOUNT.sid, [ACCOUNT.auth_token], public_url=f"http://127.0.0.1:{port}")
    app = Webhooks(carrier, Intake(channel, cast("Any", None), cast("Any", None)))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield port, carrier
    finally:
        server.should_exit = True
        thread.join()
