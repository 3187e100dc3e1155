"""The change of keys, on both databases: interrupted, killed, and with messages that arrive meanwhile."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from app.cli import main
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.custody import rotating
from app.errors import AppError, ConfigurationError
from app.people import settings_watch
from app.store import alerts, audit, cases, dead_letters, keys, strangers
from app.store.database import Database
from app.store.keys import KeyChange, KeyChangedError
from app.store.sealing import SEALED
from app.store.tables import ADDRESS, CASE, CONTACT, INBOUND, SIGN_IN_FAILURE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.forked import TRATO, command, service
from tests.world import enrol, flows_folder, message, published

OLD_KEY, NEW_KEY = "a secret that only tests have", "another secret that only tests have"
OLD, NEW, BOTH = Vault(OLD_KEY), Vault(NEW_KEY), Vault(NEW_KEY, OLD_KEY)
KNOWN = ("keyword", "repeated")
"""What becomes of the word AYUDA of an officer; a stranger's has `unknown_sender`."""
ROOT = Path(__file__).parents[2]
OFFICER, OTHER, STRANGER = "+525555550101", "+525555550102", "+525555550109"


def say(database: Database, library: Library, vault: Vault, number: str, body: str, clock: StillClock) -> str:
    """A message arrives at a process with this vault; its outcome."""
    with database.transaction() as tx:
        return str(receive(tx, library, [message(vault, number, body)], clock())[0].outcome)


@pytest.fixture
def library(database: Database, clock: StillClock) -> Library:
    """Two officers, a message of each, a stranger with a case, and a dead letter, all under the old key."""
    keys.claim(database, OLD, clock())
    with database.transaction() as tx:
        library = published(tx, clock())
        enrol(tx, OLD, clock(), OFFICER)
        enrol(tx, OLD, clock(), OTHER)
        dead_letters.save(tx, OLD, "inbound", {"MessageSid": "SM7", "Body": "nada"}, "ValueError", clock())
        tx.execute(insert(SIGN_IN_FAILURE), {"lookup": "account:x", "failures": 3, "last_at": clock()})
    for number in (OFFICER, OTHER, STRANGER):
        say(database, library, OLD, number, "hola", clock)
    return library


Another = Callable[[Database], Database]


@pytest.fixture
def another() -> Iterator[Another]:
    """Opens a database as another process does."""
    with ExitStack() as until_the_end:

        def opened(database: Database) -> Database:
            return until_the_end.enter_context(closing(Database(database.url.render_as_string(hide_password=False))))

        yield opened


def opened_by(database: Database, vault: Vault) -> tuple[int, int]:
    """The sealed values that a vault opens, and the others."""
    opened = closed = 0
    with database.reading() as tx:
        for one in SEALED:
            for key, sealed in tx.execute(select(one.key, one.column).where(one.column.is_not(None))):
                try:
                    vault.open_bytes(sealed, one.context(key))
                except ConfigurationError:
                    closed += 1
                else:
                    opened += 1
    return opened, closed


def hashes(database: Database) -> set[str]:
    """Every keyed hash of an address in the database."""
    with database.reading() as tx:
        return {
            found
            for column in (ADDRESS.c.lookup, INBOUND.c.lookup, CASE.c.lookup)
            for found in tx.execute(select(column).where(column.is_not(None))).scalars()
        }


def interrupted(database: Database, clock: StillClock, after: int) -> None:
    """A walk that is stopped between two transactions."""
    left = after

    def stop(_: KeyChange) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(database, BOTH, clock, "ana", stop)


def test_everything_is_sealed_and_hashed_anew(database: Database, library: Library, clock: StillClock) -> None:
    sealed, _ = opened_by(database, OLD)
    assert opened_by(database, OLD)[1] == 0
    keys.claim(database, BOTH, clock())
    assert rotating.rotate(database, BOTH, clock, "ana") == rotating.Rotated(sealed, 0)
    assert opened_by(database, NEW) == (sealed, 0)
    assert opened_by(database, OLD) == (0, sealed)
    assert hashes(database) == {NEW.lookup(number) for number in (OFFICER, OTHER, STRANGER)}
    keys.claim(database, NEW, clock())  # the old key is needed no more
    with database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(SIGN_IN_FAILURE)).scalar_one() == 0
        actions = [(one.action, one.actor, one.detail) for one in audit.about(tx, "key")]
    assert actions == [("keys change", "serve", {}), ("keys rotated", "ana", {"sealed": sealed, "unopened": 0})]
    assert rotating.rotate(database, BOTH, clock, "ana") is None


def test_officers_and_strangers_are_known_at_every_step_of_an_interrupted_walk(
    database: Database, library: Library, clock: StillClock, monkeypatch: pytest.MonkeyPatch, another: Another
) -> None:
    monkeypatch.setattr(rotating, "AT_ONCE", 1)
    keys.claim(database, BOTH, clock())
    other = another(database)
    keys.claim(other, BOTH, clock())
    steps = 0
    while True:
        for place, number in ((database, OFFICER), (other, OTHER)):
            assert say(place, library, BOTH, number, "ayuda", clock) in KNOWN
        say(other, library, BOTH, STRANGER, "¿quién es?", clock)
        with database.reading() as tx:
            if keys.change(tx) is None:
                break
        steps += 1
        try:
            interrupted(database, clock, after=7)
        except pytest.fail.Exception:  # it came to its end
            continue
    assert steps > 2
    with database.reading() as tx:
        of_strangers = CASE.c.closed_at.is_(None), CASE.c.contact_id.is_(None)
        open_cases = tx.execute(select(CASE.c.lookup).where(*of_strangers)).scalars().all()
        assert list(open_cases) == [NEW.lookup(STRANGER)]
        assert len(strangers.messages(tx, NEW.lookup(STRANGER))) == steps + 2
    assert opened_by(database, NEW)[1] == 0


def test_a_baja_is_obeyed_before_the_walk_has_come_to_its_number(
    database: Database, library: Library, clock: StillClock
) -> None:
    keys.claim(database, BOTH, clock())
    assert say(database, library, BOTH, OFFICER, "BAJA", clock) == "keyword"
    with database.reading() as tx:
        statuses = tx.execute(select(CONTACT.c.status).order_by(CONTACT.c.id)).scalars().all()
    assert statuses == ["opted_out", "active"]


def test_the_alert_of_a_stranger_in_danger_follows(database: Database, library: Library, clock: StillClock) -> None:
    with database.transaction() as tx:
        alerts.ring(tx, "crisis", cases.subject(None, OLD.lookup(STRANGER)), clock())
    keys.claim(database, BOTH, clock())
    rotating.rotate(database, BOTH, clock, "ana")
    with database.reading() as tx:
        assert set(alerts.subjects(tx, "crisis")) == {cases.subject(None, NEW.lookup(STRANGER))}


def test_what_neither_key_opens_stays_and_is_counted(database: Database, library: Library, clock: StillClock) -> None:
    with database.transaction() as tx:
        first = tx.execute(select(func.min(ADDRESS.c.id))).scalar_one()
        tx.execute(ADDRESS.update().where(ADDRESS.c.id == first).values(sealed=b"\x01damaged"))
    keys.claim(database, BOTH, clock())
    done = rotating.rotate(database, BOTH, clock, "ana")
    assert done is not None
    assert done.unopened == 1
    with database.reading() as tx:
        assert bytes(tx.execute(select(ADDRESS.c.sealed).where(ADDRESS.c.id == first)).scalar_one()) == b"\x01damaged"


def test_a_process_with_the_old_key_alone_writes_no_more(
    database: Database, library: Library, clock: StillClock, another: Another
) -> None:
    old = another(database)
    keys.claim(old, OLD, clock())
    keys.claim(database, BOTH, clock())
    with pytest.raises(KeyChangedError, match="a change of keys has begun"):
        say(old, library, OLD, OFFICER, "hola", clock)
    with pytest.raises(ConfigurationError, match="set TRATO_SECRET_KEY to the new key"):
        keys.claim(old, OLD, clock())
    with pytest.raises(ConfigurationError, match="not finished"):
        keys.claim(database, NEW, clock())
    with pytest.raises(ConfigurationError, match="not finished"):
        keys.claim(database, Vault("a third secret that only tests have", NEW_KEY), clock())
    with pytest.raises(ConfigurationError, match="is not the key of this database"):
        keys.claim(database, Vault("a third secret that only tests have", OLD_KEY), clock())


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [("hush hush hush hush", OLD_KEY, "is weak"), (OLD_KEY, OLD_KEY, "are the same")],
)
def test_a_weak_or_equal_key_is_refused(new: str, old: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Vault(new, old)


def test_settings_are_not_said_to_have_changed_with_the_key(database: Database, clock: StillClock) -> None:
    entries = []
    for vault, settings in ((OLD, {"a": "1", "b": "2"}), (BOTH, {"a": "1", "b": "2"}), (NEW, {"a": "1", "b": "3"})):
        with database.transaction() as tx:
            settings_watch.look(tx, vault, settings, clock())
            entries.append([one.detail for one in audit.about(tx, "settings")])
    assert entries == [[], [], [{"settings": ["b"]}]]


# -- the command --------------------------------------------------------------------------------------------------------


def environment(database: Database, folder: Path, new: str, old: str | None) -> dict[str, str]:
    return {
        "TRATO_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "TRATO_FLOWS": str(flows_folder(folder / "flows")),
        "TRATO_SECRET_KEY": new,
        "TRATO_ACTOR": "ana",
        **({"TRATO_SECRET_KEY_OLD": old} if old else {}),
    }


def trato(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main.app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_command_changes_the_key_and_status_says_how_far_it_is(
    database: Database, library: Library, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(database, tmp_path, NEW_KEY, OLD_KEY).items():
        monkeypatch.setenv(name, value)
    keys.claim(database, BOTH, clock())
    interrupted(database, clock, after=1)
    _, shown = trato("status")
    change = shown["key_change"]
    sealed = opened_by(database, OLD)[0] + change["sealed"]
    assert shown["key"] is None
    assert change["sealed"] > 0
    assert change["rows_left"] > 0
    assert change["begun_at"] == "2026-03-02T16:00:00+00:00"
    assert trato("keys", "rotate") == (0, {"sealed": sealed, "unopened": 0, "changed": True})
    assert trato("status")[1]["key_change"] is None
    assert trato("keys", "rotate") == (0, {"sealed": 0, "unopened": 0, "changed": False})


@pytest.mark.parametrize("left", [NEW_KEY, OLD_KEY], ids=["the old key is lost", "the new key is lost"])
def test_a_change_ends_with_the_one_key_that_is_left(
    database: Database,
    library: Library,
    clock: StillClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    another: Another,
    left: str,
) -> None:
    monkeypatch.setattr(rotating, "AT_ONCE", 1)
    keys.claim(database, BOTH, clock())
    interrupted(database, clock, after=4)
    say(database, library, BOTH, OTHER, "ayuda", clock)
    vault = Vault(left)
    lost = opened_by(database, vault)[1]
    assert lost > 0
    for name, value in environment(database, tmp_path, left, None).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError):
        keys.claim(another(database), vault, clock())
    assert trato("keys", "settle", "--reason", "the envelope burnt", "--yes") == (0, {"lost": lost})
    with pytest.raises(KeyChangedError) if left == OLD_KEY else nullcontext():  # a process that has both
        say(database, library, BOTH, OTHER, "ayuda", clock)
    alone = another(database)
    keys.claim(alone, vault, clock())
    assert say(alone, library, vault, STRANGER, "¿sigue ahí?", clock) == "unknown_sender"
    assert opened_by(database, vault)[1] == lost
    with database.reading() as tx:
        assert keys.change(tx) is None
        (entry,) = [one for one in audit.about(tx, "key") if one.action == "keys settled"]
    assert entry.detail == {"lost": lost, "reason": "the envelope burnt"}
    # Whom nobody recognises any more gets number and name again, by the study id.
    with alone.reading() as tx:
        (_, study_id) = tx.execute(select(CONTACT.c.study_id).order_by(CONTACT.c.id)).scalars()
    assert trato("officers", "number", study_id, OTHER)[0] == 0
    assert say(alone, library, vault, OTHER, "ayuda", clock) in KNOWN
    (tmp_path / "padron.csv").write_text(f"nombre,telefono,cohorte\nBruno Salas,{OTHER},prueba-1\n", encoding="utf-8")
    assert trato("officers", "mend", study_id, "--from-roster", str(tmp_path / "padron.csv"))[1]["damaged"] == []
    found = trato("officers", "find", "Bruno", "--reason", "call")[1]["officers"]
    assert [one["study_id"] for one in found] == [study_id]


def test_a_change_is_not_settled_without_need(
    database: Database, library: Library, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(new: str, old: str | None, *words: str) -> str:
        monkeypatch.delenv("TRATO_SECRET_KEY_OLD", raising=False)
        for name, value in environment(database, tmp_path, new, old).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(main.app, ["keys", "settle", "--yes", *words])
        assert isinstance(done.exception, AppError)
        return str(done.exception)

    why = ("--reason", "the envelope burnt")
    assert "nothing to settle" in refused(OLD_KEY, None, *why)
    keys.claim(database, BOTH, clock())
    assert "neither is lost" in refused(NEW_KEY, OLD_KEY, *why)
    assert "is not the key of this database" in refused("a third secret that only tests have", None, *why)
    assert "reason" in refused(NEW_KEY, None)
    with database.reading() as tx:
        assert keys.change(tx) is not None


@pytest.mark.slow
def test_a_walk_that_is_killed_is_continued_while_messages_arrive(
    database: Database, library: Library, clock: StillClock, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        form = tx.execute(select(INBOUND).order_by(INBOUND.c.id).limit(1)).mappings().one()
        rows = []
        for number in range(_MANY):
            sid = f"SMk{number}"
            text = json.dumps({"author": OFFICER, "also": [], "profile": "", "form": {}})
            rows.append(
                {**form, "id": 1_000 + number, "sid": sid, "sealed": OLD.seal(text, f"inbound:{sid}")} | _bare(form)
            )
        tx.execute(insert(INBOUND), rows)
    keys.claim(database, BOTH, clock())
    for _ in range(2):
        _killed(database, tmp_path, clock, library)
    with database.reading() as tx:
        change = keys.change(tx)
    assert change is not None
    assert 0 < change.sealed < _MANY
    done = command(["keys", "rotate", "--json"], _given(database, tmp_path), ROOT, "", timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unopened"] == 0
    assert opened_by(database, NEW)[1] == 0
    assert hashes(database) == {NEW.lookup(number) for number in (OFFICER, OTHER, STRANGER)}


_MANY = 12_000


def _bare(form: Any) -> dict[str, Any]:
    """Sealed columns besides the form, which other rows cannot share."""
    return {one.column.name: None for one in SEALED if one.table is INBOUND and one.column.nullable}


def _given(database: Database, folder: Path) -> dict[str, str]:
    return {**os.environ, **environment(database, folder, NEW_KEY, OLD_KEY)}


def _killed(database: Database, folder: Path, clock: StillClock, library: Library) -> None:
    """Start `trato keys rotate`, and kill it as soon as it has come further; a message arrives meanwhile."""

    def sealed() -> int:
        with database.reading() as tx:
            change = keys.change(tx)
        assert change is not None, "it finished before it could be killed"
        return change.sealed

    before = sealed()
    process = service(TRATO, ["keys", "rotate"], _given(database, folder), ROOT, folder / "rotate.log")
    deadline = time.monotonic() + 60
    while sealed() == before:
        assert time.monotonic() < deadline, "the walk does not begin"
        assert say(database, library, BOTH, OTHER, "ayuda", clock) in KNOWN
    process.kill()
    process.wait(10)
