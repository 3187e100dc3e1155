"""A database of each version since the first release, with a day of conversations in it, is upgraded without the loss of a value."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select
from typer.testing import CliRunner

from app.cli import main
from app.errors import ConfigurationError
from app.store import keys, upgrading
from app.store.database import Database
from app.store.schema_version import HEAD, OLDEST
from app.store.tables import SCHEMA_SUPPORT, metadata
from app.store.vault import Vault


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(upgrading.MIGRATIONS))
    return config


EARLIER = [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions() if one.revision != HEAD][
    ::-1
]
BY_DAY = {("sqlite", EARLIER[0]), ("sqlite", EARLIER[-1]), ("postgresql", EARLIER[0])}
each_version = pytest.mark.parametrize(
    ("empty_url", "version"),
    [
        pytest.param(
            kind,
            version,
            marks=[
                *([pytest.mark.postgres] if kind == "postgresql" else []),
                *([] if (kind, version) in BY_DAY else [pytest.mark.nightly]),
            ],
        )
        for kind in ("sqlite", "postgresql")
        for version in EARLIER
    ],
    indirect=["empty_url"],
)


def _go_to(database: Database, version: str) -> None:
    """Make a database of an earlier version."""
    config = _config()
    with database.engine.connect() as connection:
        connection.info["rebuilding"] = True
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, version)
            connection.execute(insert(SCHEMA_SUPPORT), {"oldest": OLDEST})
    database.close()


def _then(tx: Connection) -> Iterator[tuple[Table, list[str]]]:
    """The tables of an earlier version, with the columns that they had then."""
    found = MetaData()
    found.reflect(tx)
    for table in metadata.sorted_tables:
        if table.name in found.tables and table is not SCHEMA_SUPPORT:
            yield table, [column.name for column in found.tables[table.name].c]


def _rows(tx: Connection, table: Table, columns: list[str]) -> list[dict[str, object]]:
    [key] = table.primary_key
    rows = tx.execute(select(*[table.c[name] for name in columns]).order_by(key)).all()
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row._mapping.items()}
        for row in rows
    ]


@each_version
def test_every_value_is_kept(empty_url: str, version: str, lived: Path, vault: Vault) -> None:
    with closing(Database(empty_url)) as database, closing(Database(f"sqlite:///{lived}")) as now:
        _go_to(database, version)
        with now.reading() as source, database.transaction() as tx:
            then = list(_then(tx))
            for table, columns in then:
                if rows := _rows(source, table, columns):
                    tx.execute(insert(table), rows)
            before = {table.name: _rows(tx, table, columns) for table, columns in then}
        assert sum(map(len, before.values())) > 150
        with pytest.raises(ConfigurationError, match="run `trato db upgrade`"):
            database.prepare()
        database.upgrade()
        database.check()
        with database.reading() as tx:
            assert {table.name: _rows(tx, table, columns) for table, columns in then} == before
            assert compare_metadata(MigrationContext.configure(tx), metadata) == []
            keys.check(tx, vault)


def test_the_command_keeps_the_way_back(lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trato.db"
    monkeypatch.setenv("TRATO_DATABASE_URL", f"sqlite:///{path}")

    def upgrade(*options: str) -> str:
        return CliRunner().invoke(main.app, ["db", "upgrade", *options], catch_exceptions=False).output

    def kept() -> list[Path]:
        return sorted(tmp_path.glob(f"trato.db.before-{HEAD}-*"))

    with closing(Database(f"sqlite:///{path}")) as database:
        _go_to(database, EARLIER[0])
    assert f"{EARLIER[0]} -> {HEAD}" in upgrade()
    [copy] = kept()
    assert oct(copy.stat().st_mode)[-3:] == "600"
    upgrade()  # nothing to do
    assert kept() == [copy]
    copy.replace(path)  # as docs/production.md says, with Trato stopped
    with closing(Database(f"sqlite:///{path}")) as database:
        assert database.current() == EARLIER[0]
