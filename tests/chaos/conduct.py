"""Conducts a chaos run: starts everything, lets things go wrong for a while, calms down, and waits until nothing moves."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from app.store.database import Database
from app.store.tables import Case, InboundMessage, OutboundMessage
from app.store.vault import Vault
from tests.acceptance.processes import SECRET, free_port
from tests.carrier import Account
from tests.chaos import judge, spells
from tests.chaos.crowd import Crowd
from tests.chaos.desk import Desk
from tests.chaos.front import Front
from tests.chaos.judge import OPEN, Evidence
from tests.chaos.poison import Damaged
from tests.chaos.process import Process
from tests.chaos.remote import RemoteCarrier, remote_carrier
from tests.chaos.spells import Scene
from tests.chaos.waiting import until_nobody_waits
from tests.chaos.world import RULES, TEMPLATE, Person, flows, people, roster

REQUESTS = ("error_before", "drop_before", "too_many", "error_after", "drop_after", "hang", "garbled")
CALLS = (
    "callbacks_lost",
    "callbacks_twice",
    "callbacks_late",
    "callbacks_shuffled",
    "webhooks_lost",
    "webhooks_twice",
    "webhooks_late",
)
NO_FAULTS = dict.fromkeys((*REQUESTS, *CALLS, "list_errors"), 0.0)
POISON = "damaged officers"


@dataclass(frozen=True, slots=True)
class Plan:
    """A run. `shorter` divides Trato's waiting times; 1 is life. `restarts`: the PostgreSQL server is this run's alone. `spells` is how
    many of each kind there are, of `spell_seconds` each; `each_swept`: what no webhook could bring during a spell must be found before
    the next one, not only at the end."""

    database_url: str
    folder: Path
    seed: int = 1
    officers: int = 60
    processes: int = 1
    kills: int = 10
    seconds: float = 25.0
    shorter: float = 20.0
    calm_seconds: float = 120.0
    restarts: bool = False
    spells: int = 1
    spell_seconds: float = 1.5
    each_swept: bool = True


@dataclass(slots=True)
class Result:
    """The faults of a run and their outcome. `spells` counts the spells by kind, `recovered` has the most seconds after one of a kind until
    what had waited was done; `damaged` counts the officers who were damaged, by what was; `cases` the acts of persons, by name."""

    seed: int
    kills: int = 0
    outages: int = 0
    injected: dict[str, int] = field(default_factory=dict)
    spells: dict[str, int] = field(default_factory=dict)
    recovered: dict[str, float] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    inbound: int = 0
    outbound: int = 0
    completed: int = 0
    cases: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def _opened(plan: Plan) -> Database:
    database = Database(plan.database_url)
    database.prepare()
    database.unlock(Vault(SECRET))
    return database


async def run(plan: Plan) -> Result:
    """A whole run. Never raises for what Trato does: that is in the result's faults."""
    began = time.monotonic()
    chance = Random(plan.seed)
    result = Result(plan.seed)
    database = _opened(plan)
    spells.prepare(database)
    flows(plan.folder / "flows")
    (plan.folder / "templates.json").write_text(f'{{"reporte_apertura": "{TEMPLATE}"}}', encoding="utf-8")
    now = datetime.now(UTC)
    everybody = {one.number: one for one in people(database, plan.officers, chance, now)}
    front = Front(free_port(), chance)
    await front.start()
    try:
        async with remote_carrier(_account(front.port), plan.seed, plan.folder) as carrier:
            await _prepare(plan, carrier)
            processes = [
                Process(plan.folder, plan.database_url, plan.shorter, carrier.account, carrier.port, front, number)
                for number in range(plan.processes)
            ]
            awake = [one.contact for one in everybody.values() if not one.asleep]
            scene = Scene(database, processes, chance, awake, plan.spell_seconds, plan.shorter, plan.restarts)
            damaged = Damaged()
            try:
                async with asyncio.TaskGroup() as group:
                    crowd = Crowd(carrier, group, everybody, plan.seed, patience=min(2.0, plan.seconds / 20))
                    answering = group.create_task(crowd.run())
                    desk = Desk(database, Random(f"{plan.seed}/desk"), RULES)
                    handling = group.create_task(desk.run())
                    await asyncio.gather(*(process.start() for process in processes))
                    await _storm(plan, carrier, scene, damaged, result, crowd)
                    await carrier.change(NO_FAULTS)
                    handling.cancel()
                    result.faults += await _mended(
                        database, damaged, processes[0], roster(plan.folder / "padron.csv", everybody)
                    )
                    await _calm(plan, database, carrier, crowd, desk, result)
                    answering.cancel()
                    result.cases = dict(desk.acts)
                    result.faults += [*desk.faults, *await _verified(processes[0])]
            finally:
                await asyncio.gather(*(process.stop() for process in processes))
            evidence = await _evidence(database, carrier, everybody, damaged, scene)
            result.damaged = dict(Counter(damaged.officers.values()))
            result.faults += judge.faults(evidence, timedelta(seconds=5 + 90 / plan.shorter))
            result.inbound = sum(message.direction == "inbound" for message in evidence.messages)
            result.outbound = len(evidence.messages) - result.inbound
            with database.reading() as tx:
                result.completed = judge.sessions_completed(tx)
    finally:
        await front.stop()
        database.close()
    result.seconds = time.monotonic() - began
    return result


async def _prepare(plan: Plan, carrier: RemoteCarrier) -> None:
    await carrier.change({"step_seconds": 0.05, "hang_seconds": 60.0 / plan.shorter, "late_seconds": 3.0})


def _account(front: int) -> Account:
    url = f"http://127.0.0.1:{front}/twilio"
    return Account(
        webhook=f"{url}/inbound#rc=2&rp=all",
        fallback=f"{url}/fallback",
        contents={TEMPLATE: "{{1}}, ¿tuvo contacto con ciudadanía?"},
    )


async def _storm(
    plan: Plan, carrier: RemoteCarrier, scene: Scene, damaged: Damaged, result: Result, crowd: Crowd
) -> None:
    """Faults that change, kills at random moments, an outage of everything, people who write unasked, and spells, evenly among the
    kills."""
    chance, processes = scene.chance, scene.processes
    end = time.monotonic() + plan.seconds
    between = plan.seconds / max(1, plan.kills)
    outage_at = plan.kills // 2
    to_come = _drawn(plan, scene)
    kills_for_each = plan.kills / (len(to_come) + 1)
    while time.monotonic() < end or result.kills < plan.kills or to_come:
        await carrier.change(_faults(chance, result))
        await asyncio.sleep(chance.uniform(0.3, 1.7) * between)
        everybody = crowd.people.values()
        crowd.unasked(chance.choice([one for one in everybody if one.asleep] or list(everybody)))
        if result.kills == outage_at and not result.outages:
            await _outage(plan, processes, result)
            continue
        victim = chance.choice(processes)
        await victim.kill()
        result.kills += 1
        await asyncio.sleep(chance.uniform(0, 0.5))
        await victim.start()
        while to_come and result.kills >= kills_for_each * (sum(result.spells.values()) + 1):
            await carrier.change(NO_FAULTS)
            took = time.monotonic()
            await _spell(plan, to_come.pop(), scene, damaged, result, carrier, crowd)
            end += time.monotonic() - took


def _drawn(plan: Plan, scene: Scene) -> list[str]:
    """The spells of a run, the last one first. Officers are damaged in the first half, so that the others have something to
    outlast."""
    kinds = sorted(spells.kinds(scene)) * plan.spells
    scene.chance.shuffle(kinds)
    for number in range(plan.spells):
        kinds.insert(len(kinds) - number * len(kinds) // (2 * plan.spells) - 1, POISON)
    return kinds


SWEEP_SECONDS = 1020.0
"""How long the sweep may take to find a message, after its longest retry."""


async def _spell(
    plan: Plan,
    kind: str,
    scene: Scene,
    damaged: Damaged,
    result: Result,
    carrier: RemoteCarrier,
    crowd: Crowd,
) -> None:
    """One spell, in which people write, until nobody waits because of it: the carrier makes no difficulties meanwhile, and nobody is
    killed."""
    result.spells[kind] = result.spells.get(kind, 0) + 1
    patience = 20 + SWEEP_SECONDS / plan.shorter
    writers = scene.chance.sample([one for one in crowd.people.values() if not one.asleep], 3 + plan.officers // 100)
    writing = asyncio.create_task(crowd.unasked_by(writers, plan.spell_seconds))
    if kind == POISON:
        with scene.database.transaction() as tx:
            damaged.poison(tx, scene.chance, scene.contacts, 1 + plan.officers // 1000)
    else:
        async with spells.kinds(scene)[kind](scene) as locked:
            if locked:
                but = damaged.officers.keys() | locked
                _, left = await until_nobody_waits(scene.database, (), patience, but)
                result.faults += [f"{left} of others wait during: {kind}"] if left else []
    for process in scene.processes:
        await process.ready()
    await writing
    written = set(carrier.inbound) if plan.each_swept else set()
    seconds, left = await until_nobody_waits(scene.database, written, patience, damaged.officers.keys())
    result.faults += [f"{left} still wait {seconds:.0f} s after: {kind}"] if left else []
    result.recovered[kind] = round(max(seconds, result.recovered.get(kind, 0.0)), 1)


async def _mended(database: Database, damaged: Damaged, process: Process, roster: Path) -> list[str]:
    """Mend what is damaged, and have what could not be handled meanwhile handled again."""
    faults = await damaged.mend(database, process, roster)
    with database.reading() as tx:
        authors = set(judge.dead_letters(tx))
    if authors:
        code, output, error = await process.trato("dead-letters", "--replay")
        faults += [f"dead letters remain: {output}{error}"] if code else []
    return faults


async def _verified(process: Process) -> list[str]:
    """Whether the audit log is whole, by its chain."""
    code, output, error = await process.trato("audit", "verify")
    return [f"the audit log: {output}{error}"] if code else []


def _faults(chance: Random, result: Result) -> dict[str, float]:
    """Three kinds of fault at a time, each now and then."""
    chosen = chance.sample((*REQUESTS, *CALLS, "list_errors"), 3)
    changes = NO_FAULTS | {name: chance.uniform(0.05, 0.4) for name in chosen}
    for name in chosen:
        result.injected[name] = result.injected.get(name, 0) + 1
    return changes


async def _outage(plan: Plan, processes: Sequence[Process], result: Result) -> None:
    """Everything is down for longer than the carrier's patience: only the sweep finds what was written meanwhile."""
    result.outages += 1
    for process in processes:
        await process.kill()
        result.kills += 1
    await asyncio.sleep(20.0 / plan.shorter + 2)
    await asyncio.gather(*(process.start() for process in processes))


async def _calm(
    plan: Plan, database: Database, carrier: RemoteCarrier, crowd: Crowd, desk: Desk, result: Result
) -> None:
    """Until nobody has anything to say, no case is open, nothing waits to be sent and everything is kept."""
    end = time.monotonic() + plan.calm_seconds
    still = 0
    while still < 3:
        await asyncio.sleep(1.0)
        await crowd.settle()
        await crowd.look()
        await desk.clear()
        moving = await asyncio.to_thread(_moving, database, carrier)
        still = 0 if moving else still + 1
        if time.monotonic() > end:
            result.faults.append(f"it did not come to rest within {plan.calm_seconds:.0f} s: {', '.join(moving)}")
            return


def _moving(database: Database, carrier: RemoteCarrier) -> list[str]:
    """The rows that have not come to rest."""
    now = datetime.now(UTC)
    with database.reading() as tx:
        waiting = tx.execute(
            select(OutboundMessage.status, func.count())
            .where(OutboundMessage.status.in_(OPEN), OutboundMessage.due_at <= now + timedelta(minutes=5))
            .group_by(OutboundMessage.status)
        ).all()
        kept = set(tx.execute(select(InboundMessage.sid)).scalars())
        cases = tx.execute(select(func.count()).where(Case.closed_at.is_(None))).scalar_one()
    lost = len(carrier.inbound - kept)
    return [
        *(f"{count} messages {status}" for status, count in waiting),
        *([f"{cases} cases open"] if cases else []),
        *([f"{lost} inbound to be found"] if lost else []),
        *([f"{carrier.pending} calls to be made"] if carrier.pending else []),
    ]


async def _evidence(
    database: Database, carrier: RemoteCarrier, everybody: dict[str, Person], damaged: Damaged, scene: Scene
) -> Evidence:
    messages, refused = await carrier.account_of_everything()
    with database.reading() as tx:
        return judge.gather(tx, messages, refused, everybody, datetime.now(UTC), damaged.officers, scene.steps)
