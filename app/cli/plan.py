"""`trato plan`: who would get what and when, by the same code that the clock uses. Nothing is written, nothing sent; officers
appear by their study ids."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from app.cli._common import installation, programme, show_json, show_table
from app.clock import system_clock
from app.errors import UsageError
from app.flows.definition import Programme
from app.flows.opening import Quiet
from app.scheduler.nudging import laid_out
from app.store import cohorts, nudges
from app.store.nudges import Enrolled, Outcome

_DAY = ["%Y-%m-%d"]
HEADERS = ("due (local)", "officer", "cohort", "flow", "slot", "wave", "status", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """One flow for one officer. `due` is UTC, `due_local` by the officer's clock. `status` is planned, or skipped where the
    plan has no room for it, or what has become of it, each with the reason if there is one."""

    study_id: str
    cohort: str
    campaign: str
    slot: str
    flow: str
    wave: str | None
    due: str
    due_local: str
    status: str
    reason: str | None


def plan(
    days: Annotated[int, typer.Option(min=1, max=1500, help="How many days to look ahead.")] = 14,
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="Begin with this day instead of today.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="End with this day instead.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    programme_code: Annotated[str | None, typer.Option("--programme", help="The programme, if there are several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show who would get what and when. Nothing is sent."""
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        begin, end = _horizon(ZoneInfo(wanted.timezone), system_clock(), days, since, until)
        with place.database.reading() as tx:
            cohorts.check(tx, cohort)
            lines = sorted(_lines(tx, wanted, cohort, place.settings.quiet_hours, begin, end), key=_order)
    if as_json:
        show_json([asdict(line) for line in lines])
        return
    show_table(HEADERS, [_cells(line) for line in lines])
    counts = Counter(line.status for line in lines)
    summary = ", ".join(f"{counts[status]} {status}" for status in sorted(counts)) or "nothing planned"
    typer.echo(f"{begin:%Y-%m-%d} to {end - timedelta(microseconds=1):%Y-%m-%d}: {summary}; nothing was sent")


def _horizon(
    zone: ZoneInfo, now: datetime, days: int, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, by the programme's clock."""
    today = datetime.combine(now.astimezone(zone), time(), zone)
    begin = today if since is None else since.replace(tzinfo=zone)
    end = begin + timedelta(days=days) if until is None else until.replace(tzinfo=zone) + timedelta(days=1)
    if end <= begin:
        raise UsageError("--until must not be before the first day")
    return begin, end


def _lines(
    tx: Connection, wanted: Programme, cohort: str | None, quiet: Quiet, begin: datetime, end: datetime
) -> Iterator[Line]:
    for page in nudges.enrolled(tx, wanted.programme, wanted.campaigns, cohort):
        outcomes = nudges.outcomes(tx, {officer.contact_id for officer in page})
        for officer in page:
            become = outcomes.get((officer.contact_id, officer.campaign), {})
            yield from _of_one(wanted, officer, become, quiet, begin, end)


def _of_one(
    wanted: Programme, officer: Enrolled, become: dict[str, Outcome], quiet: Quiet, begin: datetime, end: datetime
) -> Iterator[Line]:
    zone = ZoneInfo(officer.timezone)
    for item in laid_out(wanted.campaigns[officer.campaign], officer, quiet):
        outcome = become.get(item.slot)
        status, reason, due = "skipped" if item.skip else "planned", item.skip, item.due_at
        if outcome is not None and (outcome.status != "planned" or outcome.reason):  # it has had its moment
            status, reason, due = outcome.status, outcome.reason, outcome.due_at
        if begin <= due < end:
            yield Line(
                officer.study_id, officer.cohort, officer.campaign, item.slot, item.flow, item.wave, due.isoformat(),
                f"{due.astimezone(zone):%Y-%m-%d %H:%M}", status, reason,
            )


def _order(line: Line) -> tuple[str, str, str]:
    return line.due, line.study_id, line.slot


def _cells(line: Line) -> tuple[object, ...]:
    return line.due_local, line.study_id, line.cohort, line.flow, line.slot, line.wave, line.status, line.reason
