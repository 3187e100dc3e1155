"""`trato corrections`: the cleaning log. Answers stay as officers gave them; exports and the report have the corrected values."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.cli.roster import content, refuse
from app.clock import system_clock
from app.people.actors import name_of
from app.review import correcting
from app.review.correcting import CorrectionImport
from app.sheets import hand_sheet
from app.store import corrections
from app.wording import Sentence

app = typer.Typer(help="Correct answers in the data: a log with both values.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Who = Annotated[str | None, typer.Option(help="The person who corrects; by default TRATO_ACTOR.")]


@app.callback()
def root() -> None:
    """The cleaning log."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet: .csv or .xlsx.")],
    who: Who = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a sheet with the columns response_id, variable, old, new, why and who: all of it or, if it has mistakes, nothing."""
    rows, faults = hand_sheet.read(file.name, content(file))
    with installation() as place, place.database.transaction() as tx:
        done = CorrectionImport(faults=faults)
        if not faults:
            done = correcting.import_table(tx, rows, who or name_of(actor()), system_clock())
        if dry_run:
            tx.rollback()
    if as_json:
        faulty = [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in done.faults]
        show_json({"corrected": done.corrected, "unchanged": done.unchanged, "dry_run": dry_run, "faults": faulty})
    elif done.faults:
        refuse(file, done.faults)
    elif dry_run:
        tell(Sentence("would be corrected: {count}; unchanged: {same}", count=done.corrected, same=done.unchanged))
    else:
        tell(Sentence("corrected: {count}; unchanged: {same}", count=done.corrected, same=done.unchanged))
    raise typer.Exit(1 if done.faults else 0)


@app.command("add")
def add(
    response: Annotated[int, typer.Argument(help="The response_id, as in the table responses.")],
    new: Annotated[str, typer.Argument(help="The new value, as the data have it: 2, .d, 2026-03-02, '1 3'.")],
    why: Annotated[str, typer.Option(help="The reason, without names.")],
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Correct one answer."""
    with installation() as place, place.database.transaction() as tx:
        old, now_is = correcting.add(tx, response, new, why, who or name_of(actor()), system_clock())
    if as_json:
        show_json({"response_id": response, "old": old, "new": now_is})
    else:
        tell(Sentence("response {response}: {new}, before {old}", response=response, new=now_is, old=old))


@app.command("answers")
def answers(study_id: Annotated[str, typer.Argument(help="The officer's study id.")], as_json: AsJson = False) -> None:
    """Show the answers of one officer that can be corrected, with their ids and values. Without texts."""
    with installation() as place, place.database.reading() as tx:
        found = correcting.of_officer(tx, study_id)
    rows = [
        (one.answer.response, one.answer.variable, one.answer.wave or "", one.answer.answered_at, one.own, one.value)
        for one in found
    ]
    if as_json:
        names = ("response_id", "variable", "wave", "answered_at", "own", "value")
        show_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    headers = (
        Sentence("response"),
        Sentence("variable"),
        Sentence("wave"),
        Sentence("answered"),
        Sentence("old"),
        Sentence("new"),
    )
    show_table(headers, [(*row[:3], f"{row[3]:%Y-%m-%d %H:%M}", *row[4:]) for row in rows])


@app.command("list")
def list_(
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None, as_json: AsJson = False
) -> None:
    """Show all corrections, undone ones too."""
    with installation() as place, place.database.reading() as tx:
        found = list(corrections.stored(tx, programme))
    if as_json:
        show_json([asdict(one) for one in found])
        return
    headers = (
        Sentence("id"),
        Sentence("response"),
        Sentence("variable"),
        Sentence("old"),
        Sentence("new"),
        Sentence("why"),
        Sentence("who"),
        "",
    )
    undone = Sentence("undone")
    rows = [
        (one.id, one.response, one.variable, one.old, one.new, one.why, one.by, undone if one.undone_at else "")
        for one in found
    ]
    show_table(headers, rows)


@app.command("undo")
def undo(
    number: Annotated[int, typer.Argument(help="The id, as `trato corrections list` has it.")],
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Undo a correction: the value before it counts again."""
    with installation() as place, place.database.transaction() as tx:
        found = correcting.undo(tx, number, who or name_of(actor()), system_clock())
    if as_json:
        show_json({"id": found.id, "response_id": found.response, "value": found.old})
    else:
        tell(Sentence("response {response}: {old} again", response=found.response, old=found.old))
