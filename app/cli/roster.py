"""`trato roster import`: imports officers from a CSV or XLSX file: all of them, or none if any row has a mistake."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, installation, programme, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import unreadable
from app.roster import changes, enrolment, rows
from app.roster.changes import FieldChange
from app.roster.conflicts import conflicts, spelling_warnings
from app.roster.enrolment import RosterImport
from app.roster.rows import Roster
from app.roster.study_ids import new_study_id
from app.sheets import columns, table_files, table_in_file
from app.sheets.faults import Fault
from app.sheets.table_in_file import FoundTable, Hidden, Wanted
from app.wording import Sentence, listed, officers

app = typer.Typer(help="Import officers from a CSV or XLSX file.", no_args_is_help=True)

HiddenRows = Annotated[
    Hidden | None,
    typer.Option("--hidden", help="Rows that are hidden, filtered out or struck out: include them, or skip them."),
]


@app.callback()
def root() -> None:
    """Commands for the roster."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with a row that names the columns.")],
    cohort: Annotated[str | None, typer.Option(help="The cohort for rows that name none.")] = None,
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="The campaign, if the programme has several.")] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=MEANING",
            help="What a column means, such as 'Teléfono celular=phone'; an empty MEANING ignores it. May be repeated.",
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A file with one COLUMN=MEANING per line.")] = None,
    sheet_name: Annotated[
        str | None,
        typer.Option("--sheet", help="The sheet of an XLSX file; by default the first visible one with the headers."),
    ] = None,
    hidden: HiddenRows = None,
    rename: Annotated[
        bool,
        typer.Option(
            "--rename", help="Accept rows whose name differs from the stored one: the officers are the same people."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and import nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a roster. If there are mistakes, all are listed with row and column, and nothing is imported.

    Officers already enrolled, found by number, are updated; empty cells and missing columns change nothing.
    """
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        chosen = enrolment.campaign_of(wanted, campaign, option=Sentence(" with --campaign"))
        mapped = columns.mapping(pairs(map_, mapping), rows.column_names(wanted))
        table = find_table(file, rows.wanted(wanted, mapped), sheet_name, hidden)
        read = rows.read_roster(
            table.rows, wanted, cohort=cohort, mapped=mapped, now=system_clock(), header=table.header
        )
        table.rows.clear()  # the officers alone take the memory that a large roster needs
        with place.database.transaction() as tx:
            faults = (*table.faults, *read.faults) or tuple(
                conflicts(tx, place.vault, wanted, read, rename=rename, naming=True)
            )
            warnings = (*read.warnings, *spelling_warnings(tx, wanted, read))
            done = (
                RosterImport()
                if faults
                else enrolment.enrol(
                    tx,
                    place.vault,
                    wanted,
                    read.entries,
                    chosen,
                    new_study_id,
                    system_clock(),
                    actor(),
                    columns=read.columns,
                )
            )
            if dry_run:
                tx.rollback()
    anchor = wanted.campaigns[chosen].anchor if chosen else ""
    if as_json:
        _show_json(done, faults, warnings, table, read, dry_run)
        raise typer.Exit(1 if faults else 0)
    show_notes(file, table, warnings)
    if dry_run and read.sample is not None:
        tell(Sentence("a name from the file, to see whether its letters are right: {sample}", sample=read.sample))
    if faults:
        refuse(file, faults)
    else:
        _show(done, read, anchor, dry_run)
    raise typer.Exit(1 if faults else 0)


def pairs(options: list[str] | None, file: Path | None) -> list[tuple[str, str]]:
    """The column mappings of the options and of a file, as (place, text). Raises UsageError."""
    return [
        *(("--map", text) for text in options or ()),
        *(columns.mapping_lines(str(file), content(file)) if file else ()),
    ]


def content(file: Path) -> bytes:
    """The bytes of a table file. Raises UsageError."""
    try:
        table_files.check_size(file.name, file.stat().st_size)
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from None


def find_table(file: Path, wanted: Wanted, sheet: str | None, hidden: Hidden | None) -> FoundTable:
    """The table in a file. Raises UsageError."""
    return table_in_file.find(file.name, content(file), wanted, sheet=sheet, hidden=hidden)


def show_notes(file: Path, table: FoundTable, warnings: Sequence[Fault] = ()) -> None:
    """Print where the table was found, and what needs a look."""
    for note in table.notes:
        tell(note)
    for warning in (*table.warnings, *warnings):
        tell(Sentence("{file}: warning: {warning}", file=file, warning=warning.located), err=True)


def notes_json(table: FoundTable, warnings: Sequence[Fault] = ()) -> dict[str, object]:
    """The same, and the row of the headers, for JSON."""
    return {
        "header_row": table.header,
        "notes": table.notes,
        "warnings": [fault_json(warning) for warning in (*table.warnings, *warnings)],
    }


def fault_json(fault: Fault) -> dict[str, object]:
    """A mistake for JSON."""
    return {"row": fault.row, "column": fault.column, "text": fault.text}


def _show_json(
    done: RosterImport,
    faults: tuple[Fault, ...],
    warnings: tuple[Fault, ...],
    table: FoundTable,
    read: Roster,
    dry_run: bool,
) -> None:
    show_json(
        {
            "added": done.added,
            "updated": done.updated,
            "unchanged": done.unchanged,
            "cohorts": done.cohorts,
            "without_date": done.undated,
            "consents_corrected": done.corrected,
            "consents_refused": done.changes.refused,
            "changes": [
                {
                    "study_id": done.study_ids[one.contact_id],
                    "row": one.row,
                    "field": one.field,
                    "before": one.before,
                    "after": one.after,
                }
                for one in done.changes.fields
            ],
            "kept": done.changes.kept,
            "absent": done.absent,
            "ignored_columns": read.ignored,
            "dry_run": dry_run,
            "sample": read.sample if dry_run else None,
            **notes_json(table, warnings),
            "faults": [fault_json(fault) for fault in faults],
        }
    )


def refuse(file: Path, faults: Sequence[Fault]) -> None:
    """Print the mistakes of a file."""
    for fault in faults:
        tell(Sentence("{file}: {fault}", file=file, fault=fault.located), err=True)
    tell(
        Sentence("1 mistake; nothing was imported")
        if len(faults) == 1
        else Sentence("{number} mistakes; nothing was imported", number=len(faults)),
        err=True,
    )


def _show(done: RosterImport, read: Roster, anchor: str, dry_run: bool) -> None:
    tell(
        Sentence(
            "{officers} would be added, {updated} would be updated, {unchanged} unchanged",
            officers=officers(done.added),
            updated=done.updated,
            unchanged=done.unchanged,
        )
        if dry_run
        else Sentence(
            "{officers} added, {updated} updated, {unchanged} unchanged",
            officers=officers(done.added),
            updated=done.updated,
            unchanged=done.unchanged,
        )
    )
    for line in _changes(done):
        tell(line)
    if done.corrected:
        tell(
            Sentence("consents on paper to be corrected: {number}", number=done.corrected)
            if dry_run
            else Sentence("consents on paper corrected: {number}; the audit log has both dates", number=done.corrected)
        )
    if done.cohorts:
        tell(Sentence("new cohorts: {names}", names=", ".join(done.cohorts)))
    if done.undated:
        tell(
            Sentence(
                "{number} have no {anchor}, nor has their cohort: only consent can be planned for them",
                number=done.undated,
                anchor=anchor,
            )
        )
    if done.changes.refused:
        tell(
            Sentence(
                "{number} have declined since their consent on paper, which is not recorded",
                number=done.changes.refused,
            )
        )
    if done.absent:
        tell(
            Sentence(
                "{number} officers of these cohorts are not in the roster: they stay as they are", number=done.absent
            )
        )
    for name, count in sorted(done.changes.kept.items()):
        tell(
            Sentence(
                "{name}: {number} officers have a value and an empty cell, which changes nothing",
                name=name,
                number=count,
            )
        )
    for header in read.ignored:
        tell(
            Sentence(
                "column {header!r} is not used: list it under `fields:` in the programme to store it as an attribute",
                header=header,
            )
        )


_LISTED = 50
"""Officers whose changes are listed; more are counted by field."""


def _changes(done: RosterImport) -> Iterator[str]:
    """The changes of officers, field by field."""
    officers = list(changes.by_officer(done.changes.fields))
    for contact, row, some in officers[:_LISTED]:
        yield Sentence(
            "  {officer} (row {row}): {changes}",
            officer=done.study_ids[contact],
            row=row,
            changes=listed(map(_change, some)),
        )
    if len(officers) > _LISTED:
        counts = Counter(one.field for one in done.changes.fields)
        by_field = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        yield Sentence("  and {more} more; of all: {by_field}", more=len(officers) - _LISTED, by_field=by_field)


def _change(one: FieldChange) -> str:
    if one.before is None and one.after is None:
        return one.field
    before, after = one.before or Sentence("(none)"), one.after or Sentence("(none)")
    return Sentence("{field} {before} -> {after}", field=one.field, before=before, after=after)
