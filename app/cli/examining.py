"""The examination of an installation: in which order its parts are looked at, and which cannot be before another is mended. Reads the
settings; the looking itself is in `app/doctor/`."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from app.alerting.ways import Undelivered
from app.cli.templates import report_of
from app.clock import system_clock
from app.conversations.library import Library
from app.doctor import carrier, machine, programmes, public_address, stored
from app.doctor.findings import Area, Finding, Level, fault, unknown, warning
from app.errors import AppError, ConfigurationError, ExternalError
from app.flows.language.definition import Programme
from app.from_settings import (
    GENERATED_KEY,
    alert_ways,
    collector,
    make_channel,
    setup,
    templates,
    vault_of,
)
from app.settings import ENV_FILE, Settings, is_loopback
from app.store import carriers, webhook_tally
from app.store.database import Database
from app.wording import Sentence

_PATIENCE_SECONDS = 5.0
"""How long a collector of traces has for its answer."""

_SETTINGS = Sentence("See docs/settings.md")


@dataclass(slots=True)
class Examination:
    """What was found so far, and what of it the carrier is asked about."""

    findings: list[Finding] = field(default_factory=list)
    library: Library = field(default_factory=Library)

    @property
    def definitions(self) -> list[Programme]:
        """The published programmes."""
        return [self.library.programmes[version].definition for version in self.library.current.values()]


def examine(now: datetime, *, offline: bool) -> list[Finding]:
    """Every finding."""
    try:
        settings = Settings.load()
        settings.check_simulator()
    except ConfigurationError as error:
        return [
            fault(Area.settings, error.text, _SETTINGS),
            *machine.open_files([Path(ENV_FILE)]),
            *_unseen(Area.files),
        ]
    files = [
        *machine.open_files(_private(settings))
    ]  # before the database is opened, which takes its files from others
    seen = _local(settings, now)
    seen.findings += files
    if offline:
        why = Sentence("not looked at, because of --offline")
        seen.findings += [unknown(area, why) for area in (Area.public_address, Area.credentials)]
    else:
        seen.findings += asyncio.run(_abroad(settings, seen.definitions, now))
    return seen.findings


def short(settings: Settings, database: Database, now: datetime) -> list[Finding]:
    """What is wrong as far as this machine and the open database say, for the log at start."""
    seen = Examination(
        [*machine.open_files(_private(settings)), machine.room(_folder(settings)), *_of_settings(settings)]
    )
    _in_database(settings, database, seen, now)
    return [one for one in seen.findings if one.level in (Level.warning, Level.fault)]


# -- this machine and the database ---------------------------------------------------------------------------------------


def _local(settings: Settings, now: datetime) -> Examination:
    seen = Examination([*_of_settings(settings), machine.room(_folder(settings))])
    path = _file(settings)
    if path is not None and not path.exists():
        made = Sentence("`trato db upgrade`, or the first start of `trato serve`, makes it")
        seen.findings += [
            warning(Area.database, Sentence("there is no {file} yet", file=path), made),
            *_unseen(Area.database),
        ]
        return seen
    try:
        database = Database(settings.database_url)
    except ConfigurationError as error:
        seen.findings += [fault(Area.database, error.text, _SETTINGS), *_unseen(Area.database)]
        return seen
    try:
        _in_database(settings, database, seen, now)
    finally:
        database.close()
    return seen


def _in_database(settings: Settings, database: Database, seen: Examination, now: datetime) -> None:
    found = list(stored.database(database))
    seen.findings += found
    try:
        at = stored.schema(database)
    except ExternalError:
        seen.findings += _unseen(Area.database)
        return
    seen.findings.append(at)
    if at.level is not Level.ok:
        seen.findings += _unseen(Area.schema)
        return
    with database.reading() as tx:
        seen.findings += _of_rows(tx, settings, database, seen.library, now)


def _of_rows(
    tx: Connection, settings: Settings, database: Database, library: Library, now: datetime
) -> Iterator[Finding]:
    yield _key(tx, settings)
    try:
        forced = "database" in settings.simulator_forced
        carriers.check(tx, settings.channel, chosen=settings.names_channel, forced=forced)
    except ConfigurationError as error:
        yield fault(Area.database, error.text, _SETTINGS)
    yield from _of_programmes(tx, settings, library, now)
    yield from programmes.alerts(tx, now)
    if settings.channel != "simulator":
        yield stored.backup(database, tx, now)
        yield public_address.webhooks(webhook_tally.read(tx))
    if not database.is_sqlite:
        yield stored.database_clock(tx, now)


def _of_programmes(tx: Connection, settings: Settings, library: Library, now: datetime) -> Iterator[Finding]:
    try:
        library.refresh(tx)
    except ConfigurationError as error:
        library.current = {}
        yield fault(Area.programmes, error.text, Sentence("Publish a file that this release can read: `trato publish`"))
        return
    yield programmes.published(library)
    yield from machine.time_zones(programmes.zones(tx, library), now)
    with suppress(ConfigurationError):  # which the settings' own finding says
        yield from programmes.steps(tx, library, setup(settings))


def _key(tx: Connection, settings: Settings) -> Finding:
    if settings.secret_key is None and not GENERATED_KEY.exists():
        return unknown(Area.key, Sentence("there is no key yet: the simulator makes one at its first start"))
    try:
        return stored.key(tx, vault_of(settings))
    except ConfigurationError as error:
        return fault(Area.key, error.text, _SETTINGS)


def _of_settings(settings: Settings) -> Iterator[Finding]:
    try:
        setup(settings)
        collector(settings)
    except ConfigurationError as error:
        yield fault(Area.settings, error.text, _SETTINGS)
        return
    wrong = list(_unwise(settings))
    yield from wrong
    if not wrong:
        yield Finding(
            Area.settings, Sentence("carrier {name}, parts {role}", name=settings.channel, role=settings.role)
        )


def _unwise(settings: Settings) -> Iterator[Finding]:
    if settings.channel == "twilio" and settings.twilio_api_key is None:
        yield warning(
            Area.settings,
            Sentence("messages are sent with the auth token"),
            Sentence("Make an API key in Twilio's console: TRATO_TWILIO_API_KEY and TRATO_TWILIO_API_SECRET"),
        )
    if settings.public_url.startswith("https://") and is_loopback(settings.host) and not settings.trusted_proxies:
        yield warning(
            Area.settings,
            Sentence(
                "a proxy is in front, and TRATO_TRUSTED_PROXIES names none: all sign-ins seem to come from one address"
            ),
            Sentence("Set TRATO_TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1"),
        )


def _file(settings: Settings) -> Path | None:
    """The file of a SQLite database."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        return None
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _folder(settings: Settings) -> Path:
    path = _file(settings)
    return path.parent if path is not None and path.parent.exists() else Path()


def _private(settings: Settings) -> Iterator[Path]:
    yield from (Path(ENV_FILE), GENERATED_KEY)
    if (path := _file(settings)) is not None:
        yield from (path.with_name(path.name + ending) for ending in ("", "-wal", "-shm"))


_LATER: dict[Area, tuple[Area, ...]] = {
    Area.files: (Area.disk, Area.database, Area.credentials),
    Area.database: (Area.schema, Area.key, Area.programmes),
    Area.schema: (Area.key, Area.programmes),
}


def _unseen(after: Area) -> list[Finding]:
    """What cannot be looked at before the fault above is mended."""
    return [unknown(area, Sentence("can be looked at once the fault above is mended")) for area in _LATER[after]]


# -- others --------------------------------------------------------------------------------------------------------------


async def _abroad(settings: Settings, published: Sequence[Programme], now: datetime) -> list[Finding]:
    found = [one async for one in _alerts(settings, published)]
    found += await asyncio.to_thread(lambda: list(_traces(settings)))
    if settings.channel == "simulator":
        return found
    if settings.reaches_people:
        found += await asyncio.to_thread(lambda: list(public_address.name(settings.public_url)))
    if (shown := await public_address.certificate(settings.public_url, now)) is not None:
        found.append(shown)
    channel = make_channel(settings, system_clock)
    try:
        if channel.account is not None:
            found += [one async for one in carrier.look(channel.account, now)]
        if channel.templates is not None and "whatsapp" in channel.sends_by and not _refused(found):
            report = report_of(templates(settings), published, [])
            found += carrier.of_templates(await report.checked_by(channel.templates))
    except AppError as error:
        found.append(unknown(Area.templates, error.text))
    finally:
        await channel.aclose()
    if not any(one.area is Area.public_address for one in found):
        host = urlsplit(settings.public_url).hostname
        found.append(Finding(Area.public_address, Sentence("{host} leads here, and takes our signature", host=host)))
    return found


def _traces(settings: Settings) -> Iterator[Finding]:
    """Whether the collector takes traces. It is sent none."""
    with suppress(ConfigurationError):  # which the settings' own finding says
        if (named := collector(settings)) is not None:
            if named.answers(_PATIENCE_SECONDS):
                yield Finding(Area.traces, Sentence("the collector at {host} takes them", host=named.host))
            else:
                yield warning(
                    Area.traces,
                    Sentence("no collector at {host} takes them, so they are dropped", host=named.host),
                    Sentence("Start the collector, or mend TRATO_OTLP_ENDPOINT"),
                )


def _refused(found: Iterable[Finding]) -> bool:
    return any(one.area is Area.credentials and one.level is Level.fault for one in found)


async def _alerts(settings: Settings, published: Sequence[Programme]) -> AsyncIterator[Finding]:
    """Whether the servers of alerts answer. Nothing is sent."""
    mailer, hook = alert_ways(settings)
    remedy = Sentence("Mend it, then run `trato alerts test`")
    if mailer is not None:
        try:
            await mailer.greet()
            yield Finding(Area.alerts, Sentence("the mail server lets us in"))
        except Undelivered as error:
            yield fault(Area.alerts, error.why, remedy)
    for one in published:
        if one.alerts.webhook is not None:
            try:
                await hook.greet(one.alerts.webhook)
            except Undelivered as error:
                yield fault(
                    Area.alerts, Sentence("{programme}: {what}", programme=one.programme, what=error.why), remedy
                )
