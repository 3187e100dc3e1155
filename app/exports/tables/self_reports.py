"""The table `self_reports`: one row for each application in the field that an officer reported, and for each time that there was
no contact to report. Put together by `flows/records.py` as the programme file says under `reports`. Free text is personal
data, and is withheld."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, case, select
from sqlalchemy import Row as Found

from app.exports.columns import MISSING, SELF_REPORTS, Column, Kind
from app.exports.definitions import Definitions
from app.exports.questions import OPEN_KINDS, Question
from app.exports.source import Batch, Row, Source, batched
from app.exports.wanted import Wanted, in_time, of_officer
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

CHOSEN = ("situation", "reaction", "barrier", "confidence")

_HIDDEN = "\ue000withheld"
"""Stands for a text that is not read from the store at all."""


def columns(source: Source) -> tuple[Column, ...]:
    """The columns of the table. What officers chose is a number with labels where all its questions have numbers."""
    asked: dict[str, list[Question]] = {}
    fields = _Plans(source).fields
    for question in source.questions:
        if (column := fields.get(question.variable)) is not None:
            asked.setdefault(column, []).append(question)
    return tuple(_column(column, asked.get(column.name, [])) for column in SELF_REPORTS)


def _column(column: Column, questions: list[Question]) -> Column:
    if column.name not in CHOSEN or not questions or not all(question.is_number for question in questions):
        return column
    values = {
        int(value): text for question in questions for value, text in question.values.items() if text and value.lstrip("-").isdigit()
    }
    return replace(column, kind=Kind.number, values=values, extended=True)


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key, `session_id` and `record`. `since` and `until` are of the beginning of the
    conversation."""
    return batched(_rows(source))


def _rows(source: Source) -> Iterator[Row]:
    wanted = source.wanted
    if wanted.level not in {None, Level.behaviour}:
        return
    plans, duties = _Plans(source), _Duties(source.tx)
    numbers = {column.name for column in columns(source) if column.is_number}
    found = (row for batch in source.read(_query(wanted, plans)) for row in batch)
    for _, group in groupby(found, lambda row: row.session_id):
        answers = list(group)
        first = answers[0]
        plan = plans.of(first.programme, first.flow_version_id, first.flow)
        if plan is not None:
            report, laid_out = plan
            told = assemble(report, laid_out, map(_answer, answers), completed=first.outcome == "completed")
            yield from (_row(first, record, duties.of(first), numbers) for record in told)


class _Plans:
    """How the conversations of each version become records."""

    def __init__(self, source: Source) -> None:
        tx, wanted = source.tx, source.wanted
        self._definitions = Definitions(tx)
        self._found: dict[tuple[str, int, str], tuple[str, Layout] | None] = {}
        used = tx.execute(select(_session.c.flow_version_id).distinct()).scalars()
        read = [self._definitions.version(number) for number in used]
        known = [*filter(None, read), *self._definitions.all_current(wanted.programme)]
        reports = [report for programme in known for report in programme.reports.values()]
        self.flows = {flow for report in reports for flow in report.from_}
        self.fields = {name: column for report in reports for name, column in report.columns.by_variable().items()}

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

    def of(self, row: Found[Any]) -> Duty:
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
        .where(_session.c.flow.in_(sorted(plans.flows)), response.variable.in_(sorted(plans.fields)))
        .order_by(_session.c.id, response.id)
    )
    return query.where(*of_officer(wanted), *in_time(wanted, _session.c.started_at))


def _answer(row: Found[Any]) -> Answer:
    value: Value | None = row.value
    if row.number is not None:
        value = int(row.number) if row.number.is_integer() else row.number
    return Answer(
        row.id, row.variable, value, row.missing, row.status, row.late, row.principle, row.asked_at, row.answered_at
    )


def _row(row: Found[Any], record: Record, duty: Duty, numbers: set[str]) -> Row:
    zone = ZoneInfo(row.timezone)
    cells = {name: record.cells.get(name) for name in (*ONCE, "applied")}
    withheld = _HIDDEN in cells.values()
    shown = {name: _shown(value, name in numbers) for name, value in cells.items()}
    turn = None if duty.shift is None else last_worked(duty, record.answered_at)
    completed = row.ended_at if row.outcome == "completed" else None
    return [
        row.study_id, row.cohort, row.programme, row.session_id, record.number, record.report, record.kind, row.flow, row.hash[:12],
        row.wave, row.campaign, row.slot, record.principle, record.item, record.status, _flag(record.corrected), _flag(record.late),
        shown["contact_any"], shown["applied"], shown["times"], shown["situation"], shown["action_text"], shown["reaction"],
        shown["barrier"], shown["confidence"], _flag(withheld),
        None if duty.shift is None else f"{duty.shift.on}x{duty.shift.off}", _utc(turn), _hours(turn, record.answered_at),
        row.channel, _utc(row.planned_for), _utc(row.started_at), _utc(record.asked_at), _utc(record.answered_at), _utc(completed),
        _local(row.started_at, zone), _local(record.answered_at, zone),
    ]


def _shown(value: object, is_number: bool) -> object:
    """A cell: an option that means not applicable is the missing code; what is no number is text."""
    if value is None or value == _HIDDEN:
        return None
    if is_number:
        return f".{value}" if value in MISSING else value
    return str(value)


def _flag(value: bool) -> int:
    return int(value)


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ", "seconds")


def _hours(since: datetime | None, until: datetime) -> float | None:
    return None if since is None else round((until - since).total_seconds() / 3600, 2)
