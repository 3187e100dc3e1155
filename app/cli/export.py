"""`trato export`: tables of answers and messages, for analysis."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import wording
from app.cli._common import Late, actor, installation, show_json, warn_of_damaged
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.exports import days
from app.exports.archive.package import write as write_archive
from app.exports.attributes import MOST_K
from app.exports.formats import FORMATS
from app.exports.media import FOLDER
from app.exports.package import OnProgress, Recipient, recipient_named, write
from app.exports.selection import Selection
from app.flows.language.definition import Level
from app.store import audit
from app.store.database import Database
from app.wording import Sentence

_DAY = ["%Y-%m-%d"]
_FORMATS = "Formats, separated by commas: csv, jsonl, xlsx, dta (Stata), sav (SPSS), parquet, floip (Flow Results)."


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to; created if missing.")],
    format: Annotated[str, typer.Option("--format", help=_FORMATS)] = "csv",
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    level: Annotated[Level | None, typer.Option(help="Only answers of this level of evaluation.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="From this day on, in the officer's local time.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Up to this day, included.")] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Include free text, which may identify people.")
    ] = False,
    with_media: Annotated[
        bool, typer.Option("--with-media", help="Include photos, voice notes and other files.")
    ] = False,
    late: Annotated[
        Late, typer.Option(help="Whether late answers, after their question had expired, count in scores.")
    ] = Late.exclude,
    exact_times: Annotated[
        bool,
        typer.Option(
            "--exact-times", help="Write moments to the second, not to the hour: who sees a telephone finds its row."
        ),
    ] = False,
    recipient: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who gets it: pseudonyms instead of study ids, always the same for this recipient."
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option(
            "--k", min=2, max=MOST_K, help="Suppress attributes of officers in combinations that fewer officers share."
        ),
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Mark CSV files as UTF-8, for Excel.")] = False,
    archive: Annotated[
        bool,
        typer.Option(
            "--archive",
            help="Write a replication package: tables, the programme in every version, the protocol, the report and scripts.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write tables for analysis, their codebook, and scripts that load them.

    Free text is withheld unless asked for.
    """
    if since is not None and until is not None and until < since:
        raise UsageError(Sentence("--until must not be before --since"))
    days.check(since and since.date(), until and until.date())
    selection = Selection(
        programme,
        cohort,
        level and level.value,
        since and since.date(),
        until and until.date(),
        with_text,
        late is Late.include,
        exact_times,
        k,
    )
    if archive and (table or level or bom):
        raise UsageError(
            Sentence("--archive writes every table, level and question: without --table, --level and --bom")
        )
    formats = list(dict.fromkeys(name.strip() for name in format.split(",") if name.strip()))
    with installation() as place:
        given_to = None if recipient is None else _recipient(place.database, recipient)
        with place.database.reading() as tx, _progress() as on_progress:
            warn_of_damaged(tx, programme, cohort)
            more: dict[str, Any] = {} if archive else {"tables": table, "bom": bom}
            made = (write_archive if archive else write)(
                tx,
                folder,
                selection,
                formats=formats,
                vault=place.vault if with_media else None,
                recipient=given_to,
                on_progress=on_progress,
                **more,
            )
        written = made.files
        files = [item for item in written if f"{FOLDER}/" in item.name]
        tables = {item.name: item.rows for item in written if item not in files}
        to: dict[str, object] = {} if given_to is None else {"recipient": given_to.name}
        with place.database.transaction() as tx:
            detail = {
                **tables,
                **selection.noted(),
                **to,
                "files": len(files),
                **({"archive": True} if archive else {}),
            }
            audit.record(tx, system_clock(), actor(), "export", "responses", detail)
    if as_json:
        show_json([asdict(item) for item in written])
        return
    for name, rows in tables.items():
        is_table = name.rpartition(".")[2] in FORMATS
        tell(
            Sentence("{file}: {rows}", file=folder / name, rows=wording.rows(rows)) if is_table else str(folder / name)
        )
    if with_media:
        tell(Sentence("{file}: {rows}", file=folder / FOLDER, rows=wording.files(len(files))))
    stand = made.combinations.said()
    tell(
        stand
        if k is not None or not made.combinations.rare
        else Sentence("{stand}: --k {k} suppresses them", stand=stand, k=made.combinations.k)
    )
    if not with_text:
        tell(Sentence("free text is withheld until it has been reviewed (trato text); --with-text writes it"))


def _recipient(database: Database, name: str) -> Recipient:
    with database.transaction() as tx:
        return recipient_named(tx, name)


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """Show the progress of each file, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _name, _rows: None
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        tasks = {}

        def advance(name: str, rows: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=None)
            bar.advance(tasks[name], rows)

        yield advance
