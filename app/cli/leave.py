"""`trato leave`: leave, extra turns and turns that are not worked, of one officer or from a table. Officers appear by their study
ids; days are by their own clock."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import installation, show_json, show_table
from app.cli.roster import content, pairs, refuse
from app.clock import system_clock
from app.roster import leave, leave_rows
from app.sheets import columns, table_files
from app.store import cohorts, shift_changes

app = typer.Typer(
    help="Note when officers are on leave, or work otherwise than their shift says.", no_args_is_help=True
)

_ACTOR = "command line"
_HEADERS = ("study id", "cohort", "kind", "from", "to")

StudyId = Annotated[str, typer.Argument(help="The officer; `trato officers find` tells the study id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def root() -> None:
    """Times in which officers' turns are not as usual."""


@app.command("add")
def add(
    study_id: StudyId,
    first: Annotated[
        str,
        typer.Option(
            "--from", metavar="DATE", help="The first day, such as 2026-03-02, or its hour: '2026-03-02 07:00'."
        ),
    ],
    last: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DATE",
            help="The last day, which belongs to it, or the hour at which it ends; by default the first day.",
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="leave (away), on (an extra turn) or off (a turn that is not worked).")
    ] = "leave",
    as_json: AsJson = False,
) -> None:
    """Note a time in which an officer is on leave, or works otherwise. The officer's plan is laid out anew."""
    with installation() as place, place.database.transaction() as tx:
        time = leave.add(tx, study_id, kind, first, last or first, system_clock(), _ACTOR)
        whose = shift_changes.by_study_id(tx, [study_id.strip().upper()])
    (officer,) = whose.values()
    begins, ends = leave.local_days(time, officer.timezone)
    if as_json:
        show_json(
            {"study_id": officer.study_id, "kind": time.kind, "from": begins, "to": ends, "timezone": officer.timezone}
        )
    else:
        typer.echo(
            f"officer {officer.study_id}: {time.kind} from {begins} to {ends}, by the clock of {officer.timezone}"
        )


@app.command("remove")
def remove(
    study_id: StudyId,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The day on which it begins, or its hour.")],
    as_json: AsJson = False,
) -> None:
    """Forget such a time. The officer's plan is laid out anew."""
    with installation() as place, place.database.transaction() as tx:
        gone = leave.remove(tx, study_id, first, system_clock(), _ACTOR)
    begins, ends = leave.local_days(gone, gone.timezone)
    if as_json:
        show_json({"study_id": gone.study_id, "kind": gone.kind, "from": begins, "to": ends, "timezone": gone.timezone})
    else:
        typer.echo(f"officer {gone.study_id}: no {gone.kind} from {begins} to {ends} any more")


@app.command("list")
def list_(
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what lies ahead, or is now."""
    with installation() as place, place.database.reading() as tx:
        cohorts.check(tx, cohort)
        found = shift_changes.listed(tx, cohort, None if everything else system_clock())
    rows = [(one.study_id, one.cohort, one.kind, *leave.local_days(one, one.timezone)) for one in found]
    if as_json:
        show_json([dict(zip(("study_id", *_HEADERS[1:]), row, strict=True)) for row in rows])
    elif rows:
        show_table(_HEADERS, rows)
    else:
        typer.echo("nothing lies ahead: everybody works as usual")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV or XLSX file with columns study_id or phone, from, to and kind (or folio, telefono, desde, hasta, tipo)."
        ),
    ],
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=MEANING",
            help="What a column means, such as 'Alta=to'. May be given several times.",
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A file with such a line for each column.")] = None,
    sheet_name: Annotated[
        str | None, typer.Option("--sheet", help="The sheet of an XLSX file; by default the first that is not hidden.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take such times from a table: every mistake is listed with its row and column, and then nothing is taken."""
    with installation() as place:
        mapped = columns.mapping(pairs(map_, mapping), leave_rows.COLUMNS)
        rows = table_files.read_table(file.name, content(file), sheet_name)
        with place.database.transaction() as tx:
            taken = leave_rows.import_table(tx, place.vault, rows, mapped, system_clock(), _ACTOR)
            if dry_run:
                tx.rollback()
    if as_json:
        faults = [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in taken.faults]
        show_json(
            {
                "added": taken.added,
                "unchanged": taken.unchanged,
                "officers": taken.officers,
                "dry_run": dry_run,
                "faults": faults,
            }
        )
    elif taken.faults:
        refuse(file, taken.faults)
    else:
        would = "would be " if dry_run else ""
        typer.echo(f"{taken.added} {would}added, of {taken.officers} officers; {taken.unchanged} unchanged")
    raise typer.Exit(1 if taken.faults else 0)
