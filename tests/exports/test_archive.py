"""`trato export --archive`: a folder that somebody with nothing else can check, whose scripts recompute the report from its tables."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.conversations import library
from app.exports.archive.ddi import NAMESPACE
from app.flows.loader import load
from app.sending import pausing
from app.store import alerts, audit
from app.store.database import Database
from tests.conftest import StillClock, postgresql_by_night
from tests.exports.district import SOURCE

LATER = SOURCE.replace("text: ¿Lo aplicó?", "text: ¿Lo aplicó en su turno?")


@pytest.fixture
def archive(installed: Database, clock: StillClock, tmp_path: Path) -> Path:
    """An archive of a programme in the field, with two versions and a pause."""
    with installed.transaction() as tx:
        clock.advance(days=30)
        library.publish(tx, load(LATER, "prueba.yaml"), LATER, "Ana", clock())
        pausing.pause(tx, pausing.Target("cohort", "prueba-1"), clock(), "Ana")
        pausing.pause(tx, pausing.Target("sender", "sms:prueba:+525555550199"), clock(), "Ana")
        alerts.ring(tx, "clock_stopped", "service", clock())
        alerts.ring(tx, "crisis", "contact:1", clock())
        audit.record(tx, clock(), "Ana", "pause", "contact:1")
    export()
    return tmp_path / "archivo"


def export(*more: str) -> None:
    result = CliRunner().invoke(main.app, ["export", "--archive", "archivo", *more])
    assert result.exit_code == 0, result.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(archive: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(archive / "scripts" / script)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )


def test_an_archive_is_whole_says_what_happened_and_names_nobody(archive: Path) -> None:
    files = {str(path.relative_to(archive)): path for path in archive.rglob("*") if path.is_file()}
    sums = dict(line.split("  ")[::-1] for line in files.pop("checksums.sha256").read_text("utf-8").splitlines())
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    history = rows(archive / "protocol" / "history.csv")
    old, new = (json.loads(one["detail"])["version"] for one in history if one["event"] == "publish")
    assert "¿Lo aplicó en su turno?" in (archive / "programme" / f"{new}.yaml").read_text("utf-8")
    texts = {(row["flow_version"], row["text"]) for row in rows(archive / "programme" / "texts.csv")}
    assert {(old, "¿Lo aplicó?"), (new, "¿Lo aplicó en su turno?"), (old, "Escuche primero.")} <= texts
    assert f"Changes from {old}" in (changes := (archive / "protocol" / "changes.md").read_text("utf-8"))
    assert "¿Lo aplicó en su turno?" in changes
    told = {(row["event"], row["subject"]) for row in history}
    assert {("pause", "cohort prueba-1"), ("pause", "one of our numbers"), ("outage", "service")} <= told
    assert len(told) == 4, "a pause or an alarm of one officer is nobody's business"
    whole = b"".join(path.read_bytes() for path in files.values())
    assert not re.search(rb"\+52|55555|Ana\b", whole)
    listed = {(row["checklist"], row["item"]): row["answer"] for row in rows(archive / "report" / "checklists.csv")}
    assert listed["CONSORT 2025", "22a"].startswith("assessed 24; allocated: directo 12; historia 12; received: ")
    assert listed["CONSORT 2025", "5a"] == "not recorded"
    assert listed["CONSORT 2025", "10"].startswith("1 later version(s)")
    assert len(listed) == 88
    _calendar(archive)
    _ddi(archive)
    before = (archive / "checksums.sha256").read_bytes()
    export()
    assert (archive / "checksums.sha256").read_bytes() == before, "the same data is the same archive"


def _calendar(archive: Path) -> None:
    """What was planned, by arm."""
    found = [row for row in rows(archive / "protocol" / "calendar.csv") if row["arm"] == "directo"]
    assert {row["flow"]: sum(int(one["started"]) for one in found if one["flow"] == row["flow"]) for row in found} == {
        "saber": 12,
        "aplica": 12,
    }


def _ddi(archive: Path) -> None:
    """Every column is a variable."""
    book = ET.parse(archive / "ddi-codebook.xml").getroot()
    variables = [(one.get("files"), one.get("name")) for one in book.iter(f"{{{NAMESPACE}}}var")]
    tables = json.loads((archive / "data" / "datapackage.json").read_text("utf-8"))["resources"]
    assert set(variables) == {
        (f"F_{table['title']}", field["name"]) for table in tables for field in table["schema"]["fields"]
    }
    assert len({one.get("ID") for one in book.iter()} - {None}) == len(variables) + len(tables)
    questions = {one.text for one in book.iter(f"{{{NAMESPACE}}}qstnLit")}
    assert "¿Qué hace?" in questions


@postgresql_by_night
def test_a_script_recomputes_the_report_from_the_tables_and_finds_a_number_that_is_not_so(archive: Path) -> None:
    made = run(archive, "recompute.py")
    assert made.returncode == 0, made.stdout + made.stderr
    agreed, figures = made.stdout.splitlines()[:2]
    assert int(agreed.split()[0]) >= 60
    assert {"asking", "rate-arm", "dispositions", "outcome-rates", "attrition-bl", "applied", "standings"} <= set(
        figures.removeprefix("figures: ").split(", ")
    )
    assert "knowledge-share-right" in figures
    assert run(archive, "master.py").returncode == 0
    assert [(row["score"], row["count"]) for row in rows(archive / "output" / "scores.csv")] == [("saber", "16")]
    head, _, *lines = (archive / "data" / "self_reports.csv").read_text("utf-8").splitlines(keepends=True)
    (archive / "data" / "self_reports.csv").write_text(head + "".join(lines), "utf-8")
    assert "DIFFERS applied" in run(archive, "recompute.py").stdout


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_twin_in_r_writes_the_same_tables(archive: Path) -> None:
    run(archive, "master.py")
    ours = [row["mean"] for row in rows(archive / "output" / "applied.csv")]
    subprocess.run(["Rscript", "scripts/master.R"], cwd=archive, check=True)
    theirs = [row["applied.mean"] for row in rows(archive / "output" / "applied.csv")]
    assert [float(one) for one in theirs] == pytest.approx([float(one) for one in ours], abs=1e-6)
