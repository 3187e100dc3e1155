"""`trato leave`: leave, extra shifts and days off, of one officer or from a table. Officers appear by study id; days and hours are
in their local time."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.cli.roster import HiddenRows, fault_json, find_table, notes_json, pairs, refuse, show_notes
from app.clock import system_clock
from app.errors import UsageError
from app.roster import leave, leave_rows
from app.roster.leave import Time
from app.roster.leave_rows import LeaveImport
from app.sheets import columns
from app.store import cohorts, shift_changes
from app.store.shift_changes import StoredChange
from app.wording import Sentence, officers

app = typer.Typer(help="Record leave, extra shifts and days off.", no_args_is_help=True)

_HEADERS = (Sentence("study id"), Sentence("cohort"), Sentence("kind"), Sentence("from"), Sentence("to"))
_KINDS = {"leave": Sentence("leave"), "on": Sentence("on"), "off": Sentence("off")}

StudyId = Annotated[str, typer.Argument(help="The officer's study id; see `trato officers find`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def root() -> None:
    """Changes of officers' shifts."""


@app.command("add")
def add(
    study_id: StudyId,
    first: Annotated[
        str,
        typer.Option(
            "--from", metavar="DATE", help="The first day, such as 2026-03-02, or day and hour: '2026-03-02 07:00'."
        ),
    ],
    last: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DATE",
            help="The last day, inclusive, or the day and hour at which it ends; by default the first day.",
        ),
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Leave without an end yet; the same entry with --to closes it.")
    ] = False,
    kind: Annotated[str, typer.Option(help="leave, on (an extra shift) or off (a shift not worked).")] = "leave",
    as_json: AsJson = False,
) -> None:
    """Add an entry. The officer is replanned."""
    if is_open and last is not None:
        raise UsageError(Sentence("give --to or --open, not both"))
    with installation() as place, place.database.transaction() as tx:
        time = leave.add(tx, study_id, kind, first, "" if is_open else last or first, system_clock(), actor())
        whose = shift_changes.by_study_id(tx, [study_id.strip().upper()])
    (officer,) = whose.values()
    if as_json:
        show_json(_entry_json(officer.study_id, time, officer.timezone))
    else:
        tell(
            Sentence(
                "officer {study_id}: {kind} {days}, time zone {timezone}",
                study_id=officer.study_id,
                kind=_KINDS[time.kind],
                days=leave.in_words(time, officer.timezone),
                timezone=officer.timezone,
            )
        )


@app.command("remove")
def remove(
    study_id: StudyId,
    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The day on which it begins, or the day and hour.")
    ],
    as_json: AsJson = False,
) -> None:
    """Delete an entry. The officer is replanned."""
    with installation() as place, place.database.transaction() as tx:
        gone = leave.remove(tx, study_id, first, system_clock(), actor())
    if as_json:
        show_json(_entry_json(gone.study_id, gone, gone.timezone))
    else:
        tell(
            Sentence(
                "officer {study_id}: {kind} {days} deleted",
                study_id=gone.study_id,
                kind=_KINDS[gone.kind],
                days=leave.in_words(gone, gone.timezone),
            )
        )


@app.command("list")
def list_(
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Include past entries.")] = False,
    as_json: AsJson = False,
) -> None:
    """List current and future entries."""
    with installation() as place, place.database.reading() as tx:
        cohorts.check(tx, cohort)
        found = shift_changes.find(tx, cohort, None if everything else system_clock())
    rows = [(one.study_id, one.cohort, one.kind, *leave.local_days(one, one.timezone)) for one in found]
    if as_json:
        show_json([dict(zip(("study_id", *_HEADERS[1:]), row, strict=True)) for row in rows])
    elif rows:
        show_table(_HEADERS, [(*row[:2], _KINDS[row[2]], row[3], row[4] or Sentence("(open)")) for row in rows])
    else:
        tell(Sentence("no entries: everybody works as usual"))


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
            help="What a column means, such as 'Alta=to'. May be repeated.",
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A file with one COLUMN=MEANING per line.")] = None,
    sheet_name: Annotated[
        str | None,
        typer.Option("--sheet", help="The sheet of an XLSX file; by default the first visible one with the headers."),
    ] = None,
    hidden: HiddenRows = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and import nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import entries from a table. If there are mistakes, all are listed with row and column, and nothing is imported."""
    with installation() as place:
        mapped = columns.mapping(pairs(map_, mapping), leave_rows.COLUMNS)
        table = find_table(file, leave_rows.wanted(mapped), sheet_name, hidden)
        with place.database.transaction() as tx:
            taken = leave_rows.import_table(tx, place.vault, table.rows, mapped, system_clock(), actor(), table.header)
            faults = [*table.faults, *taken.faults]
            if dry_run or faults:
                tx.rollback()
    if as_json:
        show_json(
            {
                "added": taken.added,
                "ended": taken.ended,
                "open": taken.open,
                "unchanged": taken.unchanged,
                "officers": taken.officers,
                "dry_run": dry_run,
                **notes_json(table),
                "faults": [fault_json(fault) for fault in faults],
            }
        )
        raise typer.Exit(1 if faults else 0)
    show_notes(file, table)
    if faults:
        refuse(file, faults)
    else:
        _show(taken, dry_run)
    raise typer.Exit(1 if faults else 0)


def _entry_json(study_id: str, time: Time | StoredChange, timezone: str) -> dict[str, object]:
    begins, ends = leave.local_days(time, timezone)
    return {"study_id": study_id, "kind": time.kind, "from": begins, "to": ends, "timezone": timezone}


def _show(taken: LeaveImport, dry_run: bool) -> None:
    tell(
        Sentence(
            "{added} would be added, of {officers}; {unchanged} unchanged",
            added=taken.added,
            officers=officers(taken.officers),
            unchanged=taken.unchanged,
        )
        if dry_run
        else Sentence(
            "{added} added, of {officers}; {unchanged} unchanged",
            added=taken.added,
            officers=officers(taken.officers),
            unchanged=taken.unchanged,
        )
    )
    if taken.open:
        tell(
            Sentence(
                "{number} without an end: nothing is planned for these officers until it is given", number=taken.open
            )
        )
    if taken.ended:
        tell(
            Sentence("{number} would be closed: leave that had no end has one now", number=taken.ended)
            if dry_run
            else Sentence("{number} closed: leave that had no end has one now", number=taken.ended)
        )
