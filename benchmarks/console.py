"""`python -m benchmarks console`: every page and list of the console, with its filters and second pages, on the database of a large police
force (`force.py`): the application itself, asked by somebody who is signed in and has every role. The floor is the page of one's own account,
which counts nothing. Each address is asked in every round; its first time is that of a process that has just started, on SQLite with the
file out of the machine's memory."""

import asyncio
import os
import platform
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from pathlib import Path
from typing import NamedTuple

import httpx
from pydantic import SecretStr

from app.errors import ExternalError
from app.main import Service, build, create_app, running
from app.scheduler.counting import DayCounting
from app.scheduler.row_watch import RowWatch
from app.settings import Settings
from benchmarks import copying, force, pages
from benchmarks.force import Force
from benchmarks.officers import SECRET

HERE = "http://127.0.0.1"
FLOOR = "/me"
MOST_ALIKE = 8
"""Addresses that are asked of those whose queries have the same names."""
TYPED = (
    "/console/audit?by=ana",
    "/console/audit?action=cases+answer",
    "/console/audit?subject=contact:1",
    "/console/audit?by=flor&action=roster+import",
)
"""Addresses of what is typed and not chosen."""
_LIST = "Nombre,Teléfono,Grupo\n" + "".join(f"Alma {one},55 5555 {one:04},grupo-001\n" for one in range(1_000))


_Asking = Callable[[str], Awaitable[tuple["_Spent", httpx.Response]]]


class _Spent(NamedTuple):
    """Milliseconds by the clock, and of the processor."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class PageTimes:
    """Milliseconds of the pages of one kind, by the clock, and of the processor, which other work on the machine hardly lengthens: of this
    process, and of those of PostgreSQL that serve it, as far as they run on this machine."""

    page: str
    first: float
    p50: float
    p95: float
    cpu: float
    cpu95: float


@dataclass(frozen=True, slots=True)
class ConsoleFigures:
    """The pages, the slowest first. `floor` is the median of the page that counts nothing; `unseen` are routes of which no address was found;
    `failed` are addresses that did not answer with a page."""

    database: str
    machine: str
    officers: int
    messages: int
    floor: float
    pages: list[PageTimes]
    unseen: list[str]
    failed: list[str]


def measure(
    officers: int,
    messages: int,
    database_url: str | None,
    folder: Path,
    rounds: int,
    only: str,
    say: Callable[[str], None],
) -> ConsoleFigures:
    """Ask every page so many times, or those whose addresses have the text `only`. The database is that of the folder, and is made unless it is there; `database_url` is a PostgreSQL
    database, empty or filled by an earlier run."""
    found = force.made(folder, officers, messages, say)
    if database_url is not None:
        copying.copied(folder / "force.db", database_url, found.officers)
    else:
        _forget(folder)
    settings = Settings.load(
        database_url=database_url or f"sqlite:///{folder}/force.db",
        flows=folder / "flows",
        secret_key=SecretStr(SECRET),
        public_url=HERE,
        channel="simulator",
        role="web",
    )
    service = build(settings, lambda: found.now)
    return asyncio.run(_measured(service, found, rounds, only, say))


def _forget(folder: Path) -> None:
    """Take the file out of the machine's memory."""
    for path in folder.glob("force.db*"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


async def _measured(
    service: Service, found: Force, rounds: int, only: str, say: Callable[[str], None]
) -> ConsoleFigures:
    counted = await _count(service)
    say(f"the days counted in {counted:.0f} s")
    transport = httpx.ASGITransport(app=create_app(service))
    browser = httpx.AsyncClient(transport=transport, base_url=HERE, timeout=600, headers={"Origin": HERE})
    async with running(service), browser as client:
        await _sign_in(client)
        ask = partial(_ask, client, service.database.url.database or "")
        times: dict[str, list[_Spent]] = {}
        failed: list[str] = []
        known = await _found(ask, found.now, only, times, failed)
        say(f"{len(known)} addresses")
        await ask(FLOOR)
        floors = [(await ask(FLOOR))[0].wall for _ in range(max(rounds, 5))]
        for _ in range(rounds - 1):
            for kind, address in known.items():
                times[kind].append((await ask(address))[0])
    measured = [_times(kind, spent) for kind, spent in times.items()]
    measured.sort(key=lambda one: max(one.first, one.p95), reverse=True)
    kind_of_database = "sqlite" if service.database.is_sqlite else "postgresql"
    size = (found.officers, found.messages)
    floor = statistics.median(floors)
    return ConsoleFigures(kind_of_database, _machine(), *size, floor, measured, pages.unseen(times), failed)


async def _count(service: Service) -> float:
    """What the clock's process does: count the days, and look at the officers' rows. Gives the seconds."""
    began = time.perf_counter()
    counting = DayCounting(service.database, service.ledger, service.library, service.clock, "bench")
    while await counting.once():
        pass
    watch = RowWatch()
    while await service.ledger.run(partial(watch.look, now=service.clock())):
        pass
    return time.perf_counter() - began


async def _sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-in", data={"name": force.PERSON, "password": force.PASSWORD})
    if answer.status_code != 303:
        raise ExternalError("the benchmark could not sign in")
    await client.post(
        "/console/roster/import",
        data={"kind": "roster", "programme": "pj_cdmx"},
        files={"file": ("lista.csv", _LIST.encode(), "text/csv")},
    )


async def _found(
    ask: _Asking, now: datetime, only: str, times: dict[str, list[_Spent]], failed: list[str]
) -> dict[str, str]:
    """An address of each kind, asked once."""
    waiting, known = [*pages.first(), *TYPED], dict[str, str]()
    alike = Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = pages.kind_of(address)
        if kind is None or only not in address or kind in known or alike[names := pages.names_of(kind)] == MOST_ALIKE:
            continue
        known[kind] = address
        alike[names] += 1
        spent, answer = await ask(address)
        if answer.status_code >= 400 and "?" in address:  # some addresses need a question
            failed.append(f"{answer.status_code} {address}")
        times[kind] = [spent]
        waiting += pages.addresses(answer.text, address, now)
        if (to := answer.headers.get("location")) is not None:
            waiting.append(to)
    return known


async def _ask(client: httpx.AsyncClient, database: str, address: str) -> tuple[_Spent, httpx.Response]:
    """The time until the whole answer is there, and the answer."""
    of_server = _of_postgresql(database)
    began, used = time.perf_counter(), time.process_time()
    answer = await client.get(address)
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    return _Spent(wall * 1000, cpu * 1000 + _of_postgresql(database) - of_server), answer


def _of_postgresql(database: str) -> float:
    """Milliseconds of the processor of PostgreSQL's processes that serve a database."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if f" {database} ".encode() in (process / "cmdline").read_bytes():
                found += int((process / "schedstat").read_text().split()[0])
    return found / 1e6


def _times(kind: str, spent: list[_Spent]) -> PageTimes:
    walls, processor = (sorted(one) for one in zip(*spent, strict=True))
    p95 = ceil(len(spent) * 0.95) - 1
    half = statistics.median
    return PageTimes(kind, spent[0].wall, half(walls), walls[p95], half(processor), processor[p95])


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {model}, load {load:.1f}, Python {platform.python_version()}"
