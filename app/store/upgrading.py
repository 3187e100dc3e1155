"""Upgrades of the schema. Imported only when one is asked for: Alembic is 10 MB that no other process needs. Runs in the caller's
transactions, so that an upgrade is complete or leaves no trace; but texts that were in clear are sealed in steps."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from app.errors import ConfigurationError
from app.store import keys, schema_version, sealing
from app.store.dialect import dangling, lock_schema
from app.store.migrations import clear_texts, prerelease

Transaction = Callable[[], AbstractContextManager[Connection]]

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(tx: Connection, migrations: Path = MIGRATIONS) -> None:
    """Run the outstanding migrations. Raises ConfigurationError if the schema's version is not one of this release's, or if
    rows would be left that refer to nothing."""
    lock_schema(tx)
    if prerelease.version_of(tx) == schema_version.COPYING:
        raise ConfigurationError(schema_version.UNFINISHED_COPY)
    prerelease.convert(tx)
    if prerelease.version_of(tx) == schema_version.SEALING:
        return
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


def seal(begin: Transaction) -> bool:
    """Seal the texts of a database that `migrate` has left at the version `SEALING`, each step in a transaction of its own. True if
    that was so: then it is at the first release's version now, and its files have to be written anew."""
    with begin() as tx:
        if prerelease.version_of(tx) != schema_version.SEALING:
            return False
        if not keys.opens_numbers(tx, sealing.vault_of(tx)):  # it was interrupted, and may go on with another key
            raise ConfigurationError(keys.OTHER_KEY)
    for step in clear_texts.steps():
        after: int | None = 0
        while after is not None:
            with begin() as tx:
                lock_schema(tx)
                after = step(tx, after) if prerelease.version_of(tx) == schema_version.SEALING else None
    with begin() as tx:
        lock_schema(tx)
        prerelease.finish(tx)
    return True
