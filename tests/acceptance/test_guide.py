"""The coordinators' guide is so: its files are made, its changes fit, its commands run in their order in an empty folder, and
what it shows of them is what they say. What it only names is there, and what it says of quotes is how a file is read."""

import re
from pathlib import Path

import pytest

from app.flows.loader import load
from app.flows.yaml.source import read
from tests.acceptance.papers import ROOT, Desk, blocks, changed, shows

GUIDE = (ROOT / "docs" / "coordinadores.md").read_text(encoding="utf-8")
_PROSE = re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)


def test_its_examples_work(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.follow(blocks(GUIDE))
    assert {line.split()[1] for line in desk.done} == {
        "check",
        "diagram",
        "flows",
        "reply",
        "play",
        "test",
        "publish",
        "diff",
        "demo",
        "roster",
        "leave",
        "cohorts",
        "randomize",
        "plan",
    }


def test_it_shows_nothing_that_is_not_used() -> None:
    assert [block for block in blocks(GUIDE) if not block.mark and block.kind != "console"] == []


def test_the_first_line_of_its_file_leads_an_editor_to_the_schema() -> None:
    found = re.search(r"\$schema=(\S+)", GUIDE)
    assert found is not None
    assert (ROOT / "flujos" / ".." / found[1].removeprefix("../")).resolve() == ROOT / "schema" / "flows.schema.json"


@pytest.mark.parametrize(
    ("bare", "quoted", "told"), re.findall(r"^\| `(\w+: [^`]+)` \| `(\w+: [^`]+)` \| (.+) \|$", _PROSE, re.MULTILINE)
)
def test_quotes_do_what_it_says(bare: str, quoted: str, told: str) -> None:
    key, _, text = bare.partition(": ")
    assert _codes(quoted) == set()
    assert read(quoted, "a.yaml").data == {key: text}
    if code := re.search(r"error `([\w-]+)`", told):
        assert _codes(bare) == {code[1]}
    elif told.startswith("se pierde"):
        assert read(bare, "a.yaml").data == {key: text.partition(" #")[0]}
    else:  # what other programs make of it does not concern Trato
        assert (told.startswith("otros programas"), _codes(bare)) == (True, set())


def _codes(line: str) -> set[str]:
    """The fault of a line as YAML, whatever it may mean in a flow file."""
    file = f"flows: {{a: {{title: A, kind: tip, steps: [{{say: a, text: A.}}]}}}}\nprinciples:\n  voz:\n    {line}\n"
    return {problem.code for problem in load(file, "a.yaml").problems if problem.code.startswith("yaml-")}


@pytest.mark.parametrize(
    ("shown", "said", "so"),
    [
        ("Listo.\n", "Listo.\n\n", True),
        ("Listo.\n", "Listo\n", False),
        ("== laurel …\n", "== laurel 1f2e\n", True),
        ("== laurel …\n", "== laurel 1f2e\nmás\n", False),
        ("uno\n…\ntres\n", "uno\ndos\ndos\ntres\n", True),
        ("uno\n…\n", "tres\n", False),
    ],
)
def test_a_paper_is_compared_with_what_is_said(shown: str, said: str, so: bool) -> None:
    assert shows(shown, said) is so


def test_a_change_that_does_not_fit_is_refused() -> None:
    assert changed("a:\n  uno: 1\n", "-  uno: 1\n+  uno: 2\n") == "a:\n  uno: 2\n"
    for change in ("-  dos: 1\n+  dos: 2\n", "-uno: 1\n+uno: 2\n"):
        with pytest.raises(AssertionError, match="not at one place"):
            changed("a:\n  uno: 1\n", change)
