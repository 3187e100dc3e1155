"""Everything that is held about one officer, in one file to hand over, on both databases."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.store import audit
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.custody.test_erasing import NAME, NUMBER, OTHER, SECRET, WORDS, Office
from tests.world import flows_folder


@pytest.fixture
def office(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Office:
    monkeypatch.setenv("TRATO_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    monkeypatch.setenv("TRATO_ACTOR", "ana")
    office = Office(database, vault, clock)
    office.say("SM2", "palabras de otra persona", OTHER)
    return office


def shown(office: Office, *words: str) -> "tuple[int, str]":
    done = CliRunner().invoke(main.app, ["officers", "show", office.study_id, *words, "--json"])
    return done.exit_code, done.stdout


def test_everything_is_in_the_file_and_only_of_this_officer(office: Office, tmp_path: Path) -> None:
    to = tmp_path / "todo.txt"
    code, said = shown(office, "--all", "--to", str(to), "--reason", "asked by letter")
    assert code == 0, said
    text = to.read_text(encoding="utf-8")
    for wanted in (NAME, NUMBER, WORDS, office.study_id, "prueba-1", "Todo lo que guardamos de usted", "2026-03-02"):
        assert wanted in text, wanted
    assert OTHER not in text
    assert "otra persona" not in text
    (photo,) = [Path(one) for one in json.loads(said)["files"]]
    assert photo.name == "todo-1.jpg"
    assert photo.read_bytes() == WORDS.encode()
    assert not [path for path in (to, photo) if path.stat().st_mode & 0o077]
    with office.database.reading() as tx:
        (entry,) = [one for one in audit.about(tx, f"contact:{office.contact}") if one.action == "officers show all"]
    assert (entry.actor, entry.detail) == ("claims to be ana", {"files": 1, "reason": "asked by letter"})


def test_it_can_be_in_english(office: Office, tmp_path: Path) -> None:
    to = tmp_path / "all.txt"
    assert shown(office, "--all", "--to", str(to), "--reason", "asked by letter", "--english")[0] == 0
    assert "Everything that we hold about you" in to.read_text(encoding="utf-8")


def test_without_a_reason_or_a_file_nothing_is_written(office: Office, tmp_path: Path) -> None:
    assert shown(office, "--all", "--to", str(tmp_path / "no.txt"))[0] != 0
    assert shown(office, "--all", "--reason", "asked by letter")[0] != 0
    assert not (tmp_path / "no.txt").exists()


def test_one_message_that_cannot_be_opened_hides_nothing_else(office: Office, tmp_path: Path) -> None:
    with office.database.transaction() as tx:
        tx.exec_driver_sql(
            "UPDATE address SET sealed = CAST('x' AS BLOB)"
            if office.database.is_sqlite
            else "UPDATE address SET sealed = 'x'"
        )
    to = tmp_path / "todo.txt"
    assert shown(office, "--all", "--to", str(to), "--reason", "asked by letter")[0] == 0
    text = to.read_text(encoding="utf-8")
    assert "cannot be opened" in text
    assert WORDS in text
