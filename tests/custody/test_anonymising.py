"""A programme is made anonymous, on both databases: afterwards nobody's identity or words are in any table, file or write-ahead log."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from app.cli import main
from app.custody import anonymising
from app.errors import UsageError
from app.store import dead_letters
from app.store.database import Database
from app.store.tables import CARRIER_DELETION, CASE, COHORT, CONTACT, IDENTITY, OUTBOUND
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.custody.test_erasing import NAME, NUMBER, OTHER, SECRET, WORDS, Office
from tests.world import enrol, flows_folder

STRANGER, HERS = "+525555550188", "otras palabras de una persona ajena"
MARKS = (NUMBER, OTHER, STRANGER, NAME, "Alma", WORDS, HERS)


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    office = Office(database, vault, clock)
    office.say("SMstranger", HERS, STRANGER)
    with database.transaction() as tx:
        dead_letters.save(
            tx, vault, "inbound", {"MessageSid": "SMx", "From": STRANGER, "Body": HERS}, "ValueError", clock()
        )
        tx.execute(update(CASE).where(CASE.c.contact_id.is_not(None)).values(closed_at=clock(), outcome="handled"))
    return office


def commanded(office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("TRATO_DATABASE_URL", office.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(folder / "flows")))
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    done = CliRunner().invoke(main.app, ["anonymise", *words])
    return done.exit_code, done.stdout


def marks_left(office: Office) -> list[str]:
    everything = office.everything()
    hashes = [office.vault.lookup(number) for number in (NUMBER, OTHER, STRANGER)]
    return [mark for mark in (*MARKS, *hashes) if mark in everything]


def test_nobody_is_in_any_table_or_file_any_more(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.reading() as tx:
        ids = list(tx.execute(select(CONTACT.c.study_id)).scalars())
        sealed = [bytes(one) for one in tx.execute(select(IDENTITY.c.sealed)).scalars()]
    assert len(marks_left(office)) == len(MARKS) + 3
    code, shown = commanded(office, tmp_path, monkeypatch, "prueba", "--confirm", "prueba", "--json")
    assert code == 0, shown
    expected = {"officers": 2, "left": 0, "strangers": 1, "letters": 1, "last": True}
    assert json.loads(shown) == {**expected, "file_written_anew": office.database.is_sqlite}
    assert marks_left(office) == []
    with office.database.reading() as tx:
        assert dead_letters.pending(tx, office.vault) == []
        assert dead_letters.known_sids(tx, ["SMx", "SMdead"]) == {"SMx", "SMdead"}
        assert tx.execute(select(func.count()).select_from(CASE).where(CASE.c.closed_at.is_(None))).scalar_one() == 0
        kept = list(tx.execute(select(CARRIER_DELETION.c.sid)).scalars())
    assert {"SM1", "SMstranger"} <= set(kept)
    if office.database.is_sqlite:
        files = [path.read_bytes() for path in Path(str(office.database.url.database)).parent.glob("trato.db*")]
        wanted = [*sealed, *(one.encode() for one in (*ids, *MARKS, office.vault.lookup(NUMBER)))]
        assert not [mark for mark in wanted for content in files if mark in content]


def test_the_same_person_may_take_part_in_another_programme(office: Office, vault: Vault, clock: StillClock) -> None:
    anonymising.anonymise(office.database, lambda _: office.library, "prueba", _ids(), clock, "ana")
    with office.database.transaction() as tx:
        enrol(tx, vault, clock(), NUMBER)
    assert office.say("SMagain", "ayuda") == "keyword"


def test_shared_rows_wait_for_the_last_programme(office: Office, vault: Vault, clock: StillClock) -> None:
    with office.database.transaction() as tx:
        tx.execute(
            insert(COHORT),
            {"code": "x", "programme": "otro", "timezone": "UTC", "dates": "{}", "created_at": clock()},
        )
        enrol(tx, vault, clock(), "+525555550177", name="Zoila", programme="otro")
    done = anonymising.anonymise(office.database, lambda _: office.library, "prueba", _ids(), clock, "ana")
    assert (done.officers, done.strangers, done.letters, done.last) == (2, 0, 0, False)
    assert STRANGER in office.everything()
    assert "Zoila" in office.everything()
    assert NAME not in office.everything()


def test_who_is_being_written_to_is_left_and_erased_the_next_time(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(OUTBOUND).where(OUTBOUND.c.contact_id == office.contact).values(status="sending"))
    words = ("prueba", "--confirm", "prueba", "--json")
    code, shown = commanded(office, tmp_path, monkeypatch, *words)
    assert (code, json.loads(shown)["officers"], json.loads(shown)["left"]) == (1, 1, 1)
    with office.database.transaction() as tx:
        tx.execute(update(OUTBOUND).values(status="delivered"))
    code, shown = commanded(office, tmp_path, monkeypatch, *words)
    assert (code, json.loads(shown)["officers"], json.loads(shown)["left"]) == (0, 1, 0)
    assert marks_left(office) == []


def test_nothing_is_erased_by_mistake(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = office.everything()
    assert commanded(office, tmp_path, monkeypatch, "prueba", "--confirm", "prueva")[0] != 0
    with office.database.reading() as tx, pytest.raises(UsageError, match="no officer takes part"):
        anonymising.check(tx, "otro")
    with office.database.transaction() as tx:
        tx.execute(update(CASE).where(CASE.c.contact_id.is_not(None)).values(closed_at=None))
    if office.count(CASE, CASE.c.contact_id.is_not(None)):
        assert commanded(office, tmp_path, monkeypatch, "prueba", "--confirm", "prueba")[0] != 0
    with office.database.transaction() as tx:
        tx.execute(update(CASE).where(CASE.c.contact_id.is_not(None)).values(closed_at=office.clock()))
    assert office.everything() == before


def _ids() -> anonymising.NewId:
    drawn = iter(range(1000))
    return lambda: f"NEW{next(drawn):05}"
