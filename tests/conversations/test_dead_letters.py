"""A message that could not be processed is processed again once the fault is mended: by the way in, and by `trato dead-letters`."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from typer.testing import CliRunner

from app.channels.base import DeliveryStatus, Inbound, Malformed, Status
from app.channels.causes import Cause
from app.channels.twilio.channel import TwilioChannel
from app.cli import main
from app.conversations.inbound import receiver
from app.conversations.intake import Intake, raw_status
from app.sending import delivery_reports
from app.store import dead_letters
from app.store.database import Database
from app.store.dead_letters import DeadLetter, PendingLetter
from app.store.ledger import Kind, Ledger
from app.store.tables import InboundMessage, MessageEvent
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import OURS, enrol, flows_folder, published

ACCOUNT = "AC" + "1" * 32
SECRET = "a secret that only tests have"
FORM = {
    "MessageSid": "SM" + "2" * 32,
    "AccountSid": ACCOUNT,
    "To": f"whatsapp:{OURS}",
    "From": "whatsapp:+5215555550101",
    "Body": "una frase que nadie debe leer",
}


class Desk:
    """A way in whose handlers are broken until they are mended."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.broken = database, vault, True
        with database.transaction() as tx:
            library = published(tx, clock())
            enrol(tx, vault, clock(), "+525555550101")
        kinds = {
            "inbound": Kind(self.breakable(receiver(library)), lambda one: dict(one.message.form)),
            "status": Kind(self.breakable(delivery_reports.recorder("twilio")), raw_status),
        }
        channel = TwilioChannel(ACCOUNT, ["token"], public_url="https://trato.example", from_whatsapp=OURS)
        self.intake = Intake(channel, Ledger(database, vault, clock, kinds), vault)

    def breakable(self, handle: Any) -> Any:
        def handler(tx: Connection, items: Sequence[Any], now: datetime) -> Sequence[Any]:
            if self.broken:
                raise LookupError
            return handle(tx, items, now)

        return handler

    def waiting(self) -> list[PendingLetter]:
        with self.database.reading() as tx:
            return dead_letters.pending(tx, self.vault)

    def count(self, table: Any) -> int:
        with self.database.reading() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Desk:
    return Desk(database, vault, clock)


def test_a_message_is_processed_once_the_fault_is_mended(desk: Desk) -> None:
    async def scene() -> None:
        message: Inbound = desk.intake.channel.parse_inbound(FORM)
        assert isinstance(await desk.intake.message(message), DeadLetter)
        [letter] = desk.waiting()
        assert letter.raw == FORM
        with pytest.raises(LookupError):
            await desk.intake.again(letter)
        assert desk.waiting() == [letter]
        assert desk.count(InboundMessage) == 0
        desk.broken = False
        await desk.intake.again(letter)
        assert desk.waiting() == []
        assert desk.count(InboundMessage) == 1
        desk.broken = True
        await desk.intake.again(letter)  # somebody else had begun to: it is not handled a second time
        await desk.intake.ledger.close()

    asyncio.run(scene())


def test_a_status_keeps_its_code(desk: Desk) -> None:
    async def scene() -> None:
        await desk.intake.told(Status("SM" + "3" * 32, DeliveryStatus.failed, "u1", 30003, Cause.passing))
        desk.broken = False
        for letter in desk.waiting():
            await desk.intake.again(letter)
        await desk.intake.ledger.close()

    asyncio.run(scene())
    with desk.database.reading() as tx:
        assert tx.execute(select(MessageEvent.status, MessageEvent.error_code)).all() == [("failed", 30003)]


def test_what_cannot_be_read_goes_on_waiting(desk: Desk) -> None:
    async def scene() -> None:
        desk.broken = False
        await desk.intake.ledger.set_aside("inbound", {"AccountSid": ACCOUNT, "Body": "x"})
        await desk.intake.ledger.set_aside("status", {"AccountSid": ACCOUNT, "uid": "u1"})
        for letter in desk.waiting():
            with pytest.raises(Malformed):
                await desk.intake.again(letter)
        await desk.intake.ledger.close()

    asyncio.run(scene())
    assert [letter.kind for letter in desk.waiting()] == ["inbound", "status"]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StillClock) -> None:
    url = f"sqlite:///{tmp_path}/trato.db"
    settings = {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET,
        "CHANNEL": "twilio",
        "FLOWS": str(flows_folder(tmp_path / "flows")),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_FROM_WHATSAPP": OURS,
        "PUBLIC_URL": "https://trato.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TRATO_{name}", value)
    monkeypatch.chdir(tmp_path)
    with closing(Database(url)) as database:
        database.prepare()
        with database.transaction() as tx:
            dead_letters.save(tx, Vault(SECRET), "inbound", FORM, "LookupError at conversations/inbound.py:1", clock())
            dead_letters.save(tx, Vault(SECRET), "inbound", {"AccountSid": ACCOUNT}, "Malformed", clock())

        shown = command("--json")
        assert shown.exit_code == 1
        first, second = json.loads(shown.stdout)["waiting"]
        assert first == {
            "id": 1,
            "kind": "inbound",
            "at": "2026-03-02 16:00:00+00:00",
            "error": "LookupError at conversations/inbound.py:1",
        }

        shown = command("--replay")
        assert shown.exit_code == 1
        assert "Malformed at " in shown.stdout
        assert shown.stdout.endswith("1 processed, 1 waiting\n")
        assert "nadie" not in shown.output
        with database.reading() as tx:
            assert tx.execute(select(InboundMessage.sid, InboundMessage.outcome)).all() == [
                (FORM["MessageSid"], "unknown_sender")
            ]
            assert [letter.id for letter in dead_letters.pending(tx, Vault(SECRET))] == [second["id"]]
        with database.transaction() as tx:
            assert dead_letters.mark_replayed(tx, second["id"], clock())
        shown = command()
        assert (shown.exit_code, shown.stdout) == (0, "0 waiting\n")


def command(*options: str) -> Any:
    return CliRunner().invoke(main.app, ["dead-letters", *options])
