"""Shared by `trato test`, `trato play` and `trato diagram`: loads the programmes of a folder, compiled for rehearsal,
or shows every problem in them."""

from collections.abc import Iterable
from pathlib import Path

import typer

from app.cli.language import language, tell
from app.errors import UsageError
from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.language.nearby import unknown
from app.flows.language.problems import Problem
from app.flows.loader import load_folder
from app.settings import Settings
from app.wording import Sentence

_MOST_FLOWS = 60
"""So many names are shown to who does not know them: no other command lists the flows."""


def tried_settings() -> Settings:
    """The settings for a command that changes no installation: with the programme that comes with Trato where there is no other, which
    is said on stderr. Raises ConfigurationError."""
    settings = Settings.load()
    tried = settings.with_shipped_flows()
    if tried is not settings:
        text = Sentence(
            "there is no folder {folder} here: using the programme that comes with Trato", folder=settings.flows
        )
        tell(text, err=True)
    return tried


def programmes(folder: Path) -> dict[str, CompiledProgramme]:
    """The programmes of a flow folder, by their codes. Shows the problems and exits with 1 if there is any.

    Raises ConfigurationError if the folder has no flow files.
    """
    loaded = load_folder(folder)
    complain(problem for item in loaded for problem in item.problems)
    return {
        item.programme.programme: bind(item.programme, "rehearsal") for item in loaded if item.programme is not None
    }


def programme_of(shelf: dict[str, CompiledProgramme], flow: str, programme: str | None) -> CompiledProgramme:
    """The programme of a flow. Raises UsageError if no programme has it, or several and `programme` names none."""
    candidates = named(shelf, programme)
    having = [compiled for compiled in candidates if flow in compiled.flows]
    if len(having) > 1:
        raise UsageError(
            Sentence(
                "{flow} is in {names}: choose with --programme",
                flow=flow,
                names=", ".join(compiled.programme for compiled in having),
            )
        )
    if not having:
        known = [code for compiled in candidates for code in compiled.flows]
        raise UsageError(unknown(Sentence("no flow is called {name}", name=flow), flow, known, else_list=_MOST_FLOWS))
    return having[0]


def named(shelf: dict[str, CompiledProgramme], programme: str | None) -> list[CompiledProgramme]:
    """The programme of that name, or all without a name. Raises UsageError if there is none."""
    if programme is not None and programme not in shelf:
        raise UsageError(unknown(Sentence("no programme is called {name}", name=programme), programme, shelf))
    return [compiled for code, compiled in shelf.items() if programme in (None, code)]


def complain(problems: Iterable[Problem]) -> None:
    """Show problems and exit with 1, if there is any."""
    listed = list(problems)
    for problem in listed:
        typer.echo(str(problem.into(language())), err=True)
    if listed:
        raise typer.Exit(1)
