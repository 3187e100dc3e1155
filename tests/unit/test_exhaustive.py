"""A new event, step kind, answer kind, keyword or nudge decision is named by the type checker at every place that must know of
it. A scratch copy of the code gets one more of each, and mypy is run on it once. The cache of `make check` is taken along, if
there is one: then the run takes a few seconds, and up to a minute without it."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nightly

ROOT = Path(__file__).parents[2]

EDITS = {
    "app/flows/engine/events.py": (
        "\nEvent = (\n",
        "\n@dataclass(frozen=True, slots=True)\nclass NinthEvent:\n    pass\n\n\nEvent = (\n    NinthEvent |\n",
    ),
    "app/flows/engine/compiled.py": (
        "\nStep = Say | ",
        (
            "\n@dataclass(frozen=True, slots=True)\nclass SeventhStep:\n    name: str\n    when: Test | None\n\n\n"
            "Step = SeventhStep | Say | "
        ),
    ),
    "app/flows/language/definition.py": (
        "\nStep = Annotated[\n",
        (
            "\nclass EighthStep(Model):\n    eighth: StepName\n    when: Condition | None = _WHEN\n\n\n"
            'Step = Annotated[\n    Annotated[EighthStep, Tag("eighth")] |\n'
        ),
    ),
    "app/flows/replies/forms.py": ('    media = "media"\n', '    media = "media"\n    tenth_kind = "tenth_kind"\n'),
    "app/flows/replies/keywords.py": ('    IDIOMA = "IDIOMA"\n', '    IDIOMA = "IDIOMA"\n    EIGHTH_WORD = "OCTAVA"\n'),
    "app/scheduler/nudge_policy.py": (
        "\nNudgeDecision = ",
        "\n@dataclass(frozen=True, slots=True)\nclass FourthDecision:\n    pass\n\n\nNudgeDecision = FourthDecision | ",
    ),
}
PLACES = {
    "NinthEvent": {
        "app/conversations/sessions.py _apply",
        "app/flows/transcripts/player.py _happened",
    },
    "SeventhStep": {"app/flows/engine/engine.py do"},
    "EighthStep": {
        "app/flows/engine/compiled.py step",
        "app/flows/engine/compiled.py step_name",
        "app/flows/engine/graph.py _ways",
        "app/flows/variables.py _asked",
        "app/flows/diagram/words.py ways",
        "app/flows/diagram/content.py add",
        "app/flows/diagram/content.py _node",
        "app/flows/checks/walk.py _step_texts",
        "app/flows/checks/walk.py _values",
        "app/flows/checks/whatsapp_templates.py note",
        "app/flows/checks/whatsapp_templates.py onward",
        "app/flows/checks/references.py targets",
        "app/flows/checks/paths.py _passes",
        "app/flows/checks/waves.py _speaks",
    },
    "AnswerKind.tenth_kind": {
        "app/flows/replies/forms.py is_open",
        "app/flows/replies/reader.py _closed",
        "app/flows/diagram/words.py _open",
        "app/rehearsal/behaviour.py _answer",
        "app/exports/questions.py is_number",
        "app/exports/flow_results.py _response",
        "app/exports/flow_results.py _question",
        "app/cli/reply.py form_of",
        "benchmarks/engine.py _answer",
    },
    "Name.EIGHTH_WORD": {
        "app/conversations/keywords.py obey",
        "app/flows/transcripts/player.py _obey",
    },
    "FourthDecision": {
        "app/scheduler/nudge_policy.py decide_nudge",
        "app/scheduler/nudging.py _update",
    },
}
_UNHANDLED = re.compile(
    r'^(\S+?):(\d+): error: Match statement has unhandled case for values of type "(.*)"', re.MULTILINE
)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The places that mypy names, as `file function`, by the member that they do not know."""
    scratch = tmp_path_factory.mktemp("scratch")
    for name in ("app", "benchmarks"):
        shutil.copytree(ROOT / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", scratch)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", scratch / ".mypy_cache")
    for name, (old, new) in EDITS.items():
        source = (scratch / name).read_text()
        assert source.count(old) == 1, f"{name} is not written as this test expects"
        (scratch / name).write_text(source.replace(old, new))
    run = subprocess.run(
        [sys.executable, "-m", "mypy"], check=False, cwd=scratch, capture_output=True, text=True, timeout=240
    )
    found: dict[str, set[str]] = {member: set() for member in PLACES}
    for file, line, types in _UNHANDLED.findall(run.stdout):
        for member in found.keys() & set(re.split(r"[\[\], |]+", types)):
            found[member].add(f"{file} {_function(scratch / file, int(line))}")
    return found


def _function(file: Path, line: int) -> str:
    """The innermost function that a line belongs to."""
    around = [
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno).name


@pytest.mark.parametrize("member", PLACES)
def test_a_new_member_is_named_at_every_place_that_must_know_of_it(named: dict[str, set[str]], member: str) -> None:
    assert PLACES[member] - named[member] == set()
