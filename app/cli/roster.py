"""`trato roster import`: officers from a CSV or XLSX file; all of them, or, if a single row is wrong, none."""

import csv
import io
import secrets
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from python_calamine import CalamineError, CalamineWorkbook

from app.cli._common import installation, programme, show_json
from app.clock import system_clock
from app.errors import UsageError
from app.flows.definition import Programme
from app.services import roster

app = typer.Typer(help="Import officers from a CSV or XLSX file.", no_args_is_help=True)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""
MOST_BYTES = 20_000_000


@app.callback()
def root() -> None:
    """Officers who take part."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file; the first row names the columns.")],
    cohort: Annotated[str | None, typer.Option(help="The cohort of rows that name none.")] = None,
    programme_code: Annotated[str | None, typer.Option("--programme", help="The programme, if there are several.")] = None,
    campaign: Annotated[str | None, typer.Option(help="The campaign, if the programme has several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a roster: every mistake is listed with its row and column, and then nothing is imported."""
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        chosen = _campaign(wanted, campaign)
        read = roster.read(table(file), wanted, cohort=cohort)
        if read.faults:
            _refuse(file, read, as_json)
        with place.database.transaction() as tx:
            done = roster.take_over(tx, place.vault, wanted, read.entries, chosen, study_id, system_clock())
            if dry_run:
                tx.rollback()
    if as_json:
        show_json({"added": done.added, "updated": done.updated, "unchanged": done.unchanged, "cohorts": done.cohorts,
                   "ignored_columns": read.ignored, "dry_run": dry_run, "faults": []})
        return
    would = "would be " if dry_run else ""
    typer.echo(f"{done.added} officers {would}added, {done.updated} {would}updated, {done.unchanged} unchanged")
    for header in read.ignored:
        typer.echo(f"column {header!r} is not used: list it under `fields:` of the programme to keep it as an attribute")


def _refuse(file: Path, read: roster.Read, as_json: bool) -> None:
    if as_json:
        faults = [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in read.faults]
        show_json({"added": 0, "updated": 0, "faults": faults})
    else:
        for fault in read.faults:
            typer.echo(f"{file}: {fault}", err=True)
        typer.echo(f"{len(read.faults)} mistakes; nothing was imported", err=True)
    raise typer.Exit(1)


def _campaign(programme: Programme, code: str | None) -> str | None:
    campaigns = list(programme.campaigns)
    if code is None:
        if len(campaigns) > 1:
            raise UsageError(f"name one of the campaigns with --campaign: {', '.join(campaigns)}")
        return campaigns[0] if campaigns else None
    if code not in campaigns:
        raise UsageError(f"the programme has no campaign {code}; it has: {', '.join(campaigns) or 'none'}")
    return code


def study_id() -> str:
    """A random study id: never made from a name or a number."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


def table(file: Path) -> list[list[str]]:
    """The cells of a CSV or XLSX file as text. Raises UsageError if it cannot be read as one."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(f"{file} is larger than {MOST_BYTES // 1_000_000} MB: is it a roster?")
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    if content[:4] == b"PK\x03\x04" or file.suffix.lower() in (".xlsx", ".xlsm", ".ods", ".xls"):
        return _spreadsheet(file, content)
    return _csv(file, content)


def _csv(file: Path, content: bytes) -> list[list[str]]:
    """UTF-8 with or without a mark, or else what Excel in Spanish writes; comma, semicolon or tab."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UsageError(f"{file} is not a CSV file")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}") from None


def _spreadsheet(file: Path, content: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, IndexError):
        raise UsageError(f"{file} cannot be read as a spreadsheet") from None
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    """A cell as a person sees it: whole numbers without a decimal point, dates in ISO order."""
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date():
            return cell.isoformat()[:10]
        case _:
            return str(cell)
