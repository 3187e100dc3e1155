"""Leave, extra turns and turns that are not worked, on both databases: whole local days, no overlaps, all of a table or nothing,
and a plan that is laid out anew; and the commands that a coordinator types."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from sqlalchemy import Connection, insert, select, update
from typer.testing import CliRunner

from app.cli import main
from app.errors import UsageError
from app.roster import leave, leave_rows
from app.roster.leave import time_of
from app.roster.leave_rows import LeaveImport
from app.sheets.table_files import read_table
from app.store.database import Database
from app.store.tables import Assignment, AuditEntry, Contact, ShiftChange
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, flows_folder, published

MEXICO = "America/Mexico_City"


def at(text: str, zone: str = MEXICO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# -- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "zone", "starts", "ends"),
    [
        ("2026-03-02", "2026-03-15", MEXICO, "2026-03-02 00:00-06:00", "2026-03-16 00:00-06:00"),
        ("2026-03-02", "2026-03-02", "America/Cancun", "2026-03-02 00:00-05:00", "2026-03-03 00:00-05:00"),
        (
            "2026-03-07",
            "2026-03-08",
            "America/Tijuana",
            "2026-03-07 00:00-08:00",
            "2026-03-09 00:00-07:00",
        ),  # clocks change
        ("2026-03-02T07:00", "2026-03-03T07:00", MEXICO, "2026-03-02 07:00-06:00", "2026-03-03 07:00-06:00"),
        ("2026-03-02T07:00", "2026-03-03", MEXICO, "2026-03-02 07:00-06:00", "2026-03-04 00:00-06:00"),
    ],
)
def test_a_time_has_whole_days_by_the_officers_clock(first: str, last: str, zone: str, starts: str, ends: str) -> None:
    time = time_of("leave", first, last, zone)
    assert (time.starts_at, time.ends_at) == (datetime.fromisoformat(starts), datetime.fromisoformat(ends))
    whole = [leave.as_wall(text) for text in leave.local_days(time, zone)]
    assert time_of("leave", *whole, zone) == time


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02", "2026-03-01", "ends before it begins"),
        ("2026-03-02T07:00", "2026-03-02T07:00", "ends before it begins"),
        ("2026-03-02", "2036-03-15", "is longer than 400 days"),
    ],
)
def test_a_time_that_cannot_be(first: str, last: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        time_of("leave", first, last, MEXICO)


def test_days_and_hours_as_people_and_programs_write_them() -> None:
    assert [
        leave.as_wall(text) for text in ("2/3/2026", "2026-03-02 00:00:00", "2026-03-02 00:00", "2/3/2026 7:00 p.m.")
    ] == [
        "2026-03-02",
        "2026-03-02",
        "2026-03-02T00:00",
        "2026-03-02T19:00",
    ]


# -- one officer ------------------------------------------------------------------------------------------------------


class Desk:
    """Two officers who follow a campaign that is laid out."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        library = published(tx, clock())
        version = library.campaigns[library.current["prueba"]]["seguimiento"]
        self.alma, self.bruno = (enrol(tx, vault, clock(), f"+52555555010{number}") for number in (1, 2))
        for contact, study_id in ((self.alma, "ALMA0001"), (self.bruno, "BRUNO002")):
            tx.execute(update(Contact).where(Contact.id == contact).values(study_id=study_id))
            row = {"contact_id": contact, "campaign": "seguimiento", "planned_version_id": version, "at": clock()}
            tx.execute(insert(Assignment), row)

    def add(self, first: str, last: str, kind: str = "leave", study_id: str = "ALMA0001") -> leave.Time:
        return leave.add(self.tx, study_id, kind, first, last, self.clock(), "test")

    def take(self, text: str) -> LeaveImport:
        return leave_rows.import_table(
            self.tx, self.vault, read_table("x.csv", text.encode()), {}, self.clock(), "test"
        )

    def all(self, *columns: Any) -> list[Any]:
        return [tuple(row) for row in self.tx.execute(select(*columns))]

    def anew(self) -> set[int]:
        return {
            contact
            for contact, version in self.all(Assignment.contact_id, Assignment.planned_version_id)
            if version is None
        }


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    with database.transaction() as tx:
        yield Desk(tx, vault, clock)


def test_what_is_added_is_kept_audited_and_has_one_plan_laid_out_anew(desk: Desk) -> None:
    desk.add("2026-03-02", "15/3/2026", "vacaciones", "alma0001")
    assert desk.all(ShiftChange.contact_id, ShiftChange.kind, ShiftChange.starts_at, ShiftChange.ends_at) == [
        (desk.alma, "leave", at("2026-03-02"), at("2026-03-16"))
    ]
    assert desk.anew() == {desk.alma}
    ((action, subject, detail),) = desk.all(AuditEntry.action, AuditEntry.subject, AuditEntry.detail)[-1:]
    assert (action, subject, json.loads(detail)["kind"]) == ("leave add", f"contact:{desk.alma}", "leave")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-03-02", "2026-03-15"),
        ("2026-03-15", "2026-03-20"),
        ("2026-02-20", "2026-03-02"),
        ("2026-03-05 07:00", "2026-03-06 07:00"),
        ("2026-02-01", "2026-04-01"),
    ],
)
def test_times_of_one_officer_do_not_overlap(desk: Desk, first: str, last: str) -> None:
    desk.add("2026-03-02", "2026-03-15")
    with pytest.raises(UsageError, match="overlaps with leave from 2026-03-02 to 2026-03-15: remove that first"):
        desk.add(first, last, "on")
    desk.add(first, last, "on", "BRUNO002")


def test_times_may_meet(desk: Desk) -> None:
    desk.add("2026-03-02", "2026-03-15")
    desk.add("2026-03-16", "2026-03-16", "on")
    desk.add("2026-03-01", "2026-03-02 00:00", "off")
    assert len(desk.all(ShiftChange.id)) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("NOBODY00", "leave", "2026-03-02", "2026-03-03"), "there is no officer NOBODY00"),
        (("ALMA0001", "fiesta", "2026-03-02", "2026-03-03"), "--kind must be leave"),
        (("ALMA0001", "leave", "2026-02-30", "2026-03-03"), "--from must be a date such as 2026-03-02"),
        (("ALMA0001", "leave", "2026-03-02", "marzo"), "--to must be a date such as 2026-03-02"),
        (("ALMA0001", "leave", "2026-03-02", "2026-03-01"), "the time ends before it begins"),
    ],
)
def test_what_cannot_be_added(desk: Desk, words: tuple[str, str, str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        leave.add(desk.tx, *words, desk.clock(), "test")
    assert desk.anew() == set()


def test_what_is_removed_is_gone_and_the_plan_is_laid_out_anew(desk: Desk) -> None:
    desk.add("2026-03-02 07:00", "2026-03-02 12:00", "on")
    desk.add("2026-03-02 13:00", "2026-03-02 19:00", "on")
    desk.tx.execute(
        update(Assignment).values(
            planned_version_id=select(Assignment.planned_version_id)
            .where(Assignment.contact_id == desk.bruno)
            .scalar_subquery()
        )
    )
    for first, said in (
        ("2026-03-02", "several begin on that day"),
        ("2026-03-03", "nothing of this officer begins then"),
        ("x", "--from must be"),
    ):
        with pytest.raises(UsageError, match=said):
            leave.remove(desk.tx, "ALMA0001", first, desk.clock(), "test")
    assert desk.anew() == set()
    leave.remove(desk.tx, "ALMA0001", "2026-03-02 13:00", desk.clock(), "test")
    assert desk.all(ShiftChange.starts_at) == [(at("2026-03-02 07:00"),)]
    assert desk.anew() == {desk.alma}
    last = select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)  # type: ignore[union-attr]
    assert desk.tx.execute(last).scalar_one() == "leave remove"


# -- a table ----------------------------------------------------------------------------------------------------------


def test_a_table_by_study_id_and_by_number(desk: Desk) -> None:
    done = desk.take(
        "folio;teléfono;desde;hasta;tipo\nalma0001;;2/3/2026;15/3/2026;Vacaciones\n;55 5555 0102;2026-03-05 7:00;2026-03-06 7:00;turno extra\n\n"
    )
    assert (done.added, done.unchanged, done.officers, done.faults) == (2, 0, 2, [])
    assert sorted(desk.all(ShiftChange.contact_id, ShiftChange.kind, ShiftChange.starts_at, ShiftChange.ends_at)) == [
        (desk.alma, "leave", at("2026-03-02"), at("2026-03-16")),
        (desk.bruno, "on", at("2026-03-05 07:00"), at("2026-03-06 07:00")),
    ]
    assert desk.anew() == {desk.alma, desk.bruno}


def test_the_same_table_again_changes_nothing(desk: Desk) -> None:
    text = "study_id,from,to\nALMA0001,2026-03-02,2026-03-15\n"
    desk.take(text)
    desk.tx.execute(
        update(Assignment).values(
            planned_version_id=select(Assignment.planned_version_id)
            .where(Assignment.contact_id == desk.bruno)
            .scalar_subquery()
        )
    )
    done = desk.take(text + "ALMA0001,2026-03-20,2026-03-21\n")
    assert (done.added, done.unchanged) == (1, 1)
    done = desk.take(text)
    assert (done.added, done.unchanged, len(desk.all(ShiftChange.id))) == (0, 1, 2)


def test_leave_without_an_end_is_open_until_the_same_entry_has_one(desk: Desk) -> None:
    header = "folio,desde,hasta,tipo\n"
    done = desk.take(f"{header}ALMA0001,2026-03-02,,incapacidad\n , , , \n")
    assert (done.added, done.ended, done.open, done.faults) == (1, 0, 1, [])
    assert desk.all(ShiftChange.starts_at, ShiftChange.ends_at) == [(at("2026-03-02"), leave.OPEN)]
    again = desk.take(f"{header}ALMA0001,2026-03-02,Indefinida,incapacidad\n")
    assert (again.added, again.unchanged) == (0, 1)
    with pytest.raises(UsageError, match="overlaps with leave from 2026-03-02 without an end: remove that first"):
        desk.add("2028-01-01", "2028-01-02", "on")
    closed = desk.take(f"{header}ALMA0001,2026-03-02,2026-04-30,licencia\n")
    assert (closed.added, closed.ended, closed.open) == (0, 1, 0)
    assert desk.all(ShiftChange.starts_at, ShiftChange.ends_at) == [(at("2026-03-02"), at("2026-05-01"))]
    desk.add("2028-01-01", "2028-01-02", "on")


def test_only_leave_may_be_without_an_end(desk: Desk) -> None:
    done = desk.take("folio,desde,hasta,tipo\nALMA0001,2026-03-02,,turno extra\n")
    assert [str(fault) for fault in done.faults] == ["row 2, column hasta: has no end: only leave may have none"]


def test_an_error_of_a_spreadsheet_is_no_open_end(desk: Desk) -> None:
    done = desk.take("folio,desde,hasta,tipo\nALMA0001,2026-03-02,#N/A,licencia\n#¡REF!,2026-03-02,2026-03-03,\n")
    assert [str(fault) for fault in done.faults] == [
        "row 2, column hasta: has the spreadsheet's error #N/A: correct the formula, or write the value",
        "row 3, column folio: has the spreadsheet's error #¡REF!: correct the formula, or write the value",
    ]
    assert desk.all(ShiftChange.id) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "",
            [
                "row 1: there is no column 'desde'",
                "row 1: there is no column 'hasta'",
                "row 1: there is no column 'telefono' nor 'study id': one of them says who it is",
            ],
        ),
        ("folio,desde,hasta\n", ["row 2: there is nothing below the headers"]),
        ("folio,desde,hasta\nALMA0001,2026-03-02,2026-03-01\n", ["row 2, column hasta: ends before it begins"]),
        (
            "folio,desde,hasta,tipo\nNADIE,ayer,,x\n",
            [
                "row 2, column desde: must be a date such as 2026-03-02, or a date and an hour such as 2026-03-02 07:00",
                "row 2, column tipo: must be leave (vacaciones, licencia, incapacidad), on (turno extra) or off (descanso)",
            ],
        ),
        (
            "folio,celular,desde,hasta\n,,2026-03-02,2026-03-02\n,12,2026-03-02,2026-03-02\n,5555550199,2026-03-02,2026-03-02\nX,,2026-03-02,2026-03-02\n",
            [
                "row 2, column celular: is empty",
                "row 3, column celular: the number is too short",
                "row 4, column celular: nobody of this study id or number takes part",
                "row 5, column folio: nobody of this study id or number takes part",
            ],
        ),
        (
            "folio,celular,desde,hasta\nALMA0001,,2026-03-02,2026-03-05\n,5555550101,2026-03-05,2026-03-06\n",
            ["row 3, column desde: overlaps with row 2, of the same officer"],
        ),
        (
            "folio,desde,hasta\nBRUNO002,2026-03-31,2026-04-02\n",
            [
                "row 2, column desde: overlaps with off from 2026-04-01 to 2026-04-01: remove that first, or write only what is new"
            ],
        ),
        (
            "folio,desde,hasta\nALMA0001,2026-03-02,2026-03-02,x\n",
            ["row 2: has more cells than there are columns: is a comma within a cell unquoted?"],
        ),
    ],
)
def test_a_table_with_mistakes_is_not_taken(desk: Desk, text: str, faults: list[str]) -> None:
    desk.add("2026-04-01", "2026-04-01", "off", "BRUNO002")
    done = desk.take(text)
    assert sorted(map(str, done.faults)) == sorted(faults)
    assert (done.added, done.unchanged, len(desk.all(ShiftChange.id)), desk.anew()) == (0, 0, 1, {desk.bruno})


# -- the commands -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Shell":
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    return Shell(tmp_path)


class Shell:
    """An installation, and the commands typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main.app, list(words))
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code).stdout)

    def file(self, text: str) -> str:
        path = self.folder / "tabla.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def enrol(self, text: str) -> list[str]:
        """Import officers and give their study ids, in order of their names."""
        self("roster", "import", self.file(text))
        return [
            self.json("officers", "find", "--reason", "called", line.partition(",")[0])["officers"][0]["study_id"]
            for line in text.splitlines()[1:]
        ]


ROSTER = "nombre,telefono,cohorte,zona,fecha_taller\nAlma,5555550101,norte,Tijuana,\nBruno,5555550102,sur,,2030-03-11\nCelia,5555550103,norte,,\n"


def test_leave_by_hand(shell: Shell) -> None:
    alma, bruno, _ = shell.enrol(ROSTER)
    shown = shell("leave", "add", alma, "--from", "2030-03-02", "--to", "2030-03-15").stdout
    assert shown == f"officer {alma}: leave from 2030-03-02 to 2030-03-15, time zone America/Tijuana\n"
    shell("leave", "add", bruno, "--from", "2030-03-03", "--kind", "off")
    shell("leave", "add", bruno, "--from", "2020-03-03")
    assert shell.json("leave", "list", "--cohort", "norte") == [
        {"study_id": alma, "cohort": "norte", "kind": "leave", "from": "2030-03-02", "to": "2030-03-15"}
    ]
    assert [one["from"] for one in shell.json("leave", "list")] == ["2030-03-02", "2030-03-03"]
    assert len(shell.json("leave", "list", "--all")) == 3
    assert (
        shell("leave", "remove", alma, "--from", "2030-03-02").stdout
        == f"officer {alma}: leave from 2030-03-02 to 2030-03-15 deleted\n"
    )
    assert "Alma" not in shell("leave", "list").stdout
    assert "everybody works as usual" in shell("leave", "list", "--cohort", "norte").stdout


def test_open_leave_by_hand(shell: Shell) -> None:
    alma, *_ = shell.enrol(ROSTER)
    shown = shell("leave", "add", alma, "--from", "2030-03-02", "--open").stdout
    assert shown == f"officer {alma}: leave from 2030-03-02 without an end, time zone America/Tijuana\n"
    assert [(one["from"], one["to"]) for one in shell.json("leave", "list")] == [("2030-03-02", None)]
    assert "2030-03-02  (open)" in shell("leave", "list").stdout
    assert {line["status"] for line in shell.json("plan", "--cohort", "norte", "--until", "2031-12-31")} <= {
        "planned",
        "skipped",
    }
    both = CliRunner().invoke(main.app, ["leave", "add", alma, "--from", "2030-03-02", "--to", "2030-03-03", "--open"])
    assert str(both.exception) == "give --to or --open, not both"
    shell("leave", "add", alma, "--from", "2030-03-02", "--to", "2030-03-15")
    assert [(one["from"], one["to"]) for one in shell.json("leave", "list")] == [("2030-03-02", "2030-03-15")]


def test_leave_from_a_table(shell: Shell) -> None:
    alma, *_ = shell.enrol(ROSTER)
    file = shell.file(f"oficial,desde,regresa\n{alma},2030-03-02,2030-03-15\n")
    words = ("leave", "import", file, "--map", "oficial=study_id", "--map", "regresa=to")
    assert shell(*words, "--dry-run").stdout == "1 would be added, of 1 officer; 0 unchanged\n"
    assert shell.json("leave", "list") == []
    assert shell.json(*words) == {
        "added": 1,
        "ended": 0,
        "open": 0,
        "unchanged": 0,
        "officers": 1,
        "dry_run": False,
        "header_row": 1,
        "notes": [],
        "warnings": [],
        "faults": [],
    }
    refused = shell("leave", "import", file, code=1)
    assert f"{file}: row 1: there is no column 'hasta'" in refused.stderr
    assert "nothing was imported" in refused.stderr


def test_the_dates_and_the_zone_of_a_cohort(shell: Shell) -> None:
    shell.enrol(ROSTER)
    assert "norte   prueba     2         America/Mexico_City" in shell("cohorts").stdout
    assert shell.json("plan", "--cohort", "norte", "--until", "2030-12-31") == [
        line for line in shell.json("plan", "--cohort", "norte", "--until", "2030-12-31") if line["slot"] == "consent"
    ]
    year = datetime.now(ZoneInfo(MEXICO)).year
    shown = shell("cohorts", "date", "norte", f"workshop_date=2/3/{year}").stdout
    assert shown == f"cohort norte: workshop_date={year}-03-02; 2 officers will be replanned, 0 keep their own\n"
    done = shell.json("cohorts", "date", "sur", f"workshop_date={year}-03-02")
    assert (done["dates"], done["laid_out_anew"], done["own"], done["begun"]) == (
        {"workshop_date": f"{year}-03-02"},
        0,
        1,
        0,
    )
    done = shell.json("cohorts", "zone", "norte", "Cancún")
    assert (done["timezone"], done["laid_out_anew"], done["own"]) == ("America/Cancun", 1, 1)
    assert [one["cohort"] for one in shell.json("cohorts", "--programme", "prueba")] == ["norte", "sur"]
    assert shell.json("cohorts", "date", "sur", "workshop_date=")["dates"] == {}
    shell("pause", "--cohort", "sur")
    assert "since " in shell("cohorts").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("date", "nort", "workshop_date=2026-03-02"), "there is no cohort 'nort'. Did you mean norte?"),
        (
            ("date", "norte", "workshop=2026-03-02"),
            "no campaign of prueba counts from 'workshop'. Did you mean workshop_date? There is: workshop_date",
        ),
        (("date", "norte", "workshop_date=2026-02-30"), "workshop_date: must be a date such as 2026-03-02"),
        (("date", "norte", "workshop_date=2062-03-02"), "workshop_date: is more than two years away"),
        (("date", "norte", "2026-03-02"), "write each date once, as NAME=DATE"),
        (("date", "norte", "workshop_date=", "workshop_date="), "write each date once, as NAME=DATE"),
        (("zone", "norte", "UTC-6"), "is not a time zone"),
    ],
)
def test_what_cannot_be_set_of_a_cohort(shell: Shell, words: tuple[str, ...], said: str) -> None:
    shell.enrol(ROSTER)
    result = CliRunner().invoke(main.app, ["cohorts", *words])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
