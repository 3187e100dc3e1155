"""Upgrades of the schema. Imported only when one is asked for: Alembic is 10 MB that no other process needs. Runs in the caller's
transactions, so that an upgrade is complete or leaves no trace; but texts that were in clear are sealed in steps."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, func, select

from app.errors import ConfigurationError
from app.store import keys, schema_version, sealing
from app.store.dialect import dangling, lock_schema
from app.store.migrations import clear_texts, prerelease
from app.wording import Sentence

Transaction = Callable[[], AbstractContextManager[Connection]]

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(tx: Connection, migrations: Path = MIGRATIONS) -> None:
    """Run the outstanding migrations. Raises ConfigurationError if the schema's version is not one of this release's, if rows would be left
    that refer to nothing, and if rows or values would be lost that no migration names in its `drops`."""
    lock_schema(tx)
    if prerelease.version_of(tx) == schema_version.COPYING:
        raise ConfigurationError(schema_version.UNFINISHED_COPY)
    prerelease.convert(tx)
    if prerelease.version_of(tx) == schema_version.SEALING:
        return
    before = _contents(tx)
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = tx
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ConfigurationError(Sentence("the database was made by a newer release of Trato than this one")) from None
    if dangling(tx):
        raise ConfigurationError(Sentence("the upgrade was undone: rows would be left that refer to nothing"))
    if before and (lost := _lost(before, _contents(tx), _dropped(config))):
        raise ConfigurationError(
            Sentence("the upgrade was undone: it would lose data of {tables}", tables=", ".join(lost))
        )
    schema_version.store_support(tx)


_Contents = dict[str, int]


def _contents(tx: Connection) -> _Contents:
    """The number of rows of each table, and of values in each of its columns, as `table` and `table.column`."""
    found: _Contents = {}
    tables = MetaData()
    tables.reflect(tx)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            rows, *values = tx.execute(
                select(func.count(), *[func.count(column) for column in table.c]).select_from(table)
            ).one()
            found |= {table.name: rows} | {
                f"{table.name}.{column.name}": n for column, n in zip(table.c, values, strict=True)
            }
    return found


def _lost(before: _Contents, after: _Contents, dropped: frozenset[str]) -> list[str]:
    """The tables and columns that have less than before, but for those that a migration drops by intention."""
    return [name for name, count in before.items() if after.get(name, 0) < count and name not in dropped]


def _dropped(config: Config) -> frozenset[str]:
    """What the migrations drop by intention: `table` and `table.column` names in `drops` of their modules."""
    revisions = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(name for one in revisions for name in getattr(one.module, "drops", ()))


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
