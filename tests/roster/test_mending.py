"""Damaged officers on the command line: `trato officers check` and `mend`, what `trato roster import` repairs, and commands that leave
damaged officers out. On both databases."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Connection, select, update
from typer.testing import CliRunner

from app.cli import main
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.errors import ConfigurationError, UsageError
from app.exports import package
from app.exports.report import page, sample
from app.exports.selection import Selection
from app.roster import repair
from app.scheduler.nudging import plan_some
from app.settings import Settings
from app.store import cohorts, contacts, damage, enrolment, sealing
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.sealing import SESSION_STATE
from app.store.tables import Address, AuditEntry, Cohort, Contact, Identity, Session
from tests.conftest import StillClock
from tests.world import PROGRAMME, flows_folder, officer, published, stored, without_foreign_keys

SOURCE = PROGRAMME.replace("notices:", "fields: [sector]\nnotices:", 1)
ROWS = (
    "nombre,telefono,cohorte,fecha taller,sector,turno,entra\n"
    "Íñigo,5555550101,norte,2030-03-04,7,24x48,2030-03-01 07:00\n"
    "Celia,5555550102,norte,2030-03-04,8,24x48,2030-03-01 07:00\n"
    "Olga,5555550103,norte,2030-03-04,9,24x48,2030-03-01 07:00\n"
)
QUIET = Settings.model_fields["quiet_hours"].default
BROKEN: dict[str, Any] = {
    "timezone": "Mars/Phobos",
    "attributes": '{"sector": ',
    "dates": '{"workshop_date": "soon"}',
    "shift": "24x48",
}
VALUES = {
    "timezone": "Tijuana",
    "attributes": "sector=8",
    "dates": "workshop_date=2030-03-04",
    "shift": "24x48 2030-03-01 07:00",
}
PLAN = ("plan", "--since", "2030-03-01", "--until", "2030-04-30", "--json")


class Office:
    """An installation with three officers, of whom Celia is damaged."""

    def __init__(self, database: Database, folder: Path, clock: StillClock) -> None:
        self.database, self.folder, self.clock = database, folder, clock

    def run(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main.app, list(words))
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def roster(self, text: str = ROWS) -> str:
        path = self.folder / "padron.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def spoil(self, values: dict[str, Any]) -> None:
        with self.database.transaction() as tx:
            tx.execute(update(Contact).where(Contact.id == self.celia).values(**values))

    def hold(self) -> None:
        with self.database.transaction() as tx:
            damage.hold(tx, self.celia, "plan", "ValueError at flows/shifts.py:47", self.clock())

    @property
    def celia(self) -> int:
        return 2

    @property
    def row(self) -> Any:
        with self.database.reading() as tx:
            return tx.execute(select(Contact.__table__).where(Contact.id == self.celia)).one()  # type: ignore[attr-defined]


@pytest.fixture
def office(database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows", SOURCE)))
    office = Office(database, tmp_path, clock)
    office.run("roster", "import", office.roster())
    with database.transaction() as tx:
        published(tx, clock(), SOURCE)
    return office


@pytest.mark.parametrize("field", BROKEN)
def test_a_damaged_field_is_found_left_out_and_mended(office: Office, field: str) -> None:
    assert office.run("officers", "check").stdout == "no officer is damaged\n"
    office.spoil({field: BROKEN[field]})
    office.hold()
    study_id = office.row.study_id
    (line,) = office.run("officers", "check", code=1).stdout.splitlines()
    assert line.startswith(f"{study_id} {field}: ")
    assert f"trato officers mend {study_id} --field {field} --value " in line
    (found,) = json.loads(office.run("officers", "check", "--json", code=1).stdout)["damaged"]
    assert (found["study_id"], found["field"], found["on_hold"]) == (study_id, field, True)
    assert json.loads(office.run("status", "--json").stdout)["on_hold"] == {"damaged": [study_id]}

    planned = office.run(*PLAN)
    assert study_id not in {one["study_id"] for one in json.loads(planned.stdout)}
    assert len({one["study_id"] for one in json.loads(planned.stdout)}) == 2
    assert study_id in planned.stderr
    exported = office.run("export", "datos")
    assert study_id in exported.stderr
    assert study_id not in (office.folder / "datos/officers.csv").read_text()
    assert json.loads((office.folder / "datos/manifest.json").read_text())["left_out"] == [study_id]
    assert len((office.folder / "datos/officers.csv").read_text().splitlines()) == 3
    assert study_id in office.run("report", "reporte.html").stderr

    office.run("officers", "mend", study_id, "--field", field, "--value", VALUES[field])
    assert office.run("officers", "check").stdout == "no officer is damaged\n"
    assert (office.row.damage, office.row.held_at) == (None, None)
    assert json.loads(office.run("status", "--json").stdout)["alerts"] == []
    assert office.run(*PLAN).stderr == ""
    with office.database.reading() as tx:
        found = tx.execute(select(AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == "mend"))
        assert (f"contact:{office.celia}", json.dumps({"field": field})) in [tuple(row) for row in found]


@pytest.mark.parametrize("field", BROKEN)
def test_a_roster_repairs_what_it_holds(office: Office, field: str) -> None:
    before = getattr(office.row, field)
    office.spoil({field: BROKEN[field]})
    office.hold()
    assert office.run("roster", "import", office.roster()).stdout.startswith("0 officers added, 1 updated, 2 unchanged")
    assert (getattr(office.row, field), office.row.damage, office.row.held_at) == (before, None, None)


@pytest.mark.parametrize("field", BROKEN)
def test_one_officer_is_mended_from_the_roster(office: Office, field: str) -> None:
    before = getattr(office.row, field)
    office.spoil({field: BROKEN[field]})
    changed = ROWS.replace(",7,", ",77,")
    office.run("officers", "mend", office.row.study_id, "--from-roster", office.roster(changed))
    assert getattr(office.row, field) == before
    with office.database.reading() as tx:
        first = tx.execute(select(Contact.attributes).where(Contact.id == 1)).scalar_one()
    assert json.loads(first) == {"sector": 7}, "the others are not touched"


def _begun(tx: Connection, contact: int, clock: StillClock) -> None:
    library, changes = Library(), Changes()
    library.refresh(tx)
    begin(Turn(tx, library, changes, clock()), officer(tx, contact), "reporte")
    write(tx, changes)


def test_a_damaged_session_is_found_and_ended(office: Office) -> None:
    with office.database.transaction() as tx:
        _begun(tx, office.celia, office.clock)
        _begun(tx, 1, office.clock)
        newer = sealing.seal(tx, SESSION_STATE, office.celia, '{"v": 99}')
        tx.execute(update(Session).where(Session.contact_id == office.celia).values(state=newer))
    (line,) = office.run("officers", "check", code=1).stdout.splitlines()
    assert line.endswith(f"to mend: trato officers mend {office.row.study_id} --end-session")
    assert office.row.study_id in {one["study_id"] for one in json.loads(office.run(*PLAN).stdout)}
    office.run("officers", "mend", office.row.study_id, "--end-session")
    office.run("officers", "check")
    with office.database.reading() as tx:
        ended = select(Session.ended_at.is_not(None), Session.outcome).order_by(Session.contact_id)
        assert [tuple(row) for row in tx.execute(ended)] == [(False, None), (True, "stopped")]


@pytest.mark.parametrize(("table", "field"), [(Address, "number"), (Identity, "name")], ids=["a number", "a name"])
@pytest.mark.parametrize("whole", [False, True], ids=["one officer", "the whole roster"])
def test_what_cannot_be_opened_is_found_and_sealed_again_from_the_roster(
    office: Office, table: Any, field: str, whole: bool
) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(table).where(table.contact_id == office.celia).values(sealed=b"\x01damaged"))
    study_id = office.row.study_id
    (line,) = office.run("officers", "check", code=1).stdout.splitlines()
    assert line == (
        f"{study_id} {field}: cannot be opened; to mend: trato officers mend {study_id} --from-roster padron.csv"
    )
    assert study_id in office.run("officers", "find", "--reason", "called", "Nadie", code=1).stderr
    again = office.run("officers", "mend", study_id, code=1).stdout
    assert "still cannot be opened" in again
    if whole:
        done = office.run("roster", "import", office.roster()).stdout
        assert done.startswith("0 officers added, 1 updated, 2 unchanged")
    else:
        office.run("officers", "mend", study_id, "--from-roster", office.roster())
    assert office.run("officers", "check").stdout == "no officer is damaged\n"
    found = office.run("officers", "find", "--reason", "called", "Celia")
    assert (study_id in found.stdout, "5555550102" in found.stdout, found.stderr) == (True, True, "")


def test_a_roster_with_another_key_enrols_nobody_once_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_SECRET_KEY", "another secret that only tests have")
    for words in (
        ("roster", "import", office.roster()),
        ("officers", "check"),
        ("officers", "find", "--reason", "called", "Celia"),
    ):
        result = CliRunner().invoke(main.app, list(words))
        assert isinstance(result.exception, ConfigurationError)
        assert "TRATO_SECRET_KEY" in str(result.exception)
    with office.database.reading() as tx:
        assert len(tx.execute(select(Contact.id)).all()) == 3


def test_what_a_conversation_writes_is_checked_too(office: Office) -> None:
    with office.database.transaction() as tx, pytest.raises(ValueError, match="shift is not a shift"):
        write(tx, Changes(contacts=[(office.celia, {"shift": "24x"})]))


def test_a_session_at_a_step_that_its_version_does_not_have(office: Office) -> None:
    with office.database.transaction() as tx:
        _begun(tx, office.celia, office.clock)
        ((state,),) = stored(tx, Session, "state")
        gone = sealing.seal(tx, SESSION_STATE, office.celia, state.replace('"contacto"', '"gone"'))
        tx.execute(update(Session).values(state=gone))
    assert "session: cannot be read (KeyError)" in office.run("officers", "check", code=1).stdout


def test_a_version_that_is_gone_stops_neither_exports_nor_the_report(office: Office) -> None:
    with office.database.transaction() as tx:
        _begun(tx, office.celia, office.clock)
        _begun(tx, 1, office.clock)
        without_foreign_keys(tx)
        tx.execute(update(Session).where(Session.contact_id == office.celia).values(flow_version_id=9_999))
        assert [one.field for one in repair.check(tx)] == ["session"]
        package.write(tx, office.folder / "datos", Selection(), formats=("csv", "floip"))
        page.report(tx, sample.choose(tx, None, None, None, None))
        tx.rollback()


def test_a_cohorts_damaged_dates_are_set_again(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(Cohort).values(dates="{"))
        tx.execute(update(Contact).values(dates="{}"))
        library = Library()
        library.refresh(tx)
        while plan_some(tx, library, QUIET, office.clock()):
            pass
        assert len(damage.damaged(tx)) == 3
    assert "to mend: trato cohorts date norte" in office.run("officers", "check", code=1).stdout
    office.run("cohorts", "date", "norte", "workshop_date=2026-03-02")
    office.run("officers", "mend", "--sound")
    assert office.run("officers", "check").stdout == "no officer is damaged\n"
    with office.database.reading() as tx:
        assert damage.damaged(tx) == {}


def test_an_officer_with_whom_a_job_failed_is_listed_until_somebody_tries_again(office: Office) -> None:
    office.hold()
    assert "plan failed (ValueError at flows/shifts.py:47)" in office.run("officers", "check", code=1).stdout
    office.run("officers", "mend", office.row.study_id)
    assert office.row.damage is None
    office.run("officers", "check")


def test_what_is_still_damaged_stays_on_hold(office: Office) -> None:
    office.spoil({"timezone": "Mars/Phobos", "shift": "["})
    office.hold()
    result = office.run("officers", "mend", office.row.study_id, "--field", "shift", "--value", "", code=1)
    assert "timezone still is not a time zone" in result.stdout
    assert (office.row.shift, office.row.damage is None) == (None, False)


@pytest.mark.parametrize(
    "words",
    [
        ("ZZZZZZZZ",),
        (),
        ("{celia}", "--sound"),
        ("{celia}", "--field", "timezone"),
        ("{celia}", "--field", "name", "--value", "x"),
        ("{celia}", "--field", "timezone", "--value", "Mars/Phobos"),
        ("{celia}", "--field", "dates", "--value", "soon"),
        ("{celia}", "--field", "shift", "--value", "24x48"),
        ("{celia}", "--field", "shift", "--value", "1x1 2030-03-01 07:00"),
    ],
)
def test_what_mend_refuses(office: Office, words: tuple[str, ...]) -> None:
    result = office.run("officers", "mend", *[word.format(celia=office.row.study_id) for word in words], code=1)
    assert isinstance(result.exception, UsageError)


@pytest.mark.parametrize("field", BROKEN)
def test_damage_is_refused_on_the_way_in(office: Office, field: str) -> None:
    with office.database.transaction() as tx:
        with pytest.raises(ValueError, match=f"^{field} "):
            contacts.change(tx, office.celia, **{field: BROKEN[field]})
        with pytest.raises(ValueError, match=f"^{field} "):
            enrolment.add_contacts(tx, [{"study_id": "X", field: BROKEN[field]}])
        with pytest.raises(ValueError, match="timezone "):
            enrolment.add_cohort(tx, "sur", "prueba", "Mars/Phobos", office.clock())
        with pytest.raises(ValueError, match="dates "):
            cohorts.change(tx, 1, dates="{")
        with pytest.raises(ValueError, match="timezone "):
            cohorts.change_zone(tx, 1, "America/Mexico_City", "Mars/Phobos")
