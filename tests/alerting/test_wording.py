"""Every kind of alert has words of its own, and a command that is there."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from app.alerting.wording import _KINDS
from app.cli.main import COMMANDS, load

ROOT = Path(__file__).parents[2]


def _rung() -> Iterator[str]:
    """The kind of every alert that the code rings, where it is a literal or a constant."""
    for file in sorted((ROOT / "app").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "ring(" not in text:
            continue
        module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("alerts.ring", "ring"):
                kind = node.args[1].value if isinstance(node.args[1], ast.Starred) else node.args[1]
                try:
                    value = eval(ast.unparse(kind), vars(module))
                except (NameError, AttributeError):
                    continue  # of a variable: a budget's, and those of acts, which are named below
                yield str(value[0] if isinstance(value, tuple) else value)


def test_every_kind_has_words() -> None:
    rung = {*_rung(), "crisis", "serious", "budget_spent", "budget_nearly_spent"}
    assert {"job", "clock", "sender_refused", "not_ready", "loop"} <= rung
    assert rung - _KINDS.keys() == set()


def test_the_commands_are_there() -> None:
    for _, command in _KINDS.values():
        _, name, *words = command.split()
        assert name in COMMANDS
        found = load(name)
        if words and (sub := getattr(found, "commands", {}).get(words[0])) is not None:
            found, words = sub, words[1:]
        assert set(words) <= {option for parameter in found.params for option in parameter.opts}
