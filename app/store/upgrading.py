"""Upgrades of the schema. Imported only when one is asked for: Alembic is 10 MB that no other process needs. Runs in the caller's
transaction, so that an upgrade is complete or leaves no trace."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from app.errors import ConfigurationError
from app.store import schema_version
from app.store.dialect import dangling, lock_schema
from app.store.migrations import prerelease

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(tx: Connection, migrations: Path = MIGRATIONS) -> None:
    """Run the outstanding migrations. Raises ConfigurationError if the schema's version is not one of this release's, or if
    rows would be left that refer to nothing."""
    lock_schema(tx)
    prerelease.convert(tx)
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = tx
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ConfigurationError("the database was made by a newer release of Trato than this one") from None
    if dangling(tx):
        raise ConfigurationError("the upgrade was undone: rows would be left that refer to nothing")
    schema_version.store_support(tx)
