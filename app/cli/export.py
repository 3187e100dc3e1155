"""`trato export`: what officers answered, for analysis."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import installation, show_json
from app.clock import system_clock
from app.errors import UsageError
from app.exports.media import FOLDER
from app.exports.package import write
from app.exports.responses import Wanted
from app.flows.definition import Level
from app.store import audit

_DAY = ["%Y-%m-%d"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to; made if need be.")],
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    level: Annotated[Level | None, typer.Option(help="Only this level of evaluation.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="Answers from this day on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Answers up to this day, UTC, included.")] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Free text too: it may say who somebody is.")] = False,
    with_media: Annotated[bool, typer.Option("--with-media", help="Photos, voice notes and other files too.")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="Mark the files as UTF-8, for Excel.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the responses and their codebook as CSV. Free text is withheld unless asked for."""
    if since is not None and until is not None and until < since:
        raise UsageError("--until must not be before --since")
    wanted = Wanted(
        programme, cohort, level and level.value, since and since.replace(tzinfo=UTC),
        until and until.replace(tzinfo=UTC) + timedelta(days=1), with_text,
    )
    with installation() as place:
        with place.database.reading() as tx:
            written = write(tx, folder, wanted, bom=bom, vault=place.vault if with_media else None)
        with place.database.transaction() as tx:
            tables = {item.name: item.rows for item in written if item.name.endswith(".csv")}
            detail = {**tables, "with_text": with_text, "files": len(written) - len(tables)}
            audit.record(tx, system_clock(), "cli", "export", "responses", detail)
    if as_json:
        show_json([asdict(item) for item in written])
        return
    for item in written[: len(tables)]:
        typer.echo(f"{folder / item.name}: {item.rows} rows")
    if with_media:
        typer.echo(f"{folder / FOLDER}: {detail['files']} files")
    if not with_text:
        typer.echo("free text is withheld until it has been reviewed; --with-text writes it")
