"""`trato db`: the schema's version."""

from contextlib import closing

import typer

from app.cli._common import actor
from app.clock import system_clock
from app.from_settings import secret
from app.settings import Settings
from app.store import audit
from app.store.database import Database
from app.store.schema_version import HEAD, LAST, SEALING
from app.store.vault import Vault

app = typer.Typer(help="Upgrade or check the database's schema.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Upgrade the database's schema to this release's version. Converts a database made before the first release, and seals its texts:
    that takes a minute for a million messages, and goes on where it was interrupted."""
    settings = Settings.load()
    with closing(Database(settings.database_url)) as database:
        before = database.current()
        if before in (LAST, SEALING):
            database.unlock(Vault(secret(settings)))
        database.upgrade()
        after = database.current()
        if after != before:
            with database.transaction() as tx:
                audit.record(tx, system_clock(), actor(), "schema upgrade", "database", {"from": before, "to": after})
        typer.echo(f"schema: {before or 'none'} -> {after}")


@app.command()
def check() -> None:
    """Check the schema's version. Exit code 3 unless this release may serve on it."""
    with closing(Database(Settings.load().database_url)) as database:
        schema = database.schema()
        schema.check()
        newer = f", of a newer release, which permits this one ({HEAD}) to serve" if schema.is_newer else ""
        typer.echo(f"schema: {schema.version}{newer}")
