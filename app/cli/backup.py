"""`trato backup`: a sealed copy of the database. docs/backup.md says how to keep it, and how to restore it."""

from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli._common import actor, installation, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import backup_key
from app.store import audit, backups
from app.wording import Sentence


def backup(
    to: Annotated[Path | None, typer.Option(help="Folder to write to; default TRATO_BACKUP_FOLDER.")] = None,
    keep: Annotated[
        int, typer.Option(min=1, help="The newest backups to keep in the folder; older ones are deleted.")
    ] = 14,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make an encrypted backup of the database while Trato runs, and open it again. For SQLite; on PostgreSQL use pg_dump.

    Needs TRATO_BACKUP_KEY. Exit code 0 only if the backup was opened and found whole.
    """
    now = system_clock()
    with installation() as place:
        if not place.database.is_sqlite:
            raise UsageError(
                Sentence("PostgreSQL makes its own backups: pg_dump, or an archive of its log; see docs/backup.md")
            )
        folder = (to or place.settings.backup_folder).absolute()
        file, manifest = backups.make(place.database, folder, backup_key(place.settings), __version__, now)
        with place.database.transaction() as tx:
            backups.record(tx, file, now)
            audit.record(tx, now, actor(), "backup", "database", {"bytes": manifest.size, "schema": manifest.schema})
    deleted = backups.prune(folder, keep)
    if as_json:
        show_json(
            {
                "file": file,
                "at": now.isoformat(),
                "bytes": manifest.size,
                "schema": manifest.schema,
                "deleted": deleted,
            }
        )
        return
    tell(
        Sentence(
            "{file}: {bytes:,} bytes, schema {schema}; opened again and found whole",
            file=file,
            bytes=manifest.size,
            schema=manifest.schema,
        )
    )
    if deleted:
        tell(Sentence("older backups deleted: {number}", number=len(deleted)))
