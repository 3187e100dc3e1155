"""`trato plan`: a preview of who would get what and when, computed by the clock's own code. Writes and sends nothing; officers
appear by study id."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from app.cli._common import flow_file, installation, show_json, show_table, warn_of_damaged
from app.cli.language import said, tell, word
from app.clock import system_clock
from app.errors import UsageError
from app.exports import ics
from app.flows.burden import by_week, questions_by_flow
from app.flows.language.definition import Programme
from app.flows.loader import launch_blockers, load_published
from app.scheduler.outlook import PLANNED, STARTED, Outlook, OutlookItem
from app.store import addresses, cohorts, nudges, versions
from app.store.nudges import Follower
from app.wording import Sentence

_DAY = ["%Y-%m-%d"]
HEADERS = (
    Sentence("due (local)"),
    Sentence("officer"),
    Sentence("cohort"),
    Sentence("flow"),
    Sentence("slot"),
    Sentence("wave"),
    Sentence("status"),
    Sentence("reason"),
)
_STATUSES = {
    "planned": Sentence("planned"),
    "started": Sentence("started"),
    "skipped": Sentence("skipped"),
    "cancelled": Sentence("cancelled"),
}


class Format(StrEnum):
    """The output formats of a plan."""

    table = "table"
    json = "json"
    ics = "ics"


@dataclass(frozen=True, slots=True)
class Line:
    """One flow for one officer. `due` is UTC, `due_local` the officer's local time. `status` is planned; skipped, if the plan has
    no room or something prevents it; or the status of a nudge that has been decided. `reason` says why, where there is one."""

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

    @property
    def week(self) -> str:
        """The Monday of its week."""
        day = datetime.fromisoformat(self.due_local).date()
        return (day - timedelta(days=day.weekday())).isoformat()


def plan(
    days: Annotated[int, typer.Option(min=1, max=1500, help="How many days to look ahead.")] = 14,
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day; default today.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day, instead of --days.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
    study_id: Annotated[str | None, typer.Option(help="Only this officer, by the study id.")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Count flows by week, with reasons of skipped ones.")
    ] = False,
    questions: Annotated[
        bool, typer.Option("--questions", help="Count the questions that officers get by week, at most.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="table, json, or ics for a calendar.")] = Format.table,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show who would get what and when. Nothing is sent."""
    form = Format.json if as_json else form
    if summary + questions + (form is Format.ics) > 1:
        raise UsageError(Sentence("--summary, --questions and --format ics exclude each other"))
    with installation() as place:
        wanted, file = flow_file(place.settings, programme_code)
        lacking = launch_blockers(file) if place.settings.reaches_people else ()
        now = system_clock()
        begin, end = _horizon(ZoneInfo(wanted.timezone), now, days, since, until)
        with place.database.reading() as tx:
            cohorts.check(tx, cohort)
            if study_id is not None and addresses.contact(tx, study_id) is None:
                raise UsageError(Sentence("there is no officer {officer}", officer=study_id))
            undated: Counter[str] = Counter()
            looker = Outlook.of(
                tx, wanted, place.settings.quiet_hours, now, ready=not lacking, silence=place.settings.silence
            )
            without = warn_of_damaged(tx, wanted.programme, cohort)
            lines = sorted(_lines(tx, wanted, cohort, looker, begin, end, study_id, undated, without), key=_order)
            gone = {
                code: count
                for code, count in nudges.followers(tx, wanted.programme).items()
                if code not in wanted.campaigns
            }
    if form is Format.ics:
        typer.echo(ics.calendar(wanted.title, (_event(wanted, line) for line in lines)), nl=False)
    elif questions:
        _show_questions(wanted, lines, as_json=form is Format.json)
    elif summary:
        _show_summary(lines, as_json=form is Format.json)
    elif form is Format.json:
        show_json([asdict(line) for line in lines])
    else:
        _show_lines(lines, begin, end)
        _show_obstacles(lacking, undated, gone)


def _show_lines(lines: list[Line], begin: datetime, end: datetime) -> None:
    show_table(HEADERS, [_cells(line) for line in lines])
    _show_end(lines, begin, end)


def _show_obstacles(lacking: Collection[str], undated: Counter[str], gone: Mapping[str, int]) -> None:
    """Print why campaigns do not begin, or not for some officers."""
    if lacking:
        tell(
            Sentence(
                "no campaign begins until these are mended: {names}; see `trato check --for-launch`",
                names=", ".join(lacking),
            )
        )
    for anchor, count in sorted(undated.items()):
        tell(Sentence("{number} have no {anchor}: only consent can be planned for them", number=count, anchor=anchor))
    for code, count in gone.items():
        tell(
            Sentence(
                "{number} follow the campaign {code}, which the file does not have: its flows are not sent",
                number=count,
                code=code,
            )
        )


def _show_end(lines: list[Line], begin: datetime, end: datetime) -> None:
    counts = Counter(line.status for line in lines)
    counted = ", ".join(f"{counts[status]} {said(_status(status))}" for status in sorted(counts)) or Sentence(
        "nothing planned"
    )
    tell(
        Sentence(
            "{begin:%Y-%m-%d} to {end:%Y-%m-%d}: {counts}; nothing was sent",
            begin=begin,
            end=end - timedelta(microseconds=1),
            counts=counted,
        )
    )


def _show_summary(lines: list[Line], *, as_json: bool) -> None:
    """Print how many of each flow are planned, skipped and so on in each week. Weeks begin on Monday, in officers' local time."""
    counts = Counter((line.week, line.flow, line.status, line.reason or "") for line in lines)
    rows = [(*key, count) for key, count in sorted(counts.items())]
    if as_json:
        show_json([dict(zip(("week", "flow", "status", "reason", "count"), row, strict=True)) for row in rows])
    else:
        show_table(
            (Sentence("week of"), *HEADERS[3:4], *HEADERS[6:], Sentence("count")),
            [(week, flow, _status(status), word("skip", reason), count) for week, flow, status, reason, count in rows],
        )


def _show_questions(wanted: Programme, lines: list[Line], *, as_json: bool) -> None:
    """Print the questions that officers get in each week, as many as each flow can ask; of a draw that is still open, as many as
    any of its flows can."""
    most = questions_by_flow(wanted)
    weeks = by_week(
        (
            line.study_id,
            datetime.fromisoformat(line.due_local).date(),
            max(most.get(flow, 0) for flow in line.flow.split(" | ")),
        )
        for line in lines
        if line.status in {PLANNED, STARTED}
    )
    if as_json:
        show_json([asdict(week) for week in weeks])
    else:
        show_table(
            (Sentence("week of"), Sentence("officers"), Sentence("median"), Sentence("most"), Sentence("in all")),
            [tuple(asdict(week).values()) for week in weeks],
        )


def _event(wanted: Programme, line: Line) -> ics.Event:
    """A line as a calendar event. The officer appears by study id."""
    flow = wanted.flows.get(line.flow)
    reason = f" ({line.reason})" if line.reason else ""
    return ics.Event(
        f"{line.study_id}.{line.campaign}.{line.slot}@{wanted.programme}",
        datetime.fromisoformat(line.due),
        f"{flow.title if flow else line.flow} · {line.study_id}",
        f"{line.campaign} {line.slot}, {line.cohort}\n{line.due_local}\n{line.status}{reason}",
        cancelled=line.status in ("skipped", "cancelled"),
    )


def _horizon(
    zone: ZoneInfo, now: datetime, days: int, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    """The start of the first day and the end of the last, in the programme's time zone. Raises UsageError."""
    today = datetime.combine(now.astimezone(zone), time(), zone)
    begin = today if since is None else since.replace(tzinfo=zone)
    end = begin + timedelta(days=days) if until is None else until.replace(tzinfo=zone) + timedelta(days=1)
    if end <= begin:
        raise UsageError(Sentence("--until must not be before the first day"))
    return begin, end


def _lines(
    tx: Connection,
    wanted: Programme,
    cohort: str | None,
    looker: Outlook,
    begin: datetime,
    end: datetime,
    study_id: str | None,
    undated: Counter[str],
    without: Collection[int],
) -> Iterator[Line]:
    """The lines between `begin` and `end`, but for the officers `without`. `undated` counts officers by the missing anchor of their
    campaign."""
    concerned = _concerned(tx, wanted, begin, end)
    for page in nudges.enrolled(tx, wanted.programme, wanted.campaigns, cohort, without=without):
        chosen = [officer for officer in page if study_id is None or officer.study_id == study_id.strip().upper()]
        anchors = [(officer, wanted.campaigns[officer.campaign].anchor) for officer in chosen]
        undated.update(anchor for officer, anchor in anchors if officer.anchor(anchor) is None)
        of_days = [one for one in chosen if concerned is None or one.contact_id in concerned]
        for officer, seen in looker.look(tx, of_days, (begin, end)):
            zone = ZoneInfo(officer.timezone)
            yield from (_line(officer, one, zone) for one in seen if begin <= one.due_at < end)


def _concerned(tx: Connection, wanted: Programme, begin: datetime, end: datetime) -> set[int] | None:
    """The officers who can have a line, without a plan for each of all officers: those with a flow in these days, and those whose campaign is
    still to be laid out. None if that cannot be told, because the file is another programme than the published one."""
    current = versions.current(tx).get(wanted.programme)
    if current is None:
        return None
    stored = versions.read(tx, current)
    if load_published(stored.source, stored.name, stored.programme).programme != wanted:
        return None
    return nudges.between(tx, begin, end) | nudges.not_laid_out(tx, versions.campaign_ids(tx, current))


def _line(officer: Follower, seen: OutlookItem, zone: ZoneInfo) -> Line:
    return Line(
        officer.study_id,
        officer.cohort,
        officer.campaign,
        seen.slot,
        seen.flow,
        seen.wave,
        seen.due_at.isoformat(),
        f"{seen.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
        seen.status,
        seen.reason,
    )


def _order(line: Line) -> tuple[str, str, str]:
    return line.due, line.study_id, line.slot


def _cells(line: Line) -> tuple[object, ...]:
    status, reason = _status(line.status), line.reason and word("skip", line.reason)
    return line.due_local, line.study_id, line.cohort, line.flow, line.slot, line.wave, status, reason


def _status(status: str) -> str:
    return _STATUSES.get(status, status)
