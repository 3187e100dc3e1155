"""`trato text`: free text of officers in spreadsheets, for reviewers and coders. A sheet holds personal data until it has been
reviewed: protect it as you protect names."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.roster import content, refuse
from app.clock import system_clock
from app.errors import UsageError
from app.review import agreement as agreeing
from app.review import coded_sheet, coding, free_text
from app.review.agreement import Agreement
from app.sheets import hand_sheet
from app.store import audit
from app.translation.text_import import replace_files

app = typer.Typer(help="Review and code free text in spreadsheets.", no_args_is_help=True)


class Only(StrEnum):
    """Texts by their review."""

    unreviewed = "unreviewed"
    reviewed = "reviewed"


_File = Annotated[Path, typer.Argument(metavar="FILE", help="The sheet: .csv or .xlsx.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def root() -> None:
    """Review and coding of free text."""


@app.command("export")
def export(
    file: _File,
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    coder: Annotated[
        str | None,
        typer.Option(help="Reviewed texts for this coder to code; `final` gets those that the others disagree on."),
    ] = None,
    only: Annotated[Only | None, typer.Option(help="Only texts without a review, or only reviewed ones.")] = None,
    closed: Annotated[
        bool,
        typer.Option(
            "--closed", help="Also what was typed beside the option of a closed question, withheld until then."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing sheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a sheet of texts to review (write ok, redact or withhold under `reviewed`) or, with --coder, to code."""
    hand_sheet.check_name(file.name)
    if coder is not None and (only is not None or closed):
        raise UsageError("--only and --closed are for a review: coders get reviewed texts only")
    if file.exists() and not force:
        raise UsageError(f"{file} already exists and may have somebody's work in it: use another name, or --force")
    with installation() as place:
        with place.database.reading() as tx:
            if coder is None:
                reviewed = None if only is None else only is Only.reviewed
                rows = free_text.sheet_rows(tx, programme=programme, cohort=cohort, reviewed=reviewed, closed=closed)
                made = coding.Sheet(free_text.HEADERS, rows, {"reviewed": list(free_text.DECISIONS)})
            else:
                made = coding.sheet(tx, coding.check_coder(coder), programme=programme, cohort=cohort)
        replace_files({file: hand_sheet.write(file.name, made.headers, made.rows, made.choices)})
        file.chmod(0o600)
        with place.database.transaction() as tx:
            detail = {"programme": programme, "cohort": cohort, "only": only, "coder": coder, "rows": len(made.rows)}
            audit.record(tx, system_clock(), actor(), "text export", "text_review", detail)
    if as_json:
        show_json({"file": str(file), "rows": len(made.rows)})
    else:
        typer.echo(f"{file}: {len(made.rows)} texts" + ("; they may identify somebody" if coder is None else ""))


@app.command("import")
def import_(
    file: _File,
    by: Annotated[str | None, typer.Option(help="The reviewer's name.")] = None,
    coder: Annotated[str | None, typer.Option(help="The coder's name.")] = None,
    programme: Annotated[
        str | None, typer.Option(help="For codes: the programme, if several have a code book.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a filled-in sheet. If it has mistakes, list all of them by row and column and import nothing."""
    if (by is None) == (coder is None):
        raise UsageError("give either the reviewer, with --by, or the coder, with --coder")
    who = free_text.check_name(by) if by is not None else coding.check_coder(coder or "")
    rows, faults = hand_sheet.read(file.name, content(file))
    with installation() as place, place.database.transaction() as tx:
        done: free_text.ReviewImport | coded_sheet.CodeImport
        if faults:
            done = free_text.ReviewImport(faults=faults)
        elif by is not None:
            done = free_text.import_table(tx, rows, who, system_clock())
        else:
            done = coded_sheet.import_table(tx, rows, who, system_clock(), programme)
        if dry_run:
            tx.rollback()
    kinds = done.counts if isinstance(done, free_text.ReviewImport) else {"coded": done.coded}
    if as_json:
        faulty = [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in done.faults]
        show_json({**kinds, "unchanged": done.unchanged, "open": done.open, "dry_run": dry_run, "faults": faulty})
    elif done.faults:
        refuse(file, done.faults)
    else:
        counts = ", ".join(f"{count} {what}" for what, count in kinds.items())
        typer.echo(f"{'would be: ' if dry_run else ''}{counts}; {done.unchanged} unchanged, {done.open} still open")
    raise typer.Exit(1 if done.faults else 0)


@app.command("agreement")
def agreement(
    programme: Annotated[str | None, typer.Option(help="The programme, if several have a code book.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the agreement between coders, and the texts that they disagree on."""
    with installation() as place, place.database.reading() as tx:
        found = agreeing.agreement(tx, programme)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    show_table(_HEADERS, [_line(one) for one in found])
    for one in found:
        if one.disagreements:
            typer.echo(f"{_name(one)}: they disagree on {', '.join(map(str, one.disagreements))}")


_HEADERS = ("variable", "coders", "texts", "agree %", "Cohen", "Fleiss", "alpha")


def _line(one: Agreement) -> tuple[object, ...]:
    pairs = [
        _figure(kappa) if len(one.cohen) == 1 else f"{pair}: {_figure(kappa)}" for pair, kappa in one.cohen.items()
    ]
    percent = "" if one.percent is None else f"{one.percent:.1f}"
    return (
        _name(one),
        " ".join(one.coders),
        one.texts,
        percent,
        ", ".join(pairs),
        _figure(one.fleiss),
        _figure(one.alpha),
    )


def _name(one: Agreement) -> str:
    return one.variable if one.code is None else f"{one.variable}: {one.code}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
