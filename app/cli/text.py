"""`trato text`: what officers wrote in their own words, for who reviews it and for who codes it, as sheets that go out and come
back. A sheet holds personal data until it has been reviewed: keep it as names are kept."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import installation, show_json
from app.cli.roster import content, refuse
from app.clock import system_clock
from app.errors import UsageError
from app.services import hand_sheet, redaction
from app.services.columns import Fault
from app.services.text_import import replace_files
from app.store import audit

app = typer.Typer(help="Review free text, and code it by a code book, in sheets that go out and come back.", no_args_is_help=True)


class Only(StrEnum):
    """Which texts."""

    unreviewed = "unreviewed"
    reviewed = "reviewed"


_File = Annotated[Path, typer.Argument(metavar="FILE", help="The sheet: .csv or .xlsx.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def root() -> None:
    """Free text: its review, and its codes."""


@app.command("export")
def export(
    file: _File,
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    only: Annotated[Only | None, typer.Option(help="Only texts that wait for a review, or only those that have had one.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the sheet if there is one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a sheet of texts to be reviewed: under `reviewed` write ok, redact or withhold."""
    hand_sheet.check_name(file.name)
    if file.exists() and not force:
        raise UsageError(f"{file} is there already, and may have somebody's work in it: give another name, or --force")
    with installation() as place:
        with place.database.reading() as tx:
            rows = redaction.listed(tx, programme=programme, cohort=cohort, reviewed=None if only is None else only is Only.reviewed)
        replace_files({file: hand_sheet.write(file.name, redaction.HEADERS, rows, {"reviewed": redaction.DECISIONS})})
        file.chmod(0o600)
        with place.database.transaction() as tx:
            detail = {"programme": programme, "cohort": cohort, "only": only, "rows": len(rows)}
            audit.record(tx, system_clock(), "cli", "text export", "text_review", detail)
    if as_json:
        show_json({"file": str(file), "rows": len(rows)})
    else:
        typer.echo(f"{file}: {len(rows)} texts; they may say who somebody is")


@app.command("import")
def import_(
    file: _File,
    by: Annotated[str | None, typer.Option(help="Who has reviewed.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a sheet back: every mistake is listed with its row and column, and then nothing is taken."""
    if by is None:
        raise UsageError("say who has reviewed, with --by")
    who = redaction.check_name(by)
    rows, faults = hand_sheet.read(file.name, content(file))
    with installation() as place, place.database.transaction() as tx:
        taken = redaction.Taken(faults=faults) if faults else redaction.take(tx, rows, who, system_clock())
        if dry_run:
            tx.rollback()
    if as_json:
        show_json({**taken.counts, "unchanged": taken.unchanged, "open": taken.open, "dry_run": dry_run, "faults": _faults(taken.faults)})
    elif taken.faults:
        refuse(file, taken.faults)
    else:
        told = ", ".join(f"{count} {decision}" for decision, count in taken.counts.items())
        typer.echo(f"{'would be ' if dry_run else ''}reviewed: {told}; {taken.unchanged} unchanged, {taken.open} without a decision")
    raise typer.Exit(1 if taken.faults else 0)


def _faults(faults: Sequence[Fault]) -> list[dict[str, object]]:
    return [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in faults]
