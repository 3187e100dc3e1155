"""The schema: migrations lead to exactly the tables of the code, once, whole, whoever runs them."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

import app.store.migrations
from app.errors import ConfigurationError, ExternalError
from app.store import upgrading
from app.store.database import Database
from app.store.schema_version import HEAD
from app.store.tables import ADDRESS, Contact, metadata
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.together import together
from tests.world import enrol

IN_SQLITE = """
WITH own AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version')
SELECT 'column', own.name, it.name, it.type, it."notnull", it.dflt_value, it.pk
FROM own, pragma_table_info(own.name) AS it
UNION ALL
SELECT 'reference', own.name, it."from", it."table", it."to", it.on_update, it.on_delete
FROM own, pragma_foreign_key_list(own.name) AS it
UNION ALL
SELECT 'unique', own.name, it.origin || it."unique", (SELECT group_concat(name) FROM pragma_index_info(it.name)), it.partial, '', ''
FROM own, pragma_index_list(own.name) AS it
UNION ALL
SELECT 'index', tbl_name, name, sql, '', '', '' FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
"""
IN_POSTGRESQL = """
SELECT 'column', table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default, identity_generation)
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
"""


def schema(tx: Connection) -> list[str]:
    """All that the database itself says of its tables, one line each."""
    rows = tx.exec_driver_sql(IN_SQLITE if tx.dialect.name == "sqlite" else IN_POSTGRESQL)
    lines = "\n".join(" ".join(map(str, row)) for row in rows).splitlines()
    return sorted(line.strip().rstrip(",") for line in lines if line.strip())


def test_migrated_schema_is_the_schema_of_the_tables(database: Database) -> None:
    with database.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_database_itself_sees_no_difference(database: Database) -> None:
    """Indexes with their conditions, defaults and constraints as well, which Alembic's comparison does not look at."""
    with database.transaction() as tx:
        migrated = schema(tx)
        metadata.drop_all(tx)
        assert schema(tx) == []
        metadata.create_all(tx)
        assert schema(tx) == migrated


def test_the_release_needs_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_empty_database_is_prepared_and_an_old_one_is_not(empty_url: str) -> None:
    with closing(Database(empty_url)) as database:
        with pytest.raises(ConfigurationError, match="trato db upgrade"):
            database.check()
        database.prepare()
        assert database.current() == HEAD
        with database.transaction() as tx:
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0000_older'")
        with pytest.raises(ConfigurationError, match="0000_older"):
            database.prepare()


def test_a_database_of_a_newer_release_is_left_alone(database: Database) -> None:
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(ConfigurationError, match="newer release"):
        database.upgrade()
    assert database.current() == "9999_later"


def test_somebody_elses_database_is_not_taken_for_ours(empty_url: str) -> None:
    with closing(Database(empty_url)) as database:
        with database.transaction() as tx:
            tx.exec_driver_sql("CREATE TABLE theirs (id integer)")
        with pytest.raises(ConfigurationError, match="version none"):
            database.prepare()


def test_processes_that_begin_at_once_upgrade_once(empty_url: str) -> None:
    def begin(_: int) -> None:
        with closing(Database(empty_url)) as database:
            database.prepare()

    together(4, begin)
    with closing(Database(empty_url)) as database, database.reading() as tx:
        assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [HEAD]


def with_migration(folder: Path, body: str) -> Path:
    """The migrations of this release and one more."""
    shutil.copytree(upgrading.MIGRATIONS, folder)
    (folder / "versions" / "9000_test.py").write_text(
        f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "9000_test"\ndown_revision = "{HEAD}"\n\n\n'
        f"def upgrade():\n{body}",
        encoding="utf-8",
    )
    return folder


ALTERED = """
    with op.batch_alter_table("contact") as batch:
        batch.add_column(sa.Column("badge", sa.String(), nullable=True))
        batch.alter_column("shift", existing_type=sa.Text(), type_=sa.String())
"""
BROKEN = """
    op.add_column("contact", sa.Column("badge", sa.String(), nullable=True))
    op.execute("INSERT INTO nowhere VALUES (1)")
"""
ORPHANS = """
    op.add_column("contact", sa.Column("badge", sa.String(), nullable=True))
    op.execute("DELETE FROM cohort")
"""


EMPTIED = """
    op.execute("UPDATE contact SET held_for = NULL, language = 'es-MX'")
    op.execute("DELETE FROM address WHERE channel = 'sms'")
"""
DROPPED = """
    with op.batch_alter_table("contact") as batch:
        batch.drop_column("channel")
        batch.drop_column("shift")
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def release(body: str) -> None:
        folder = with_migration(tmp_path / "migrations", body)
        monkeypatch.setattr(upgrading.migrate, "__defaults__", (folder,))

    return release


def test_a_table_that_others_refer_to_can_be_made_anew(
    database: Database, vault: Vault, clock: StillClock, later: Callable[[str], None]
) -> None:
    """SQLite makes the table anew: with rows that refer to the old one, and foreign keys watched, it could not."""
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
    later(ALTERED)
    database.upgrade()
    assert database.current() == "9000_test"
    with database.transaction() as tx:
        assert tx.exec_driver_sql("SELECT count(*), max(badge) FROM contact").one() == (1, None)
        if database.is_sqlite:
            assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize("body", [BROKEN, ORPHANS])
def test_an_upgrade_that_fails_has_not_been(
    database: Database, vault: Vault, clock: StillClock, later: Callable[[str], None], body: str
) -> None:
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
    later(body)
    with pytest.raises(Exception, match=r"nowhere|refer|violates"):
        database.upgrade()
    assert database.current() == HEAD
    with database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(Contact)).scalar_one() == 1
        assert "badge" not in " ".join(schema(tx))


@pytest.mark.parametrize(("body", "lost"), [(EMPTIED, "address, address.id"), (DROPPED, "contact.channel$")])
def test_an_upgrade_that_would_lose_data_is_undone(
    database: Database, vault: Vault, clock: StillClock, later: Callable[[str], None], body: str, lost: str
) -> None:
    """A column without values may go, as `contact.shift` here."""
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
        before = schema(tx), tx.execute(select(ADDRESS.c.id)).all()
    later(body)
    with pytest.raises(ConfigurationError, match=f"it would lose data of {lost}"):
        database.upgrade()
    assert database.current() == HEAD
    with database.reading() as tx:
        assert (schema(tx), tx.execute(select(ADDRESS.c.id)).all()) == before


def test_a_migration_may_drop_what_it_names(
    database: Database, vault: Vault, clock: StillClock, later: Callable[[str], None]
) -> None:
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
    later(DROPPED + '\n\ndrops = ("contact.channel",)\n')
    database.upgrade()
    assert database.current() == "9000_test"


def test_a_database_that_does_not_answer_is_said_without_its_password() -> None:
    with closing(Database("postgresql://trato:hush@127.0.0.1:1/trato")) as database:
        with pytest.raises(ExternalError) as raised, database.transaction():
            pass
        assert "hush" not in str(raised.value)
