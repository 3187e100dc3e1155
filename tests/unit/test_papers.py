"""The documents name real things: modules, functions, tables and make targets."""

import ast
import re
from pathlib import Path

import pytest

from app.cli import main
from app.store.tables import metadata
from tests.acceptance.papers import ROOT

PAPERS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")),
]
_PATH = re.compile(r"`((?:app|tests|benchmarks|flows|docs|schema|tools)/[\w./-]*)`")
_SHELL = re.compile(r"```(?:sh|console|text)\n(.*?)```", re.DOTALL)
_PLACEHOLDER = re.compile(r"/(?:NAME|CODE)\.")
_FUNCTION = re.compile(r"`((?:app|tests|benchmarks)/[\w/]+\.py)` → `([\w.]+)`")
_TABLES = re.compile(r"tables? ((?:`\w+`(?:, | and )?)+)")


def _text(paper: str) -> str:
    return " ".join((ROOT / paper).read_text(encoding="utf-8").split())


def _defined(file: Path) -> set[str]:
    """Functions and classes of a module, and methods as Class.method; none if there is no such module."""
    found: set[str] = set()
    if not file.exists():
        return found
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_every_path_named_exists(paper: str) -> None:
    paths = [path for path in _PATH.findall(_text(paper)) if not _PLACEHOLDER.search(path)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_life_of_a_message_names_functions_that_exist() -> None:
    named = _FUNCTION.findall(_text("docs/life-of-a-message.md"))
    assert len(named) > 50
    missing = [f"{path} → {name}" for path, name in named if name not in _defined(ROOT / path)]
    assert missing == []


def test_the_glossary_names_tables_that_exist() -> None:
    named = {table for run in _TABLES.findall(_text("docs/glossary.md")) for table in re.findall(r"`(\w+)`", run)}
    assert len(named) > 20
    assert named - set(metadata.tables) == set()


def test_the_glossary_has_each_term_once_with_its_place() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    terms = [row[0].strip() for row in rows if row[0].strip() != "term"]
    assert len(terms) > 60
    assert len(terms) == len(set(terms))
    assert all(len(row) == 4 and _PATH.search(row[3]) for row in rows if row[0].strip() != "term")


def _typed(paper: str) -> list[str]:
    """The commands of Trato that a paper names: in its sentences, and in blocks that people copy."""
    text = (ROOT / paper).read_text(encoding="utf-8")
    copied = re.findall(
        r"^(?:\$ |.*(?:&& |/bin/|trato ))?trato ((?!\w+:).+)$", "".join(_SHELL.findall(text)), re.MULTILINE
    )
    return [*re.findall(r"`trato ([^`]+)`", " ".join(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split())), *copied]


@pytest.mark.parametrize("paper", [paper for paper in PAPERS if "/adr/" not in paper])
def test_commands_that_it_names_are_there_with_their_options(paper: str) -> None:
    for line in _typed(paper):
        name, *words = re.split(r"[ ,/]+", line.partition(" && ")[0].partition("#")[0].strip())
        if name in {"…", "COMMAND", "--help", "--version"}:
            continue
        assert name in main.COMMANDS, line
        command = main.load(name)
        if words and words[0] in getattr(command, "commands", ()):
            command = command.commands[words.pop(0)]
        elif words and words[0][:1].islower() and hasattr(command, "commands"):
            raise AssertionError(f"{paper}: trato {line}: no such word of the command")
        known = {
            option
            for one in (command, *getattr(command, "commands", {}).values())
            for p in one.params
            for option in (*p.opts, *p.secondary_opts)
        }
        named = {word.partition("=")[0].rstrip(".;:)]") for word in words if word.startswith("--")}
        assert named - known - {"--lang", "--help"} == set(), f"{paper}: trato {line}"


def test_every_document_is_in_the_navigation_once() -> None:
    index = (ROOT / "tools" / "site" / "index.md").read_text(encoding="utf-8")
    named = re.findall(r"^(?:.*<)?(docs/[\w/-]+)>?$", index, re.MULTILINE)
    documents = {f"docs/{file.stem}" for file in (ROOT / "docs").glob("*.md")} | {
        "docs/lints/README",
        "docs/adr/README",
    }
    assert sorted(named) == sorted(documents), "tools/site/index.md lists each document once"


def test_every_cell_of_the_comparison_is_seen_with_its_source_or_said_not_to_be() -> None:
    text = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    rows = [
        line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ") and "RapidPro" not in line
    ]
    others = [cell.strip() for row in rows for cell in row[1:-1]]
    assert {len(row) for row in rows} == {9}
    assert [cell for cell in others if cell != "not seen" and not re.search(r"\[\d+\]", cell)] == []
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
    assert cited == {int(number) for number in re.findall(r"^(\d+)\. .*\(https://", text, re.MULTILINE)}
