"""The table `self_reports`: one row for each application in the field that an officer reported, and for each time that there was
no contact to report. Put together by `flows/records.py` as the programme file says under `reports`. Free text is personal
data, and is withheld."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, case, select

from app.exports.definitions import Definitions
from app.exports.responses import OPEN_KINDS, Wanted, flag, local, utc
from app.flows.definition import Level
from app.flows.records import ONCE, Answer, Layout, Record, Value, assemble, layout
from app.flows.shifts import Change, Duty, Shift, last_worked
from app.store import shift_changes
from app.store.tables import Cohort, Contact, FlowVersion, Nudge, Response, Session

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]
_version = FlowVersion.__table__  # type: ignore[attr-defined]

BATCH = 5_000
_HIDDEN = "\0withheld"
"""Stands for a text that is not read from the store at all."""

Cells = tuple[object, ...]


def rows(tx: Connection, wanted: Wanted) -> Iterator[Cells]:
    """The rows of the table in the order of its key, `session_id` and `record`, streamed. `since` and `until` are of the beginning
    of the conversation. Columns are those of `columns.SELF_REPORTS`."""
    if wanted.level not in {None, Level.behaviour}:
        return
    plans, duties = _Plans(tx, wanted), _Duties(tx)
    found = tx.execute(_query(wanted, plans), execution_options={"yield_per": BATCH})
    for _, group in groupby(found, lambda row: row.session_id):
        answers = list(group)
        first = answers[0]
        plan = plans.of(first.programme, first.flow_version_id, first.flow)
        if plan is not None:
            report, columns = plan
            told = assemble(report, columns, map(_answer, answers), completed=first.outcome == "completed")
            yield from (_row(first, record, duties.of(first)) for record in told)


class _Plans:
    """How the conversations of each version become records."""

    def __init__(self, tx: Connection, wanted: Wanted) -> None:
        self._definitions = Definitions(tx)
        self._found: dict[tuple[str, int, str], tuple[str, Layout] | None] = {}
        used = tx.execute(select(_session.c.flow_version_id).distinct()).scalars()
        read = [self._definitions.version(number) for number in used]
        known = [*filter(None, read), *self._definitions.all_current(wanted.programme)]
        reports = [report for programme in known for report in programme.reports.values()]
        self.flows = {flow for report in reports for flow in report.from_}
        self.variables = {name for report in reports for name in report.columns.by_variable()}

    def of(self, programme: str, version: int, flow: str) -> tuple[str, Layout] | None:
        """The report of a conversation of a version, and how it is put together."""
        key = programme, version, flow
        if key not in self._found:
            self._found[key] = layout(flow, self._definitions.version(version), self._definitions.current(programme))
        return self._found[key]


class _Duties:
    """When officers worked, by what was known when the conversation began. Each officer is looked up once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._changes: dict[int, tuple[Change, ...]] = {}

    def of(self, row: Row[Any]) -> Duty:
        if row.shift is None:
            return Duty()
        if row.contact_id not in self._changes:
            kept = shift_changes.kept(self._tx, [row.contact_id]).get(row.contact_id, ())
            self._changes[row.contact_id] = tuple(Change(one.kind, one.starts_at, one.ends_at) for one in kept)
        return Duty(Shift.from_json(row.shift, row.timezone), self._changes[row.contact_id])


def _query(wanted: Wanted, plans: _Plans) -> Select[Any]:
    response = _response.c
    is_open = response.kind.in_(OPEN_KINDS)
    value = response.value if wanted.with_text else case((is_open & response.missing.is_(None), _HIDDEN), else_=response.value)
    query = (
        select(
            _contact.c.study_id, _cohort.c.code.label("cohort"), _cohort.c.programme, _contact.c.timezone,
            _session.c.id.label("session_id"), _session.c.contact_id, _session.c.flow, _session.c.flow_version_id, _version.c.hash,
            _session.c.wave, _session.c.channel, _session.c.shift, _session.c.outcome, _session.c.started_at, _session.c.ended_at,
            _nudge.c.campaign, _nudge.c.slot, _nudge.c.planned_for,
            response.id, response.variable, value.label("value"), response.number, response.missing, response.status,
            response.late, response.principle, response.asked_at, response.answered_at,
        )
        .select_from(
            _response.join(_session, _session.c.id == response.session_id)
            .join(_contact, _contact.c.id == _session.c.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            .join(_version, _version.c.id == _session.c.flow_version_id)
            .outerjoin(_nudge, _nudge.c.session_id == _session.c.id)
        )
        .where(_session.c.flow.in_(sorted(plans.flows)), response.variable.in_(sorted(plans.variables)))
        .order_by(_session.c.id, response.id)
    )
    for column, given in ((_cohort.c.programme, wanted.programme), (_cohort.c.code, wanted.cohort)):
        query = query if given is None else query.where(column == given)
    query = query if wanted.since is None else query.where(_session.c.started_at >= wanted.since)
    return query if wanted.until is None else query.where(_session.c.started_at < wanted.until)


def _answer(row: Row[Any]) -> Answer:
    value: Value | None = row.value
    if row.number is not None:
        value = int(row.number) if row.number.is_integer() else row.number
    return Answer(
        row.id, row.variable, value, row.missing, row.status, row.late, row.principle, row.asked_at, row.answered_at
    )


def _row(row: Row[Any], record: Record, duty: Duty) -> Cells:
    zone = ZoneInfo(row.timezone)
    cells = {name: record.cells.get(name) for name in (*ONCE, "applied")}
    withheld = _HIDDEN in cells.values()
    shown = {name: None if value == _HIDDEN else value for name, value in cells.items()}
    turn = None if duty.shift is None else last_worked(duty, record.answered_at)
    completed = row.ended_at if row.outcome == "completed" else None
    return (
        row.study_id, row.cohort, row.programme, row.session_id, record.number, record.report, record.kind, row.flow, row.hash[:12],
        row.wave, row.campaign, row.slot, record.principle, record.item, record.status, flag(record.corrected), flag(record.late),
        shown["contact_any"], shown["applied"], shown["times"], shown["situation"], shown["action_text"], shown["reaction"],
        shown["barrier"], shown["confidence"], flag(withheld),
        None if duty.shift is None else f"{duty.shift.on}x{duty.shift.off}", utc(turn), _hours(turn, record.answered_at),
        row.channel, utc(row.planned_for), utc(row.started_at), utc(record.asked_at), utc(record.answered_at), utc(completed),
        local(row.started_at, zone), local(record.answered_at, zone),
    )


def _hours(since: datetime | None, until: datetime) -> float | None:
    return None if since is None else round((until - since).total_seconds() / 3600, 2)
