"""`trato db`: the schema's version, and the move to another database."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli._common import actor, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import secret, vault_of
from app.settings import Settings
from app.store import audit, backups, copying, keys
from app.store.database import Database
from app.store.schema_version import COPYING, HEAD, LAST, SEALING
from app.store.vault import Vault
from app.wording import Sentence

app = typer.Typer(help="Upgrade or check the database's schema, or move the database.", no_args_is_help=True)


@app.command()
def upgrade(
    copy_first: Annotated[
        bool, typer.Option("--copy/--no-copy", help="On SQLite: keep a copy of the database beside it, the way back.")
    ] = True,
) -> None:
    """Upgrade the database's schema to this release's version. Converts a database made before the first release, and seals its texts:
    that takes a minute for a million messages, and goes on where it was interrupted.

    An upgrade that would lose data is undone. On PostgreSQL make a dump before.
    """
    settings = Settings.load()
    with closing(Database(settings.database_url)) as database:
        before = database.current()
        if before in (LAST, SEALING):
            database.unlock(Vault(secret(settings)))
        if copy_first and database.is_sqlite and before not in (None, HEAD, SEALING, COPYING):
            kept = backups.copy_beside(database, f"before-{HEAD}-{system_clock():%Y%m%dT%H%M%SZ}")
            tell(Sentence("the way back, to delete once the new release works: {file}", file=kept))
        database.upgrade()
        after = database.current()
        if after != before:
            with database.transaction() as tx:
                audit.record(tx, system_clock(), actor(), "schema upgrade", "database", {"from": before, "to": after})
        tell(Sentence("schema: {before} -> {after}", before=before or Sentence("{schema}none", schema=""), after=after))


@app.command()
def check() -> None:
    """Check the schema's version. Exit code 3 unless this release may serve on it."""
    with closing(Database(Settings.load().database_url)) as database:
        schema = database.schema()
        schema.check()
        tell(
            Sentence(
                "schema: {version}, of a newer release, which permits this one ({head}) to serve",
                version=schema.version,
                head=HEAD,
            )
            if schema.is_newer
            else Sentence("schema: {version}", version=schema.version)
        )


@app.command()
def copy(
    to: Annotated[
        str, typer.Option(help="The database to copy to, new or empty: postgresql://user@host/name or sqlite:///path.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy the whole database into another one, of either kind, while Trato is stopped, and compare every row.

    A copy that was interrupted goes on where it was: run it again. Nothing serves on the other database before all rows are the same.
    """
    settings = Settings.load()
    with closing(Database(settings.database_url)) as source, closing(Database(to)) as target:
        if source.url == target.url:
            raise UsageError(Sentence("--to names the database that is in use"))
        with source.reading() as tx:
            keys.check(tx, vault_of(settings))
        copied = copying.copy(
            source, target, lambda table, rows: tell(Sentence("{table}: {rows} rows", table=table, rows=rows), err=True)
        )
        with target.transaction() as tx:
            rows = sum(table.rows for table in copied)
            audit.record(
                tx, system_clock(), actor(), "database copy", "database", {"tables": len(copied), "rows": rows}
            )
    if as_json:
        show_json({"rows": rows, "tables": [asdict(table) for table in copied]})
        return
    tell(
        Sentence(
            "{rows:,} rows of {tables} tables are the same in both: set TRATO_DATABASE_URL to the other one, and start nothing on this one again",
            rows=rows,
            tables=len(copied),
        )
    )
