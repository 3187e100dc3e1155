"""The database: connections, transactions and the schema's version. Only this module and the ledger commit. SQLite (WAL,
synchronous=FULL) is for one process on one machine, PostgreSQL for everything else."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import ConfigurationError, ExternalError, reason
from app.store import private_files, schema_version
from app.store.dialect import is_away, is_locked
from app.store.schema_version import SchemaVersion
from app.store.vault import Vault
from app.wording import Sentence

_BUSY_SECONDS = 30
_STATEMENTS = 1_000
"""Prepared statements cached per connection: bulk inserts need one for every number of rows."""
_CHECKPOINT_PAGES = 8_000
"""Pages in the write-ahead log before they are copied to the file: 32 MB. The default of 1,000 holds only ten batches."""
LARGEST_LOG = 2 * _CHECKPOINT_PAGES * 4096
"""Bytes of the write-ahead log. See `write_ahead`."""
_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",
    f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
    f"journal_size_limit={LARGEST_LOG}",  # a long export makes the log grow; shrink it afterwards
)
_PATIENCE = {
    "application_name": "trato",
    "connect_timeout": "10",
    # A server that vanishes during a transaction must not block the one writer for the hours that TCP waits.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Defaults for libpq, unless the URL sets them."""


class LockedError(ExternalError):
    """Another transaction held a row for longer than `lock_wait`. Other rows can be written."""


class Database:
    """One database, by URL: `sqlite:///path` or `postgresql://user@host/name`.

    Raises ConfigurationError for an invalid URL. Connects on first use. `lock_wait`: how long a statement waits for a row that
    another transaction holds, on PostgreSQL; None is as long as it takes.
    """

    def __init__(self, url: str, lock_wait: timedelta | None = None) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, lock_wait)
        self.guard: Callable[[Connection], None] | None = None
        """Called as each transaction begins. It raises if this process must not write: see `keys`."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits at the end, and rolls back if anything is raised.

        Raises ExternalError if the database does not answer.
        """
        with _answering(), self.engine.begin() as tx:
            if self.is_sqlite:
                # Takes the lock at once: a transaction that upgrades from reading to writing could only fail.
                tx.exec_driver_sql("BEGIN IMMEDIATE")
            if self.guard is not None:
                self.guard(tx)
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only connection that sees one consistent state."""
        with _answering(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin() as transaction:
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN")
                yield connection
                transaction.rollback()

    def unlock(self, vault: Vault) -> None:
        """Seal and open texts with this vault: transactions that begin from now on have it."""
        self.engine.update_execution_options(vault=vault)

    def upgrade(self) -> None:
        """Upgrade the schema to this release's version. Of several processes that start at once, one does it. Of a database from before
        the first release also the texts are sealed.

        Raises ConfigurationError if a newer release made the database.
        """
        from app.store.upgrading import migrate, seal  # noqa: PLC0415 - loads Alembic

        self._migrate(migrate)
        if seal(self.transaction):
            self._migrate(migrate)
            self.write_anew()

    def write_anew(self) -> None:
        """Write the files anew, so that they have nothing of what was deleted or overwritten. Nobody else may use the database."""
        with _answering(), closing(self.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            if self.is_sqlite:
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                driver.autocommit = True
                driver.execute("VACUUM (FULL)")
                connection.detach()  # the pool must not get it back as it is now

    def _migrate(self, migrate: Callable[[Connection], None]) -> None:
        with _answering(), self.engine.connect() as connection:
            try:
                with connection.begin():
                    if self.is_sqlite:
                        # It alters a table by replacing it, which foreign keys would refuse. Can be set only outside a transaction.
                        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                        connection.exec_driver_sql("BEGIN IMMEDIATE")
                    migrate(connection)
            finally:
                if self.is_sqlite:
                    connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]

    def schema(self) -> SchemaVersion:
        """The schema's version, and the oldest whose release may serve on it."""
        with self.reading() as tx:
            return schema_version.read(tx)

    def current(self) -> str | None:
        """The schema's version; None for an empty database."""
        return self.schema().version

    def check(self) -> None:
        """Raise ConfigurationError unless this release may serve on the schema: it is this release's, or a newer one that
        permits it."""
        self.schema().check()

    def prepare(self) -> None:
        """Create the schema in an empty database, else `check`. Real data is never upgraded unasked."""
        if self.current() is None and self._is_empty():
            self.upgrade()
        self.check()

    def is_in_clear(self) -> bool:
        """Whether what goes to the database and comes from it can be read on the network: it is on another machine, without TLS."""
        if self.is_sqlite:
            return False
        with self.reading() as tx:
            connection: Any = tx.connection.driver_connection
            address = connection.info.hostaddr  # empty for a socket in the file system
            return bool(address) and not ip_address(address).is_loopback and not connection.pgconn.ssl_in_use

    def is_in_use(self) -> bool:
        """Whether another process has this database open, or, on PostgreSQL, a connection of Trato's. Closes the connections of this one."""
        self.close()
        if not self.is_sqlite:
            with self.reading() as tx:
                return bool(tx.execute(_OTHERS).scalar_one())
        return Path(self.url.database or "").exists() and _is_open(self.url.database or "")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _is_empty(self) -> bool:
        with self.reading() as tx:
            return not inspect(tx).get_table_names()


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'trato' AND pid <> pg_backend_pid()"
)


def _is_open(path: str) -> bool:
    """SQLite's connections share a lock on a file with a write-ahead log for as long as they are open."""
    with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:  # or it is no database any more
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


@contextmanager
def _answering() -> Iterator[None]:
    """Report a database that does not answer in one line, without its URL, which may hold a password."""
    try:
        yield
    except DBAPIError as error:
        if is_locked(error):
            raise LockedError(Sentence("another transaction holds a row of the database for too long")) from None
        if not is_away(error):
            raise
        lines = str(error.orig).strip().splitlines() if error.orig else []
        why = lines[0] if lines else Sentence("no reason given")
        raise ExternalError(Sentence("the database does not answer: {reason}", reason=why)) from None
    except PoolTimeout:
        raise ExternalError(
            Sentence("the database does not answer: all connections of this process are in use")
        ) from None


def _parsed(given: str) -> URL:
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend = ""
    if backend == "postgresql":
        # The text after an "@" not written as %40 would be read as the host, and appear in messages.
        if "@" in f"{url.host}{url.database}":
            raise ConfigurationError(Sentence("TRATO_DATABASE_URL: write @ : / in the password as %40 %3A %2F"))
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise ConfigurationError(
        Sentence("TRATO_DATABASE_URL must be sqlite:///path or postgresql://user:password@host/name")
    )


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            Sentence("the folder of the database cannot be created: {reason}", reason=reason(error))
        ) from None
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False, "cached_statements": _STATEMENTS}
    )
    event.listen(engine, "do_connect", partial(_keep_private, path))
    event.listen(engine, "connect", _open_sqlite)
    return engine


def _keep_private(path: Path, *_: object) -> None:
    """SQLite gives the write-ahead log the permissions of the database."""
    with suppress(OSError):  # SQLite says what is wrong with the file
        private_files.create(path)
        for ending in ("", "-wal", "-shm"):
            private_files.close(path.with_name(path.name + ending))


def _open_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    # `Database` begins transactions, not the driver; nor an event of SQLAlchemy, which then asks for listeners at every statement.
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """The first process switches a new file to WAL; SQLite refuses the others meanwhile without honouring their timeout, so retry."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _postgresql(url: URL, lock_wait: timedelta | None) -> Engine:
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    engine = create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True, connect_args=patience)
    if lock_wait is not None:
        event.listen(engine, "connect", partial(_wait_at_most, lock_wait))
    return engine


def _wait_at_most(lock_wait: timedelta, connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    """Not as a parameter of the connection, which some poolers refuse."""
    connection.execute(f"SET lock_timeout = '{lock_wait // timedelta(milliseconds=1)}ms'")
    connection.commit()
