"""The disaster: a backup, a day of traffic, the machine is lost, the backup is restored on another, and the carrier's list is read.
Compared with the carrier's account, and with the lost database: nothing is lost, and nothing sent twice."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import main
from app.channels.base import Inbound
from app.conversations.library import Library
from app.conversations.sweeping import GRACE
from app.recovery.replaying import Replay, ReplayReport
from app.rehearsal import simulation
from app.sending.worker import SendWorker
from app.settings import Settings
from app.store import backups, conversations, copying, keys, restored, sweeps
from app.store.conversations import Changes
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.records import NewMessage
from app.store.tables import AUDIT_ENTRY, OUTBOUND
from app.store.vault import Vault
from tests.carrier import Carrier
from tests.conftest import StillClock
from tests.recovery.life import ACCOUNT, DAY, Life, begin_life, channel_to, known, number

KEY = "another secret that only tests have"


@dataclass(slots=True)
class Disaster:
    """An installation that was lost a day after its backup, with what it knew then, and the carrier's account."""

    carrier: Carrier
    clock: StillClock
    vault: Vault
    backup: Path
    at: datetime
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]

    def restore(self, path: Path) -> Database:
        backups.open_into(self.backup, KEY, path)
        database = Database(f"sqlite:///{path}")
        keys.claim(database, self.vault, self.clock())
        with database.transaction() as tx:
            waiting = [
                _on_its_way("handed over", 1, self.at, "unknown"),
                _on_its_way("never handed over", 2, self.at, "queued"),
            ]
            conversations.write(tx, Changes(outbound=waiting))
            restored.mark(tx, self.at, self.clock())
        return database

    def replay(self, database: Database) -> ReplayReport:
        settings, library = Settings.load(database_url="sqlite:///unused.db"), Library()
        with database.reading() as tx:
            library.refresh(tx)
            held = restored.pending(tx)
        assert held is not None
        jobs = main._jobs(settings, library)
        replay = main._replay(settings, library, channel_to(self.carrier), jobs, database, self.vault, "new", held)
        replay.until = self.clock()
        return asyncio.run(_run(replay))

    async def send(self, database: Database) -> None:
        """What the service does next."""
        ledger = Ledger(database, self.vault, self.clock, {})
        await SendWorker(ledger, channel_to(self.carrier), self.vault, self.clock, "new", rate=1e6).drain()
        await self.carrier.settle()
        await ledger.close()


class Killed(Exception):
    """The machine dies."""


class Mortal(Replay):
    """A replay that dies at the tenth message."""

    async def _hear(self, message: Inbound) -> None:
        if self._heard == 9:
            raise Killed
        await super()._hear(message)


async def _run(replay: Replay) -> ReplayReport:
    try:
        return await replay.run()
    finally:
        await replay.ledger.close()


@contextmanager
def lost(folder: Path, template: Path, vault: Vault, clock: StillClock, officers: int, seed: int) -> Iterator[Life]:
    shutil.copy(template, folder / "lost.db")
    database = Database(f"sqlite:///{folder}/lost.db")
    keys.claim(database, vault, clock())
    yield begin_life(database, vault, clock, Carrier(ACCOUNT, clock=clock, seed=seed), officers, seed)
    database.close()


def _on_its_way(body: str, officer: int, at: datetime, status: str) -> NewMessage:
    """A message to an officer that was not known to be sent when the backup was made."""
    uid, step = f"{body:->20}", "help"
    return NewMessage(None, uid, 0, at, at, "notice", "whatsapp", body, len(body), officer, step=step, status=status)


def sent_by_hand(carrier: Carrier, body: str, place: int) -> str:
    """A message of ours that only the carrier knows."""
    form = {"To": f"whatsapp:{number(place)}", "From": f"whatsapp:{ACCOUNT.whatsapp}", "Body": body}
    listed = carrier.book.create(form)
    listed.status, listed.sent = "delivered", listed.created
    return listed.sid


@pytest.fixture
def lose(
    sqlite_template: Path, tmp_path: Path, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, int, int], Disaster]:
    """Lives so many days with so many officers, after a seed, and loses the machine."""
    monkeypatch.setattr(simulation, "TOGETHER", timedelta(seconds=10))

    def live(officers: int, days: int, seed: int) -> Disaster:
        with lost(tmp_path, sqlite_template, vault, clock, officers, seed) as life:
            at = clock() + timedelta(hours=26)  # in the middle of the conversations of the second day
            life.run(clock(), at)
            clock.at = at
            backup, _ = backups.make(life.database, tmp_path, KEY, "0.2.0", at)
            before = known(life.database)
            sent_by_hand(life.carrier, "handed over", 0)
            clock.advance(minutes=1)
            sent_by_hand(life.carrier, "answer of a person", 2)
            life.run(clock(), at + days * DAY)
            after = known(life.database)
            clock.at = at + days * DAY + timedelta(hours=3)
            life.carrier.book.receive(f"whatsapp:{number(4)}", "¿siguen ahí?", ago=timedelta(hours=1))
        return Disaster(life.carrier, clock, vault, backup, at, before, after)

    return live


def check(disaster: Disaster, new: Database, report: ReplayReport) -> None:
    """The database knows each message of the account once, and everything that the lost one knew; what goes out now never went before."""
    assert report.strange == 0
    assert report.given_up <= report.listed - 1, "a message is given up only where one that nothing explains may be it"
    found = known(new)
    assert set(disaster.after["answers"]) <= set(found["answers"])
    assert set(disaster.after["said"]) <= set(found["said"])
    assert len(set(disaster.after["sent"]) - set(found["sent"])) == report.listed - 1  # beside the answer of a person
    written = [one for one in disaster.carrier.messages if one.created < disaster.clock() - GRACE]
    account = {side: {one.sid for one in written if (one.direction == "inbound") is side} for side in (True, False)}
    assert Counter(row[0] for row in found["said"]) == Counter(account[True])
    assert Counter(row[0] for row in found["sent"]) == Counter(account[False])

    sent = len(account[False])
    disaster.clock.advance(minutes=1)
    asyncio.run(disaster.send(new))
    after = [message.body for message in disaster.carrier.messages if message.direction != "inbound"][sent:]
    assert len(after) == report.waiting
    with new.reading() as tx:
        assert restored.pending(tx) is None
        assert sweeps.is_current(tx, disaster.clock())
        unsent = select(func.count()).where(OUTBOUND.c.status.in_(("queued", "sending", "unknown")))
        assert tx.execute(unsent).scalar_one() == 0
        replays = select(AUDIT_ENTRY.c.actor).where(AUDIT_ENTRY.c.action == "replay")
        assert tx.execute(replays).scalar_one() == "recovery"


def test_nothing_is_lost_and_nothing_sent_twice(
    lose: Callable[[int, int, int], Disaster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first replay is killed."""
    disaster = lose(16, 1, 5)
    assert len(disaster.after["sent"]) > len(disaster.before["sent"]) + 20
    assert len(disaster.after["answers"]) > len(disaster.before["answers"]) + 8
    new = disaster.restore(tmp_path / "new.db")
    sent = len(disaster.carrier.messages)
    asyncio.run(disaster.send(new))
    assert len(disaster.carrier.messages) == sent  # held
    with monkeypatch.context() as patched:
        patched.setattr(main, "Replay", Mortal)
        with pytest.raises(Killed):
            disaster.replay(new)
    report = disaster.replay(new)
    assert report.listed == 1  # the answer of a person
    assert report.waiting <= 3  # the one that was queued, and answers to phones that wrote while nothing ran
    check(disaster, new, report)
    assert "never handed over" in [message.body for message in disaster.carrier.messages]
    new.close()


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("empty_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_longer(
    lose: Callable[[int, int, int], Disaster], empty_url: str, tmp_path: Path, vault: Vault, seed: int
) -> None:
    """Three days of forty officers; the backup is copied to the other database before the replay. Now and then a message of ours is stored as
    one that nothing explains: never more than one in a hundred."""
    disaster = lose(40, 3, seed)
    held, new = disaster.restore(tmp_path / "new.db"), Database(empty_url)
    copying.copy(held, new, lambda *_: None)
    keys.claim(new, vault, disaster.clock())
    report = disaster.replay(new)
    assert report.listed - 1 <= report.found / 100
    check(disaster, new, report)
    held.close()
    new.close()
