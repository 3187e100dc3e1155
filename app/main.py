"""The composition root: builds a running service from the settings. Only this module and the command line read settings and
wire parts together; every part gets its dependencies as arguments."""

import asyncio
import gc
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from anyio import CapacityLimiter
from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app import with_extra
from app.alerting import receivers
from app.alerting.deliverer import Deliverer
from app.alerting.receivers import Announcer
from app.cases import calling, opening
from app.cases.calling import CallWatch
from app.channels.base import Channel
from app.channels.our_numbers import OurNumbers
from app.channels.simulator import Simulator
from app.clock import Clock, PacedClock, system_clock
from app.conversations import publishing
from app.conversations.deferring import DeferredMessages
from app.conversations.fetching import Fetcher
from app.conversations.inbound import Arrival, receiver
from app.conversations.intake import Intake, raw_status
from app.conversations.library import Library
from app.conversations.sweeping import Sweeper
from app.custody import retention
from app.custody.carrier_eraser import CarrierEraser
from app.custody.retention import RetentionJob
from app.errors import AppError, ConfigurationError, ExternalError
from app.from_settings import (
    alert_ways,
    configured_numbers,
    make_channel,
    means,
    setup,
    templates,
    vault_of,
)
from app.people import sessions, settings_watch, throttle
from app.people.actors import EVERY_PROGRAMME, Actor, Grant
from app.people.roles import Role
from app.recovery.holding import Hold
from app.recovery.replaying import Replay
from app.rehearsal.officer_view import OfficerView
from app.scheduler import end_watch, launching, row_watch
from app.scheduler.clock_watch import ClockWatch
from app.scheduler.counting import DayCounting
from app.scheduler.doubt_watch import DoubtWatch
from app.scheduler.end_watch import EndWatch
from app.scheduler.launching import LaunchWatch
from app.scheduler.nudging import nudging_jobs
from app.scheduler.row_watch import RowWatch
from app.scheduler.ticker import Job, JobStep, Ticker
from app.scheduler.waking import wake_due
from app.sending import delivery_reports
from app.sending.announcing import AnnouncementJob
from app.sending.budgets import EVERY_LOOK, BudgetWatch
from app.sending.claiming import SendContext
from app.sending.reconciling import Reconciler
from app.sending.send_policy import Rules
from app.sending.worker import SendWorker
from app.settings import Settings
from app.store import audit_chain, carriers, keys, leases, restored, sweeps, uploads, versions
from app.store.database import Database
from app.store.dialect import lock_start
from app.store.ledger import Kind, Ledger
from app.store.restored import Restored
from app.store.vault import Vault
from app.tryouts import ending
from app.tryouts.ending import TryoutWatch
from app.web import health, phone, refusals, sign_in
from app.web.console import routes as console
from app.web.console.streams import Streams
from app.web.console.visit import Parts
from app.web.gate import Gate
from app.web.guard import Guard
from app.web.hosts import Hosts
from app.web.readiness import Readiness
from app.web.request_ids import NO_TELEMETRY, RequestIds
from app.web.tally import Tally
from app.web.webhooks import Webhooks
from app.wording import Sentence

log = structlog.get_logger(__name__)

_STATIC = Path(__file__).parent / "web" / "static"
_GC_THRESHOLD = 50_000
"""Allocations between two collections. With `gc.freeze`, it cut the 99th percentile of webhooks to a third, as measured."""

GUEST = Actor(
    0, "demo", tuple(Grant(role, EVERY_PROGRAMME) for role in (Role.coordinator, Role.researcher, Role.reviewer))
)
"""The user of a demo's console, which has no accounts."""

LOCK_WAIT = timedelta(seconds=1)
"""How long a statement waits for a row that another transaction holds: a status of a locked officer holds up the others no longer."""

STALE_AFTER = 6
"""Ticks of the clock that may be missing before `/readyz` reports, in an alert, that it has stopped."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one process, wired together but not running."""

    settings: Settings
    clock: Clock
    database: Database
    library: Library
    ledger: Ledger
    channel: Channel
    intake: Intake
    sweeper: Sweeper
    ticker: Ticker
    sender: SendWorker
    phone_of: str | None = None
    hold: Hold | None = None
    tally: Tally = field(default_factory=Tally)
    streams: Streams = field(default_factory=Streams)

    def has(self, role: str) -> bool:
        """Whether this process runs this part: web, clock or sender."""
        return self.settings.role in ("all", role)

    def wind_down(self) -> None:
        """Begin nothing more that lasts: the process is about to stop. What is being sent has from now on until the sender gives up."""
        self.streams.close()
        self.sender.stop()


def build(settings: Settings, clock: Clock = system_clock, phone_of: str | None = None) -> Service:
    """Wire the parts together; nothing runs yet. `phone_of` is the number that the simulated phone's page opens with.

    Raises ConfigurationError, ExternalError.
    """
    settings.check_simulator()
    database, vault = _opened(settings, clock)
    ours = configured_numbers(settings)
    library = Library(
        own=ours.own,
        quiet=settings.quiet_hours,
        reaches_people=settings.reaches_people,
        silence=settings.silence,
    )
    with database.transaction() as tx:
        lock_start(tx)
        settings_watch.look(tx, vault, settings.plain(), clock())
        is_held = restored.pending(tx) is not None
        publish_folder(tx, settings.flows, clock(), first_only=is_held)  # a replay needs the flows of its time
        library.refresh(tx)
    if not library.current and not is_held:
        raise ConfigurationError(
            Sentence(
                "no programme to run: no file in {folder} is valid; see `trato check` and `trato test`",
                folder=settings.flows,
            )
        )
    _warn_of_unused_numbers(ours, library)
    channel = make_channel(settings, clock)
    # Whoever tries it on the simulated phone answers faster than an officer reads.
    seen_after = timedelta(seconds=0 if isinstance(channel, Simulator) else settings.seen_after)
    ledger = Ledger(database, vault, clock, _kinds(library, channel, seen_after))
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    sender = SendWorker(
        ledger=ledger,
        channel=channel,
        vault=vault,
        clock=clock,
        owner=owner,
        rate=settings.send_rate,
        concurrency=settings.send_concurrency,
        quiet=settings.quiet_hours,
        templates=templates(settings),
        own=library.own,
        silence=settings.silence,
        swept=settings.channel != "simulator",  # its phones stop with this process: they cannot write during an outage
    )
    jobs = _jobs(settings, library)
    hold = (
        Hold(ledger, owner, partial(_replay, settings, library, channel, jobs, database, vault, owner))
        if is_held
        else None
    )
    intake = Intake(channel, ledger, vault, sender.wake, hold.check if hold else lambda: None)
    sweeper = Sweeper(intake, owner)
    tasks = (
        sweeper,
        Fetcher(ledger, channel, vault, clock),
        DeferredMessages(intake),
        CarrierEraser(ledger, channel, clock),
        DayCounting(database, ledger, library, clock, owner),
        *_deliverers(settings, ledger, library, clock),
    )
    watch = ClockWatch() if clock is system_clock else None  # a rehearsal's clock leaps
    ticker = Ticker(ledger, clock, owner, jobs, settings.tick_seconds, tasks, watch)
    return Service(settings, clock, database, library, ledger, channel, intake, sweeper, ticker, sender, phone_of, hold)


def _replay(
    settings: Settings,
    library: Library,
    channel: Channel,
    jobs: tuple[Job, ...],
    database: Database,
    vault: Vault,
    owner: str,
    held: Restored,
) -> Replay:
    """A replay of the time since a backup, with the parts of this process and a clock of its own."""
    clock = PacedClock(held.replayed, pace=0.0)
    ledger = Ledger(database, vault, clock, _kinds(library, channel, timedelta(seconds=settings.seen_after)))
    rules = Rules(settings.quiet_hours, templates(settings), settings.silence)
    context = SendContext(
        channel.name, owner, vault, rules, rate=1e6, own=library.own, sends_by=channel.sends_by, replays=True
    )
    intake, reconciler = Intake(channel, ledger, vault), Reconciler(ledger, channel, clock, context)
    lived = [job for job in jobs if job.name in _LIVED]
    return Replay(ledger, channel, clock, intake, lived, context, reconciler, held, system_clock())


_LIVED = frozenset(
    {"budget", "launch", "announcements", "wake", "plan", "nudge", "doubt", "end", "cases", "calls", "tryouts"}
)
"""The jobs that decide what an officer gets; the others keep house, by the time of day."""


def _opened(settings: Settings, clock: Clock) -> tuple[Database, Vault]:
    """The database, at a schema and with a carrier and a key that this process may serve with, and the vault. Raises
    ConfigurationError, ExternalError."""
    database = Database(settings.database_url, LOCK_WAIT)
    try:
        database.prepare()
        if (schema := database.schema()).is_newer:
            log.warning("the schema is of a newer release, which permits this one to serve", schema=schema.version)
        with database.reading() as tx:
            forced = "database" in settings.simulator_forced
            carriers.check(tx, settings.channel, chosen=settings.names_channel, forced=forced)
        vault = vault_of(settings)
        keys.claim(database, vault, clock())
    except Exception:
        database.close()
        raise
    return database, vault


def _deliverers(settings: Settings, ledger: Ledger, library: Library, clock: Clock) -> tuple[Deliverer, Deliverer]:
    """The tasks that deliver alerts: the urgent ones, and all others."""
    announcer = Announcer(library, settings.alert_email)
    mailer, hook = alert_ways(settings)
    deliverer = Deliverer(ledger, announcer, clock, mailer, hook, urgent=True, simulated=not settings.reaches_people)
    return deliverer, replace(deliverer, urgent=False)


def create_app(service: Service) -> ASGIApp:
    """The HTTP edge of a service; its lifespan starts and stops the clock and the sender. Raises ConfigurationError if the
    channel's self-test fails."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(service):
            yield

    app = FastAPI(title="Trato", openapi_url=None, lifespan=lifespan, telemetry=NO_TELEMETRY)
    app.router.routes.extend(health.routes(_readiness(service)))
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    gate = _gate(service)
    if service.has("web"):
        app.router.routes.extend([*sign_in.routes(gate), *_directory_routes(service.settings, gate)])
        parts = _parts(service, gate)
        app.router.routes.extend(console.routes(parts))
        app.mount("/api/v1", Guard(partial(_api, service, parts.exports), gate))
    if isinstance(service.channel, Simulator):
        service.channel.connect(service.intake.message, service.intake.told)
        officers = OfficerView(service.database, service.library, service.intake.vault, service.clock)
        permitted = gate.permitted(free_until_accounts=True)
        app.add_exception_handler(AppError, refusals.handler(gate))
        app.include_router(
            phone.router(
                service.channel, service.clock, officers, service.phone_of, permitted=permitted, ledger=service.ledger
            )
        )
    guarded: ASGIApp = Hosts(app, {urlsplit(service.settings.public_url).hostname or "", service.settings.host})
    if service.has("web"):
        service.channel.self_test()
        guarded = Webhooks(guarded, service.intake, service.tally)
    return RequestIds(guarded)


def _parts(service: Service, gate: Gate) -> Parts:
    simulated = isinstance(service.channel, Simulator)
    settings = service.settings
    return Parts(
        gate,
        service.library,
        means(settings),
        service.clock,
        service.sender.wake,
        simulated,
        settings.flows,
        setup(settings),
        ways=alert_ways(settings),
        streams=service.streams,
    )


def _gate(service: Service) -> Gate:
    return Gate(
        service.database,
        service.ledger,
        service.intake.vault,
        system_clock
        if isinstance(service.clock, PacedClock)
        else service.clock,  # a session lasts hours of the person's day
        service.settings.public_url,
        frozenset(service.settings.trusted_proxies),
        directory=service.settings.oidc_issuer is not None,
        guest=GUEST if service.phone_of is not None else None,
    )


def _directory_routes(settings: Settings, gate: Gate) -> list[BaseRoute]:
    """The routes to an organisation's directory; none without one. Raises ConfigurationError."""
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        return []
    try:
        from app.web import directory  # noqa: PLC0415 - needs Authlib, which is optional
    except ImportError:
        raise ConfigurationError(
            Sentence("TRATO_OIDC_ISSUER needs Authlib: {command}", command=with_extra("directory"))
        ) from None
    found = directory.Directory(
        settings.oidc_issuer,
        settings.oidc_client_id or "",
        settings.oidc_client_secret.get_secret_value(),
        settings.public_url.rstrip("/"),
    )
    return list(directory.routes(gate, found))


def _api(service: Service, exports: CapacityLimiter) -> FastAPI:
    from app.web.api import api  # noqa: PLC0415 - loads the exports: 5 MB, only if somebody calls the API

    return api(service.database, service.ledger, service.clock, exports)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Run the clock and the sender during the body, then stop them in order, finishing work that has begun."""
    with suppress(AppError):  # a database that is away now: another start remembers it
        await service.ledger.run(partial(carriers.remember, carrier=service.channel.name, now=service.clock()))
    working = asyncio.create_task(_work(service))
    counting = asyncio.create_task(service.tally.run(service.ledger))
    if service.hold is None:
        await asyncio.sleep(0)  # the clock and the sender have begun
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    try:
        yield
    finally:
        await service.ticker.stop()
        service.sender.stop()
        if service.hold is not None and not service.hold.is_over:
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
        await service.tally.write(service.ledger)
        with suppress(ExternalError):  # leases expire by themselves
            await service.ledger.run(partial(leases.release_all, owner=service.ticker.owner, now=service.clock()))
        await service.ledger.close()
        await service.channel.aclose()
        service.database.close()


async def _work(service: Service) -> None:
    """Run the clock and the sender, after a restore once the time since the backup is known again."""
    if service.hold is not None:
        await service.hold.run()
        try:
            await service.ledger.run(partial(_publish, service))
        except AppError as error:  # as it would not have started; but messages must be answered now
            log.error("flow files not published", error=error.text)  # noqa: TRY400 - an operator's error has no trace
    if service.has("clock"):
        service.ticker.start()
    if service.has("sender"):
        await service.sender.run()


def _publish(service: Service, tx: Connection) -> None:
    publish_folder(tx, service.settings.flows, service.clock())
    service.library.refresh(tx)


def publish_folder(tx: Connection, folder: Path, now: datetime, *, first_only: bool = False) -> None:
    """Publish every file of the folder that is new to this database and passes its checks and transcripts. A file that fails, changes
    the data, which takes a reason, or was made without what the console has published, keeps its last good version, and an alert says
    so. A version published before is not published again: a restart must not undo a roll-back. `first_only`: only programmes that have no
    version yet.

    Raises ConfigurationError if the folder cannot be read.
    """
    known = versions.hashes(tx)
    history = versions.history(tx)
    in_use = {version.hash for version in history if version.current}
    has_version = {version.programme for version in history}
    for checked in publishing.drafts([folder], known):
        draft = publishing.judged(tx, checked)
        if first_only and (draft.code is None or draft.code in has_version):
            continue
        if draft.digest in in_use:
            publishing.let_go(tx, draft, now)
            continue
        if draft.digest in known:
            log.warning(
                "flow file is an earlier version; `trato publish` makes it current again", file=draft.loaded.file
            )
        elif publishing.is_made_without(tx, draft):
            publishing.hold_back(tx, draft, now)
            log.error(
                "flow file not published: it would undo the version that the console published; download that one into the folder, "
                "or publish the file by `trato publish`",
                file=draft.loaded.file,
            )
        elif draft.ready and not draft.data:
            publishing.release(tx, draft, "serve", now)
        else:
            publishing.hold_back(tx, draft, now)
            _log_refused(draft)


def _log_refused(draft: publishing.Draft) -> None:
    if draft.data:
        log.error(
            "flow file not published: it changes the data; `trato publish --reason` publishes it",
            file=draft.loaded.file,
            changes=["/".join(change.path) for change in draft.data],
        )
    for problem in draft.trouble:
        log.error("flow file not published", problem=str(problem))
    for played in draft.failed:
        place = f"{played.transcript.file}:{played.transcript.line}"
        log.error("flow file not published: a transcript test failed", transcript=played.transcript.name, place=place)


def _warn_of_unused_numbers(ours: OurNumbers, library: Library) -> None:
    """Warn of numbers whose programme is not published: by mistake, or not yet."""
    for programme in sorted({one for those in ours.own.values() for one in those} - library.current.keys()):
        log.warning("a number is configured for a programme that is not published", programme=programme)


def _kinds(library: Library, channel: Channel, seen_after: timedelta) -> dict[str, Kind]:
    return {
        "inbound": Kind(receiver(library, seen_after), _raw_arrival),
        "status": Kind(delivery_reports.recorder(channel.name), raw_status),
    }


def _raw_arrival(arrival: Arrival) -> dict[str, str]:
    return dict(arrival.message.form)


def _jobs(settings: Settings, library: Library) -> tuple[Job, ...]:
    """The clock's jobs, in their order. After an outage, nobody is reminded, given up or written to before their own messages
    have been fetched."""

    def refresh(tx: Connection, now: datetime) -> int:  # noqa: ARG001 - every piece is called with the time
        library.refresh(tx)
        return 0

    def wake(tx: Connection, now: datetime) -> int:
        return wake_due(tx, library, now)

    budgets = BudgetWatch(library)
    plan, nudge = nudging_jobs(library, settings.quiet_hours)
    return (
        Job("refresh", refresh, shared=False),
        Job("audit chain", audit_chain.link, every=audit_chain.EVERY),
        Job("sessions", sessions.clean_up, every=sessions.EVERY_CLEAN_UP),
        Job("uploads", uploads.expire, every=uploads.EVERY_LOOK),
        Job("sign-ins", throttle.close_over, every=throttle.EVERY_LOOK),
        Job("alert deliveries", receivers.clean_up, every=receivers.EVERY_CLEAN_UP),
        Job("budget", budgets.look, every=EVERY_LOOK),
        Job("launch", LaunchWatch(library).look, every=launching.EVERY_LOOK),
        Job("announcements", _once_swept(AnnouncementJob(library, means(settings)).step)),
        Job("wake", _once_swept(wake)),
        plan,
        replace(nudge, step=_once_swept(nudge.step)),
        Job("doubt", _once_swept(DoubtWatch(library).look)),
        Job("end", _once_swept(EndWatch(library).look), every=end_watch.EVERY_LOOK),
        Job("cases", opening.look),
        Job("retention", RetentionJob(library).step, every=retention.EVERY),
        Job("rows", RowWatch().look, every=row_watch.EVERY_LOOK),
        Job("calls", CallWatch(library).look, every=calling.EVERY_LOOK),
        Job("tryouts", TryoutWatch(library).look, every=ending.EVERY_LOOK),
    )


def _once_swept(step: JobStep) -> JobStep:
    """A step that does nothing until the sweep is current."""

    def wait_and_do(tx: Connection, now: datetime) -> int:
        return step(tx, now) if sweeps.is_current(tx, now) else 0

    return wait_and_do


def _readiness(service: Service) -> Readiness:
    return Readiness(
        service.ledger,
        service.ticker.silent_for if service.has("clock") else None,
        STALE_AFTER * service.settings.tick_seconds + 60,
        swept=service.settings.channel != "simulator",
        is_held=lambda: service.hold is not None and not service.hold.is_over,
    )
