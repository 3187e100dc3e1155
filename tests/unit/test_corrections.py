"""Corrections: the one right notation of a mistake, and none where the hint leaves a choice."""

import re
from pathlib import Path

import pytest

from app.flows import corrections
from app.flows.corrections import correction
from app.flows.loader import lint, load
from app.wording import catalogue
from tests.excerpts import whole
from tests.lint_pages import WITH_BLOCKS

BROKEN = sorted(Path(__file__).parent.parent.joinpath("broken").glob("*.yaml"))


def corrected(text: str, place: int = 0) -> list[tuple[str, str, str]]:
    """Each problem of a text that has a correction: its code, the text with it, and the mistake. The text is checked once."""
    loaded = load(text, "f.yaml")
    found = []
    for problem in (*loaded.problems, *lint(loaded)):
        made = correction(problem, loaded.source.lines)
        if made is not None:
            lines = text.split("\n")
            line = lines[made.line - 1]
            lines[made.line - 1] = line[: made.column - 1] + made.text + line[made.column - 1 + made.length :]
            found.append((problem.code, "\n".join(lines), f"{problem.line} {problem.text}"))
    return found


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("titel: Uno", "title: Uno"),
        ("title: 2024", 'title: "2024"'),
        ("title: Taller: segunda parte", 'title: "Taller: segunda parte"'),
        ('title: {{ nombre }} "bien"', "title: '{{ nombre }} \"bien\"'"),
        ("title: “Uno: dos”", 'title: "Uno: dos"'),
        ("programme: x\ntitle:Uno\nlanguage: es", "programme: x\ntitle: Uno\nlanguage: es"),
        ("programme: x\ntitle:\u00a0Uno\nlanguage: es", "programme: x\ntitle: Uno\nlanguage: es"),
        ("languages: [en", "languages: [en]"),
        ("languages: [en]]", "languages: [en]"),
        ("fields:\n\tturno", "fields:\n  turno"),
        ("languages:\n• en", "languages:\n- en"),
        ("fields:\n  - uno: x\n  -turno: x", "fields:\n  - uno: x\n  - turno: x"),
        ("title: \u200bUno", "title: Uno"),
        ("language: español", "language: es-MX"),
    ],
)
def test_what_is_wrongly_written_is_corrected(wrong: str, right: str) -> None:
    assert right in [text for _, text, _ in corrected(wrong)]


@pytest.mark.parametrize("wrong", ["title: 'Uno", "expires: 24", "flows: {}\n  uno: 1", "title: \"Uno\" y 'dos'"])
def test_where_the_hint_leaves_a_choice_there_is_no_correction(wrong: str) -> None:
    assert corrected(wrong) == []


@pytest.mark.parametrize(
    "name", [page.code for page in WITH_BLOCKS] + [file.name for file in BROKEN if file.stem != "latin1"]
)
def test_a_correction_takes_its_problem_away(name: str) -> None:
    blocks = {page.code: whole(page.fails) for page in WITH_BLOCKS}
    text = (
        blocks[name] if name in blocks else next(one for one in BROKEN if one.name == name).read_text(encoding="utf-8")
    )
    for code, new, said in corrected(text):
        loaded = load(new, "f.yaml")
        assert said not in [f"{one.line} {one.text}" for one in (*loaded.problems, *lint(loaded))], code


def test_every_hint_that_is_corrected_is_said_by_somebody() -> None:
    source = Path(corrections.__file__).read_text(encoding="utf-8")
    cases = re.findall(r"^        case (.*):$", source, re.MULTILINE)
    hints = [one[1:-1] for case in cases if case != "_" for one in re.findall(r'"[^"]+"|\'[^\']+\'', case)]
    assert len(hints) > 15
    assert [hint for hint in hints if hint not in catalogue()] == []
