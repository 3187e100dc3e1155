"""`trato report` as it is called: the file, the audit log, and what it says where it cannot."""

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from app import with_extra
from app.cli import main
from app.errors import ConfigurationError, UsageError
from app.exports.statistics import libraries
from app.store.database import Database
from app.store.tables import AuditEntry, Response
from tests.exports.test_report import cells


def test_without_scipy_one_error_says_what_to_install(
    installed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries.scipy_stats.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    result = CliRunner().invoke(main.app, ["report", "reporte.html"])
    assert isinstance(result.exception, ConfigurationError)
    assert str(result.exception).endswith(f"is not installed: {with_extra('analysis')}")
    assert not (tmp_path / "reporte.html").exists()
    with installed.reading() as tx:
        assert not tx.execute(select(AuditEntry.id).where(AuditEntry.action == "export")).all()


def test_a_report_is_written_and_noted(installed: Database, tmp_path: Path) -> None:
    wanted = [
        "report",
        "salida/reporte.html",
        "--cohort",
        "prueba-1",
        "--since",
        "2026-03-01",
        "--until",
        "2026-03-31",
        "--language",
        "en",
    ]
    result = CliRunner().invoke(main.app, wanted)
    assert result.exit_code == 0, result.output
    assert result.output == "salida/reporte.html: report of prueba-1; no figure covers fewer than 5 officers\n"
    html = (tmp_path / "salida" / "reporte.html").read_text(encoding="utf-8")
    assert "<dd>from 2026-03-01 to 2026-03-31</dd>" in html
    assert "<dd>prueba-1</dd>" in html
    with installed.reading() as tx:
        assert tx.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()[-1] == (
            "export",
            "report",
        )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["x.html", "--programme", "prueva"], "there is no programme 'prueva'"),
        (["x.html", "--cohort", "otra"], "there is no cohort 'otra'"),
        (["x.html", "--since", "2026-03-02", "--until", "2026-03-01"], "--until must not be before --since"),
        (["x.html", "--until", "9999-12-31"], "a day lies between 2000-01-01 and 2199-12-31"),
        (["."], "name the file to write"),
    ],
)
def test_what_cannot_be_reported_is_said(installed: Database, tmp_path: Path, wanted: list[str], said: str) -> None:
    result = CliRunner().invoke(main.app, ["report", *wanted])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not (tmp_path / "x.html").exists()


def test_a_report_of_one_officer_cannot_be_asked_for(installed: Database) -> None:
    assert CliRunner().invoke(main.app, ["report", "x.html", "--k", "1"]).exit_code == 2


def test_late_answers_count_in_scores_and_in_what_was_applied_only_if_asked_for(
    installed: Database, tmp_path: Path
) -> None:
    answers = {
        "voz": ("saber", range(2, 5)),
        "aplico": ("aplica", range(2, 14, 2)),
        "reaccion": ("aplica", range(2, 14, 2)),
    }
    with installed.transaction() as tx:
        for step, (flow, officers) in answers.items():
            its = Response.flow == flow, Response.step == step, Response.contact_id.in_(officers)
            tx.execute(update(Response).where(*its).values(late=True))
    found = {}
    for late in ("exclude", "include"):
        result = CliRunner().invoke(main.app, ["report", f"{late}.html", "--late", late, "--k", "2"])
        assert result.exit_code == 0, result.output
        html = (tmp_path / f"{late}.html").read_text(encoding="utf-8")
        found[late] = cells(html, "applied")[0][2:5], cells(html, "knowledge-share-right")[0][2:4]
    assert found == {
        "exclude": (["6", "18", "33.3 %"], ["14", "71.4 %"]),
        "include": (["12", "24", "50.0 %"], ["16", "75.0 %"]),
    }
    with installed.reading() as tx:
        details = tx.execute(
            select(AuditEntry.detail).where(AuditEntry.action == "export").order_by(AuditEntry.id)
        ).scalars()
        assert [json.loads(one)["late"] for one in details] == ["exclude", "include"]
