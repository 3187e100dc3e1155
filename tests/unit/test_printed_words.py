"""Commands print nothing that cannot be said in Spanish: what they print with words of its own is a Sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CLI = Path(__file__).parents[2] / "app" / "cli"
IN_SPANISH_ALONE = {
    "flows.py": "the spreadsheet of texts is in Spanish alone",
    "replies.py": "replies are read by who writes the Spanish texts",
    "reply.py": "the same",
    "watching.py": "the demonstration watches Spanish texts",
}
PRINTS = {"echo", "tell", "show_table", "prompt", "confirm", "agreed", "ask_twice"}
TEXTS = {"str", "list[str]", "Iterator[str]", "str | None", "tuple[object, ...]"}
_COMMAND = re.compile(r"`?trato( [a-z-]+)*")
_WORDS = re.compile(r"(?<![\w/.%\-=])[A-Za-zÁ-ú][a-zá-ú]{2,}(?![\w/=-]|://)")


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def _plain(node: ast.AST | None, *, alone: bool) -> bool:
    """Whether an expression has words that are no sentence's. `alone`: one word is enough, as in a column's heading; else it is a code."""
    match node:
        case ast.Call() if _name(node) == "Sentence":
            return False
        case ast.Call() if _name(node) in {"said", "join", "rstrip"}:
            return any(_plain(one, alone=alone) for one in node.args)
        case ast.Call():
            return any(_plain(one, alone=False) for one in node.args)
        case ast.Constant(value=str(text)):
            words = _WORDS.findall(_COMMAND.sub("", text))
            return bool(words) and (alone or " " in text.strip())
        case ast.JoinedStr(values=parts):
            own = "{}".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            values = [part.value for part in parts if isinstance(part, ast.FormattedValue)]
            return bool(_WORDS.search(_COMMAND.sub("", own))) or any(_plain(one, alone=True) for one in values)
        case ast.IfExp(body=one, orelse=other):
            return _plain(one, alone=alone) or _plain(other, alone=alone)
        case ast.Subscript(value=value):
            return _plain(value, alone=alone)
        case ast.Dict(values=values):
            return any(_plain(one, alone=alone) for one in values)
        case ast.Compare() | ast.Lambda() | None:
            return False
        case _:
            return any(_plain(one, alone=alone) for one in ast.iter_child_nodes(node))


def _printed(tree: ast.Module) -> Iterator[tuple[ast.AST | None, bool]]:
    """What a module prints, and whether one word of it is enough to be found: the arguments of what prints (also of its own functions
    that hand on what they are given), what is assigned to a name in these, and what functions that make texts return."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    hands_on = {
        function.name
        for function in functions
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name(call) in PRINTS
        if _names(call.args) & {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    }
    shown = [one for call in calls if _name(call) in PRINTS | hands_on for one in call.args]
    yield from ((one, True) for one in shown)
    named = _names(shown)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and {getattr(one, "id", "") for one in node.targets} & named:
            yield node.value, isinstance(node.value, ast.Tuple)
    for function in functions:
        if function.returns is not None and ast.unparse(function.returns) in TEXTS:
            for node in ast.walk(function):
                if isinstance(node, ast.Return | ast.Yield):
                    yield node.value, False
                elif isinstance(node, ast.Call) and _name(node) == "append":
                    yield node.args[0], False


def _names(nodes: list[ast.expr]) -> set[str]:
    """The names in expressions, without those that are shown as values (`{key!r}`)."""
    found = [node for one in nodes for node in ast.walk(one)]
    values = {id(node.value) for node in found if isinstance(node, ast.FormattedValue) and node.conversion == ord("r")}
    return {node.id for node in found if isinstance(node, ast.Name) and id(node) not in values}


def _found(tree: ast.Module) -> set[str]:
    return {f"{getattr(node, 'lineno', 0)}" for node, alone in _printed(tree) if _plain(node, alone=alone)}


def test_what_commands_print_can_be_said_in_spanish() -> None:
    files = [file for file in CLI.glob("*.py") if file.name not in IN_SPANISH_ALONE]
    assert len(files) > 50
    found = {file.name: _found(ast.parse(file.read_text(encoding="utf-8"))) for file in files}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert [name for name in IN_SPANISH_ALONE if not (CLI / name).exists()] == []


@pytest.mark.parametrize(
    "code",
    [
        'typer.echo("no officer has that name")',
        'typer.echo(f"{name}: paused")',
        'tell("done" if done else Sentence("waits"))',
        'show_table(("officer", Sentence("state")), rows)',
        'HEADERS = ("officer", "state")\nshow_table(HEADERS, rows)',
        'text = f"{number} entries"\ntyper.echo(text)',
        'def _way(minutes: int) -> str:\n    return f"free text for {minutes} min"',
        'def _lines() -> list[str]:\n    found = []\n    found.append("it waits for long")\n    return found',
        'def _say(as_json, text):\n    tell(text)\n_say(False, f"case {case} is closed")',
        'typer.prompt("Password")',
    ],
)
def test_words_without_spanish_are_found(code: str) -> None:
    assert len(_found(ast.parse(code))) == 1


@pytest.mark.parametrize(
    "code",
    [
        'tell(Sentence("no officer has that name"))',
        'typer.echo(f"{at:%Y-%m-%d %H:%M}  {said(text)}")',
        'typer.echo(word("reason", code))',
        'def _command(one: str) -> str:\n    return f"trato officers mend {one}"',
    ],
)
def test_codes_commands_and_sentences_are_no_words(code: str) -> None:
    assert _found(ast.parse(code)) == set()
