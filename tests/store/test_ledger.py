"""Group commit, on both databases: what goes together, what one bad item does to the others (nothing), and that no caller is
ever left waiting or given another's answer."""

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select
from structlog.testing import capture_logs

from app.errors import ExternalError
from app.store import dead_letters
from app.store.database import Database
from app.store.dead_letters import DeadLetter
from app.store.ledger import Kind, Ledger
from app.store.tables import AuditEntry, StateValue
from app.store.vault import Vault
from tests.conftest import StillClock

SECRET = "una frase que nadie debe leer"


class Book:
    """A ledger whose items are names to be written down; some are bad. Remembers what it was handed together."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.handed = database, list[list[str]]()
        kinds = {
            "name": Kind(self.write, self.raw),
            "note": Kind(self.note, self.raw),
            "short": Kind(self.short, self.raw),
        }
        self.ledger = Ledger(database, vault, clock, kinds)
        self.vault = vault
        self.gate = threading.Event()
        self.gate.set()

    def write(self, tx: Connection, names: Sequence[str], now: datetime) -> list[str]:
        self.gate.wait(10)
        self.handed.append(list(names))
        for name in names:
            tx.execute(insert(StateValue), {"name": name, "value": "x", "updated_at": now})
            if name.startswith("bad"):
                raise ValueError(f"cannot read {SECRET}")
        return [f"wrote {name}" for name in names]

    def note(self, tx: Connection, notes: Sequence[str], now: datetime) -> list[str]:
        self.handed.append(list(notes))
        tx.execute(
            insert(AuditEntry),
            [{"at": now, "actor": "test", "action": "note", "subject": note, "detail": "{}"} for note in notes],
        )
        return [f"noted {note}" for note in notes]

    @staticmethod
    def short(tx: Connection, values: Sequence[str], now: datetime) -> list[str]:
        return ["too few"] * (len(values) - 1)

    @staticmethod
    def raw(value: str) -> dict[str, str]:
        if value == "bad and unspeakable":
            raise RuntimeError
        return {"Body": f"{SECRET} {value}"}

    def names(self) -> list[str]:
        with self.database.reading() as tx:
            return sorted(tx.execute(select(StateValue.name)).scalars())

    def notes(self) -> list[str]:
        with self.database.reading() as tx:
            return list(tx.execute(select(AuditEntry.subject).order_by(AuditEntry.id)).scalars())

    def letters(self) -> list[dead_letters.PendingLetter]:
        with self.database.reading() as tx:
            return dead_letters.pending(tx, self.vault)

    def play(self, scene: Callable[[Ledger], Awaitable[Any]]) -> Any:
        """Run a scene in a loop of its own, and close the ledger after it. Nothing may wait for ever."""

        async def main() -> Any:
            async with asyncio.timeout(30):
                result = await scene(self.ledger)
                await self.ledger.close()
                return result

        return asyncio.run(main())


@pytest.fixture
def book(database: Database, vault: Vault, clock: StillClock) -> Book:
    return Book(database, vault, clock)


async def submit_all(ledger: Ledger, items: Sequence[tuple[str, str]]) -> list[Any]:
    return await asyncio.gather(*[ledger.submit(kind, value) for kind, value in items], return_exceptions=True)


def test_what_comes_in_one_turn_of_the_loop_is_one_commit(book: Book) -> None:
    names = [f"n{number:02}" for number in range(32)]
    results = book.play(lambda ledger: submit_all(ledger, [("name", name) for name in names]))
    assert results == [f"wrote {name}" for name in names]
    assert book.names() == names
    counts = book.ledger.counts
    assert (counts.batches, counts.items, counts.largest, counts.dead) == (1, 32, 32, 0)


def test_what_comes_during_a_batch_is_the_next_one(book: Book) -> None:
    async def scene(ledger: Ledger) -> None:
        book.gate.clear()
        first = asyncio.create_task(ledger.submit("name", "first"))
        await asyncio.sleep(0.05)
        later = [asyncio.create_task(ledger.submit("name", f"later {number}")) for number in range(5)]
        await asyncio.sleep(0.05)
        assert not first.done()
        book.gate.set()
        await asyncio.gather(first, *later)

    book.play(scene)
    assert [len(one) for one in book.handed] == [1, 5]


def test_no_batch_is_larger_than_the_largest(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.ledger.LARGEST_BATCH", 10)
    results = book.play(lambda ledger: submit_all(ledger, [("name", f"n{number:02}") for number in range(25)]))
    assert results == [f"wrote n{number:02}" for number in range(25)]
    assert [len(one) for one in book.handed] == [10, 10, 5]


def test_kinds_are_handled_in_the_order_of_arrival(book: Book) -> None:
    items = [("name", "a"), ("name", "b"), ("note", "c"), ("name", "d"), ("note", "e"), ("note", "f")]
    results = book.play(lambda ledger: submit_all(ledger, items))
    assert results == ["wrote a", "wrote b", "noted c", "wrote d", "noted e", "noted f"]
    assert book.handed == [["a", "b"], ["c"], ["d"], ["e", "f"]]
    assert book.ledger.counts.batches == 1


def test_one_bad_item_harms_no_other(book: Book) -> None:
    items = [("name", f"n{number}") for number in range(4)] + [("name", "bad"), ("note", "x"), ("name", "n4")]
    with capture_logs() as logs:
        results = book.play(lambda ledger: submit_all(ledger, items))
    assert book.names() == ["n0", "n1", "n2", "n3", "n4"], "of the bad one nothing is left"
    assert book.notes() == ["x"], "and the failed attempt at all of them left nothing either"
    dead = results.pop(4)
    assert isinstance(dead, DeadLetter)
    assert results == ["wrote n0", "wrote n1", "wrote n2", "wrote n3", "noted x", "wrote n4"]
    [letter] = book.letters()
    assert (letter.id, letter.kind, letter.raw) == (dead.id, "name", {"Body": f"{SECRET} bad"})
    assert re.fullmatch(r"ValueError at store/ledger\.py:\d+", letter.error), (
        "the last of our own places, and not its text"
    )
    assert book.ledger.counts.dead == 1
    assert SECRET not in json.dumps(logs)


def test_what_a_unique_key_refuses_is_named_by_its_rule(book: Book) -> None:
    results = book.play(lambda ledger: submit_all(ledger, [("name", "twice"), ("name", "twice")]))
    assert results[0] == "wrote twice"
    assert isinstance(results[1], DeadLetter)
    error, _, place = book.letters()[0].error.partition(" at ")
    assert error in {"IntegrityError (SQLITE_CONSTRAINT_PRIMARYKEY)", "IntegrityError (UniqueViolation)"}
    assert place.startswith("store/")


def test_a_fault_in_our_own_code_is_found_by_its_place(book: Book) -> None:
    [result] = book.play(lambda ledger: submit_all(ledger, [("short", "x")]))
    assert isinstance(result, DeadLetter)
    assert book.letters()[0].error.startswith("AssertionError at store/ledger.py:")


def test_no_caller_gets_the_answer_of_another(book: Book) -> None:
    results = book.play(lambda ledger: submit_all(ledger, [("short", "x"), ("name", "a"), ("short", "y")]))
    assert [type(result) for result in results] == [DeadLetter, str, DeadLetter]
    assert book.names() == ["a"]


def test_what_cannot_even_be_set_aside_is_said_and_the_others_go_on(book: Book) -> None:
    items = [("name", "a"), ("name", "bad and unspeakable"), ("name", "b")]
    results = book.play(lambda ledger: submit_all(ledger, items))
    assert results[0] == "wrote a"
    assert isinstance(results[1], ExternalError)
    assert results[2] == "wrote b"
    assert book.letters() == []
    assert book.ledger.counts.dead == 0


def test_a_kind_that_nobody_handles_is_refused_at_once(book: Book) -> None:
    results = book.play(lambda ledger: submit_all(ledger, [("name", "a"), ("unheard of", "b")]))
    assert results[0] == "wrote a"
    assert isinstance(results[1], KeyError)


def test_whatever_came_in_can_be_set_aside(book: Book) -> None:
    odd = {"Body": "half \ud83d an emoji, a \x00, «ñ» and 👍"}
    book.play(lambda ledger: ledger.set_aside("inbound", odd))
    [letter] = book.letters()
    assert (letter.kind, letter.raw, letter.error) == ("inbound", odd, "Malformed")
    assert book.ledger.counts.dead == 1


def test_without_a_database_nothing_is_kept_and_nobody_is_told_otherwise(vault: Vault, clock: StillClock) -> None:
    with closing(Database("postgresql://trato@127.0.0.1:1/trato")) as database:
        book = Book(database, vault, clock)
        results = book.play(lambda ledger: submit_all(ledger, [("name", f"n{number}") for number in range(3)]))
    assert [type(result) for result in results] == [ExternalError] * 3
    assert book.handed == []
    assert book.ledger.counts.dead == 0


def test_a_caller_who_goes_away_does_not_take_its_item_along(book: Book) -> None:
    async def scene(ledger: Ledger) -> None:
        book.gate.clear()
        callers = [asyncio.create_task(ledger.submit("name", name)) for name in ("a", "b", "bad")]
        await asyncio.sleep(0.05)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        assert all(caller.cancelled() for caller in callers)
        book.gate.set()

    book.play(scene)
    assert book.names() == ["a", "b"]
    assert len(book.letters()) == 1


def test_run_is_a_transaction_of_its_own(book: Book) -> None:
    def work(tx: Connection) -> int:
        tx.execute(insert(StateValue), {"name": "work", "value": "x", "updated_at": book.ledger.clock()})
        return 7

    def fail(tx: Connection) -> None:
        tx.execute(insert(StateValue), {"name": "lost", "value": "x", "updated_at": book.ledger.clock()})
        raise LookupError

    async def scene(ledger: Ledger) -> list[Any]:
        return await asyncio.gather(
            ledger.submit("name", "a"),
            ledger.run(work),
            ledger.run(fail),
            ledger.submit("name", "b"),
            return_exceptions=True,
        )

    first, seven, failed, second = book.play(scene)
    assert (first, seven, second) == ("wrote a", 7, "wrote b")
    assert isinstance(failed, LookupError)
    assert book.names() == ["a", "b", "work"]


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_conflict_is_tried_again(book: Book, state: str) -> None:
    tries: list[int] = []

    def work(tx: Connection) -> str:
        tries.append(1)
        if len(tries) < 3:
            tx.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '{state}'; END $$")
        return "through"

    assert book.play(lambda ledger: ledger.run(work)) == "through"
    assert len(tries) == 3


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_what_only_ever_loses_against_others_is_for_the_next_delivery(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    def lose(tx: Connection, values: Sequence[str], now: datetime) -> list[str]:
        tx.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$")
        return list(values)

    book = Book(database, vault, clock)
    book.ledger.kinds = {"lose": Kind(lose, book.raw)}
    results = book.play(lambda ledger: submit_all(ledger, [("lose", "a"), ("lose", "b")]))
    assert [type(result) for result in results] == [ExternalError] * 2
    assert book.letters() == []


def test_too_much_waiting_is_refused(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.ledger.MOST_WAITING", 3)
    results = book.play(lambda ledger: submit_all(ledger, [("name", f"n{number}") for number in range(5)]))
    assert results[:3] == ["wrote n0", "wrote n1", "wrote n2"]
    assert [type(result) for result in results[3:]] == [ExternalError] * 2


def test_closing_writes_what_waits_and_takes_nothing_more(book: Book) -> None:
    async def scene(ledger: Ledger) -> Any:
        callers = [asyncio.create_task(ledger.submit("name", name)) for name in ("a", "b")]
        await asyncio.sleep(0)
        await ledger.close()
        assert [await caller for caller in callers] == ["wrote a", "wrote b"]
        return await submit_all(ledger, [("name", "c")])

    [refused] = book.play(scene)
    assert isinstance(refused, ExternalError)
    assert book.names() == ["a", "b"]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_whatever_order_everybody_is_answered_once(book: Book, seed: int) -> None:
    chance = Random(seed)
    plan = [
        (
            chance.choice(("name", "note", "name")),
            ("bad " if chance.random() < 0.1 else "") + f"{number:03}",
            chance.random() < 0.3,
        )
        for number in range(120)
    ]

    async def caller(ledger: Ledger, kind: str, value: str) -> Any:
        return await ledger.submit(kind, value)

    async def scene(ledger: Ledger) -> list[Any]:
        tasks = []
        for kind, value, pause in plan:
            tasks.append(asyncio.create_task(caller(ledger, kind, value)))
            if pause:
                await asyncio.sleep(chance.choice((0, 0, 0.002)))
        return await asyncio.gather(*tasks)

    results = book.play(scene)
    for (kind, value, _), result in zip(plan, results, strict=True):
        if kind == "name" and value.startswith("bad"):
            assert isinstance(result, DeadLetter)
        else:
            assert result == f"{'wrote' if kind == 'name' else 'noted'} {value}"
    assert book.names() == sorted(value for kind, value, _ in plan if kind == "name" and not value.startswith("bad"))
    assert book.notes() == [value for kind, value, _ in plan if kind == "note"], "in the order of arrival"
    assert len(book.letters()) == sum(kind == "name" and value.startswith("bad") for kind, value, _ in plan)


def test_what_comes_while_the_log_is_copied_waits_for_nobody(
    database: Database, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else wakes the ledger: neither a later item nor the next look at the log."""
    book = Book(database, vault, clock)
    begun, gate = threading.Event(), threading.Event()

    class Log:
        is_behind = True

        def written(self) -> None:
            pass

        def wait(self) -> float:
            return 0.0 if self.is_behind else 60.0

        def checkpoint(self) -> bool:
            begun.set()
            assert gate.wait(10)
            self.is_behind = False
            return True

    monkeypatch.setattr(book.ledger, "_log", Log())

    async def work() -> None:
        book.ledger._look_at_log()
        assert await asyncio.to_thread(begun.wait, 10)
        written = asyncio.create_task(book.ledger.submit("name", "late"))
        await asyncio.sleep(0)
        gate.set()
        assert await asyncio.wait_for(written, 10) == "wrote late"
        await book.ledger.close()

    asyncio.run(work())
