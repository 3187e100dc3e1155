"""`trato diff`: the changes between two versions of a programme, in Spanish, for the coordinator who approves them. A
version is a flow file, or a published version by its programme and hash. Changes nothing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import installation
from app.cli.language import language
from app.cli.rehearsals import complain
from app.conversations.publishing import stored
from app.errors import UsageError, unreadable
from app.flows.diff import compare
from app.flows.diff_words import change_lines
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.wording import Sentence


def diff(
    old: Annotated[str, typer.Argument(help="A flow file, or a published version: PROGRAMME or PROGRAMME@HASH.")],
    new: Annotated[str, typer.Argument(help="The version to compare it with, in the same form.")],
    json_: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything changed.")] = False,
) -> None:
    """Show what changed between two versions of a programme, step by step."""
    changes = compare(_programme(old), _programme(new))
    if json_:
        typer.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(change_lines(changes, language())))
    if exit_code and changes:
        raise typer.Exit(1)


def _programme(named: str) -> Programme:
    path = Path(named)
    if path.is_dir():
        raise UsageError(Sentence("{name} is a folder: name the flow file in it", name=named))
    if path.exists() or path.suffix in (".yaml", ".yml"):
        try:
            loaded = load(path.read_bytes(), named)
        except OSError as error:
            raise unreadable(named, error) from None
    else:
        code, _, digest = named.partition("@")
        with installation() as place, place.database.reading() as tx:
            loaded = stored(tx, code, digest)
    complain(loaded.problems)
    if loaded.programme is None:
        raise UsageError(Sentence("{name} holds no programme", name=named))
    return loaded.programme
