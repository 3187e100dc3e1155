"""`trato plan`: the same plan as a table, as JSON, by weeks and as a calendar; nobody's name in any of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.conversations.library import Library
from app.errors import UsageError
from app.main import publish_folder
from app.scheduler.nudging import plan_some
from app.scheduler.outlook import Outlook
from app.store.database import Database
from tests.cases.world import QUIET
from tests.unit.test_ics import read_back
from tests.world import flows_folder

ROWS = "nombre,telefono,cohorte,fecha_taller,consentimiento\nÍñigo,5555550101,norte,2030-03-04,2026-03-01\nCelia,5555550102,norte,2030-03-04,2026-03-01\n"
ENROLLED = datetime(2026, 3, 2, 16, tzinfo=UTC)
MARCH = ("plan", "--since", "2030-03-01", "--until", "2030-04-30")


@pytest.fixture
def enrolled(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    (tmp_path / "padron.csv").write_text(ROWS, encoding="utf-8")
    _said("roster", "import", str(tmp_path / "padron.csv"))


def _said(*words: str) -> str:
    result = CliRunner().invoke(main.app, list(words))
    assert result.exit_code == 0, result.output
    assert "igo" not in result.stdout
    return result.stdout_bytes.decode()


def _json(*words: str) -> Any:
    return json.loads(_said(*words, "--json"))


@pytest.mark.usefixtures("enrolled")
def test_a_calendar_has_every_line_of_the_plan() -> None:
    lines = _json(*MARCH)
    said = _said(*MARCH, "--format", "ics")
    events = read_back(said)
    assert said == _said(*MARCH, "--format", "ics")
    assert len(events) == len(lines) == 16
    assert [event["UID"] for event in events] == [
        f"{line['study_id']}.seguimiento.{line['slot']}@prueba" for line in lines
    ]
    assert len({event["UID"] for event in events}) == 16
    first = lines[0]
    assert events[0]["DTSTART"] == first["due"][:16].replace("-", "").replace(":", "") + "00Z"
    assert events[0]["SUMMARY"] == f"Reporte · {first['study_id']}"
    assert events[0]["DESCRIPTION"] == f"seguimiento {first['slot']}, norte\n{first['due_local']}\nplanned"
    assert events[0]["STATUS"] == "CONFIRMED"


@pytest.mark.usefixtures("enrolled")
def test_the_questions_that_officers_get_by_week() -> None:
    # Two flows a week for each of the two officers; `reporte` asks two questions at most.
    assert _json(*MARCH, "--questions") == [
        {"week": week, "officers": 2, "median": 4, "most": 4, "questions": 8}
        for week in ("2030-03-04", "2030-03-11", "2030-03-18", "2030-03-25")
    ]
    assert "median" in _said(*MARCH, "--questions")
    with pytest.raises(UsageError, match="exclude each other"):
        CliRunner().invoke(
            main.app, [*MARCH, "--questions", "--summary"], catch_exceptions=False, standalone_mode=False
        )


@pytest.mark.usefixtures("enrolled")
def test_one_officer_alone() -> None:
    lines = _json(*MARCH)
    one = lines[0]["study_id"]
    assert _json(*MARCH, "--study-id", one.lower()) == [line for line in lines if line["study_id"] == one]
    refused = CliRunner().invoke(main.app, ["plan", "--study-id", "NOBODY"]).exception
    assert isinstance(refused, UsageError)
    assert str(refused) == "there is no officer NOBODY"


@pytest.mark.usefixtures("enrolled")
def test_by_weeks_and_flows() -> None:
    found = _json(*MARCH, "--summary")
    assert found == [
        {"week": week, "flow": "reporte", "status": "planned", "reason": "", "count": 4}
        for week in ("2030-03-04", "2030-03-11", "2030-03-18", "2030-03-25")
    ]
    assert "2030-03-04  reporte  planned          4" in _said(*MARCH, "--summary")
    assert isinstance(CliRunner().invoke(main.app, ["plan", "--summary", "--format", "ics"]).exception, UsageError)


def test_who_has_no_date_is_counted(enrolled: None, tmp_path: Path) -> None:
    path = tmp_path / "padron.csv"
    path.write_text("nombre,telefono,cohorte\nÍñigo,5555550103,sur\nCelia,5555550104,sur\n", encoding="utf-8")
    _said("roster", "import", str(path))
    assert _said(*MARCH).endswith("\n2 have no workshop_date: only consent can be planned for them\n")
    assert "have no" not in _said(*MARCH, "--cohort", "norte")


@pytest.mark.usefixtures("enrolled")
def test_who_follows_a_campaign_that_was_renamed_is_counted(tmp_path: Path) -> None:
    assert _said("publish").endswith("Published.\n")
    path = next((tmp_path / "flows").glob("*.yaml"))
    path.write_text(path.read_text(encoding="utf-8").replace("  seguimiento:\n", "  otra:\n"), encoding="utf-8")
    assert "2 follow the campaign seguimiento, which the file does not have" in _said(*MARCH)
    assert "2 officers follow the campaign seguimiento, which is gone: nothing of it is sent." in _said(
        "publish", "--dry-run"
    )


@pytest.mark.usefixtures("enrolled")
def test_a_slot_that_is_put_before_others_is_told_when_it_is_published(tmp_path: Path) -> None:
    _said("publish")
    path = next((tmp_path / "flows").glob("*.yaml"))
    source, old = path.read_text(encoding="utf-8"), "      - {weeks: 1-4, per_week: 2, from: [reporte]}\n"
    new = "      - {weeks: 3-3, per_week: 1, from: [reporte]}\n"
    for slots, told in (
        (new + old, True),
        (old + new, False),
        (new.replace("3-3", "9-9") + old, False),
        (old.replace("2", "1"), False),
    ):
        path.write_text(source.replace(old, slots), encoding="utf-8")
        assert ("Campaign seguimiento: nudges are counted differently" in _said("publish", "--dry-run")) is told, slots


@pytest.mark.usefixtures("enrolled")
def test_a_plan_of_few_days_is_that_part_of_the_whole_one_and_looks_at_no_other_officer(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "later.csv").write_text(
        ROWS.replace("010", "020").replace("2030", "2031").replace("norte", "sur"), "utf-8"
    )
    _said("roster", "import", str(tmp_path / "later.csv"))
    seen: list[str] = []
    look = Outlook.look

    def noted(self: Outlook, tx: Any, page: Any, span: Any) -> Any:
        seen.extend(one.cohort for one in page)
        return look(self, tx, page, span)

    monkeypatch.setattr(Outlook, "look", noted)
    days = ("plan", "--since", "2030-03-06", "--days", "9")
    whole = [line for line in _json(*MARCH) if "2030-03-06" <= line["due_local"][:10] <= "2030-03-14"]
    assert whole
    assert _json(*days) == whole
    assert set(seen) == {"norte", "sur"}  # no programme is published
    database = Database(database_url)
    library = Library()
    with database.transaction() as tx:
        publish_folder(tx, tmp_path / "flows", ENROLLED)
        library.refresh(tx)
        plan_some(tx, library, QUIET, ENROLLED)
    database.close()
    seen.clear()
    assert _json(*days) == whole
    assert seen == ["norte", "norte"]
