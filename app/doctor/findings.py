"""A finding of `trato doctor`: what it looked at, how that is, and the remedy of what is wrong."""

from dataclasses import dataclass
from enum import StrEnum

from app.channels.account import Fault


class Area(StrEnum):
    """The parts of an installation, in the order in which they are looked at."""

    settings = "settings"
    files = "files"
    disk = "disk"
    database = "database"
    schema = "schema"
    key = "key"
    programmes = "programmes"
    time_zones = "time zones"
    clock = "clock"
    public_address = "public address"
    certificate = "certificate"
    credentials = "credentials"
    senders = "senders"
    webhooks = "webhooks"
    templates = "templates"
    help_lines = "help lines"
    people = "people"
    alerts = "alerts"
    backup = "backup"
    traces = "traces"


class Level(StrEnum):
    """How a part is. `unknown`: it could not be looked at, for the reason that the finding says."""

    ok = "ok"
    unknown = "unknown"
    warning = "warning"
    fault = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part of an installation is. `text` and `remedy` are sentences; the remedy is "" if there is nothing to do."""

    area: Area
    text: str
    remedy: str = ""
    level: Level = Level.ok

    @classmethod
    def of(cls, area: Area, fault: Fault) -> "Finding":
        """A fault as a finding."""
        return cls(area, fault.text, fault.remedy, Level.warning if fault.warning else Level.fault)


def fault(area: Area, text: str, remedy: str) -> Finding:
    """A finding of something that stops messages, loses them, or exposes people."""
    return Finding(area, text, remedy, Level.fault)


def warning(area: Area, text: str, remedy: str) -> Finding:
    """A finding of something that has a cost, or will be a fault."""
    return Finding(area, text, remedy, Level.warning)


def unknown(area: Area, text: str, remedy: str = "") -> Finding:
    """A finding of something that could not be looked at."""
    return Finding(area, text, remedy, Level.unknown)
