"""What `trato test` and `trato play` share: the programmes of a folder, compiled for rehearsal, or every problem in them."""

from collections.abc import Iterable
from pathlib import Path

import typer

from app.flows.book import Book, bind
from app.flows.loader import load_folder
from app.flows.problems import Problem


def books(folder: Path) -> dict[str, Book]:
    """The programmes of a flow folder, by their codes. Shows the problems and exits with 1 if there is any.

    Raises ConfigurationError if the folder has no flow files.
    """
    loaded = load_folder(folder)
    complain(problem for item in loaded for problem in item.problems)
    return {
        item.programme.programme: bind(item.programme, "rehearsal") for item in loaded if item.programme is not None
    }


def complain(problems: Iterable[Problem]) -> None:
    """Show problems and exit with 1, if there is any."""
    listed = list(problems)
    for problem in listed:
        typer.echo(str(problem), err=True)
    if listed:
        raise typer.Exit(1)
