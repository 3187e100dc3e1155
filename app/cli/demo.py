"""`trato demo`: the whole service on this machine, with a simulated carrier, a fresh SQLite file and invented officers who answer.
Time runs fast, so that weeks of follow-up pass in minutes. The browser shows a telephone of your own, and a saved flow file is
used at once."""

import asyncio
import socket
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.channels.simulator import Note, Phone, Simulator
from app.cli.language import said
from app.cli.logs import configure
from app.cli.serve import configuration, listening
from app.cli.watching import watch
from app.clock import PacedClock, system_clock
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.privacy import versions_asked
from app.main import Service, build, create_app
from app.rehearsal.behaviour import Behaviour, Crowd, Reply
from app.rehearsal.officers import InventedOfficer, invent
from app.rehearsal.origins import origins
from app.roster import enrolment
from app.roster.entries import Entry
from app.roster.study_ids import new_study_id
from app.settings import Settings
from app.shipped import shipped
from app.store import funnel
from app.web.server import Server
from app.wording import Sentence

YOURS = "+525555550100"
"""The telephone of the person who watches. Nobody has this number."""

BEHAVIOUR = Behaviour(no_whatsapp=0, unreachable=0)
"""As in `trato synth`, but the simulated carrier reaches everybody."""


OPENING = time(8, 40)
"""On the day after the workshop, some minutes before the day's first messages, for the service starts meanwhile. The invented officers agreed on paper there, so the campaign begins with its first conversation; you are
asked."""

INCIDENTS = (
    (8, "¿Quién lee lo que contesto? Quisiera hablar con una persona"),
    (25, "mi comandante me pide dinero para dejarme descansar"),
)
"""Seconds after the start, and the message of an invented officer that needs a person."""

_LINES = 14
_NEWS = 8
"""Lines about saved flow files that stay on the screen."""


def demo(
    officers: Annotated[int, typer.Option(min=1, max=2000, help="The number of invented officers.")] = 40,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8000,
    pace: Annotated[float, typer.Option(min=1, max=3600, help="Speed of the clock: 300 is 300 times real time.")] = 300,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop after this many seconds; default: when interrupted.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other officers.")] = 1,
    folder: Annotated[
        Path, typer.Option(help="The folder of the demo's database, which is replaced each time.")
    ] = Path("var/demo"),
) -> None:
    """Run the whole service with a simulated carrier and officers who answer. Nothing leaves this machine."""
    configure(json=False)
    with closing(listening("127.0.0.1", port)) as listener:
        service = _service(_settings(folder, port), PacedClock(_start(), pace))
        chance = Random(seed)  # noqa: S311 - invented people need no secrets
        people = invent(officers, chance)
        _enrol(service, people)
        crowd = Crowd(BEHAVIOUR, chance, service.clock().date())
        phones = _Phones(service, _simulator(service), crowd, pace, frozenset(person.phone for person in people))
        try:
            asyncio.run(_run(service, phones, listener, port, seconds))
        except KeyboardInterrupt:
            typer.echo(said(Sentence("{demo}stopped", demo="")))


def _start() -> datetime:
    """Today when the day's nudges begin in Mexico City: the first messages go out at once."""
    zone = ZoneInfo("America/Mexico_City")
    return datetime.combine(system_clock().astimezone(zone).date(), OPENING, zone)


def _settings(folder: Path, port: int) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("trato.db*"):
        old.unlink()
    settings = Settings.load(
        database_url=f"sqlite:///{folder}/trato.db",
        channel="simulator",
        simulator_forced=("twilio",),  # the database is the demo's own, and no other machine reaches it
        host="127.0.0.1",
        port=port,
        tick_seconds=1.0,
        role="all",
        secret_key=SecretStr("the demo protects nobody real"),
        public_url=f"http://127.0.0.1:{port}",
    )
    return settings.with_shipped_flows()


def _service(settings: Settings, clock: PacedClock) -> Service:
    return build(settings, clock, phone_of=YOURS)


def _simulator(service: Service) -> Simulator:
    if not isinstance(service.channel, Simulator):
        raise UsageError(Sentence("the demo runs with the simulated carrier only"))
    return service.channel


def _enrol(service: Service, people: list[InventedOfficer]) -> None:
    programme = next(iter(service.library.programmes.values())).definition
    you = InventedOfficer("Usted", YOURS, "centro", supervisor_trained=True)
    campaign = next(iter(programme.open_campaigns), None)
    notice = versions_asked(programme).get(campaign or "") or ""
    entries = [
        _entry(programme, row, person, service.clock(), None if person is you else notice)
        for row, person in enumerate([you, *people], 2)
    ]
    with service.database.transaction() as tx:
        enrolment.enrol(tx, service.intake.vault, programme, entries, campaign, new_study_id, service.clock(), "demo")
    for entry in entries:
        _simulator(service).phone(entry.number)


def _entry(programme: Programme, row: int, person: InventedOfficer, now: datetime, agreed_to: str | None) -> Entry:
    """`agreed_to` is the version of the notice that the officer agreed to on paper; None: Trato asks."""
    yesterday = (now.astimezone(ZoneInfo(programme.timezone)).date() - timedelta(days=1)).isoformat()
    known = {"sector": person.sector, "supervisor_trained": "1" if person.supervisor_trained else "0"}
    return Entry(
        row,
        person.name,
        person.phone,
        "whatsapp",
        "demo",
        programme.timezone,
        programme.language,
        {"workshop_date": yesterday},
        {name: known[name] for name in programme.fields if name in known},
        None if agreed_to is None else now,
        consent_version=agreed_to or "",
        consent_proof="" if agreed_to is None else "demo",
    )


@dataclass(slots=True)
class _Phones:
    """The invented officers' telephones: each message may get a reply, after a while at the demo's pace."""

    service: Service
    simulator: Simulator
    crowd: Crowd
    pace: float
    numbers: frozenset[str]
    lines: deque[tuple[str, bool, str]] = field(default_factory=lambda: deque(maxlen=_LINES))
    on_line: Callable[[str, bool, str], None] | None = None
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def on_note(self, phone: Phone, note: Note) -> None:
        """Show a message that came to a telephone or left it, and have its officer read it."""
        line = (phone.number[-4:], note.mine, " ".join(note.text.split()))
        self.lines.append(line)
        if self.on_line is not None:
            self.on_line(*line)
        if not note.mine and phone.number in self.numbers:
            task = asyncio.get_running_loop().create_task(self._read(phone.number, note))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read(self, number: str, note: Note) -> None:
        reply = await asyncio.to_thread(self._reply, number, note.uid or "")
        if reply is not None:
            await asyncio.sleep(reply.after.total_seconds() / self.pace)
            quoted = note.sid if reply.quoting and note.channel == "whatsapp" else None
            await self.simulator.type(number, reply.text, channel=note.channel, quoted=quoted)

    async def bring_incidents(self) -> None:
        """Have some officers write messages that need a person."""
        begun = 0
        for number, (seconds, text) in zip(sorted(self.numbers)[::7], INCIDENTS, strict=False):
            await asyncio.sleep(seconds - begun)
            begun = seconds
            await self.simulator.type(number, text, channel="whatsapp")

    def _reply(self, number: str, uid: str) -> Reply | None:
        with self.service.database.reading() as tx:
            origin = origins(tx, self.service.library, [uid]).get(uid)
        return self.crowd.reply_to(number, origin, self.service.clock().date())


async def _run(service: Service, phones: _Phones, listener: socket.socket, port: int, seconds: float | None) -> None:
    server = Server(configuration(create_app(service), stops_within=2), service.wind_down)
    phones.simulator.on_note = phones.on_note
    address = f"http://127.0.0.1:{port}"
    news: deque[str] = deque(maxlen=_NEWS)
    tell = news.append if sys.stdout.isatty() else typer.echo
    background = [
        asyncio.create_task(_show(service, phones, address, news)),
        asyncio.create_task(phones.bring_incidents()),
        asyncio.create_task(watch(service, service.settings.flows, tell)),
    ]
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, setattr, server, "should_exit", True)
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


async def _show(service: Service, phones: _Phones, address: str, news: Sequence[str]) -> None:
    """Show conversations and the funnel: live on a terminal, line by line elsewhere."""
    if not sys.stdout.isatty():
        typer.echo(
            said(
                Sentence(
                    "Trato is running. Console at {address}/console, a telephone of yours at {address}/phone. {hint}",
                    address=address,
                    hint=_authors_hint(service),
                )
            )
        )
        phones.on_line = lambda phone, mine, text: typer.echo(f"{'>' if mine else '<'} …{phone} {text[:110]}")
        while True:
            await asyncio.sleep(10)
            typer.echo(f"-- {service.clock():%Y-%m-%d %H:%M} UTC  {await _funnel(service)}")
    console = Console()
    with Live(console=console, auto_refresh=False, screen=False) as live:
        while True:
            live.update(_picture(service, phones, address, await _funnel(service), news), refresh=True)
            await asyncio.sleep(0.5)


async def _funnel(service: Service) -> dict[str, int]:
    def read() -> dict[str, int]:
        with service.database.reading() as tx:
            return {str(stage): count for stage, count in funnel.of_all(tx, service.clock()).stages.items()}

    return await asyncio.to_thread(read)


def _authors_hint(service: Service) -> str:
    folder = service.settings.flows
    if folder == shipped("flows"):
        return Sentence("This is the programme that comes with Trato; `trato init NAME` makes one of your own")
    return Sentence("Flow files in {folder} are used as soon as they are saved", folder=folder)


def _picture(service: Service, phones: _Phones, address: str, counts: dict[str, int], news: Sequence[str]) -> Group:
    local = service.clock().astimezone(ZoneInfo("America/Mexico_City"))
    head = Text.assemble(
        ("Trato", "bold green"),
        said(Sentence("  console ")),
        (f"{address}/console", "bold underline"),
        said(Sentence("  your telephone ")),
        (f"{address}/phone", "bold underline"),
        f"   {local:%a %d %b %H:%M}",
    )
    bars = Table(box=None, show_header=False, pad_edge=False)
    most = max([*counts.values(), 1])
    for name, count in counts.items():
        bars.add_row(name, str(count), Text("█" * round(40 * count / most), style="green"))
    talk = Text()
    for phone, mine, text in phones.lines:
        talk.append(f"…{phone} {'>' if mine else '<'} ", style="dim")
        talk.append(text[:100] + "\n", style="cyan" if mine else "")
    hint = said(
        Sentence("Ctrl+C stops. Invented officers, simulated carrier, fast clock. {hint}.", hint=_authors_hint(service))
    )
    return Group(head, Text(hint, style="dim"), Text("\n".join(news), style="yellow"), bars, talk)
