"""Files of messages are fetched later, for days if need be, kept encrypted, and copied out on request. On both databases."""

import asyncio
import csv
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.channels.base import File, NoFile
from app.channels.simulator import Simulator
from app.channels.twilio.channel import TwilioChannel
from app.cli import main
from app.conversations.fetching import MOST_TRIES, Fetcher
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.errors import ConfigurationError, ExternalError
from app.exports import package
from app.exports.selection import Selection
from app.store import files
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import AuditEntry, Contact, Media, Response
from app.store.vault import Vault
from tests.carrier import Account, Carrier
from tests.carrier.app import SAMPLES
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published

ALMA = "+525555550101"
ASKING = PROGRAMME.replace("answer: text", "answer: {media: {types: [image, audio]}}")
SECRET = "a secret that only tests have"
PHOTO, VOICE = SAMPLES["image/jpeg"], SAMPLES["audio/ogg"]


class Store:
    """A carrier's files: what it says to each request, in order; the last one from then on."""

    name = "store"

    def __init__(self, *answers: File | NoFile | ExternalError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def fetch(self, url: str, most: int) -> File | NoFile:
        self.asked.append(url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ExternalError):
            raise answer
        return answer


@dataclass(slots=True)
class Desk:
    database: Database
    vault: Vault
    clock: StillClock
    ledger: Ledger

    def receive(self, *kinds: str, count: int = 1) -> None:
        """A message with files of these types."""
        with self.database.transaction() as tx:
            library = Library()
            for _ in range(count):
                media = tuple((f"https://api.twilio.com/m{place}", kind) for place, kind in enumerate(kinds))
                receive(tx, library, [message(self.vault, "+525555550177", "", media=media)], self.clock())

    def fetcher(self, channel: Any) -> Fetcher:
        return Fetcher(self.ledger, channel, self.vault, self.clock)

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as tx:
            return [
                tuple(row) for row in tx.execute(select(*(getattr(Media, name) for name in columns)).order_by(Media.id))
            ]


Work = Callable[[Desk], Awaitable[None]]


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Callable[[Work], None]:
    async def whole(work: Work) -> None:
        desk = Desk(database, vault, clock, Ledger(database, vault, clock, {}))
        await work(desk)
        await desk.ledger.close()

    return lambda work: asyncio.run(whole(work))


def test_a_file_is_kept_encrypted(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        fetcher = desk.fetcher(Store(File(PHOTO, "image/jpeg")))
        assert await fetcher.once() == timedelta()
        ((key, status, size, content_type, stored_at, sealed),) = desk.rows(
            "id", "status", "size", "content_type", "stored_at", "sealed"
        )
        assert (status, size, content_type, stored_at) == ("stored", len(PHOTO), "image/jpeg", desk.clock())
        assert PHOTO not in bytes(sealed)
        assert desk.vault.open_bytes(sealed, files.sealed_for(key)) == PHOTO
        with pytest.raises(ConfigurationError):
            desk.vault.open_bytes(sealed, files.sealed_for(key + 1))
        assert await fetcher.once() > timedelta(seconds=1), "nothing waits"

    run(work)


def test_a_file_that_fails_does_not_stop_the_others_and_is_given_up_in_the_end(run: Callable[[Work], None]) -> None:
    class Fragile(Store):
        async def fetch(self, url: str, most: int) -> File | NoFile:
            if url.endswith("m0"):
                raise RuntimeError(url)
            return await super().fetch(url, most)

    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg", "image/jpeg")
        fetcher = desk.fetcher(Fragile(File(PHOTO, "image/jpeg")))
        for _ in range(MOST_TRIES):
            await fetcher.once()
            desk.clock.advance(hours=7)
        assert desk.rows("status", "reason") == [("lost", "damaged"), ("stored", None)]

    run(work)


def test_a_file_comes_from_the_carrier_with_its_redirect(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        account = Account()
        carrier = Carrier(account, clock=desk.clock)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(carrier))
        channel = TwilioChannel(account.sid, [account.auth_token], public_url="https://trato.example", client=client)
        sent = await carrier.inject("+525555550177", media=["image/png", "text/html"], deliver=False)
        with desk.database.transaction() as tx:
            media = tuple((f"https://api.twilio.com{path}", kind) for path, kind in sent.media)
            receive(tx, Library(), [message(desk.vault, "+525555550177", "", media=media)], desk.clock())
        await desk.fetcher(channel).once()
        assert desk.rows("status", "reason", "content_type") == [
            ("stored", None, "image/png"),
            ("refused", "type", "text/html"),
        ]
        assert carrier.book.refused == []
        await client.aclose()

    run(work)


@pytest.mark.parametrize(
    ("found", "status", "reason"),
    [
        (NoFile("host"), "refused", "host"),
        (NoFile("size"), "refused", "size"),
        (File(b"<html>", "text/html"), "refused", "content"),
        (File(b"", ""), "refused", "empty"),
    ],
)
def test_what_is_not_kept_says_why(run: Callable[[Work], None], found: Any, status: str, reason: str) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        store = Store(found)
        await desk.fetcher(store).once()
        assert desk.rows("status", "reason", "sealed") == [(status, reason, None)]
        await desk.fetcher(store).once()
        assert len(store.asked) == 1, "never again"

    run(work)


def test_a_file_that_is_not_there_yet_is_asked_for_again(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        fetcher = desk.fetcher(Store(NoFile("gone", gone=True), File(PHOTO, "image/jpeg")))
        await fetcher.once()
        assert desk.rows("status") == [("waiting",)]
        desk.clock.advance(minutes=1)
        await fetcher.once()
        assert desk.rows("status") == [("stored",)]

    run(work)


def test_a_file_that_stays_away_is_lost(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        store = Store(NoFile("gone", gone=True))
        for _ in range(5):
            await desk.fetcher(store).once()
            desk.clock.advance(hours=1)
        assert desk.rows("status", "reason", "attempts") == [("lost", "gone", 3)]

    run(work)


def test_a_carrier_that_does_not_answer_is_asked_for_days(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        store = Store(ExternalError("a file cannot be had: HTTP 503"))
        began, asked = desk.clock(), list[datetime]()
        with capture_logs() as logs:
            while desk.rows("status") == [("waiting",)]:
                assert await desk.fetcher(store).once() == timedelta()
                asked.append(desk.clock())
                desk.clock.at = desk.rows("due_at")[0][0] - timedelta(seconds=1)
                assert await desk.fetcher(store).once() > timedelta(), "not before its time"
                desk.clock.advance(seconds=1)
        assert desk.rows("status", "reason") == [("lost", "unreachable")]
        assert len(store.asked) == len(asked) == MOST_TRIES
        pauses = [later - earlier for earlier, later in pairwise(asked)]
        assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
        assert max(pauses) == timedelta(hours=6)
        assert timedelta(days=3) < asked[-1] - began < timedelta(days=5)
        assert "twilio.com" not in str(logs)

    run(work)


def test_one_process_fetches_a_file_and_another_takes_over_if_it_dies(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg", "audio/ogg")
        now = desk.clock()
        until = now + timedelta(minutes=10)
        with desk.database.transaction() as tx:
            assert [one.id for one in files.claim(tx, now, until, 1, timedelta(hours=6))] == [1]
            assert [one.id for one in files.claim(tx, now, until, 5, timedelta(hours=6))] == [2]
            assert files.claim(tx, now, until, 5, timedelta(hours=6)) == []
        store = Store(File(PHOTO, "image/jpeg"))
        await desk.fetcher(store).once()
        assert store.asked == []
        desk.clock.advance(minutes=10)
        await desk.fetcher(store).once()
        assert len(store.asked) == 2

    run(work)


def test_a_few_at_a_time(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg", count=5)
        store = Store(File(PHOTO, "image/jpeg"))
        for count in (2, 4, 5):
            assert await desk.fetcher(store).once() == timedelta()
            assert len(store.asked) == count

    run(work)


def test_the_simulator_has_files_too(run: Callable[[Work], None]) -> None:
    async def work(desk: Desk) -> None:
        desk.receive("image/jpeg")
        simulator = Simulator(desk.clock)
        simulator.files["https://api.twilio.com/m0"] = File(PHOTO, "image/jpeg")
        await desk.fetcher(simulator).once()
        assert desk.rows("status") == [("stored",)]
        assert await simulator.fetch("https://api.twilio.com/m0", 3) == NoFile("size")
        assert await simulator.fetch("https://api.twilio.com/m1", 300) == NoFile("gone", gone=True)

    run(work)


# -- copied out ---------------------------------------------------------------------------------------------------------


def answered(database: Database, vault: Vault, clock: StillClock) -> str:
    """An officer who has answered with a photo and a voice note, of which one is here. Gives the study id."""
    with database.transaction() as tx:
        library = published(tx, clock(), ASKING)
        alma = enrol(tx, vault, clock(), ALMA)
        changes = Changes()
        begin(Turn(tx, library, changes, clock()), officer(tx, alma), "reporte")
        write(tx, changes)
        media = (("https://api.twilio.com/1", "image/jpeg"), ("https://api.twilio.com/2", "audio/ogg"))
        arrive(tx)
        receive(tx, library, [message(vault, ALMA, "1")], clock())
        arrive(tx)
        receive(tx, library, [message(vault, ALMA, "mi libreta", media=media)], clock())
        key = tx.execute(select(Media.id).where(Media.position == 1)).scalar_one()
        files.store(tx, key, "image/jpeg", len(PHOTO), vault.seal_bytes(PHOTO, files.sealed_for(key)), clock())
        return str(tx.execute(select(Contact.study_id)).scalar_one())


def test_responses_name_the_files_that_came_with_them(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path
) -> None:
    study_id = answered(database, vault, clock)
    with database.transaction() as tx:
        written = package.write(tx, tmp_path, Selection(), tables=["responses"], vault=vault).files
        response = tx.execute(select(Response.id).where(Response.step == "historia")).scalar_one()
    name = f"{study_id}_{response}_1.jpg"
    assert [item.name for item in written if not item.name.startswith(("codebook", "load", "datapackage"))] == [
        "responses.csv",
        f"media/{name}",
    ]
    assert (tmp_path / "media" / name).read_bytes() == PHOTO
    rows = list(csv.DictReader((tmp_path / "responses.csv").read_text("utf-8").splitlines()))
    assert [(row["files"], row["media"]) for row in rows] == [("", ""), ("2", name)]
    assert f"media/{name}" in (tmp_path / "manifest.json").read_text("utf-8")


def test_of_other_responses_nothing_is_copied(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path
) -> None:
    answered(database, vault, clock)
    with database.transaction() as tx:
        package.write(tx, tmp_path, Selection(level="behaviour"), vault=vault)
        package.write(tx, tmp_path / "without", Selection())
    assert not (tmp_path / "media").exists()
    assert not (tmp_path / "without" / "media").exists()


def test_the_command_copies_them_out_on_request(
    database_url: str, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    monkeypatch.chdir(tmp_path)
    with closing(Database(database_url)) as database:
        database.unlock(Vault(SECRET))
        answered(database, Vault(SECRET), clock)
        shown = CliRunner().invoke(main.app, ["export", "out"])
        assert shown.exit_code == 0, shown.output
        assert not (tmp_path / "out" / "media").exists()
        shown = CliRunner().invoke(main.app, ["export", "out", "--with-media"])
        assert shown.exit_code == 0, shown.output
        assert f"{Path('out/media')}: 1 file" in shown.output
        assert len(list((tmp_path / "out" / "media").iterdir())) == 1
        with database.reading() as tx:
            details = list(
                tx.execute(
                    select(AuditEntry.detail).where(AuditEntry.action == "export").order_by(AuditEntry.id)
                ).scalars()
            )
    assert ['"files": 0' in details[0], '"files": 1' in details[1]] == [True, True]
    monkeypatch.setenv("TRATO_SECRET_KEY", "another secret than that one")
    shown = CliRunner().invoke(main.app, ["export", "out", "--with-media"])
    assert isinstance(shown.exception, ConfigurationError)
