"""Help in Spanish, and the errors of Typer about a command line. The English of help is in the code: docstrings of commands, and the
texts of arguments and options. The words of Typer are known by their shape: `app/spanish/typer.toml` has them, with their Spanish."""

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

import typer

from app.cli.language import language
from app.wording import SPANISH, Sentence, known, part

_HELP, _TYPER = "help", "typer"
"""The files of the catalogue with the help, and with what Typer says. Help reads no other: it is quick."""


def plain(text: str) -> str:
    """A help text as the catalogue has it: each paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def said(text: str | None) -> str | None:
    """A help text in the language of this command; in English where the catalogue lacks it."""
    if text is None or language() != SPANISH:
        return text
    key = plain(text)
    return part(_HELP).get(key) or part(_TYPER).get(key, text)


def translated(command: Any) -> Any:  # noqa: ANN401 - typer's own command class is private
    """A command, or a group with its commands, that helps in the language of the command line."""
    if language() == SPANISH:
        for one in with_commands(command):
            one.help, one.short_help = said(one.help), said(one.short_help)
            one.options_metavar = _of_typer(one.options_metavar)
            if hasattr(one, "subcommand_metavar"):
                one.subcommand_metavar = _of_typer(one.subcommand_metavar)
            one.get_params = partial(_parameters, one.get_params)
            one.get_help = partial(_framed, one.get_help)
    return command


@contextmanager
def spoken() -> Iterator[None]:
    """Let what is wrong with a command line be said in the language of this command."""
    try:
        yield
    except typer.Abort:
        if language() != SPANISH:
            raise
        typer.echo(_of_typer("Aborted!"), err=True)
        raise typer.Exit(1) from None
    except Exception as error:
        if language() == SPANISH and (show := getattr(error, "show", None)) is not None:
            vars(error)["show"] = partial(_show, show)
        raise


def texts(command: Any) -> Iterator[str]:  # noqa: ANN401
    """Every help text of a command and of its commands, and the names of the values of arguments."""
    for one in with_commands(command):
        found = [one.help, one.short_help, *(text for each in one.params for text in (each.help, label(each)))]
        yield from (plain(text) for text in found if text)


def label(parameter: Any) -> str | None:  # noqa: ANN401
    """The name of the value of an argument, or of an option that does not show its kind: `FILE`."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return parameter.metavar and str(parameter.metavar)


def with_commands(command: Any) -> Iterator[Any]:  # noqa: ANN401
    """A command and its commands."""
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from with_commands(one)


def _parameters(get_params: Any, context: Any) -> list[Any]:  # noqa: ANN401
    """The parameters of a command, `--help` among them."""
    found: list[Any] = get_params(context)
    for one in found:
        one.help = said(one.help)
        if (named := label(one)) is not None:
            one.metavar = said(named)
        if "get_help_record" not in vars(one):
            one.get_help_record = partial(_record, one, one.get_help_record)
    return found


def _record(parameter: Any, get_help_record: Any, context: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """A line of help: what is typed, its text, and such as `[default: 1; required]`."""
    if (found := get_help_record(context)) is None:
        return None
    name, text = found
    own = parameter.help or ""
    more = "; ".join(map(_of_typer, text.removeprefix(own).strip().removeprefix("[").removesuffix("]").split("; ")))
    name = re.sub(r"<.+>", lambda kind: _of_typer(kind[0]), name)
    return name, f"{own}  [{more}]".strip() if more else own


def _framed(get_help: Any, context: Any) -> str:  # noqa: ANN401
    return _by_line(str(get_help(context)))


def _show(show: Any, file: object = None) -> None:  # noqa: ANN401, ARG001
    written = StringIO()
    show(written)  # help instead of an error goes by itself to standard error
    typer.echo(_by_line(written.getvalue()), err=True, nl=False)


def _by_line(text: str) -> str:
    return "\n".join(map(_of_typer, text.split("\n")))


def _of_typer(text: str) -> str:
    sentence = known(text, _TYPER)
    if not isinstance(sentence, Sentence):
        return text
    return part(_TYPER)[sentence.template].format_map(
        {name: _of_typer(str(fact)) for name, fact in sentence.facts.items()}
    )
