"""`trato doctor`: what is wrong with an installation, and the remedy of each. Changes nothing, and sends no message."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli._common import show_json
from app.cli.examining import examine
from app.cli.language import tell
from app.clock import system_clock
from app.doctor.findings import Area, Finding, Level
from app.wording import Sentence


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody but this machine and the database.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at the whole installation, and name the remedy of each fault. Changes nothing, and sends no message.

    Exit code 1 if anything is wrong that stops messages, loses them, or exposes people.
    """
    found = examine(system_clock(), offline=offline)
    order = list(Area)
    found.sort(key=lambda one: order.index(one.area))
    if as_json:
        show_json([asdict(one) for one in found])
    else:
        _show(found)
    if any(one.level is Level.fault for one in found):
        raise typer.Exit(1)


# -- showing -------------------------------------------------------------------------------------------------------------

_LEVELS = {
    Level.ok: Sentence("ok"),
    Level.unknown: Sentence("not seen"),
    Level.warning: Sentence("WARNING"),
    Level.fault: Sentence("FAULT"),
}
_AREAS = {
    Area.settings: Sentence("settings"),
    Area.files: Sentence("files"),
    Area.disk: Sentence("disk"),
    Area.database: Sentence("database"),
    Area.schema: Sentence("schema"),
    Area.key: Sentence("key"),
    Area.programmes: Sentence("programmes"),
    Area.time_zones: Sentence("time zones"),
    Area.clock: Sentence("clock"),
    Area.public_address: Sentence("public address"),
    Area.certificate: Sentence("certificate"),
    Area.credentials: Sentence("credentials"),
    Area.senders: Sentence("senders"),
    Area.webhooks: Sentence("webhooks"),
    Area.templates: Sentence("templates"),
    Area.help_lines: Sentence("help lines"),
    Area.people: Sentence("people"),
    Area.alerts: Sentence("alerts"),
    Area.backup: Sentence("backup"),
    Area.traces: Sentence("traces"),
}


def _show(found: Sequence[Finding]) -> None:
    for one in found:
        tell(Sentence("{level:9} {area}: {what}", level=_LEVELS[one.level], area=_AREAS[one.area], what=one.text))
        if one.remedy:
            tell(Sentence("          {remedy}", remedy=one.remedy))
    faults, warnings = (sum(one.level is level for one in found) for level in (Level.fault, Level.warning))
    tell(Sentence("{faults}, {warnings}", faults=_faults(faults), warnings=_warnings(warnings)))


def _faults(number: int) -> str:
    return Sentence("1 fault") if number == 1 else Sentence("{number} faults", number=number)


def _warnings(number: int) -> str:
    return Sentence("1 warning") if number == 1 else Sentence("{number} warnings", number=number)
