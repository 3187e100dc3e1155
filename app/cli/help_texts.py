"""Help in Spanish. The English is in the code: docstrings of commands, and the texts of arguments and options; their Spanish is in the
catalogue, under the English. Of the words around them, those of Typer, this module has its own list."""

import inspect
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from app.cli.language import language
from app.wording import SPANISH, catalogue

_FRAME = (
    (r"^Usage: ", "Uso: "),
    (r"^Options:$", "Opciones:"),
    (r"^Arguments:$", "Argumentos:"),
    (r"^Commands:$", "Órdenes:"),
    (r"\[OPTIONS\]", "[OPCIONES]"),
    (r"COMMAND \[ARGS\]\.\.\.", "ORDEN [ARGUMENTOS]..."),
    (r"\[default: ", "[por omisión: "),
    (r"\[required\]", "[obligatorio]"),
    (r"Show this message and exit\.", "Muestra esta ayuda y termina."),
)


def plain(text: str) -> str:
    """A help text as the catalogue has it: each paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def said(text: str | None) -> str | None:
    """A help text in the language of this command; in English where the catalogue lacks it."""
    return text if text is None or language() != SPANISH else catalogue().get(plain(text), text)


def translated(command: Any) -> Any:  # noqa: ANN401 - typer's own command class is private
    """A command, or a group with its commands, that helps in the language of the command line."""
    if language() == SPANISH:
        for one in _with_commands(command):
            one.help, one.short_help = said(one.help), said(one.short_help)
            for parameter in one.params:
                if getattr(parameter, "help", None):
                    parameter.help = said(parameter.help)
            one.get_help = partial(_framed, one.get_help)
    return command


def texts(command: Any) -> Iterator[str]:  # noqa: ANN401
    """Every help text of a command and of its commands."""
    for one in _with_commands(command):
        found = (one.help, one.short_help, *(getattr(parameter, "help", None) for parameter in one.params))
        yield from (plain(text) for text in found if text)


def _with_commands(command: Any) -> Iterator[Any]:  # noqa: ANN401
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _with_commands(one)


def _framed(get_help: Any, context: Any) -> str:  # noqa: ANN401
    text = str(get_help(context))
    for english, spanish in _FRAME:
        text = re.sub(english, spanish, text, flags=re.MULTILINE)
    return text
