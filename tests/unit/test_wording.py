"""The catalogue of the command line: each English sentence of the code has its Spanish, with the same facts, and none is left over."""

import ast
import copy
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import typer
from typer.testing import CliRunner

from app.cli import help_texts, main
from app.cli.language import agreed, of_locale
from app.flows.language.problems import Problem
from app.flows.loader import launch, lint, load
from app.wording import ENGLISH, SPANISH, Sentence, catalogue, into, known
from tests.excerpts import whole
from tests.lint_pages import WITH_BLOCKS

APP = Path(__file__).parents[2] / "app"
BROKEN = Path(__file__).parents[1] / "broken"


ERRORS = {
    "AppError",
    "UsageError",
    "ConflictError",
    "ConfigurationError",
    "ExternalError",
    "Forbidden",
    "LockedError",
    "OutdatedError",
    "KeyChangedError",
}
"""The kinds of AppError that commands meet."""
WORDED = {*ERRORS, "Refused", "Fault"}
"""What carries a text to a person at the command line: errors, mistakes in sheets, faults that the doctor finds."""
MAY_BE_PLAIN = {
    "web/": "pages say errors by their code in texts of their own, and the API is in English",
    "translation/": "the spreadsheet of texts is in Spanish alone",
    "store/ledger.py": "requests and jobs of the service meet it, no command",
    "store/migrations/": "who installed Trato before its first release upgrades once",
}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    """The modules with a sentence or an error, by their place in `app`."""
    for file in APP.rglob("*.py"):
        text, name = file.read_text(encoding="utf-8"), str(file.relative_to(APP))
        is_worded = not name.startswith(tuple(MAY_BE_PLAIN)) and any(f"{one}(" in text for one in WORDED)
        if "Sentence(" in text or is_worded:
            yield name, ast.parse(text)


def _is_looked_up(name: str, call: ast.Call) -> bool:
    """Whether a sentence is one of the catalogue's in any case: `known`."""
    return name == "wording.py" and isinstance(call.args[0], ast.Name)


NODES = [(name, node) for name, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Assign)]
CALLS = tuple(
    (f"{name}:{node.lineno}", node)
    for name, node in NODES
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sentence" and not _is_looked_up(name, node)
)
USED = {call.args[0].value for _, call in CALLS if isinstance(call.args[0], ast.Constant)}


def _facts(text: str) -> Counter[tuple[str, str, str | None]]:
    return Counter((name, spec or "", conversion) for _, name, spec, conversion in Formatter().parse(text) if name)


def test_each_sentence_is_written_out_and_has_its_facts() -> None:
    assert len(CALLS) > 300
    for place, call in CALLS:
        template = call.args[0]
        assert isinstance(template, ast.Constant), f"{place}: a sentence that no test can look up"
        named = {name for name, _, _ in _facts(str(template.value))}
        assert {keyword.arg for keyword in call.keywords} == named, place


def test_no_sentence_lacks_its_spanish() -> None:
    assert USED - catalogue().keys() == set()


@cache
def _help() -> frozenset[str]:
    """The help of the command line, and of every command."""
    commands = [typer.main.get_command(main.app), *map(main.load, main.COMMANDS)]
    return frozenset(text for one in commands for text in help_texts.texts(one)) | {
        entry.help for entry in main.COMMANDS.values()
    }


def test_no_help_lacks_its_spanish() -> None:
    assert _help() - _keys("help") - _keys("typer") == set()


def _plain(node: ast.AST) -> bool:
    """Whether an expression has words that are no sentence's: a literal with letters and a space."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sentence":
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value and any(map(str.isalpha, node.value))
    return any(map(_plain, ast.iter_child_nodes(node)))


def _plain_errors(nodes: Iterable[tuple[str, ast.AST]]) -> list[str]:
    """The places of errors and faults with words that no Spanish reader gets in Spanish; also of words in a variable."""
    nodes = [(name, node) for name, node in nodes if not name.startswith(tuple(MAY_BE_PLAIN))]
    variables = {
        (name, getattr(target, "id", ""))
        for name, node in nodes
        if isinstance(node, ast.Assign) and _plain(node.value)
        for target in node.targets
    }
    return [
        f"{name}:{node.lineno}"
        for name, node in nodes
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") in WORDED or getattr(node.func, "attr", "") == "fault")
        if any(_plain(one) or (name, getattr(one, "id", None)) in variables for one in node.args)
    ]


def test_what_an_error_says_can_be_said_in_spanish() -> None:
    assert _plain_errors(NODES) == []
    assert [start for start in MAY_BE_PLAIN if not (APP / start).exists()] == []


@pytest.mark.parametrize(
    "code",
    [
        'raise UsageError("no such case", "no_case")',
        'raise UsageError(f"there is no case {case}")',
        'raise UsageError("a" if one else f"no {case}")',
        'text = f"there is no case {case}"\nraise UsageError(text)',
        'row.fault("name", "is empty here")',
    ],
)
def test_a_plain_error_is_found(code: str) -> None:
    assert len(_plain_errors([("cases/one.py", node) for node in ast.walk(ast.parse(code))])) == 1


def test_no_spanish_is_left_over() -> None:
    assert catalogue().keys() - USED - _help() - _keys("typer") == set()


def _keys(file: str) -> set[str]:
    return set(tomllib.loads((APP / "spanish" / f"{file}.toml").read_text(encoding="utf-8")))


LINES = (
    ["--help"],
    ["plam"],
    ["zzzz"],
    ["leave"],
    ["leave", "--zz"],
    ["leave", "add", "--help"],
    ["leave", "add"],
    ["plan", "--nope"],
    ["plan", "--day", "3"],
    ["plan", "--days"],
    ["plan", "--json=yes"],
    ["plan", "a", "b"],
)
WRONG = ("no es", "-1", "0", "99999999999")


def _told_by_typer() -> Iterator[str]:
    """What Typer says of wrong command lines, of wrong values of every parameter of every command, and in their help."""
    yield from ("Aborted!", "Show this message and exit.")  # part of help with --help, and of questions
    for line in LINES:
        shown = CliRunner().invoke(main.app, line).output.splitlines()
        yield from (text for text in shown if text and not text.startswith(" "))
    for command in (one for name in main.COMMANDS for one in help_texts.with_commands(main.load(name))):
        yield from (command.options_metavar, getattr(command, "subcommand_metavar", command.options_metavar))
        context = command.make_context(command.name, [], resilient_parsing=True)
        for one in command.params:
            name, text = one.get_help_record(context)
            yield from re.findall("<.+>", name) if one.type_descriptor.choices is None else ()
            yield from filter(None, text.removeprefix(one.help or "").strip(" []").split("; "))
            is_list = one.multiple or one.nargs == -1
            for value in (*([None] if one.required else []), *([] if getattr(one, "is_flag", False) else WRONG)):
                try:
                    one.process_value(context, (value,) if is_list and value else value)
                except Exception as error:  # noqa: BLE001 - Typer's own, in whatever module it keeps them
                    yield vars(type(error))["format_message"](error).partition("\n")[0]


def test_what_typer_says_can_be_said_in_spanish() -> None:
    told = {text: known(text, "typer") for text in _told_by_typer()}
    assert [text for text, found in told.items() if not isinstance(found, Sentence)] == []
    used: set[str] = set()
    for sentence in told.values():
        parts = [sentence]
        for part in parts:
            if isinstance(part, Sentence):
                used.add(part.template)
                parts += (str(fact) if not isinstance(fact, Sentence) else fact for fact in part.facts.values())
                assert isinstance(part.facts.get("fault", part), Sentence), sentence
    assert _keys("typer") - used == set()


def test_a_wrong_command_line_is_told_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_LANG", "es")
    runner = CliRunner()
    assert runner.invoke(main.app, ["plan", "--days", "x"], prog_name="trato").stderr == (
        "Uso: trato plan [OPCIONES]\nPruebe 'trato plan --help' para ver la ayuda.\n\n"
        "Error: Valor equivocado en '--days': debe ser un número entero\n"
    )
    assert runner.invoke(main.app, ["leave", "add"]).stderr.endswith("Error: Falta el argumento 'CLAVE'.\n")
    assert runner.invoke(main.app, ["chek"]).stderr.endswith(
        "No hay una orden 'chek'. ¿Quiso decir 'check', 'schema'?\n"
    )
    assert "por omisión: 14; de 1 a 1500" in " ".join(runner.invoke(main.app, ["plan", "--help"]).output.split())
    monkeypatch.setenv("TRATO_LANG", "en")
    assert "Error: No such command 'chek'." in runner.invoke(main.app, ["chek"]).stderr


def test_help_is_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_LANG", "es")
    said = CliRunner().invoke(main.app, ["leave", "add", "--help"]).output
    assert said.startswith("Uso: ")
    assert "Anota un periodo." in said
    assert "Muestra esta ayuda" in said
    assert "Show" not in said
    assert "  check         Revisa los archivos" in CliRunner().invoke(main.app, ["--help"]).output
    monkeypatch.setenv("TRATO_LANG", "en")
    assert CliRunner().invoke(main.app, ["leave", "add", "--help"]).output.startswith("Usage: ")


def test_the_language_stands_anywhere_on_the_line() -> None:
    for words in (
        ["--lang", "es", "leave", "add", "--help"],
        ["leave", "add", "--help", "--lang=es"],
        ["leave", "--lang", "es", "add", "--help"],
    ):
        assert CliRunner().invoke(main.app, words).output.startswith("Uso: ")
    assert CliRunner().invoke(main.app, ["leave", "add", "--help"]).output.startswith("Usage: ")
    refused = CliRunner().invoke(main.app, ["check", "--lang", "fr"])
    assert str(refused.exception) == "--lang is es or en, not fr"


@pytest.mark.parametrize(("typed", "is_yes"), [("s", True), ("Sí", True), ("y", True), ("n", False), ("", False)])
def test_a_question_takes_a_spanish_yes(typed: str, is_yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_LANG", "es")
    asking = typer.Typer()
    asking.command()(lambda: typer.echo(str(agreed(Sentence("Publish the changes of the data?")))))
    shown = CliRunner().invoke(asking, input=f"{typed}\n").output
    assert shown.startswith("¿Publicar los cambios que tocan los datos? [s/N]: ")
    assert shown.endswith(f"{is_yes}\n")


def test_a_sentence_stands_in_one_file() -> None:
    files = (tomllib.loads(file.read_text(encoding="utf-8")) for file in (APP / "spanish").glob("*.toml"))
    assert [key for key, times in Counter(key for file in files for key in file).items() if times > 1] == []


def test_the_spanish_has_the_facts_of_the_english() -> None:
    for english, spanish in catalogue().items():
        assert spanish.strip(), english
        assert {name for name, _, _ in _facts(spanish)} == {name for name, _, _ in _facts(english)}, english


def test_a_sentence_is_english_and_can_be_said_in_spanish_with_its_parts() -> None:
    sentence = Sentence("must be {wanted}, got {value}", wanted=Sentence("a list"), value="x")
    assert sentence == "must be a list, got x"
    assert sentence.into(ENGLISH) == "must be a list, got x"
    assert sentence.into(SPANISH) == "debe ser una lista; dice x"
    assert copy.deepcopy(sentence).into(SPANISH) == sentence.into(SPANISH)
    assert into("as it is", SPANISH) == "as it is"


def test_a_stored_sentence_is_known_again() -> None:
    """As `trato status` says why alerts were not delivered."""
    stored = str(Sentence("the mail server refused it (SMTP {code})", code=550))
    assert into(known(stored, "alerts"), SPANISH) == "el servidor de correo no lo aceptó (SMTP 550)"
    assert into(known(stored, "alerts"), ENGLISH) == stored
    assert known("ValueError at alerting/ways.py:1", "alerts") == "ValueError at alerting/ways.py:1"


def test_no_problem_has_words_without_spanish() -> None:
    blocks = [load(whole(page.fails), page.code) for page in WITH_BLOCKS]
    files = [load(file.read_bytes(), file.name) for file in sorted(BROKEN.glob("*.yaml"))]
    problems = [
        problem for loaded in (*blocks, *files) for problem in (*loaded.problems, *lint(loaded), *launch(loaded))
    ]
    assert len({problem.code for problem in problems}) > 100
    plain = {
        text for problem in problems for text in (problem.text, problem.hint) if text and not isinstance(text, Sentence)
    }
    assert plain == set()


def test_a_problem_is_said_in_a_language() -> None:
    problem = Problem("a.yaml", 1, 2, "empty", "voz", Sentence("must not be empty"), Sentence("Shorten it"))
    assert str(problem.into(SPANISH)) == "a.yaml:1:2 [empty] voz: no puede estar vacío. Acórtelo"
    assert problem.into(ENGLISH) == problem


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "es_MX.UTF-8"}, SPANISH),
        ({"LC_ALL": "es"}, SPANISH),
        ({"LC_ALL": "C.UTF-8", "LANG": "es_MX.UTF-8"}, ENGLISH),
        ({"LC_ALL": "", "LC_MESSAGES": "es_ES", "LANG": "en_US"}, SPANISH),
        ({"LANG": "est_EE"}, ENGLISH),
        ({}, ENGLISH),
    ],
)
def test_the_language_of_a_locale(environment: dict[str, str], language: str) -> None:
    assert of_locale(environment) == language
