"""`trato plan`: who would get what and when, by the same code that the clock uses. Nothing is written, nothing sent; officers
appear by their study ids."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from app.cli._common import installation, programme, show_json, show_table
from app.clock import system_clock
from app.flows.book import Book, bind
from app.flows.definition import Programme
from app.scheduler.nudging import laid_out
from app.scheduler.planning import Quiet
from app.store import nudges

_MOST_OFFICERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One flow for one officer. `status` is planned, or what has become of it, with the reason."""

    study_id: str
    campaign: str
    slot: str
    flow: str
    wave: str | None
    due: str
    due_local: str
    status: str
    reason: str | None


def plan(
    days: Annotated[int, typer.Option(min=1, max=1500, help="How far to look ahead.")] = 14,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Look ahead to this date instead.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    programme_code: Annotated[str | None, typer.Option("--programme", help="The programme, if there are several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show who would get what and when. Nothing is sent."""
    now = system_clock()
    end = until.replace(tzinfo=UTC) + timedelta(days=1) if until else now + timedelta(days=days)
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        with place.database.reading() as tx:
            lines = sorted(_lines(tx, wanted, cohort, place.settings.quiet_hours, end), key=lambda line: (line.due, line.study_id))
    if as_json:
        show_json([asdict(line) for line in lines])
        return
    headers = ("due (local)", "officer", "flow", "slot", "wave", "status", "reason")
    show_table(
        headers,
        [(line.due_local, line.study_id, line.flow, line.slot, line.wave, line.status, line.reason) for line in lines],
    )
    typer.echo(f"{len(lines)} flows until {end:%Y-%m-%d}; nothing was sent")


def _lines(tx: Connection, wanted: Programme, cohort: str | None, quiet: Quiet, end: datetime) -> Iterator[Line]:
    book: Book = bind(wanted, "plan")
    officers = nudges.unplanned(tx, wanted.programme, dict.fromkeys(wanted.campaigns, 0), _MOST_OFFICERS, cohort=cohort, all_=True)
    decided = {(row.contact_id, row.campaign, row.slot): row for row in nudges.of(tx, [one.contact_id for one in officers])}
    for officer in officers:
        for item in laid_out(book, officer, quiet):
            if item.due_at > end:
                break
            row = decided.get((officer.contact_id, officer.campaign, item.slot))
            local = item.due_at.astimezone(ZoneInfo(officer.timezone))
            yield Line(
                officer.study_id, officer.campaign, item.slot, item.flow, item.wave, item.due_at.isoformat(),
                f"{local:%Y-%m-%d %H:%M}", row.status if row else "planned", row.reason if row else None,
            )
