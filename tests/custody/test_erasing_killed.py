"""An erasure that is killed, on both databases: in its transaction, after which nothing is erased; and, on SQLite, between that and the file,
after which the rows are erased and the next command finishes the file."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from app.from_settings import exposures
from app.store.database import Database
from app.store.tables import CONTACT, INBOUND
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.custody.test_erasing import NAME, REASON, SECRET, WORDS, Office, told_apart
from tests.forked import TRATO, Forked, service
from tests.world import flows_folder

ROOT = Path(__file__).parents[2]
_MANY = 6_000
"""Messages, so that the transaction takes long enough to be met."""


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    return Office(database, vault, clock)


def erasing(office: Office, folder: Path) -> Forked:
    environment = {
        "TRATO_DATABASE_URL": office.database.url.render_as_string(hide_password=False),
        "TRATO_FLOWS": str(flows_folder(folder / "flows")),
        "TRATO_SECRET_KEY": SECRET,
    }
    words = ["erase", office.study_id, "--reason", REASON, "--yes", "--proof", str(folder / "proof.json")]
    return service(TRATO, words, {**os.environ, **environment}, ROOT, folder / "erase.log")


def killed(process: Forked, once: Callable[[], bool]) -> None:
    """Kill the command as soon as something is the case."""
    deadline = time.monotonic() + 60
    while not once():
        assert process.poll() is None, "it finished before it could be killed"
        assert time.monotonic() < deadline, "it does not begin"
        time.sleep(0.002)
    process.kill()
    process.wait(30)
    assert process.returncode == -signal.SIGKILL


def writes(office: Office) -> bool:
    """Whether another process has the officer's lock."""
    if office.database.is_sqlite:
        with closing(sqlite3.connect(str(office.database.url.database), timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False
    with office.database.engine.connect() as tx:
        try:
            tx.execute(select(CONTACT.c.id).where(CONTACT.c.id == office.contact).with_for_update(nowait=True))
        except OperationalError:
            return True
    return False


def is_still_writing(office: Office) -> bool:
    """Whether it is the long transaction of the erasure, not a short one at the start."""
    time.sleep(0.1)
    return writes(office)


def is_known(office: Office) -> bool:
    with office.database.reading() as tx:
        return tx.execute(select(CONTACT.c.id).where(CONTACT.c.study_id == office.study_id)).first() is not None


def finished(office: Office, folder: Path, code: int = 0) -> str:
    log = folder / "erase.log"
    log.unlink(missing_ok=True)
    ended = erasing(office, folder).wait(timeout=120)
    said = log.read_text(encoding="utf-8")
    assert ended == code, said
    return said


@pytest.mark.slow
def test_an_erasure_that_is_killed_has_erased_nothing_and_a_repeat_everything(office: Office, tmp_path: Path) -> None:
    with office.database.transaction() as tx:
        form = dict(tx.execute(select(INBOUND).where(INBOUND.c.contact_id == office.contact).limit(1)).mappings().one())
        rows = [{**form, "id": 1_000 + number, "sid": f"SMk{number}"} for number in range(_MANY)]
        tx.execute(insert(INBOUND), rows)
    before = office.count(INBOUND, INBOUND.c.body.is_not(None)), office.count(CONTACT, CONTACT.c.erased_at.is_(None))
    killed(erasing(office, tmp_path), lambda: writes(office) and is_still_writing(office))
    after = office.count(INBOUND, INBOUND.c.body.is_not(None)), office.count(CONTACT, CONTACT.c.erased_at.is_(None))
    assert before == after
    assert is_known(office)
    assert not (tmp_path / "proof.json").exists()
    assert exposures(office.database) == []
    assert "erased:" in finished(office, tmp_path)
    assert told_apart(office) == []
    assert (tmp_path / "proof.json").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_killed_erasure_leaves_in_the_file_is_taken_out_by_the_next(office: Office, tmp_path: Path) -> None:
    file = Path(str(office.database.url.database))
    with office.database.reading():  # somebody reads: the log cannot be emptied, and the command waits
        killed(erasing(office, tmp_path), lambda: not is_known(office))
    assert "rows may still be in the database's file" in exposures(office.database)[0]
    said = finished(office, tmp_path, 2)
    assert "what it had left in the database's file is gone now" in said
    assert f"no officer has the study id {office.study_id}" in said
    assert exposures(office.database) == []
    assert told_apart(office) == []
    clear = office.study_id.encode()  # identity and words are sealed; the study id was in clear
    assert not [one for one in file.parent.glob(f"{file.name}*") if clear in one.read_bytes()]
    assert not [one for one in (NAME, WORDS) if one in said]
