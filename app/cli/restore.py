"""`trato restore`: a backup in the place of the database. What happened since the backup `trato serve` takes from the carrier's list, before
it sends anything (`app.recovery`)."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import actor, open_database, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import backup_key, vault_of
from app.settings import Settings
from app.store import audit, keys, restored, restoring
from app.store.database import Database
from app.wording import Sentence

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def restore(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A backup by `trato backup`.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Open the backup and check it; change nothing.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Put it in the place of a database that is there, which is kept beside it."),
    ] = False,
    reconcile_since: Annotated[
        datetime | None,
        typer.Option(
            formats=_MOMENTS,
            help="For a database that was restored by other tools: the moment, UTC, from which on it has nothing.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Restore a backup, while Trato is stopped. The next `trato serve` reads the carrier's list before it sends anything.

    Needs the TRATO_BACKUP_KEY and the TRATO_SECRET_KEY of the day of the backup. The backup is checked first.
    """
    if (file is None) == (reconcile_since is None):
        raise UsageError(Sentence("name a backup, or a moment with --reconcile-since"))
    if reconcile_since is not None:
        _hold(reconcile_since.replace(tzinfo=UTC))
        return
    settings, now = Settings.load(), system_clock()
    database = Database(settings.database_url)
    with closing(database), restoring.opened(database, file or Path(), backup_key(settings)) as (copy, manifest):
        with closing(Database(f"sqlite:///{copy}")) as found:
            with found.reading() as tx:
                keys.check(tx, vault_of(settings))
            if not check:
                with found.transaction() as tx:
                    restored.mark(tx, manifest.at, now)
                    audit.record(tx, now, actor(), "restore", "database", {"at": manifest.at.isoformat()})
        kept = None if check else restoring.put_in_place(database, copy, now, replace=replace)
    if as_json:
        show_json(
            {
                "at": manifest.at.isoformat(),
                "schema": manifest.schema,
                "bytes": manifest.size,
                "restored": not check,
                "kept": kept,
            }
        )
        return
    tell(
        Sentence(
            "{file}: whole, of {at:%Y-%m-%d %H:%M} UTC, schema {schema}, {bytes:,} bytes; its keys are these",
            file=file,
            at=manifest.at,
            schema=manifest.schema,
            bytes=manifest.size,
        )
    )
    if kept is not None:
        tell(Sentence("the database that was there is kept: {file}", file=kept))
    if not check:
        tell(_NEXT)


def _hold(since: datetime) -> None:
    now = system_clock()
    with open_database() as (_, database):
        restoring.check_unused(database)
        with database.transaction() as tx:
            restored.mark(tx, since, now)
            audit.record(tx, now, actor(), "restore", "database", {"at": since.isoformat(), "by": "other tools"})
    tell(_NEXT)


_NEXT = Sentence(
    "now `trato db upgrade`, if the release is newer, and `trato serve`: it reads the carrier's list since then, and sends nothing before"
)
