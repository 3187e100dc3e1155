"""`trato dead-letters`: what came in and could not be processed, and how to process it once the fault is mended."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer

from app.cli._common import installation, show_json, show_table
from app.errors import ExternalError
from app.main import Service, build
from app.settings import Settings
from app.store import dead_letters
from app.store.dead_letters import PendingLetter


def list_or_replay(
    replay: Annotated[bool, typer.Option("--replay", help="Process them again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what could not be processed, or process it again. Shows where the fault was, never what was written.

    Exit code 1 if something still waits afterwards.
    """
    with installation() as place, place.database.reading() as tx:
        letters = dead_letters.pending(tx, place.vault)
    faults = _replayed(letters) if replay and letters else {}
    rows = [
        (letter.id, letter.kind, letter.at.isoformat(" ", "seconds"), faults.get(letter.id, letter.error))
        for letter in letters
    ]
    left = [row for row in rows if row[0] in faults] if replay else rows
    if as_json:
        names = ("id", "kind", "at", "error")
        show_json({"waiting": [dict(zip(names, row, strict=True)) for row in left], "replayed": len(rows) - len(left)})
    else:
        if left:
            show_table(("id", "kind", "at", "error"), left)
        typer.echo(f"{len(rows) - len(left)} processed, {len(left)} waiting" if replay else f"{len(left)} waiting")
    if left:
        raise typer.Exit(1)


def _replayed(letters: Sequence[PendingLetter]) -> dict[int, str]:
    """Process each again: the faults of those that failed once more, by their ids."""
    service = build(Settings.load())
    with closing(service.database):
        return asyncio.run(_replay(service, letters))


async def _replay(service: Service, letters: Sequence[PendingLetter]) -> dict[int, str]:
    faults: dict[int, str] = {}
    try:
        for letter in letters:
            if fault := await _fault(service, letter):
                faults[letter.id] = fault
    finally:
        await service.ledger.close()
        await service.channel.aclose()
    return faults


async def _fault(service: Service, letter: PendingLetter) -> str | None:
    try:
        await service.intake.again(letter)
    except ExternalError:
        raise
    except Exception as error:  # noqa: BLE001 - the edge: one that fails must not hold up the others
        return dead_letters.describe(error)
    return None
