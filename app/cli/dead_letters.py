"""`trato dead-letters`: lists items that could not be processed, and replays them once the fault is fixed."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.errors import ExternalError
from app.main import Service, build
from app.settings import Settings
from app.store import audit, dead_letters
from app.store.dead_letters import PendingLetter
from app.wording import Sentence


def list_or_replay(
    replay: Annotated[bool, typer.Option("--replay", help="Process them again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what could not be processed, or process it again. Shows the place of the error, never the message.

    Exit code 1 if any are still waiting.
    """
    with installation() as place, place.database.transaction() as tx:
        letters = dead_letters.pending(tx, place.vault)
        if replay and letters:
            audit.record(tx, system_clock(), actor(), "dead letters replay", "dead letters", {"letters": len(letters)})
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
            show_table((Sentence("id"), Sentence("kind"), Sentence("{moment}at", moment=""), Sentence("error")), left)
        waiting = Sentence("{number} waiting", number=len(left))
        done = len(rows) - len(left)
        tell(Sentence("{number} processed, {waiting}", number=done, waiting=waiting) if replay else waiting)
    if left:
        raise typer.Exit(1)


def _replayed(letters: Sequence[PendingLetter]) -> dict[int, str]:
    """Process each again. Returns the errors of those that failed again, by id."""
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
    except Exception as error:  # noqa: BLE001 - the edge: one that fails must not stop the others
        return dead_letters.describe(error)
    return None
