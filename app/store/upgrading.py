"""Changes of the schema. Imported on the day of an upgrade only: Alembic is 10 MB that no other process needs. Runs in the
transaction it is given, so that an upgrade is whole or has not been."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from app.errors import ConfigurationError
from app.store.dialect import dangling, lock_schema

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(tx: Connection, migrations: Path = MIGRATIONS) -> None:
    """Run the migrations that the database has not had. Raises ConfigurationError if it is of a newer release, or if rows
    would be left that refer to nothing."""
    lock_schema(tx)
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = tx
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ConfigurationError("the database was made by a newer release of Trato than this one") from None
    if dangling(tx):
        raise ConfigurationError("the upgrade was undone: rows would be left that refer to nothing")
