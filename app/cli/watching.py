"""Watching the flow files of the demo: a saved file passes the same checks as in `trato publish`, and the next conversation uses
it. The problems of a file that fails are printed, and its last good version stays in use."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from watchfiles import Change, awatch

from app.conversations import publishing
from app.conversations.publishing import Draft
from app.errors import AppError
from app.flows.diff_words import change_lines
from app.main import Service
from app.store import versions
from app.wording import SPANISH

Print = Callable[[str], None]

_MOST_LINES = 6
"""Changes or problems printed for one file; `trato diff` and `trato check` list all."""


async def watch(service: Service, folder: Path, show: Print) -> None:
    """Publish files of this folder as they are saved, until cancelled. `show` gets one line at a time."""
    async for _ in awatch(folder, watch_filter=_is_yaml):
        try:
            for line in await publish_saved(service, folder):
                show(line)
        except AppError as error:
            show(str(error))


def _is_yaml(_: Change, path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


async def publish_saved(service: Service, folder: Path) -> list[str]:
    """Publish the files of a folder that differ from the published version and pass the checks. Returns lines in Spanish.

    Raises ConfigurationError if the folder cannot be read, ExternalError if the database does not answer.
    """
    before = await service.ledger.run(_in_use)
    drafts = await asyncio.to_thread(publishing.drafts, [folder], set(before.values()))
    lines: list[str] = []
    for draft in drafts:
        if draft.digest not in before.values():
            lines.extend(await _publish(service, draft))
    return lines


def _in_use(tx: Connection) -> dict[str, str]:
    """The hash of each programme's current version."""
    return {version.programme: version.hash for version in versions.history(tx) if version.current}


async def _publish(service: Service, draft: Draft) -> list[str]:
    name = Path(draft.loaded.file).name
    if await service.ledger.run(partial(publishing.is_made_without, draft=draft)):
        return [
            f"{name}: no se publicó, quitaría lo que se publicó en la consola. Descargue de ahí el archivo y cambie ese."
        ]
    draft = await service.ledger.run(partial(publishing.judged, draft=draft))
    if not draft.ready:
        return [f"{name}: no se publicó, sigue la versión anterior.", *_few(list(_troubles(draft)))]
    changes = await service.ledger.run(partial(_release, service=service, draft=draft))
    return [f"{name}: publicado. Las conversaciones nuevas ya lo usan.", *_few(changes)]


def _release(tx: Connection, service: Service, draft: Draft) -> list[str]:
    code = draft.code or ""
    is_first = code not in versions.current(tx)
    publishing.release(tx, draft, "demo", service.clock(), "saved while the demo ran")
    service.library.refresh(tx)
    return [] if is_first else change_lines(draft.changes, SPANISH)


def _troubles(draft: Draft) -> Iterator[str]:
    yield from map(str, draft.trouble)
    for played in draft.failed:
        yield f"{played.transcript.file}:{played.transcript.line} la transcripción «{played.transcript.name}» ya no va así; si está bien, `trato test --update`"


def _few(lines: list[str]) -> list[str]:
    more = [f"… y {len(lines) - _MOST_LINES} más"] if len(lines) > _MOST_LINES else []
    return [*lines[:_MOST_LINES], *more]
