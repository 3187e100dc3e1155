"""The command line's root: every command is listed, found and said the same of; errors are one line and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import __version__
from app.cli import main
from app.errors import AppError, ConfigurationError, ExternalError, UsageError

PUBLIC = [
    "demo",
    "init",
    "serve",
    "check",
    "schema",
    "play",
    "diagram",
    "test",
    "diff",
    "publish",
    "flows",
    "reply",
    "replies",
    "roster",
    "officers",
    "cohorts",
    "leave",
    "cases",
    "synth",
    "power",
    "randomize",
    "plan",
    "templates",
    "export",
    "report",
    "text",
    "corrections",
    "status",
    "doctor",
    "twilio",
    "alerts",
    "notice",
    "pause",
    "resume",
    "sweep",
    "dead-letters",
    "user",
    "token",
    "audit",
    "erase",
    "retention",
    "anonymise",
    "keys",
    "backup",
    "restore",
    "db",
    "docs",
]
HELPERS = {
    "__init__",
    "main",
    "_common",
    "called",
    "help_texts",
    "language",
    "logs",
    "rehearsals",
    "case_acts",
    "mending",
    "watching",
    "examining",
}


def test_the_public_surface_is_there() -> None:
    assert list(main.COMMANDS) == PUBLIC


def test_no_module_of_a_command_is_left_out() -> None:
    modules = {path.stem for path in Path(main.__file__).parent.glob("*.py")} - HELPERS
    packages = {path.parent.name for path in Path(main.__file__).parent.glob("*/__init__.py")}
    assert modules | packages == {entry.target.partition(":")[0] for entry in main.COMMANDS.values()}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_command_says_of_itself_what_the_list_says(name: str) -> None:
    command = main.load(name)
    assert command.name == name
    assert " ".join(command.help.split()).startswith(main.COMMANDS[name].help)


@pytest.mark.parametrize("name", PUBLIC)
def test_help_of_a_command_is_plain(name: str) -> None:
    shown = CliRunner().invoke(main.app, [name, "--help"])
    assert shown.exit_code == 0
    assert "Usage: " in shown.stdout
    assert "─" not in shown.stdout
    assert "completion" not in shown.stdout


def test_help_lists_every_command_with_its_whole_help() -> None:
    shown = " ".join(CliRunner().invoke(main.app, ["--help"]).stdout.split())
    for name, entry in main.COMMANDS.items():
        assert f" {name} {entry.help}" in shown


def test_version() -> None:
    assert CliRunner().invoke(main.app, ["--version"]).stdout == f"trato {__version__}\n"


def test_an_unknown_command_is_usage_with_a_suggestion() -> None:
    shown = CliRunner().invoke(main.app, ["chek"])
    assert shown.exit_code == 2
    assert "No such command 'chek'. Did you mean 'check'" in shown.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("u"), 2), (ConfigurationError("c"), 3), (ExternalError("e"), 4), (AppError("a"), 1)],
)
def test_an_operators_error_is_one_line_and_its_exit_code(
    error: AppError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ended(error, monkeypatch) == code
    assert capsys.readouterr() == ("", f"trato: {error}\n")


def test_a_fault_of_our_own_shows_its_place_and_not_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TRATO_DEBUG", raising=False)
    assert _ended(ValueError("Alma, +525555550101"), monkeypatch) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("trato: internal error, ValueError")
    assert "Alma" not in shown
    assert shown.count("\n") == 1


def test_a_fault_of_our_own_is_raised_for_whoever_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_DEBUG", "1")
    with pytest.raises(ValueError, match="whole"):
        _ended(ValueError("whole"), monkeypatch)


def _ended(error: Exception, monkeypatch: pytest.MonkeyPatch) -> int:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as end:
        main.run()
    return int(end.value.code or 0)


def test_help_is_quick() -> None:
    """Against `import typer`, by processor time, the best of five each: at most twice (the machine may be busy: thrice)."""
    help_ = ["-c", "from app.cli.main import run; run()", "--help"]
    assert min(_seconds(help_) for _ in range(5)) < 3 * min(_seconds(["-c", "import typer"]) for _ in range(5))


def test_help_imports_neither_the_web_nor_the_database() -> None:
    code = "import sys\nfrom app.cli.main import app\ntry: app(['--help'])\nfinally: print('modules:', *sys.modules)"
    loaded = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        .stdout.split("modules:")[1]
        .split()
    )
    assert "typer" in loaded
    assert not {"fastapi", "sqlalchemy", "pydantic", "twilio", "rich", "ruamel"} & set(loaded)


def _seconds(arguments: list[str]) -> float:
    """The processor time of a process and what it starts."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
