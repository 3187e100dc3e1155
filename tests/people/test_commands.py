"""`trato user`, `trato token` and `trato audit` as they are called, and who acts. On both databases."""

import json
import os
import pwd
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import main
from app.people import passwords
from app.store.database import Database
from app.store.tables import ACCOUNT, API_TOKEN, AuditEntry
from tests.world import flows_folder

PASSWORD = "cuatro tazas de café"


class Office:
    """The command line over a database, with `ana` at the keyboard."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def run(self, *words: str, typed: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(main.app, list(words), input=typed)
        assert done.exit_code == code, (words, done.output, done.exception)
        return str(done.exception) if code and done.exception and str(done.exception) != str(code) else done.output

    def refused(self, *words: str, typed: str = "") -> str:
        done = CliRunner().invoke(main.app, list(words), input=typed)
        assert done.exit_code != 0, words
        return f"{done.output}{done.exception}"

    def audited(self) -> list[tuple[str, str, str, dict[str, object]]]:
        with self.database.reading() as tx:
            row = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
            return [(*one[:3], json.loads(one[3])) for one in tx.execute(row.order_by(AuditEntry.id))]


@pytest.fixture
def office(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_FLOWS", flows_folder(tmp_path / "flows").as_posix())
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_ACTOR", "ana")
    return Office(database)


def test_the_first_administrator(office: Office) -> None:
    assert "trato user add NAME --role administrator" in office.run("user", "list")
    said = office.run("user", "add", "ana", "--role", "administrator", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert said.endswith("ana: added, administrator in every programme\n")
    assert PASSWORD not in said
    shown = json.loads(office.run("user", "list", "--json"))
    assert shown == {
        "accounts": [
            {
                "account": 1,
                "name": "ana",
                "roles": [{"role": "administrator", "programme": None}],
                "password": True,
                "second_factor": False,
                "directory": False,
                "sessions": 0,
                "disabled": False,
                "waits_seconds": 0,
            }
        ],
        "failures": 0,
    }
    with office.database.reading() as tx:
        stored = tx.execute(select(ACCOUNT.c.password)).scalar_one()
    assert stored.startswith("$argon2id$")
    assert passwords.verify(PASSWORD, stored)
    assert office.audited() == [
        ("claims to be ana", "account add", "account:1", {"name": "ana", "password": True}),
        ("claims to be ana", "role give", "account:1", {"role": "administrator", "programme": None}),
    ]


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("Ana", "", "not a name for an account"),
        ("1ana", "", "not a name for an account"),
        ("a" * 41, "", "not a name for an account"),
        ("ana", "corta\ncorta\n", "a password has 12 to 200 characters"),
        ("ana", "aaaaaaaaaaaaaa\n" * 2, "too easy to guess"),
        ("ana", f"{PASSWORD}\notra\n", "do not match"),
    ],
)
def test_an_account_that_cannot_be(office: Office, name: str, typed: str, said: str) -> None:
    assert said in office.refused("user", "add", name, typed=typed)
    assert office.audited() == []


def test_roles_are_given_and_taken(office: Office) -> None:
    office.run("user", "add", "luz", "--no-password")
    assert "no programme 'prueva' is published" in office.refused(
        "user", "role", "luz", "guardian", "--programme", "prueva"
    )
    office.run("publish")
    office.run("user", "role", "luz", "guardian", "--programme", "prueba")
    assert "luz is guardian in prueba already" in office.refused(
        "user", "role", "luz", "guardian", "--programme", "prueba"
    )
    assert "guardian in prueba" in office.run("user", "list")
    assert "luz is not guardian in every programme, but guardian in prueba" in office.refused(
        "user", "role", "luz", "guardian", "--take"
    )
    office.run("user", "role", "luz", "guardian", "--programme", "prueba", "--take")
    assert office.audited()[-1][1:] == ("role take", "account:1", {"role": "guardian", "programme": "prueba"})
    assert "there is no account 'lus'. Did you mean luz?" in office.refused("user", "sign-out", "lus")


def test_a_second_factor_needs_a_code_of_its_secret(office: Office) -> None:
    office.run("user", "add", "luz", "--no-password")
    assert "not the code of this secret" in office.refused("user", "second-factor", "luz", typed="000000\n")
    assert "luz has no second factor" in office.refused("user", "second-factor", "luz", "--remove")
    assert [entry[1] for entry in office.audited()] == ["account add"]


def test_a_token_is_printed_once(office: Office) -> None:
    office.run("user", "add", "exports", "--no-password")
    wanted = ("token", "add", "exports", "--label", "nightly", "--scope", "answers")
    assert "exports may not do this: it needs the role researcher" in office.refused(*wanted)
    office.run("user", "role", "exports", "researcher")
    made = json.loads(office.run(*wanted, "--days", "30", "--json"))
    assert made["secret"].startswith("trato_")
    listed = json.loads(office.run("token", "list", "--json"))["tokens"]
    assert [(one["token"], one["scopes"], one["state"]) for one in listed] == [(1, "answers", "valid")]
    assert made["secret"] not in office.run("token", "list") + str(office.audited())
    with office.database.reading() as tx:
        assert made["secret"] not in str(tx.execute(select(API_TOKEN)).all())
    office.run("token", "revoke", "1")
    assert "token 1 was revoked before" in office.refused("token", "revoke", "1")
    assert "there is no token 2" in office.refused("token", "revoke", "2")
    assert [entry[1] for entry in office.audited()][-2:] == ["token add", "token revoke"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--scope", "accounts"], "it must be one of answers, free-text, phone"),
        (["--scope", "answers", "--days", "367"], "a token expires after 1 to 366 days"),
        (["--scope", "answers", "--days", "0"], "a token expires after 1 to 366 days"),
        (["--scope", "answers", "--label", " "], "a token needs a label"),
        (["--scope", "answers", "--programme", "otro"], "no programme 'otro' is published"),
    ],
)
def test_a_token_that_cannot_be(office: Office, more: list[str], said: str) -> None:
    office.run("user", "add", "exports", "--no-password", "--role", "researcher")
    assert said in office.refused("token", "add", "exports", "--label", "x", *more)


def test_the_log_is_listed_verified_and_anchored(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.run("user", "add", "luz", "--no-password", "--role", "guardian")
    monkeypatch.setenv("TRATO_ACTOR", "beto")
    office.run("user", "add", "eva", "--no-password")
    listed = json.loads(office.run("audit", "list", "--by", "ana", "--json"))["entries"]
    assert [(one["actor"], one["action"]) for one in listed] == [
        ("claims to be ana", "account add"),
        ("claims to be ana", "role give"),
    ]
    by_subject = json.loads(office.run("audit", "list", "--subject", "account:2", "--json"))["entries"]
    assert [one["detail"]["name"] for one in by_subject] == ["eva"]
    assert office.audited()[-1] == ("claims to be beto", "audit list", "audit", {"entries": 1})
    assert "5 wait for their link" in office.run("audit", "verify")
    anchor = office.run("audit", "anchor").strip()
    assert anchor.startswith("5:")
    assert json.loads(office.run("audit", "verify", "--anchor", anchor, "--json")) == {
        "linked": 5,
        "waiting": 0,
        "anchors": 1,
        "end": anchor,
        "faults": [],
    }
    wrong = "5:" + "0" * 64
    assert "the chain at 5 is not that of the anchor" in office.run("audit", "verify", "--anchor", wrong, code=1)
    page = json.loads(office.run("audit", "list", "--before", "3", "--limit", "1", "--json"))["entries"]
    assert [one["id"] for one in page] == [2]


def test_without_a_name_the_user_of_the_machine_acts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRATO_ACTOR")
    office.run("user", "add", "luz", "--no-password")
    assert office.audited()[0][0] == f"claims to be {pwd.getpwuid(os.getuid()).pw_name}"


@pytest.mark.parametrize("words", [["officers", "find", "Alma"], ["cases", "who", "1"]])
def test_a_person_is_looked_up_with_a_reason(office: Office, words: list[str]) -> None:
    assert "--reason" in office.refused(*words)
    assert "needs a reason" in office.refused(*words, "--reason", "  ")
    assert office.audited() == []
