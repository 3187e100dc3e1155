"""`trato text`: free text of officers in spreadsheets, for reviewers and coders. A sheet holds personal data until it has been
reviewed: protect it as you protect names."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.cli.roster import content, refuse
from app.clock import system_clock
from app.errors import UsageError
from app.exports.reading_errors import ReadingError, reading_errors
from app.exports.selection import Selection, as_stored
from app.exports.source import Source
from app.review import agreement as agreeing
from app.review import coded_sheet, coding, free_text, sampling
from app.review.agreement import Agreement
from app.sheets import hand_sheet
from app.store import audit
from app.translation.text_import import replace_files
from app.wording import Sentence, listed

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
        raise UsageError(Sentence("--only and --closed are for a review: coders get reviewed texts only"))
    if file.exists() and not force:
        raise UsageError(
            Sentence(
                "{file} already exists and may have somebody's work in it: use another name, or --force", file=file
            )
        )
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
        number = len(made.rows)
        tell(
            Sentence("{file}: {number} texts; they may identify somebody", file=file, number=number)
            if coder is None
            else Sentence("{file}: {number} texts", file=file, number=number)
        )


@app.command("import")
def import_(
    file: _File,
    by: Annotated[str | None, typer.Option(help="The reviewer's name.")] = None,
    coder: Annotated[str | None, typer.Option(help="The coder's name.")] = None,
    reader: Annotated[str | None, typer.Option(help="The name of a person who has read a sample of replies.")] = None,
    programme: Annotated[
        str | None, typer.Option(help="For codes: the programme, if several have a code book.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a filled-in sheet. If it has mistakes, list all of them by row and column and import nothing."""
    if sum(name is not None for name in (by, coder, reader)) != 1:
        raise UsageError(
            Sentence(
                "give either the reviewer, with --by, or the coder, with --coder, or who has read a "
                "sample, with --reader"
            )
        )
    who = free_text.check_name(by) if by is not None else coding.check_coder(coder or reader or "")
    rows, faults = hand_sheet.read(file.name, content(file))
    with installation() as place, place.database.transaction() as tx:
        done: free_text.ReviewImport | coded_sheet.CodeImport | sampling.ReadingImport
        if faults:
            done = free_text.ReviewImport(faults=faults)
        elif by is not None:
            done = free_text.import_table(tx, rows, who, system_clock())
        elif reader is not None:
            done = sampling.import_table(tx, rows, who, system_clock())
        else:
            done = coded_sheet.import_table(tx, rows, who, system_clock(), programme)
        if dry_run:
            tx.rollback()
    kinds = _counts(done)
    if as_json:
        faulty = [{"row": fault.row, "column": fault.column, "text": fault.text} for fault in done.faults]
        show_json({**kinds, "unchanged": done.unchanged, "open": done.open, "dry_run": dry_run, "faults": faulty})
    elif done.faults:
        refuse(file, done.faults)
    else:
        text = Sentence(
            "{counts}; {unchanged} unchanged, {open} still open",
            counts=listed(
                Sentence("{count} {what}", count=count, what=_WHAT.get(what, what)) for what, count in kinds.items()
            ),
            unchanged=done.unchanged,
            open=done.open,
        )
        tell(Sentence("would be: {text}", text=text) if dry_run else text)
    raise typer.Exit(1 if done.faults else 0)


_WHAT = {"coded": Sentence("coded"), "read": Sentence("{by_a_person}read", by_a_person="")}


def _counts(done: free_text.ReviewImport | coded_sheet.CodeImport | sampling.ReadingImport) -> dict[str, int]:
    match done:
        case free_text.ReviewImport():
            return done.counts
        case coded_sheet.CodeImport():
            return {"coded": done.coded}
        case sampling.ReadingImport():
            return {"read": done.read}


@app.command("sample")
def sample(
    file: _File,
    reader: Annotated[str, typer.Option(help="The person who will read: A, sara.")],
    draw: Annotated[int, typer.Option(min=0, max=100_000, help="Draw so many replies more before; 0: none.")] = 0,
    seed: Annotated[int, typer.Option(help="The number that the draw follows from.")] = 1,
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing sheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the sheet of a random sample of replies for one person to read blind. Draw once; every person gets the same replies."""
    hand_sheet.check_name(file.name)
    if file.exists() and not force:
        raise UsageError(
            Sentence(
                "{file} already exists and may have somebody's work in it: use another name, or --force", file=file
            )
        )
    name = sampling.check_reader(reader)
    with installation() as place:
        with place.database.transaction() as tx:
            drawn = sampling.draw(tx, draw, seed, system_clock(), actor(), programme) if draw else 0
            rows = sampling.sheet_rows(tx, name, programme)
            detail = {"programme": programme, "reader": name, "rows": len(rows)}
            audit.record(tx, system_clock(), actor(), "text export", "sampled_reply", detail)
        replace_files({file: hand_sheet.write(file.name, sampling.HEADERS, rows, {})})
        file.chmod(0o600)
    if as_json:
        show_json({"file": str(file), "drawn": drawn, "rows": len(rows)})
    elif rows:
        tell(
            Sentence(
                "{file}: {number} replies, {drawn} of them drawn now; they may identify somebody",
                file=file,
                number=len(rows),
                drawn=drawn,
            )
        )
    else:
        tell(Sentence("{file}: no reply has been drawn yet: add --draw 200", file=file))


@app.command("errors")
def errors(
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None, as_json: AsJson = False
) -> None:
    """Show the share of replies that Trato read otherwise than two people who agree, by question."""
    with installation() as place, place.database.reading() as tx:
        found = list(reading_errors(Source(tx, as_stored(tx, Selection(programme)))).values())
    if as_json:
        show_json([asdict(one) for one in found])
        return
    headers = (
        Sentence("variable"),
        Sentence("read twice"),
        Sentence("agreed"),
        Sentence("errors"),
        Sentence("error %"),
        Sentence("interval"),
    )
    show_table(headers, [(one.variable, one.read, one.agreed, one.errors, *_error_cells(one)) for one in found])


def _error_cells(one: ReadingError) -> tuple[str, str]:
    if one.rate is None or one.interval is None:
        return "", ""
    return f"{100 * one.rate:.1f}", f"{100 * one.interval.low:.1f}-{100 * one.interval.high:.1f}"


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
            tell(
                Sentence(
                    "{name}: they disagree on {texts}", name=_name(one), texts=", ".join(map(str, one.disagreements))
                )
            )


_HEADERS = (
    Sentence("variable"),
    Sentence("coders"),
    Sentence("texts"),
    Sentence("agree %"),
    Sentence("Cohen"),
    Sentence("Fleiss"),
    Sentence("alpha"),
)


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
