"""`trato cases`: by study id and without words, but for `show`, which the audit log keeps. On both databases."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select, update
from typer.testing import CliRunner

from app.cases import answering, closing, reading
from app.cases.answering import Words
from app.cli import main
from app.conversations.library import Library
from app.errors import ConfigurationError, ConflictError, UsageError
from app.sending.send_policy import Means
from app.store.cases import CaseOutcome
from app.store.database import Database
from app.store.tables import CASE, AuditEntry, Contact, Identity, OutboundMessage
from app.store.vault import Vault
from tests.cases.world import CRISIS, FALSE_ALARM, SOURCE, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.together import together
from tests.world import flows_folder, stored

NOTE = "Le llamó la psicóloga Inés Prueba."


class Office:
    """An installation with a crisis, a greeting and a stranger."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database = database
        with database.transaction() as tx:
            desk = Desk(tx, vault, clock, SOURCE)
            desk.say(BRUNO, "xyzzy plugh")
            desk.say(STRANGER, "¿quién es?")
            desk.say(ALMA, CRISIS)
            self.alma, self.bruno = desk.row(desk.alma).study_id, desk.row(desk.bruno).study_id

    def run(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main.app, ["cases", *words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def rows(self, query: Any) -> list[Any]:
        with self.database.reading() as tx:
            return list(tx.execute(query).scalars())

    def said(self) -> list[str]:
        with self.database.reading() as tx:
            return [body for (body,) in stored(tx, OutboundMessage, "body")]

    def entries(self, action: str) -> list[tuple[str, dict[str, Any]]]:
        found = select(AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == action)
        with self.database.reading() as tx:
            return [(row.subject, json.loads(row.detail)) for row in tx.execute(found.order_by(AuditEntry.id))]


@pytest.fixture
def office(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Office:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a secret that only tests have",
        "CHANNEL": "simulator",
        "FLOWS": str(flows_folder(tmp_path / "flows", SOURCE)),
    }.items():
        monkeypatch.setenv(f"TRATO_{name}", value)
    return Office(database, vault, clock)


def test_the_list_has_the_most_urgent_first_and_no_word_of_anybody(office: Office) -> None:
    shown = office.run().output
    assert [line.split()[1:3] for line in shown.splitlines()[1:4]] == [
        ["crisis", office.alma],
        ["nothing_open", office.bruno],
        ["unknown_number", "(unknown"],
    ]
    assert shown.splitlines()[4] == "3 open"
    assert not {"vivir", "xyzzy", "Alma", ALMA[-4:], "quién"} & set(shown.split())
    listed = json.loads(office.run("list", "--json").output)["cases"]
    assert [(one["reason"], one["officer"], one["messages"], one["closed"]) for one in listed] == [
        ("crisis", office.alma, 1, None),
        ("nothing_open", office.bruno, 1, None),
        ("unknown_number", None, 1, None),
    ]
    assert office.entries("case show") == []


def test_a_case_is_shown_with_its_words_and_the_audit_log_keeps_it_without(office: Office) -> None:
    shown = office.run("show", "3").output
    assert CRISIS in shown
    assert "the text of support: queued" in shown
    assert "on hold: crisis" in shown
    assert office.entries("case show") == [("case:3", {"messages": 1})]
    told = json.loads(office.run("show", "3", "--json").output)
    assert (told["said"][0]["text"], told["on_hold"], told["note"]) == (CRISIS, ["crisis"], None)


def test_a_false_alarm_is_closed_with_one_command_and_the_officer_is_told(office: Office) -> None:
    office.run("show", "3")
    closed = office.run("close", "3", "--outcome", "false-alarm", "--note", NOTE).output.splitlines()
    assert closed == [
        "case 3: closed as false-alarm",
        f"officer {office.alma}: messages go out again",
        f"officer {office.alma}: is told that it was a false alarm",
    ]
    assert FALSE_ALARM in office.said()
    assert office.rows(select(Contact.held_at).where(Contact.study_id == office.alma)) == [None]
    ((subject, detail),) = office.entries("case close")
    assert (subject, detail["outcome"], detail["ended"]) == ("case:3", "false_alarm", ["crisis"])
    assert NOTE not in json.dumps(detail)
    (sealed,) = office.rows(select(CASE.c.note).where(CASE.c.id == 3))
    assert b"psic" not in bytes(sealed)
    assert NOTE in office.run("show", "3").output
    assert json.loads(office.run("list", "--closed", "--json").output)["cases"][0]["outcome"] == "false_alarm"
    assert "2 open" in office.run().output


@pytest.mark.parametrize("damage", [b"", b"\x01short", b"\x02newer"])
def test_a_note_that_cannot_be_opened_says_so_and_hides_no_other_case(office: Office, damage: bytes) -> None:
    office.run("close", "1", "--outcome", "handled", "--note", NOTE)
    office.run("close", "2", "--outcome", "nothing-to-do", "--note", "otra nota")
    with office.database.transaction() as tx:
        tx.execute(update(CASE).where(CASE.c.id == 1).values(note=damage))
    assert "(cannot be opened" in office.run("show", "1").output
    assert "otra nota" in office.run("show", "2").output
    assert "2 closed" in office.run("list", "--closed").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "99"), "no case 99"),
        (("--json", "list"), "write the options behind the command: `trato cases list"),
        (("close", "99", "--outcome", "handled"), "no case 99"),
        (("close", "1", "--outcome", "solved"), "--outcome must be one of handled, false-alarm, nothing-to-do"),
        (("close", "1", "--outcome", "identified"), "--outcome must be one of"),
        (("close", "3", "--outcome", "handled"), "nobody has read 1 message of case 3"),
    ],
)
def test_bad_input_gets_one_clear_line_and_changes_nothing(office: Office, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        office.run(*words)
    assert "3 open" in office.run().output


def test_a_case_that_another_has_closed_meanwhile_is_refused(office: Office) -> None:
    office.run("close", "1", "--outcome", "handled")
    with pytest.raises(UsageError, match=r"case 1 was closed at .* as handled"):
        office.run("close", "1", "--outcome", "false-alarm")


def test_of_two_who_close_at_once_one_is_told(office: Office, vault: Vault, clock: StillClock) -> None:
    office.run("show", "3")
    refused: list[str] = []

    def close(_: int) -> None:
        library = Library()
        try:
            with office.database.transaction() as tx:
                library.refresh(tx)
                closing.close(tx, library, vault, 3, CaseOutcome.false_alarm, None, clock(), "test")
        except UsageError as error:
            refused.append(str(error))

    together(3, close)
    assert len(refused) == 2
    assert office.said().count(FALSE_ALARM) == 1


def test_of_two_people_who_answer_at_once_one_is_told_who_has_it(
    office: Office, vault: Vault, clock: StillClock
) -> None:
    people = ("claims to be ana", "claims to be eva")
    with office.database.transaction() as tx:
        for person in people:
            reading.show(tx, 1, clock(), person)
    refused: list[str] = []

    def answer(place: int) -> None:
        library = Library()
        try:
            with office.database.transaction() as tx:
                library.refresh(tx)
                answering.answer(tx, library, Means(), 1, Words("Hola."), clock(), people[place])
        except ConflictError as error:
            refused.append(str(error))

    together(2, answer)
    (told,) = refused
    assert told in {f"case 1 is {name}'s: `trato cases take 1` takes it over" for name in ("ana", "eva")}
    assert office.said().count("Hola.") == 1


def test_a_case_goes_through_the_hands_of_two_people(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_ACTOR", "ana")
    monkeypatch.setenv("TRATO_SILENT_DAYS", "0")  # the machine's clock is months later
    assert "WhatsApp takes no free text now" in office.run("show", "3").output
    said = office.run("answer", "3", "Hola {{ nombre }}, soy Ana.").output
    assert "case 3: the answer goes by sms, as a text message, from " in said
    assert "ana" in office.run().output
    monkeypatch.setenv("TRATO_ACTOR", "eva")
    with pytest.raises(ConflictError, match="case 3 is ana's"):
        office.run("close", "3", "--outcome", "handled")
    assert office.run("take", "3").output == "case 3: eva has it\n"
    assert json.loads(office.run("list", "--mine", "--json").output)["cases"][0]["owner"] == "eva"
    shown = json.loads(office.run("show", "3", "--json").output)
    assert [(one["who"], one["did"]) for one in shown["history"]] == [
        ("claims to be ana", "case show"),
        ("claims to be ana", "case answer"),
        ("claims to be eva", "case assign"),
    ]
    assert [(one["text"], one["status"]) for one in shown["answers"]] == [("Hola {{nombre}}, soy Ana.", "queued")]
    office.run("assign", "3", "luz")


def test_what_a_person_does_with_an_officer_is_one_command_each(office: Office) -> None:
    assert "1 message waits" in office.run("pause", "1").output
    assert "case 1: resumed" in office.run("resume", "1").output
    assert office.run("snooze", "1", "4h").output.startswith("case 1: ")
    assert office.run("release", "1").output == "case 1: nobody has it\n"
    assert office.bruno in office.run("who", "1", "--reason", "llamarle").output
    assert "2 old addresses retired" in office.run("number", "1", "55 5555 0188").output
    assert office.run("out", "1").output == f"officer {office.bruno} has left the programme\n"
    shown = CliRunner().invoke(main.app, ["officers", "show", office.bruno]).output
    assert "status: opted_out" in shown
    assert "xyzzy" not in shown
    with pytest.raises(ConflictError, match="has left already"):
        CliRunner().invoke(main.app, ["officers", "out", office.bruno], standalone_mode=False, catch_exceptions=False)


def test_status_has_open_cases_by_reason(office: Office) -> None:
    shown = CliRunner().invoke(main.app, ["status"]).output
    assert re.search(r"^cases, crisis: 1 open, 1 that nobody has, the oldest \d+ h$", shown, re.MULTILINE)


def test_that_nobody_can_be_answered_is_said_before_the_words_are_written(office: Office) -> None:
    case = office.rows(select(CASE.c.id).where(CASE.c.reason == "crisis"))[0]
    with pytest.raises(ConflictError, match="you have not read 1 message"):
        office.run("answer", str(case))
    assert "WhatsApp takes no free text now" in office.run("show", str(case)).output
    office.run("out", str(case))
    told = f"officer {office.alma} has left the programme, and no message goes out: to telephone, `trato cases who {case} --reason …`"
    assert told in office.run("show", str(case)).output
    assert json.loads(office.run("show", str(case), "--json").output)["unreachable"].startswith(told)
    done = CliRunner().invoke(main.app, ["cases", "answer", str(case)], input="Hola\n")
    assert str(done.exception).startswith(told)
    assert done.output == "", "nobody was asked for words"
    closed = office.run("close", str(case), "--outcome", "handled").output
    assert closed.endswith(
        f"officer {office.alma}: no longer on hold; has left or is not reached: no message goes out\n"
    )


def test_who_it_is_is_shown_as_far_as_it_can_be_opened(office: Office) -> None:
    case = office.rows(select(CASE.c.id).where(CASE.c.reason == "crisis"))[0]
    contact = select(Contact.id).where(Contact.study_id == office.alma).scalar_subquery()
    with office.database.transaction() as tx:
        tx.execute(update(Identity).where(Identity.contact_id == contact).values(sealed=b"damaged"))
    assert office.run("who", str(case), "--reason", "llamarle").output == (
        f"{office.alma}  {ALMA}\nthe name or the number is not there or cannot be opened: `trato officers check`\n"
    )


def test_files_are_copied_where_they_can_be(office: Office, tmp_path: Path) -> None:
    assert office.run("files", "1", str(tmp_path / "out")).output == "case 1 has no files\n"
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        office.run("files", "1", str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("snooze", "1", "mañana"), "UNTIL must be a time such as"),
        (("consent", "1"), "say --accept or --refuse"),
        (("number", "1", "55 5555"), "NUMBER: the number is too short"),
        (("number", "1", "55 5555 0188", "--take", "--swap"), "at most one"),
        (("count", "1", "--as", "1"), "you have not read 1 message"),
    ],
)
def test_bad_input_of_an_act_gets_one_clear_line(office: Office, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        office.run(*words)
