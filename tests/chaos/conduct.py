"""Conducts a chaos run: starts everything, lets things go wrong for a while, calms down, and waits until nothing moves."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import aiohttp
from sqlalchemy import func, select

from app.store.database import Database
from app.store.tables import InboundMessage, OutboundMessage
from tests.acceptance.processes import ROOT, SECRET, free_port
from tests.carrier import Account
from tests.chaos import judge
from tests.chaos.crowd import Crowd
from tests.chaos.front import Front
from tests.chaos.judge import OPEN, Evidence
from tests.chaos.remote import RemoteCarrier, remote_carrier
from tests.chaos.world import TEMPLATE, Person, flows, people

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
READY_SECONDS = 180
"""How long a process may take to begin, on a machine that is doing everything else as well."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run. `shorter` divides Trato's waiting times; 1 is life."""

    database_url: str
    folder: Path
    seed: int = 1
    officers: int = 60
    processes: int = 1
    kills: int = 10
    seconds: float = 25.0
    shorter: float = 20.0
    calm_seconds: float = 120.0


@dataclass(slots=True)
class Result:
    """What was done and what came of it."""

    seed: int
    kills: int = 0
    outages: int = 0
    injected: dict[str, int] = field(default_factory=dict)
    inbound: int = 0
    outbound: int = 0
    completed: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Process:
    """One `trato serve`, which may be killed and begins again."""

    def __init__(self, plan: Plan, carrier: RemoteCarrier, front: Front, number: int) -> None:
        self.port = free_port()
        self._plan, self._front = plan, front
        self._log = plan.folder / f"serve-{number}.log"
        self._environment = self._settings(carrier.account, carrier.port)
        self._process: asyncio.subprocess.Process | None = None

    def _settings(self, account: Account, carrier_port: int) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("TRATO_")}
        return own | {
            "TRATO_DATABASE_URL": self._plan.database_url,
            "TRATO_FLOWS": str(self._plan.folder / "flows"),
            "TRATO_CHANNEL": "twilio",
            "TRATO_PUBLIC_URL": f"http://127.0.0.1:{self._front.port}",
            "TRATO_TWILIO_API_URL": f"http://127.0.0.1:{carrier_port}",
            "TRATO_TWILIO_ACCOUNT_SID": account.sid,
            "TRATO_TWILIO_AUTH_TOKEN": account.auth_token,
            "TRATO_TWILIO_API_KEY": account.api_key,
            "TRATO_TWILIO_API_SECRET": account.api_secret,
            "TRATO_TWILIO_FROM_SMS": account.sms,
            "TRATO_TWILIO_FROM_WHATSAPP": account.whatsapp,
            "TRATO_SECRET_KEY": SECRET,
            "TRATO_TICK_SECONDS": "0.5",
            "TRATO_PORT": str(self.port),
            "TRATO_SEND_RATE": "500",
            "TRATO_SEND_CONCURRENCY": "8",
            "TRATO_TEMPLATES": str(self._plan.folder / "templates.json"),
            "TRATO_QUIET_HOURS": "21:00-09:00",
        }

    async def start(self) -> None:
        """Begin, and take part once ready. RuntimeError if it ends by itself."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.chaos.serve",
                str(self._plan.shorter),
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        end, said = time.monotonic() + READY_SECONDS, "it never answered"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:
            while time.monotonic() < end:
                if self._process.returncode is not None:
                    raise RuntimeError(f"trato serve ended by itself: {self._log.read_text('utf-8')[-2000:]}")
                try:
                    async with client.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            self._front.backends.add(self.port)
                            return
                        said = await answer.text()
                except (aiohttp.ClientError, TimeoutError) as error:
                    said = repr(error)
                await asyncio.sleep(0.05)
        log_ends = self._log.read_text("utf-8")[-2000:]
        raise RuntimeError(f"trato serve was not ready within {READY_SECONDS} seconds: {said}; its log ends {log_ends}")

    async def kill(self) -> None:
        """At once, in the middle of whatever it does. The front finds out by itself."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._front.backends.discard(self.port)

    async def stop(self) -> None:
        """In order."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 30)
            except TimeoutError:
                await self.kill()
        self._front.backends.discard(self.port)


async def run(plan: Plan) -> Result:
    """A whole run. Never raises for what Trato does: that is in the result's faults."""
    began = time.monotonic()
    chance = Random(plan.seed)
    result = Result(plan.seed)
    database = Database(plan.database_url)
    database.prepare()
    flows(plan.folder / "flows")
    (plan.folder / "templates.json").write_text(f'{{"reporte_apertura": "{TEMPLATE}"}}', encoding="utf-8")
    now = datetime.now(UTC)
    everybody = {one.number: one for one in people(database, plan.officers, chance, now)}
    front = Front(free_port(), chance)
    await front.start()
    try:
        async with remote_carrier(_account(front.port), plan.seed, plan.folder) as carrier:
            await _prepare(plan, carrier)
            processes = [Process(plan, carrier, front, number) for number in range(plan.processes)]
            try:
                async with asyncio.TaskGroup() as group:
                    crowd = Crowd(carrier, group, everybody, plan.seed, patience=min(2.0, plan.seconds / 20))
                    answering = group.create_task(crowd.run())
                    await asyncio.gather(*(process.start() for process in processes))
                    await _storm(plan, carrier, processes, chance, result, crowd)
                    await carrier.change(dict.fromkeys((*REQUESTS, *CALLS, "list_errors"), 0.0))
                    await _calm(plan, database, carrier, crowd, result)
                    answering.cancel()
            finally:
                await asyncio.gather(*(process.stop() for process in processes))
            evidence = await _evidence(database, carrier, everybody)
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
    plan: Plan, carrier: RemoteCarrier, processes: list[Process], chance: Random, result: Result, crowd: Crowd
) -> None:
    """Faults that change, kills at random moments, an outage of everything, and people who write unasked."""
    end = time.monotonic() + plan.seconds
    between = plan.seconds / max(1, plan.kills)
    outage_at = plan.kills // 2
    while time.monotonic() < end or result.kills < plan.kills:
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


def _faults(chance: Random, result: Result) -> dict[str, float]:
    """Three kinds of fault at a time, each now and then."""
    chosen = chance.sample((*REQUESTS, *CALLS, "list_errors"), 3)
    changes = dict.fromkeys((*REQUESTS, *CALLS, "list_errors"), 0.0)
    changes |= {name: chance.uniform(0.05, 0.4) for name in chosen}
    for name in chosen:
        result.injected[name] = result.injected.get(name, 0) + 1
    return changes


async def _outage(plan: Plan, processes: list[Process], result: Result) -> None:
    """Everything is down for longer than the carrier's patience: only the sweep finds what was written meanwhile."""
    result.outages += 1
    for process in processes:
        await process.kill()
        result.kills += 1
    await asyncio.sleep(20.0 / plan.shorter + 2)
    await asyncio.gather(*(process.start() for process in processes))


async def _calm(plan: Plan, database: Database, carrier: RemoteCarrier, crowd: Crowd, result: Result) -> None:
    """Until nobody has anything to say, nothing waits to be sent and everything is kept."""
    end = time.monotonic() + plan.calm_seconds
    still = 0
    while still < 3:
        await asyncio.sleep(1.0)
        await crowd.settle()
        await crowd.look()
        moving = await asyncio.to_thread(_moving, database, carrier)
        still = 0 if moving else still + 1
        if time.monotonic() > end:
            result.faults.append(f"it did not come to rest within {plan.calm_seconds:.0f} s: {', '.join(moving)}")
            return


def _moving(database: Database, carrier: RemoteCarrier) -> list[str]:
    """What has not come to rest."""
    now = datetime.now(UTC)
    with database.reading() as tx:
        waiting = tx.execute(
            select(OutboundMessage.status, func.count())
            .where(OutboundMessage.status.in_(OPEN), OutboundMessage.due_at <= now + timedelta(minutes=5))
            .group_by(OutboundMessage.status)
        ).all()
        kept = set(tx.execute(select(InboundMessage.sid)).scalars())
    lost = len(carrier.inbound - kept)
    return [
        *(f"{count} messages {status}" for status, count in waiting),
        *([f"{lost} inbound to be found"] if lost else []),
        *([f"{carrier.pending} calls to be made"] if carrier.pending else []),
    ]


async def _evidence(database: Database, carrier: RemoteCarrier, everybody: dict[str, Person]) -> Evidence:
    messages, refused = await carrier.account_of_everything()
    with database.reading() as tx:
        return judge.gather(tx, messages, refused, everybody, datetime.now(UTC))
