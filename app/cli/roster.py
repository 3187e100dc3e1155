"""`trato roster import`: officers from a CSV or XLSX file; all of them, or, if a single row is wrong, none."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import installation, programme, show_json
from app.clock import system_clock
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.roster import enrolment, rows
from app.roster.enrolment import RosterImport
from app.roster.rows import Roster
from app.sheets import columns, table_files
from app.sheets.faults import Fault

app = typer.Typer(help="Import officers from a CSV or XLSX file.", no_args_is_help=True)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""


@app.callback()
def root() -> None:
    """Officers who take part."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file; the first row names the columns.")],
    cohort: Annotated[str | None, typer.Option(help="The cohort of rows that name none.")] = None,
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="The campaign, if the programme has several.")] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=MEANING",
            help="What a column means, such as 'Teléfono celular=phone'; nothing behind = leaves it out. May be given several times.",
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A file with such a line for each column.")] = None,
    sheet_name: Annotated[
        str | None, typer.Option("--sheet", help="The sheet of an XLSX file; by default the first that is not hidden.")
    ] = None,
    rename: Annotated[
        bool, typer.Option("--rename", help="Officers who have quite another name here are the same people.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a roster: every mistake is listed with its row and column, and then nothing is imported.

    Who is there already, by number, is brought up to date; empty cells and columns that are missing change nothing.
    """
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        chosen = _campaign(wanted, campaign)
        mapped = columns.mapping(pairs(map_, mapping), rows.column_names(wanted))
        read = rows.read_roster(
            table_files.read_table(file.name, content(file), sheet_name), wanted, cohort=cohort, mapped=mapped
        )
        with place.database.transaction() as tx:
            faults = read.faults or tuple(enrolment.conflicts(tx, place.vault, wanted, read, rename=rename))
            done = (
                RosterImport()
                if faults
                else enrolment.take_over(tx, place.vault, wanted, read.entries, chosen, study_id, system_clock())
            )
            if dry_run:
                tx.rollback()
    anchor = wanted.campaigns[chosen].anchor if chosen else ""
    if as_json:
        _show_json(done, faults, read, dry_run)
    elif faults:
        refuse(file, faults)
    else:
        _show(done, read, anchor, dry_run)
    raise typer.Exit(1 if faults else 0)


def study_id() -> str:
    """A random study id: never made from a name or a number."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


def pairs(options: list[str] | None, file: Path | None) -> list[tuple[str, str]]:
    """What columns mean, by the options and by a file, each with its place. Raises UsageError."""
    return [
        *(("--map", text) for text in options or ()),
        *(columns.mapping_lines(str(file), content(file)) if file else ()),
    ]


def content(file: Path) -> bytes:
    """The bytes of a table's file. Raises UsageError."""
    try:
        table_files.check_size(file.name, file.stat().st_size)
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def _campaign(programme: Programme, code: str | None) -> str | None:
    campaigns = programme.open_campaigns
    if code in programme.campaigns and code not in campaigns:
        raise UsageError(f"{code} is the campaign of an arm: `trato randomize` assigns it")
    if code is None:
        if len(campaigns) > 1:
            raise UsageError(f"name one of the campaigns with --campaign: {', '.join(campaigns)}")
        return campaigns[0] if campaigns else None
    if code not in campaigns:
        raise UsageError(f"the programme has no campaign {code}; it has: {', '.join(campaigns) or 'none'}")
    return code


def _show_json(done: RosterImport, faults: tuple[Fault, ...], read: Roster, dry_run: bool) -> None:
    show_json(
        {
            "added": done.added,
            "updated": done.updated,
            "unchanged": done.unchanged,
            "cohorts": done.cohorts,
            "without_date": done.undated,
            "ignored_columns": read.ignored,
            "dry_run": dry_run,
            "faults": [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in faults],
        }
    )


def refuse(file: Path, faults: Sequence[Fault]) -> None:
    """List the mistakes of a file."""
    for fault in faults:
        typer.echo(f"{file}: {fault}", err=True)
    typer.echo(f"{len(faults)} {'mistake' if len(faults) == 1 else 'mistakes'}; nothing was imported", err=True)


def _show(done: RosterImport, read: Roster, anchor: str, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    typer.echo(f"{done.added} officers {would}added, {done.updated} {would}updated, {done.unchanged} unchanged")
    if done.cohorts:
        typer.echo(f"new cohorts: {', '.join(done.cohorts)}")
    if done.undated:
        typer.echo(
            f"{done.undated} have no {anchor}, nor has their cohort: nothing but consent can be planned for them"
        )
    for header in read.ignored:
        typer.echo(
            f"column {header!r} is not used: list it under `fields:` of the programme to keep it as an attribute"
        )
