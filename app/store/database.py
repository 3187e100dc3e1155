"""The database: connections, transactions and the schema's version. Only this file and the ledger commit. SQLite (WAL,
synchronous=FULL) is for one process on one machine; PostgreSQL for everything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from app.errors import ConfigurationError, ExternalError

HEAD = "0001_foundation"
"""The schema's version of this release: the newest file in `migrations/versions`, as a test holds."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
_CHECKPOINT_PAGES = 8_000
"""Pages in the write-ahead log before they are copied to the file: 32 MB. The default of 1,000 is ten batches' worth."""


class Database:
    """One database, by its URL: `sqlite:///path` or `postgresql://user@host/name`.

    Raises ConfigurationError for a URL that cannot be one. Connects only when first used.
    """

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or leaves no trace if anything was raised.

        Raises ExternalError if the database does not answer.
        """
        with _answering(), self.engine.begin() as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading one consistent state; nothing it does is kept."""
        with _answering(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.info["reading"] = True
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    def upgrade(self) -> None:
        """Bring the schema to this release's version."""
        # Alembic is imported here and not above: 10 MB that a process needs on the day of an upgrade only.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.transaction() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, "head")

    def current(self) -> str | None:
        """The schema's version, None for an empty database."""
        with self.reading() as tx:
            if not inspect(tx).has_table("alembic_version"):
                return None
            version: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            return version

    def check(self) -> None:
        """Raise ConfigurationError unless the schema is this release's."""
        current = self.current()
        if current != HEAD:
            raise ConfigurationError(
                f"the database is at version {current or 'none'}, this release needs {HEAD}: run `trato db upgrade`"
            )

    def prepare(self) -> None:
        """Make the schema in an empty database; else `check`. An upgrade of real data is never done unasked."""
        if self.current() is None and self._is_empty():
            self.upgrade()
        self.check()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def _is_empty(self) -> bool:
        with self.reading() as tx:
            return not inspect(tx).get_table_names()


_CONFLICTS = {"40001", "40P01"}


def is_conflict(error: DBAPIError) -> bool:
    """PostgreSQL's serialization failure or deadlock: the same transaction may be run again."""
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS


@contextmanager
def _answering() -> Iterator[None]:
    """A database that does not answer is said in one line, without its URL: that may hold a password."""
    try:
        yield
    except OperationalError as error:
        if is_conflict(error):
            raise
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
        raise ExternalError(f"the database does not answer: {reason}") from None


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
        if url.get_backend_name() == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite":
            return url
    except (ArgumentError, NoSuchModuleError):
        pass
    raise ConfigurationError("TRATO_DATABASE_URL must be sqlite:///path or postgresql://user:password@host/name")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"the folder of the database cannot be made: {error.strerror}") from None
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    connection.isolation_level = None  # the driver must not begin transactions by itself: _begin_sqlite does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", f"wal_autocheckpoint={_CHECKPOINT_PAGES}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: a transaction that read first and then wanted to write could only fail."""
    connection.exec_driver_sql("BEGIN" if connection.info.pop("reading", False) else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    return create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True, connect_args={"connect_timeout": 10})
