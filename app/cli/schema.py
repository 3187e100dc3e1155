"""`trato schema`: the JSON Schema of flow files, printed, or compared with the committed one."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.language import tell
from app.flows.language.schema import to_json
from app.wording import Sentence

COMMITTED = Path("schema/flows.schema.json")


def schema(
    check: Annotated[bool, typer.Option("--check", help="Compare with the file and print nothing.")] = False,
    file: Annotated[Path, typer.Option(help="The committed schema.")] = COMMITTED,
) -> None:
    """Print the JSON Schema of flow files. With --check, exit code 1 if the committed one differs."""
    made = to_json()
    if not check:
        typer.echo(made, nl=False)
        return
    try:
        same = file.read_text(encoding="utf-8") == made
    except (OSError, UnicodeDecodeError) as error:
        tell(Sentence("cannot read {file}: {reason}", file=file, reason=error), err=True)
        raise typer.Exit(2) from None
    if not same:
        tell(Sentence("{file} is out of date. Run: trato schema > {file}", file=file), err=True)
        raise typer.Exit(1)
    tell(Sentence("{file} is up to date", file=file))
