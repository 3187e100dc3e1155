"""`trato db`: the schema's version."""

from contextlib import closing

import typer

from app.settings import Settings
from app.store.database import Database

app = typer.Typer(help="Upgrade or check the database's schema.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database's schema to this release's version."""
    with closing(Database(Settings.load().database_url)) as database:
        before = database.current()
        database.upgrade()
        typer.echo(f"schema: {before or 'none'} -> {database.current()}")


@app.command()
def check() -> None:
    """Exit code 3 unless the schema is this release's."""
    with closing(Database(Settings.load().database_url)) as database:
        database.check()
        typer.echo(f"schema: {database.current()}")
