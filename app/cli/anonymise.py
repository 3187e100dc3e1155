"""`trato anonymise`: the last step of a programme, after which nobody can tell whose answers are whose. See docs/rights.md."""

from dataclasses import asdict
from typing import Annotated

import typer

from app import wording
from app.cli._common import actor, installation, library_of, show_json
from app.cli.language import said, tell
from app.clock import system_clock
from app.custody import anonymising
from app.errors import UsageError
from app.roster.study_ids import new_study_id
from app.store import erased_rows
from app.wording import Sentence


def anonymise(
    programme: Annotated[str, typer.Argument(help="The programme's code.")],
    confirm: Annotated[
        str | None, typer.Option(metavar="PROGRAMME", help="Its code once more, instead of being asked for it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a programme anonymous, once it is over: erase every officer, keep coded answers.

    May be interrupted and run again. Exit code 1 if officers are left, to whom a message is on its way.
    """
    with installation() as place:
        with place.database.reading() as tx:
            officers = anonymising.check(tx, programme)
        if confirm is None:
            confirm = typer.prompt(
                said(
                    Sentence(
                        "{officers} of {programme} will be erased; it cannot be undone. Its code once more",
                        officers=wording.officers(officers),
                        programme=programme,
                    )
                )
            )
        if confirm != programme:
            raise UsageError(Sentence("that is not its code: nothing was erased"))
        done = anonymising.anonymise(place.database, library_of, programme, new_study_id, system_clock, actor())
        anew = erased_rows.overwrite(place.database)
    if as_json:
        show_json({**asdict(done), "file_written_anew": anew})
    else:
        tell(
            Sentence(
                "{officers} erased, {left} left; {messages} of strangers and {letters} without words",
                officers=wording.officers(done.officers),
                left=done.left,
                messages=wording.messages(done.strangers),
                letters=wording.dead_letters(done.letters),
            )
        )
        if not done.last:
            tell(
                Sentence(
                    "dead letters, and strangers' messages to shared numbers, stay until no programme has officers any more"
                )
            )
    raise typer.Exit(1 if done.left else 0)
