"""Group commit. The hot path submits every write to the ledger. Items that arrive within one iteration of the event loop form a
batch; batches run one at a time, each in one transaction, in a thread of their own, and callers continue once their batch is
committed. There is no timer: without load a batch has one item, under load it grows. The items of a failed batch are retried
one by one; an item that fails alone becomes a dead letter, unless it only waited for a row that another transaction holds.
See docs/adr/0002."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app import spans
from app.clock import Clock
from app.errors import ExternalError
from app.measures import BATCH_ITEMS, BATCH_SECONDS
from app.store import dead_letters
from app.store.database import Database, LockedError
from app.store.dead_letters import DeadLetter
from app.store.dialect import is_conflict
from app.store.schema_version import SchemaWatch
from app.store.vault import Vault
from app.store.write_ahead import WriteAheadLog

log = structlog.get_logger(__name__)

T = TypeVar("T")
Handler = Callable[[Connection, Sequence[Any], datetime], Sequence[Any]]
"""Handles items of one kind and returns one result for each, in order."""

LARGEST_BATCH = 500
MOST_WAITING = 20_000
"""Most items that may wait. More are refused, and the carrier uses its fallback URL."""

_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item: its handler, and its raw form for a dead letter."""

    handle: Handler
    raw: Callable[[Any], Mapping[str, str]]


@dataclass(slots=True)
class _Item:
    kind: str
    value: Any
    done: "asyncio.Future[Any]"
    origin: spans.Origin | None = None


@dataclass(slots=True)
class Counts:
    """Counts since the ledger started."""

    batches: int = 0
    items: int = 0
    largest: int = 0
    dead: int = 0


@dataclass(slots=True)
class Ledger:
    """The only writer of a process. Belongs to the event loop that first uses it."""

    database: Database
    vault: Vault
    clock: Clock
    kinds: Mapping[str, Kind]
    counts: Counts = field(default_factory=Counts)
    _waiting: list[_Item] = field(default_factory=list)
    _work: "list[tuple[Context, Callable[[Connection], Any], asyncio.Future[Any]]]" = field(default_factory=list)
    _task: "asyncio.Task[None] | None" = None
    _closed: bool = False
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="ledger"))
    _schema: SchemaWatch = field(default_factory=SchemaWatch)
    _log: WriteAheadLog | None = None
    _timer: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self._log = WriteAheadLog(self.database) if self.database.is_sqlite else None

    @property
    def waiting(self) -> int:
        """The items that wait for a transaction."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether items are refused because too many wait."""
        return len(self._waiting) >= MOST_WAITING

    async def submit(self, kind: str, value: object) -> Any:  # noqa: ANN401 - what the kind's handler gives
        """Submit an item. Returns its result once it is committed, or a DeadLetter. Raises ExternalError if it cannot be stored at
        all, KeyError for an unknown kind. Cancelling the caller does not cancel the item."""
        if kind not in self.kinds:
            raise KeyError(kind)
        if self.is_full:
            raise ExternalError("too much is waiting to be written")
        done = self._promise()
        self._waiting.append(_Item(kind, value, done, spans.here()))
        self._wake()
        return await asyncio.shield(done)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own, between two batches. Raises its errors. Retried after a conflict with another
        process, so `work` must change nothing but the database. What it logs has the caller's context, such as the request."""
        done = self._promise()
        self._work.append((copy_context(), work, done))
        self._wake()
        result: T = await asyncio.shield(done)
        return result

    async def set_aside(self, kind: str, raw: Mapping[str, str], error: str = "Malformed") -> DeadLetter:
        """Store input that cannot be parsed as an item as a dead letter. Raises ExternalError."""
        kept = await self.run(lambda tx: dead_letters.save(tx, self.vault, kind, raw, error, self.clock()))
        self.counts.dead += 1
        return kept

    async def close(self) -> None:
        """Write the waiting items, then stop."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    def _promise(self) -> "asyncio.Future[Any]":
        if self._closed:
            raise ExternalError("this process is stopping")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # A caller may have gone: its failure must not be reported as "never retrieved".
        done.add_done_callback(lambda future: future.cancelled() or future.exception())
        return done

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        """Write batches until nothing waits. The task starts in the next iteration of the loop, so items of this one form a batch. What
        comes while the log is copied is looked for again before the task ends: it wakes nobody while the task runs."""
        loop = asyncio.get_running_loop()
        while True:
            if self._waiting:
                batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                results = await loop.run_in_executor(self._thread, self._keep, batch)
                for item, result in zip(batch, results, strict=True):
                    _settle(item.done, result)
            if self._work:
                caller, work, done = self._work.pop(0)
                _settle(done, await loop.run_in_executor(self._thread, caller.run, self._do, work))
            await self._copy_log()
            if not (self._waiting or self._work):
                return

    async def _copy_log(self) -> None:
        """SQLite: copy the write-ahead log if that is due, or look again when it will be."""
        loop = asyncio.get_running_loop()
        if self._log is None or not self._log.is_behind:
            return
        if not (wait := self._log.wait()):
            await loop.run_in_executor(self._thread, self._log.checkpoint)
            wait = self._log.wait()
        if self._log.is_behind and self._timer is None and not self._closed:
            self._timer = loop.call_later(wait, self._look_at_log)

    def _look_at_log(self) -> None:
        self._timer = None
        if not self._closed:
            self._wake()

    # -- in the ledger's thread -------------------------------------------------------------------------------------

    def _do(self, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - a result or an error, as a value
        with spans.within("transaction") as span:
            result = self._attempt(work)
            if span is not spans.NOTHING:
                span.set("code.function.name", spans.name_of(work))
            _note(span, result)
        return result

    def _keep(self, batch: list[_Item]) -> list[Any]:
        self.counts.batches += 1
        self.counts.items += len(batch)
        self.counts.largest = max(self.counts.largest, len(batch))
        begun = time.perf_counter()
        with spans.joining("ledger batch", lambda: [item.origin for item in batch]) as span:
            results = self._attempt(lambda tx: self._handle(tx, batch))
            span.set("trato.items", len(batch))
            if span is not spans.NOTHING:
                span.set("trato.kinds", sorted({item.kind for item in batch}))
            _note(span, results)
        BATCH_ITEMS.observe(len(batch))
        BATCH_SECONDS.observe(time.perf_counter() - begun)
        if isinstance(results, list):
            return results
        if isinstance(results, ExternalError) and (len(batch) == 1 or not isinstance(results, LockedError)):
            return [results] * len(batch)
        if len(batch) == 1:
            return [self._bury(batch[0], results)]
        return [self._alone(item) for item in batch]

    def _handle(self, tx: Connection, batch: list[_Item]) -> list[Any]:
        now = self.clock()
        results: list[Any] = []
        for kind, group in groupby(batch, key=lambda item: item.kind):
            values = [item.value for item in group]
            found = self.kinds[kind].handle(tx, values, now)
            if len(found) != len(values):  # else callers would get another item's result, or wait for ever
                raise AssertionError(f"the handler of {kind} must give one result for each item")
            results.extend(found)
        return results

    def _alone(self, item: _Item) -> Any:  # noqa: ANN401 - the item's result, whatever it is
        results = self._attempt(lambda tx: self._handle(tx, [item]))
        if isinstance(results, list):
            return results[0]
        return results if isinstance(results, ExternalError) else self._bury(item, results)

    def _bury(self, item: _Item, error: Exception) -> Any:  # noqa: ANN401 - a DeadLetter or an error
        """Store an item that failed alone as a dead letter, with the place of the error and none of its data. Not after conflicts
        with another process: the next delivery may succeed."""
        where = dead_letters.describe(error)
        kept: object = None
        if not (isinstance(error, DBAPIError) and is_conflict(error)):
            kept = self._attempt(lambda tx: self._set_aside(tx, item, where))
        if not isinstance(kept, DeadLetter):
            log.error("neither this nor its dead letter could be kept", kind=item.kind, error=where)
            return ExternalError("neither this nor its dead letter can be kept")
        self.counts.dead += 1
        log.error("kept as a dead letter", kind=item.kind, dead_letter=kept.id, error=where)
        return kept

    def _set_aside(self, tx: Connection, item: _Item, where: str) -> DeadLetter:
        return dead_letters.save(tx, self.vault, item.kind, self.kinds[item.kind].raw(item.value), where, self.clock())

    def _attempt(self, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - a result or an error, as a value
        """Run in one transaction. Returns the result, or the error as a value. Conflicts are retried."""
        for attempt in range(_RETRIES):
            try:
                with self.database.transaction() as tx:
                    self._schema.check(tx)
                    result = work(tx)
            except DBAPIError as error:
                if attempt + 1 < _RETRIES and is_conflict(error):
                    continue
                return error
            except Exception as error:  # noqa: BLE001 - the edge: an error is a value from here on
                if self._log is not None and isinstance(error, ExternalError):
                    self._log.checkpoint()  # it may have filled the disk
                return error
            if self._log is not None:
                self._log.written()
            return result
        raise AssertionError("unreachable")


def _note(span: spans.Span, result: object) -> None:
    if isinstance(result, Exception):
        span.fail(type(result).__name__)


def _settle(done: "asyncio.Future[Any]", result: object) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
