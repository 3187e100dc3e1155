"""Connections and transactions, on both databases: what is kept, what is not, and what an operator is told."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import ConfigurationError, ExternalError
from app.store import audit
from app.store.bulk import insert_rows
from app.store.database import Database
from app.store.dialect import insert_ignore, one_of, upsert
from app.store.tables import BUCKET, STATE_VALUE, AuditEntry, Bucket, Contact
from tests.conftest import StillClock
from tests.together import together


def put(tx: Connection, value: str, clock: StillClock, name: str = "one") -> None:
    upsert(tx, STATE_VALUE, [{"name": name, "value": value, "updated_at": clock()}], key=["name"])


def values(database: Database) -> dict[str, str]:
    with database.reading() as tx:
        return {row.name: row.value for row in tx.execute(select(STATE_VALUE))}


def test_a_transaction_is_whole_or_has_not_been(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        put(tx, "kept", clock)
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:  # noqa: PT012 - two things, one transaction
        put(tx, "lost", clock)
        1 / 0  # noqa: B018 - what is raised
    assert values(database) == {"one": "kept"}


def test_reading_sees_one_state_and_keeps_nothing(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        put(tx, "before", clock)
    with database.reading() as reader:
        assert reader.execute(select(STATE_VALUE.c.value)).scalar_one() == "before"
        with database.transaction() as tx:
            put(tx, "after", clock)
        assert reader.execute(select(STATE_VALUE.c.value)).scalar_one() == "before"
    assert values(database) == {"one": "after"}
    with suppress(ExternalError), database.reading() as reader:  # PostgreSQL refuses; SQLite undoes
        put(reader, "by mistake", clock)
    assert values(database) == {"one": "after"}
    with database.transaction() as tx:
        put(tx, "the connection writes again", clock)


def test_writers_wait_for_each_other(database: Database, clock: StillClock) -> None:
    """Read, then write: on SQLite a transaction that is not a writer from its beginning could only fail here."""
    with database.transaction() as tx:
        put(tx, "0", clock)

    def count(_: int) -> None:
        for _ in range(20):
            with database.transaction() as tx:
                seen = tx.execute(select(STATE_VALUE.c.value).with_for_update()).scalar_one()
                put(tx, str(int(seen) + 1), clock)

    together(3, count)
    assert values(database) == {"one": "60"}


def test_foreign_keys_hold(database: Database, clock: StillClock) -> None:
    row = {
        "study_id": "A",
        "cohort_id": 99,
        "language": "es",
        "timezone": "UTC",
        "channel": "sms",
        "created_at": clock(),
    }
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(insert(Contact), row)


def test_insert_ignore_and_upsert(database: Database, clock: StillClock) -> None:
    rows = [{"name": name, "value": "first", "updated_at": clock()} for name in ("a", "b")]
    changed = [{"name": name, "value": "second", "updated_at": clock()} for name in ("b", "c")]
    with database.transaction() as tx:
        insert_ignore(tx, STATE_VALUE, rows)
        insert_ignore(tx, STATE_VALUE, changed)
        insert_ignore(tx, STATE_VALUE, [])
        upsert(tx, STATE_VALUE, [], key=["name"])
    assert values(database) == {"a": "first", "b": "first", "c": "second"}
    with database.transaction() as tx:
        upsert(tx, STATE_VALUE, changed, key=["name"])
    assert values(database) == {"a": "first", "b": "second", "c": "second"}


def test_a_column_is_one_of_none_one_or_many(database: Database, clock: StillClock) -> None:
    codes = {"a": 1, 'an "ñ"': 70_000, "c, d": None}
    rows = [{"sender": sender, "tokens": 1.0, "at": clock(), "pause_code": code} for sender, code in codes.items()]
    by_word = select(BUCKET.c.pause_code).where(one_of(BUCKET.c.sender, "wanted"), BUCKET.c.tokens == 1)
    by_number = select(BUCKET.c.sender).where(~one_of(BUCKET.c.pause_code, "wanted"))
    with database.transaction() as tx:
        insert_rows(tx, BUCKET, rows)
        for wanted in ([], ["a"], ['an "ñ"', "c, d", "nobody"], list(codes)):
            found = set(tx.execute(by_word, {"wanted": wanted}).scalars())
            assert found == {codes[one] for one in wanted if one in codes}
        assert set(tx.execute(by_number, {"wanted": {70_000}}).scalars()) == {"a"}


def test_rows_in_bulk_are_as_the_tables_say(database: Database, clock: StillClock) -> None:
    rows = [
        {"sender": f"s{number}", "tokens": 1.5, "at": clock(), "paused_at": None, "pause_code": number}
        for number in range(9000)
    ]
    with database.transaction() as tx:
        assert insert_rows(tx, BUCKET, []) == []
        found = insert_rows(tx, BUCKET, rows, returning=("sender", "pause_code"))
    assert [tuple(row) for row in found] == [(row["sender"], row["pause_code"]) for row in rows]
    with database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(Bucket)).scalar_one() == 9000
        assert tx.execute(select(Bucket.at, Bucket.paused_at).limit(1)).one() == (clock(), None)


def test_moments_are_aware_and_in_utc(database: Database) -> None:
    mexico = timezone(timedelta(hours=-6))
    moments = [
        datetime(2026, 3, 2, 10, 0, tzinfo=mexico),
        datetime(2026, 3, 2, 16, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 59, 59, 999999, tzinfo=mexico),
    ]
    with database.transaction() as tx:
        for moment in moments:
            audit.record(tx, moment, "test", "note", "moment:1", {"at": "x"})
    with database.reading() as tx:
        found = tx.execute(select(AuditEntry.at).order_by(AuditEntry.at)).scalars().all()
        assert tx.execute(select(AuditEntry.at).where(AuditEntry.at == moments[0])).scalar_one() == moments[0]
    assert found == sorted(moments)
    assert all(moment.tzinfo is UTC for moment in found)
    with pytest.raises(Exception, match="time zone"), database.transaction() as tx:
        audit.record(tx, datetime(2026, 3, 2), "test", "note", "moment:1")  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must be sqlite:///path or postgresql://"),
        ("nonsense", "must be sqlite"),
        ("mysql://root@localhost/trato", "must be sqlite"),
        ("postgresql://host:port/trato", "must be sqlite"),
        ("sqlite://", "must be sqlite"),
        ("sqlite:///:memory:", "must be sqlite"),
        ("postgresql://trato:hu@sh@localhost/trato", "%40"),
        ("postgresql://trato:hu@sh/word@localhost/trato", "%40"),
    ],
)
def test_an_url_that_cannot_be_one(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as raised:
        Database(url)
    assert "hu" not in str(raised.value)
    assert "sh" not in str(raised.value)


def test_postgresql_by_its_usual_name_is_had_through_psycopg() -> None:
    with closing(Database("postgresql://trato:hush@localhost/trato")) as database:
        assert database.url.drivername == "postgresql+psycopg"


def test_what_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a database, by far not one." * 100, encoding="utf-8")
    for name in ("notes.txt", "."):
        with closing(Database(f"sqlite:///{tmp_path}/{name}")) as database:
            with pytest.raises(ExternalError, match="the database does not answer: ") as raised:
                database.check()
            assert "\n" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="folder of the database"):
        Database(f"sqlite:///{tmp_path}/notes.txt/trato.db")


def test_a_full_disk_is_not_the_fault_of_what_was_asked(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/trato.db")) as database:
        database.prepare()
        with pytest.raises(ExternalError, match="full"), database.transaction() as tx:  # noqa: PT012 - one transaction
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for _ in range(100):
                audit.record(tx, datetime(2026, 3, 2, tzinfo=UTC), "test", "note", "x" * 4000)


def test_a_wrong_statement_is_a_fault_of_ours_and_not_of_the_database(database: Database) -> None:
    with pytest.raises(DBAPIError), database.transaction() as tx:
        tx.execute(text("SELECT nothing FROM nowhere"))


def test_sqlite_is_durable(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/new/folder/trato.db")) as database:
        with database.transaction() as tx:
            found = {
                name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_locked_file_is_waited_for_and_then_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.database._BUSY_SECONDS", 0.1)
    path = tmp_path / "trato.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        database.prepare()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ExternalError, match="locked"), database.transaction():
                pass
            with database.reading() as tx:
                assert tx.execute(select(func.count()).select_from(AuditEntry)).scalar_one() == 0


def test_a_process_that_only_works_loads_no_alembic() -> None:
    code = "import sys, app.store.database; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_file_is_its_owners_alone_and_so_is_what_sqlite_puts_beside_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = Database(f"sqlite:///{tmp_path}/new/trato.db")
        database.prepare()
        with database.transaction() as tx:
            tx.exec_driver_sql("INSERT INTO state_value VALUES ('a', 'b', '2026-01-01')")
            files = sorted((tmp_path / "new").iterdir())
            assert [path.name for path in files] == ["trato.db", "trato.db-shm", "trato.db-wal"]
            assert {_mode(path) for path in files} == {0o600}
            assert _mode(tmp_path / "new") == 0o700
        database.close()
    finally:
        os.umask(before)


def test_a_connection_more_does_not_end_the_locks_of_the_others(tmp_path: Path) -> None:
    """Another process that closes the file must not delete the write-ahead log that this one writes to."""
    path = tmp_path / "trato.db"
    other = f"import sqlite3; one = sqlite3.connect({str(path)!r}); print(one.execute('SELECT count(*) FROM state_value').fetchone()[0])"

    def counted() -> str:
        done = subprocess.run([sys.executable, "-c", other], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    database = Database(f"sqlite:///{path}")
    database.prepare()
    before = int(counted())
    with database.reading() as first, database.reading() as second:
        assert first.connection is not second.connection, "the second is new"
        assert first.exec_driver_sql("SELECT 1").scalar_one() == second.exec_driver_sql("SELECT 1").scalar_one()
        counted()
    with database.transaction() as tx:
        tx.exec_driver_sql("INSERT INTO state_value VALUES ('a', 'b', '2026-01-01')")
    assert int(counted()) == before + 1
    database.close()


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "trato.db"
    Database(f"sqlite:///{path}").prepare()
    path.chmod(0o644)
    database = Database(f"sqlite:///{path}")
    database.check()
    assert _mode(path) == 0o600


def test_a_connection_on_this_machine_is_not_in_clear_on_a_network(database: Database) -> None:
    assert not database.is_in_clear()


@pytest.mark.parametrize(
    ("address", "ssl", "in_clear"),
    [
        ("", False, False),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("10.1.2.3", False, True),
        ("10.1.2.3", True, False),
    ],
)
def test_a_connection_over_the_network_is_in_clear_without_tls(
    address: str, ssl: bool, in_clear: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is not there: what libpq says of its connection is given."""
    driver = SimpleNamespace(info=SimpleNamespace(hostaddr=address), pgconn=SimpleNamespace(ssl_in_use=ssl))

    @contextmanager
    def reading(_: Database) -> Iterator[object]:
        yield SimpleNamespace(connection=SimpleNamespace(driver_connection=driver))

    monkeypatch.setattr(Database, "reading", reading)
    assert Database("postgresql://u@h/d").is_in_clear() == in_clear
