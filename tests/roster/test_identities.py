"""Data that a programme declares as identity, on both databases: sealed with the name, shown only beside it, corrected with a trace, never
exported, gone with an erasure."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import main
from app.custody import dossier, erasing
from app.errors import UsageError
from app.exports.package import write
from app.exports.selection import Selection
from app.flows.loader import load
from app.roster import people, story
from app.roster.rows import read_roster
from app.roster.study_ids import new_study_id
from app.store import audit
from app.store.database import Database
from app.store.tables import CONTACT, AuditEntry, Identity, metadata
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.custody.test_erasing import SECRET
from tests.roster.test_enrolment import HEADER, Desk
from tests.roster.test_enrolment import desk as desk  # noqa: PLC0414 - a fixture
from tests.world import PROGRAMME, flows_folder, published

BADGE = "PX-4821-77"
SOURCE = PROGRAMME.replace("notices:", "fields: [sector]\nidentity: [num_placa]\nnotices:", 1)
ROSTER = f"{HEADER},sector,num_placa\nAlma Ruiz,55 5555 0101,norte,sur,{BADGE}\n"


@pytest.fixture
def enrolled(desk: Desk) -> Desk:
    loaded = load(SOURCE, "prueba.yaml").programme
    assert loaded is not None
    desk.programme = loaded
    published(desk.tx, desk.clock(), SOURCE)
    desk.take(ROSTER)
    return desk


def everywhere(desk: Desk) -> str:
    return "".join(str(row) for table in metadata.sorted_tables for row in desk.tx.execute(select(table)))


def test_it_is_sealed_and_in_no_export(enrolled: Desk, tmp_path: Path) -> None:
    assert json.loads(enrolled.contact().attributes) == {"sector": "sur"}
    assert BADGE not in everywhere(enrolled)
    write(enrolled.tx, tmp_path / "out", Selection(with_text=True), formats=["csv", "jsonl", "floip"])
    texts = [
        file.read_text("utf-8") for file in (tmp_path / "out").rglob("*") if file.suffix != ".xlsx" and file.is_file()
    ]
    assert not [text for text in texts if BADGE in text or "num_placa" in text]


def test_it_is_shown_where_the_name_is(enrolled: Desk) -> None:
    now, study_id = enrolled.clock(), enrolled.contact().study_id
    (found,) = people.find(enrolled.tx, enrolled.vault, "alma", "a call", now, "ana")
    person = story.who(enrolled.tx, enrolled.vault, study_id, "a call", now, "ana")
    assert (found.name, person.name) == ("Alma Ruiz", "Alma Ruiz")
    assert found.more == person.more == {"num_placa": BADGE}
    text = dossier.of(enrolled.tx, study_id, "a letter", now, "ana").text
    assert f"num_placa: · {BADGE}" in text
    assert "Alma Ruiz" in text


def test_a_roster_changes_it_and_says_so_without_the_datum(enrolled: Desk) -> None:
    done = enrolled.take(ROSTER.replace(BADGE, "PX-1"))
    assert [(one.field, one.before, one.after) for one in done.changes.fields] == [("num_placa", None, None)]
    assert enrolled.take(f"{HEADER}\nAlma Ruiz,55 5555 0101,norte\n").unchanged == 1
    assert enrolled.take(ROSTER.replace(BADGE, "")).unchanged == 1
    contact = enrolled.contact()
    person = story.who(enrolled.tx, enrolled.vault, contact.study_id, "a call", enrolled.clock(), "ana")
    assert (person.name, person.more) == ("Alma Ruiz", {"num_placa": "PX-1"})


def test_an_erasure_takes_it_away(enrolled: Desk) -> None:
    contact = enrolled.contact()
    library = published(enrolled.tx, enrolled.clock(), SOURCE)
    erasing.erase(enrolled.tx, library, contact.study_id, "a letter", new_study_id, enrolled.clock(), "ana")
    assert enrolled.all(Identity.contact_id) == []


def test_what_is_the_number_already_is_refused(enrolled: Desk) -> None:
    loaded = load(SOURCE.replace("[num_placa]", "[celular]"), "prueba.yaml").programme
    assert loaded is not None
    read = read_roster([["nombre", "celular", "cohorte"], ["Alma", "55 5555 0101", "norte"]], loaded)
    assert [fault.text for fault in read.faults] == [
        "celular means phone already: take it out of `identity` in the programme's file"
    ]


# -- corrections ------------------------------------------------------------------------------------------------------


@pytest.fixture
def typed(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Database:
    monkeypatch.setenv("TRATO_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows", SOURCE)))
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    monkeypatch.setenv("TRATO_ACTOR", "ana")
    (tmp_path / "padron.csv").write_text(ROSTER, encoding="utf-8")
    done = trato("roster", "import", str(tmp_path / "padron.csv"))
    assert done[0] == 0, done
    return database


def trato(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main.app, list(words))
    return done.exit_code, done.output


def test_a_correction_leaves_a_trace_without_the_datum(typed: Database) -> None:
    with typed.reading() as tx:
        (contact, study_id) = tx.execute(select(CONTACT.c.id, CONTACT.c.study_id)).one()
    correct = ("officers", "correct", study_id)
    assert trato(*correct, "Alma Ruiz Peña", "--reason", "letter of 3 March") == (0, "nombre corrected\n")
    assert trato(*correct, "PX-1", "--field", "num_placa", "--reason", "call") == (0, "num_placa corrected\n")
    assert trato(*correct, "PX-1", "--field", "num_placa", "--reason", "call") == (0, "num_placa is so already\n")
    _, found = trato("officers", "find", "peña", "--reason", "call", "--json")
    (officer,) = json.loads(found)["officers"]
    assert (officer["name"], officer["identity"]) == ("Alma Ruiz Peña", {"num_placa": "PX-1"})
    assert "PX-1" in trato("officers", "find", "peña", "--reason", "call")[1]
    assert trato(*correct, "", "--field", "num_placa", "--reason", "call") == (0, "num_placa corrected\n")
    _, found = trato("officers", "find", "peña", "--reason", "call", "--json")
    assert json.loads(found)["officers"][0]["identity"] == {}
    with typed.reading() as tx:
        entries = [one for one in audit.about(tx, f"contact:{contact}") if one.action == "officers correct"]
        log = "".join(str(row) for row in tx.execute(select(AuditEntry)))
    assert [(one.actor, one.detail) for one in entries] == [
        ("claims to be ana", {"field": "nombre", "reason": "letter of 3 March"}),
        ("claims to be ana", {"field": "num_placa", "reason": "call"}),
        ("claims to be ana", {"field": "num_placa", "reason": "call"}),
    ]
    assert not [one for one in ("Peña", "PX-1", BADGE) if one in log]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Alma",), "reason"),
        (("Alma", "--field", "placa", "--reason", "call"), "--field placa: not a datum of the identity"),
        (("", "--reason", "call"), "an officer has a name"),
        (("Alma {x}", "--reason", "call"), "nombre must be a name"),
    ],
)
def test_what_is_no_correction_is_refused(typed: Database, words: tuple[str, ...], told: str) -> None:
    with typed.reading() as tx:
        study_id = tx.execute(select(CONTACT.c.study_id)).scalar_one()
    done = CliRunner().invoke(main.app, ["officers", "correct", study_id, *words])
    assert isinstance(done.exception, UsageError)
    assert told in str(done.exception)
