"""`trato text` on the command line, from a sheet to the agreement: exit codes, files and what is printed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.errors import UsageError
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.review.test_coding import CODED
from tests.review.texts import Desk

SECRET = "a secret that only tests have"


@pytest.fixture(autouse=True)
def _installation(
    tmp_path: Path, database_url: str, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    database.unlock(vault)
    with database.transaction() as tx:
        Desk(tx, vault, clock, CODED).tells("No hubo tiempo", "Era peligroso, dijo Juana")
    database.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)


def trato(*arguments: str, code: int = 0) -> str:
    shown = CliRunner().invoke(main.app, ["text", *arguments])
    if isinstance(shown.exception, UsageError):
        return str(shown.exception)
    assert shown.exit_code == code, (shown.output, shown.exception)
    return shown.output


def test_from_the_review_to_the_agreement() -> None:
    assert trato("export", "r.csv", "--only", "unreviewed") == "r.csv: 2 texts; they may identify somebody\n"
    assert Path("r.csv").stat().st_mode & 0o777 == 0o600
    assert "already exists" in trato("export", "r.csv")
    text = Path("r.csv").read_text(encoding="utf-8-sig")
    Path("r.csv").write_text(
        text.replace('dijo Juana","",""', 'dijo Juana","redact","Era peligroso, dijo [nombre]"').replace(
            'tiempo","",""', 'tiempo","ok",""'
        )
    )
    assert "give either the reviewer" in trato("import", "r.csv")
    assert trato("import", "r.csv", "--by", "Sara", "--dry-run").startswith("would be: 1 ok, 1 redact, 0 withhold")
    assert trato("export", "again.csv", "--only", "unreviewed").startswith("again.csv: 2 texts")
    assert trato("import", "r.csv", "--by", "Sara") == "1 ok, 1 redact, 0 withhold; 0 unchanged, 0 still open\n"
    for coder, second in (("A", "riesgo"), ("B", "otro")):
        trato("export", f"{coder}.csv", "--coder", coder)
        sheet = Path(f"{coder}.csv").read_text(encoding="utf-8-sig")
        assert "Juana" not in sheet
        Path(f"{coder}.csv").write_text(
            sheet.replace('tiempo","",', 'tiempo","tiempo",').replace('[nombre]","",', f'[nombre]","{second}",')
        )
        assert trato("import", f"{coder}.csv", "--coder", coder) == "2 coded; 0 unchanged, 0 still open\n"
    first = json.loads(trato("agreement", "--json"))[0]
    assert (first["variable"], first["percent"], len(first["disagreements"])) == ("tema", 50.0, 1)
    shown = trato("agreement")
    assert "they disagree on" in shown
    assert shown.splitlines()[0].split()[:3] == ["variable", "coders", "texts"]
    assert trato("export", "last.xlsx", "--coder", "final", "--json") == '{"file": "last.xlsx", "rows": 1}\n'


def test_a_mistake_is_exit_code_one_and_names_its_place() -> None:
    trato("export", "r.csv")
    Path("r.csv").write_text(Path("r.csv").read_text(encoding="utf-8-sig").replace('tiempo","",""', 'tiempo","yes",""'))
    assert "r.csv: row 2, column reviewed: must be ok, redact or withhold" in trato(
        "import", "r.csv", "--by", "Sara", code=1
    )
    faults = json.loads(trato("import", "r.csv", "--by", "Sara", "--json", code=1))["faults"]
    assert [(fault["row"], fault["column"]) for fault in faults] == [(2, "reviewed")]


def test_what_does_not_go_together() -> None:
    assert "are for a review" in trato("export", "a.csv", "--coder", "A", "--only", "reviewed")
    assert "must end in .csv or .xlsx" in trato("export", "a.txt")
    assert "a coder is named by" in trato("export", "a.csv", "--coder", "dos palabras")
    Path("a.csv").write_text("x")
    assert "--by, or the coder" in trato("import", "a.csv", "--by", "Sara", "--coder", "A")
