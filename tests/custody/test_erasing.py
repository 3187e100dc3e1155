"""Erasure, on both databases: identity and words are nowhere any more, and nothing brings anybody back."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from app.channels import sealed_form
from app.channels.twilio.channel import TwilioChannel
from app.cli import main
from app.conversations.inbound import Arrival, receive
from app.conversations.library import Library
from app.custody import erasing
from app.custody.carrier_eraser import CarrierEraser
from app.errors import ConflictError, UsageError
from app.roster import numbers
from app.store import audit, carrier_deletions, cases, dead_letters, deferred, keys, sealing, suppression
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.sealing import SEALED
from app.store.tables import (
    ADDRESS,
    CARRIER_DELETION,
    CASE,
    CONTACT,
    IDENTITY,
    INBOUND,
    MEDIA,
    OUTBOUND,
    RESPONSE,
    metadata,
)
from app.store.vault import Vault
from tests.carrier.app import Carrier
from tests.carrier.book import Account
from tests.conftest import StillClock
from tests.world import arrive, enrol, flows_folder, message, published

SECRET = "a secret that only tests have"
NUMBER, OTHER, NAME = "+525555550147", "+525555550102", "Eufrosina Marcador"
WORDS = "marcador de palabras que nadie debe leer"
REASON = "asked by letter"


class Office:
    """Two officers, one of whom has written, been answered, has a case with a note, a photo and a dead letter."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        keys.claim(database, vault, clock())
        with database.transaction() as tx:
            self.library: Library = published(tx, clock())
            self.contact = enrol(tx, vault, clock(), NUMBER, name=NAME)
            self.other = enrol(tx, vault, clock(), OTHER)
            self.study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == self.contact)).scalar_one()
            form = {"MessageSid": "SMdead", "From": f"whatsapp:{NUMBER.replace('+52', '+521')}", "Body": WORDS}
            dead_letters.save(tx, vault, "inbound", form, "ValueError", clock())
            dead_letters.save(tx, vault, "inbound", {"MessageSid": "SMother", "From": OTHER}, "ValueError", clock())
        self.say("SM1", WORDS, media=(("https://api.example/ME1", "image/jpeg"),))
        with database.transaction() as tx:
            arrive(tx)
            file = tx.execute(select(MEDIA.c.id)).scalar_one()
            sealed = vault.seal_bytes(WORDS.encode(), f"media:{file}")
            tx.execute(update(MEDIA).values(sealed=sealed, status="stored", stored_at=clock()))
            case = cases.open_of(tx, self.contact)
            if case is not None:
                tx.execute(update(CASE).values(note=sealing.seal(tx, sealing.CASE_NOTE, case, WORDS)))

    def say(self, sid: str, body: str, number: str = NUMBER, **more: Any) -> str:
        with self.database.transaction() as tx:
            return receive(tx, self.library, [message(self.vault, number, body, sid=sid, **more)], self.clock())[
                0
            ].outcome

    def erase(self, *, answers: bool = False) -> erasing.Erasure:
        with self.database.transaction() as tx:
            return erasing.erase(
                tx, self.library, self.study_id, REASON, lambda: "NEWNEWID", self.clock(), "ana", answers=answers
            )

    def everything(self) -> str:
        """Every value of the database: clear, and opened."""
        found = []
        with self.database.reading() as tx:
            for table in metadata.tables.values():
                rows = select(table).order_by(*table.primary_key.columns)
                found += [str(value) for row in tx.execute(rows) for value in row]
            for one in SEALED:
                sealed_values = select(one.key, one.column).where(one.column.is_not(None)).order_by(one.key)
                for key, sealed in tx.execute(sealed_values):
                    if sealed:
                        found.append(self.vault.open_bytes(sealed, one.context(key)).decode(errors="replace"))
        return "\n".join(found)

    def count(self, table: Any, *where: Any) -> int:
        with self.database.reading() as tx:
            return int(tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    return Office(database, vault, clock)


def told_apart(office: Office) -> list[str]:
    """What of the officer is still found."""
    everything = office.everything()
    marks = (NUMBER, NUMBER.removeprefix("+52"), NAME, WORDS, office.study_id, office.vault.lookup(NUMBER))
    return [mark for mark in marks if mark in everything]


def test_identity_and_words_are_nowhere_any_more(office: Office) -> None:
    assert told_apart(office) == [
        NUMBER,
        NUMBER.removeprefix("+52"),
        NAME,
        WORDS,
        office.study_id,
        office.vault.lookup(NUMBER),
    ]
    done = office.erase()
    assert told_apart(office) == []
    assert (done.study_id, done.numbers, done.letters) == ("NEWNEWID", 1, 1)
    assert done.rows["identity"] == 1
    assert done.rows["address"] == 2
    assert office.count(IDENTITY) == 1  # the other officer's
    assert office.count(CONTACT, CONTACT.c.erased_at.is_not(None), CONTACT.c.study_id == "NEWNEWID") == 1
    assert office.count(INBOUND, INBOUND.c.sid == "SM1") == 1
    with office.database.reading() as tx:
        (entry,) = [one for one in audit.about(tx, f"contact:{office.contact}") if one.action == "erase"]
    assert entry.detail["reason"] == REASON
    assert entry.actor == "ana"


def test_the_other_officer_keeps_everything(office: Office) -> None:
    office.say("SM2", "otras palabras", OTHER)
    office.erase()
    everything = office.everything()
    assert "otras palabras" in everything
    assert OTHER in everything
    assert office.count(ADDRESS) == 2
    with office.database.reading() as tx:
        assert [one.raw["MessageSid"] for one in dead_letters.pending(tx, office.vault)] == ["SMother"]


def test_neither_a_repeated_webhook_nor_a_sweep_nor_a_new_message_brings_anybody_back(office: Office) -> None:
    office.erase()
    assert office.say("SM1", WORDS) == "duplicate"
    assert (
        office.say("SMswept", WORDS, sent_at=office.clock()) == "erased"
    )  # the sweep found one that no webhook had brought
    assert office.say("SMnew", WORDS, media=(("https://api.example/ME9", "image/jpeg"),)) == "erased"
    assert told_apart(office) == []
    assert office.count(CASE, CASE.c.closed_at.is_(None)) == 0
    assert office.count(OUTBOUND, OUTBOUND.c.status == "queued") == 0
    assert office.count(MEDIA, MEDIA.c.status == "waiting") == 0
    assert office.count(CARRIER_DELETION, CARRIER_DELETION.c.sid.in_(("SMswept", "SMnew"))) == 2


def test_a_danger_is_answered_even_so(office: Office) -> None:
    office.erase()
    assert office.say("SMdanger", "me quiero matar") == "crisis"
    with office.database.reading() as tx:
        assert [one.reason for one in cases.listed(tx)] == ["crisis"]


def test_the_number_is_refused_until_a_person_permits_it(office: Office) -> None:
    office.erase()
    with office.database.transaction() as tx:
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == office.other)).scalar_one()
        with pytest.raises(UsageError, match="was erased"):
            numbers.change(tx, office.vault, study_id, NUMBER, office.clock())
        assert suppression.lift(tx, NUMBER)
        assert not suppression.lift(tx, NUMBER)
        assert suppression.among(tx, [NUMBER]) == set()


def test_coded_answers_stay_unless_they_are_to_go(office: Office) -> None:
    with office.database.transaction() as tx:
        inbound, version = tx.execute(select(INBOUND.c.id)).scalar_one(), 1
        session = tx.execute(
            insert(metadata.tables["session"]).returning(metadata.tables["session"].c.id),
            {
                "contact_id": office.contact,
                "flow_version_id": version,
                "flow": "reporte",
                "channel": "sms",
                "started_at": office.clock(),
                "ended_at": office.clock(),
            },
        ).scalar_one()
        answer = {
            "session_id": session,
            "contact_id": office.contact,
            "inbound_id": inbound,
            "flow_version_id": version,
            "flow": "reporte",
            "step": "escucho",
            "variable": "applied",
            "kind": "choice",
            "words": sealing.seal(tx, sealing.RESPONSE_WORDS, inbound, json.dumps([WORDS])),
            "value": "1",
            "number": 1.0,
            "label": "Sí",
            "rule": "label",
            "score": 1.0,
            "attempt": 1,
            "status": "ok",
            "late": False,
            "asked_at": office.clock(),
            "answered_at": office.clock(),
        }
        tx.execute(insert(RESPONSE), answer)
    done = office.erase()
    assert done.values["response_words"] == 1
    with office.database.reading() as tx:
        kept = tx.execute(
            select(RESPONSE.c.value, RESPONSE.c.words).where(RESPONSE.c.contact_id == office.contact)
        ).one()
    assert tuple(kept) == ("1", None)
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).where(CONTACT.c.id == office.contact).values(erased_at=None))
        erasing.erase_contact(tx, office.library, office.contact, lambda: "NEWERID1", office.clock(), answers=True)
    assert office.count(RESPONSE) == 0


def test_nothing_is_done_by_halves(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(OUTBOUND).values(status="sending"))
    before = office.everything()
    with pytest.raises(ConflictError, match="on its way"):
        office.erase()
    with pytest.raises(UsageError, match="needs a reason"), office.database.transaction() as tx:
        erasing.erase(tx, office.library, office.study_id, " ", lambda: "X", office.clock(), "ana")
    assert office.everything() == before
    with office.database.transaction() as tx:
        tx.execute(update(OUTBOUND).values(status="delivered"))
    office.erase()
    with pytest.raises(UsageError, match="no officer has the study id"):
        office.erase()


def test_who_is_stopped_before_the_end_has_done_nothing(office: Office) -> None:
    before = office.everything()
    with suppress(KeyboardInterrupt), office.database.transaction() as tx:
        erasing.erase(tx, office.library, office.study_id, REASON, lambda: "NEWNEWID", office.clock(), "ana")
        raise KeyboardInterrupt
    assert office.everything() == before
    office.erase()
    assert told_apart(office) == []


def test_who_writes_at_that_moment_is_erased_with_the_rest(office: Office) -> None:
    outcomes: list[str] = []
    writing = Thread(target=lambda: outcomes.append(office.say("SMnow", WORDS)))
    with office.database.transaction() as tx:
        erasing.erase(tx, office.library, office.study_id, REASON, lambda: "NEWNEWID", office.clock(), "ana")
        writing.start()
        writing.join(1)
        assert outcomes == ([] if office.database.is_sqlite else ["deferred"])
    writing.join(30)
    with office.database.transaction() as tx:  # as the task for deferred messages does
        for one in deferred.ready(tx, 10):
            late = sealed_form.load_message(office.vault.open(one.sealed, deferred.purpose(one.sid)))
            (received,) = receive(tx, office.library, [Arrival.of(late, office.vault, one.id)], office.clock())
            outcomes.append(received.outcome)
    assert outcomes[-1] == "erased"
    assert told_apart(office) == []
    assert office.count(INBOUND, INBOUND.c.sid == "SMnow") == 1


def test_every_sealed_column_is_erased_or_nobodys(office: Office) -> None:
    for one in SEALED:
        if one.table not in (*erasing.NOT_OFFICERS, *erasing._DELETED, metadata.tables["dead_letter"]):
            erasing.whose(one.table, 1)
            assert one.column.nullable or one.table is INBOUND


# -- at the carrier ---------------------------------------------------------------------------------------------------


def test_the_carrier_deletes_messages_and_files_also_after_it_was_away(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    account = Account()
    carrier = Carrier(account, clock=clock)

    async def scene() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(carrier)) as client:
            channel = TwilioChannel(
                account.sid, [account.auth_token], public_url="https://t.example", from_sms=account.sms, client=client
            )
            ledger = Ledger(database, vault, clock, {})
            eraser = CarrierEraser(ledger, channel, clock)
            theirs = await carrier.inject(NUMBER, WORDS, media=["image/jpeg"], deliver=False)
            others = await carrier.inject(OTHER, "otras", deliver=False)
            with database.transaction() as tx:
                published(tx, clock())
                carrier_deletions.add(tx, [theirs.sid, "SM" + "0" * 32], clock())
            carrier.faults.list_errors = 1.0
            await eraser.once()
            with database.reading() as tx:
                assert carrier_deletions.waiting(tx) == 1  # that nobody knows is gone
            carrier.faults.list_errors = 0.0
            assert await eraser.once()  # it rests
            assert theirs.sid in carrier.book.messages
            clock.advance(minutes=11)
            await eraser.once()
            assert list(carrier.book.messages) == [others.sid]
            assert carrier.orphans == []
            with database.reading() as tx:
                assert carrier_deletions.waiting(tx) == 0
            await ledger.close()

    asyncio.run(scene())


# -- the command --------------------------------------------------------------------------------------------------------


def test_the_command_asks_writes_a_proof_and_leaves_nothing_in_the_files(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = office.database.url
    monkeypatch.setenv("TRATO_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    words = ["erase", office.study_id, "--reason", REASON, "--proof", str(tmp_path / "proof.json")]
    assert CliRunner().invoke(main.app, words, input="n\n").exit_code == 1
    assert NAME in office.everything()
    sealed = _sealed(office)
    done = CliRunner().invoke(main.app, [*words, "--yes", "--json"])
    assert done.exit_code == 0, done.output
    assert told_apart(office) == []
    proof = (tmp_path / "proof.json").read_text(encoding="utf-8")
    assert json.loads(proof) == json.loads(done.stdout)
    assert json.loads(proof)["rows"]["identity"] == 1
    assert (tmp_path / "proof.json").stat().st_mode & 0o077 == 0
    for mark in (NUMBER, NAME, WORDS, office.study_id, "NEWNEWID", REASON):
        assert mark not in proof
    if office.database.is_sqlite:
        files = [path.read_bytes() for path in Path(str(url.database)).parent.glob("trato.db*")]
        assert not [mark for mark in sealed for content in files if mark in content]
    lifted = CliRunner().invoke(main.app, ["erase", "--lift", NUMBER, "--reason", "another person", "--json"])
    assert json.loads(lifted.stdout) == {"lifted": True}


def _sealed(office: Office) -> list[bytes]:
    """The sealed identity and the hash of the officer, as they stand in the file."""
    with office.database.reading() as tx:
        name = tx.execute(select(IDENTITY.c.sealed).where(IDENTITY.c.contact_id == office.contact)).scalar_one()
    return [bytes(name), office.vault.lookup(NUMBER).encode(), office.study_id.encode()]
