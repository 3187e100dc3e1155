"""The README and the papers that it leads to are true: the first programme is made and its commands run, in their order, in an empty
folder; the tables of commands and settings and .env.example say what the code says. `make demo` and `make test` are run by people and by
continuous integration."""

import re
from pathlib import Path

import pytest

from app.cli.main import COMMANDS
from app.settings import Settings
from tests.acceptance.papers import ROOT, Desk, blocks

README, FIRST, COMMANDS_PAPER, SETTINGS_PAPER, PRODUCTION = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/first-programme.md", "docs/commands.md", "docs/settings.md", "docs/production.md")
)


def test_its_files_and_commands_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path, typed="simón\nla uno\n")
    desk.follow(blocks(FIRST))
    assert [line.split()[1] for line in desk.done] == [
        "init",
        "check",
        "test",
        "play",
        "reply",
        "reply",
        "TRATO_FLOWS=taller/flows",
        "synth",
        "roster",
        "roster",
        "cohorts",
        "plan",
        "serve",
        "status",
        "export",
    ]
    for folder in ("answers", "rehearsal/export"):
        assert (tmp_path / folder / "responses.csv").read_text(encoding="utf-8").startswith("study_id,")


@pytest.mark.parametrize(
    "line",
    [line for block in blocks(README + PRODUCTION) if block.kind == "console" for line in block.body.splitlines()],
)
def test_what_it_tells_people_to_type_is_there(line: str) -> None:
    match line.removeprefix("$ ").split():
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        case ["docker", *_]:
            assert (ROOT / "Dockerfile").is_file()
        case ["trato", command, *_]:
            assert f"\n| `trato {command}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
        case ["mv", one, other, *_]:
            assert one.startswith("var/trato.db")
            assert other.startswith("var/trato.db")
        case _:
            raise AssertionError(f"{line}: no make, docker, trato or mv; let a block `sh` be run by the test above")


def test_its_tests_are_run_by_make_test() -> None:
    assert "$ make test\n" in README


def test_its_list_of_commands_is_the_command_lines() -> None:
    listed = re.findall(r"^\| `trato ([\w-]+)` \| (.*) \|$", COMMANDS_PAPER, re.MULTILINE)
    assert listed == [(name, entry.help) for name, entry in COMMANDS.items()]


def _shown(value: object) -> str:
    match value:
        case None | {} | ():
            return ""
        case (start, end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


SETTINGS = [
    (f"TRATO_{name.upper()}", _shown(field.default), field.description or "")
    for name, field in Settings.model_fields.items()
]


def test_its_list_of_settings_is_the_codes() -> None:
    listed = re.findall(r"^\| `(TRATO_\w+)` \| (?:`([^`]*)` )?\| (.*) \|$", SETTINGS_PAPER, re.MULTILINE)
    assert listed == SETTINGS


def test_env_example_has_every_setting_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^# (.*)\n# (TRATO_\w+)=(.*)$", example, re.MULTILINE)
    assert [(name, default, text) for text, name, default in listed] == SETTINGS
    assert not re.search(r"^[^#\n]", example, re.MULTILINE), "copied as it is, it changes nothing"


@pytest.mark.parametrize(
    "paper",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
    ],
)
def test_links_within_the_repository_lead_somewhere(paper: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / paper).read_text(encoding="utf-8")):
        assert (ROOT / paper).parent.joinpath(link).exists(), link
