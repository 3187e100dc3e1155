"""Without a programme of one's own: `trato init` makes one, and commands that change no installation use the one that comes with
Trato. The pages of `trato check` come along."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import main
from app.shipped import shipped
from tests.lint_pages import PAGES


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRATO_FLOWS", raising=False)
    return tmp_path


def _run(*words: str) -> Result:
    return CliRunner().invoke(main.app, list(words))


def test_a_new_programme_has_its_name_and_passes_its_checks_and_tests(empty: Path) -> None:
    made = _run("init", "mi_taller")
    assert (made.exit_code, made.stdout.split("\n")[0]) == (
        0,
        "made mi_taller. Next: cd mi_taller, then `trato check` and `trato demo`",
    )
    assert sorted(str(file.relative_to(empty)) for file in empty.rglob("*") if file.is_file()) == [
        "mi_taller/.gitignore",
        "mi_taller/LEAME.md",
        "mi_taller/flows/mi_taller.yaml",
        "mi_taller/flows/transcripts/reporte.yaml",
        "mi_taller/schema/flows.schema.json",
    ]
    assert "\nprogramme: mi_taller\n" in (empty / "mi_taller/flows/mi_taller.yaml").read_text(encoding="utf-8")
    assert _run("check", "--strict", "mi_taller/flows").exit_code == 0
    assert _run("test", "mi_taller/flows").stdout.startswith("1 transcript: 1 passed")


def test_the_programme_of_the_principles_can_be_copied(empty: Path) -> None:
    assert _run("init", "copia", "--principles").exit_code == 0
    copied = (empty / "copia" / "flows" / "principles.yaml").read_bytes()
    assert copied == (shipped("flows") / "principles.yaml").read_bytes()


def test_nothing_is_overwritten(empty: Path) -> None:
    (empty / "mio").mkdir()
    refused = _run("init", "mio")
    assert str(refused.exception) == "mio exists: name a new folder"
    assert list((empty / "mio").iterdir()) == []


@pytest.mark.parametrize(("name", "better"), [("Mi Taller", "mi_taller"), ("..", "mi_programa"), ("9", "a_9")])
def test_a_name_that_no_programme_can_have_is_refused_with_one_that_it_can(name: str, better: str, empty: Path) -> None:
    assert str(_run("init", name).exception).endswith(f"such as {better}")
    assert list(empty.iterdir()) == []


def test_without_flow_files_the_programme_of_trato_is_checked_and_that_is_said() -> None:
    checked = _run("check")
    assert (checked.exit_code, checked.stdout) == (0, "1 file: nothing to report\n")
    assert checked.stderr == "there is no folder flows here: using the programme that comes with Trato\n"


def test_a_folder_that_is_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_FLOWS", "mine")
    assert str(_run("check").exception) == "cannot read mine: No such file or directory"


def test_a_page_is_shown() -> None:
    assert [_run("check", "--explain", page.code).stdout.split("\n")[0] for page in PAGES[:3]] == [
        f"# {page.code}" for page in PAGES[:3]
    ]
    assert str(_run("check", "--explain", "pac").exception) == "no problem has the code pac. Did you mean pace?"
