"""The schema: migrations lead to exactly the tables of the code."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import app.store.migrations
from app.errors import ConfigurationError, ExternalError
from app.store.database import HEAD, Database
from app.store.tables import metadata


def test_migrated_schema_is_the_schema_of_the_tables(database: Database) -> None:
    with database.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_release_needs_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_empty_database_is_prepared_and_an_old_one_is_not(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/new/trato.db")) as database:
        with pytest.raises(ConfigurationError, match="trato db upgrade"):
            database.check()
        database.prepare()
        assert database.current() == HEAD
        with database.transaction() as tx:
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0000_older'")
        with pytest.raises(ConfigurationError, match="0000_older"):
            database.prepare()


def test_a_database_that_does_not_answer_is_said_without_its_password() -> None:
    with closing(Database("postgresql://trato:hush@127.0.0.1:1/trato")) as database:
        with pytest.raises(ExternalError) as raised, database.transaction():
            pass
        assert "hush" not in str(raised.value)
