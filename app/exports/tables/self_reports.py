"""The table `self_reports`: one row for each application in the field that an officer reported, and for each time that there was
no contact to report. Put together by `flows/self_reports.py` as the programme file says under `reports`. Free text is personal
data, and is withheld until it has been reviewed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, groupby, repeat, starmap
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select
from sqlalchemy import Row as Fetched

from app.exports.columns import EXTENDED, SELF_REPORTS, Column, Kind
from app.exports.free_text import SealedWords, code, is_text, opened, sealed
from app.exports.local_times import LocalTimes
from app.exports.questions import Question, meanings
from app.exports.recall import Duties, hours
from app.exports.selection import Selection, officer_conditions, time_conditions
from app.exports.source import SMALL_BATCH, WHO, Batch, Row, Source, batched
from app.flows.language.definition import Level
from app.flows.self_reports import ACTION, ONCE, Record, ReportAnswer, ReportLayout, Value, assemble, layout
from app.flows.shifts import Duty, last_worked
from app.store.dialect import batches, stored_text
from app.store.tables import (
    CONTACT,
    FLOW_VERSION,
    NUDGE,
    RESPONSE,
    SESSION,
    TEXT_REVIEW,
    with_officer,
)
from app.store.tryouts import begun_by_officers

_HIDDEN = "\x1fwithheld"
"""Stands for a text that is not read from the store at all."""

_CODED = ("situation", "reaction", "barrier", "confidence")
"""Columns whose values, and what these mean, are the programme's own."""


def columns(source: Source) -> tuple[Column, ...]:
    """The columns of the table, with the labels of the programme's own values."""
    layouts = _Layouts(source)
    asked: dict[str, list[Question]] = {}
    for question in source.questions:
        asked.setdefault(layouts.columns.get(question.variable, ""), []).append(question)
    return tuple(
        _labelled(column, asked[column.name]) if column.name in _CODED and column.name in asked else column
        for column in source.waves.labelled(SELF_REPORTS)
    )


def _labelled(column: Column, asked: Sequence[Question]) -> Column:
    """A column with what its values mean."""
    if not all(question.is_number for question in asked):
        return replace(column, kind=Kind.text, extended=False)
    return replace(column, values=meanings(asked))


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the beginning of the conversation."""
    return batched(_rows(source)) if source.selection.level in {None, Level.behaviour} else iter(())


def records(source: Source) -> Iterator[tuple[Fetched[Any], Record]]:
    """Every self-report with the first answer of its conversation."""
    layouts = _Layouts(source)
    found: Iterator[Any] = (row for batch in source.read(_query(source, layouts)) for row in batch)
    for _, group in groupby(found, lambda row: row.session_id):
        answers = list(group)
        yield from ((answers[0], record) for record in _assembled(source, layouts, answers))


class Told(NamedTuple):
    """An answer of a conversation as the report reads it. `answered_at` is as `stored_text` gives it; words are not read."""

    session_id: int
    contact_id: int
    timezone: str
    id: int
    answered_at: Any
    programme: str
    flow_version_id: int
    flow: str
    wave: str | None
    outcome: str | None
    variable: str
    value: str | None
    number: float | None
    missing: str | None
    status: str
    late: bool
    principle: str | None
    words: None = None
    reviewed: None = None

    @property
    def asked_at(self) -> Any:  # noqa: ANN401
        """The moment of the answer: the report does not read that of the question."""
        return self.answered_at


_CONTENT = slice(Told._fields.index("programme"), Told._fields.index("words"))
"""The cells of an answer of which the records are made, but for their moments."""

_ID, _AT, _LATE = (Told._fields.index(name) for name in ("id", "answered_at", "late"))
_KEPT = 5_000
"""Conversations whose records are kept for others with the same answers."""


def told(source: Source, *, with_late: bool, in_waves: Collection[str]) -> Iterator[tuple[Told, Sequence[Record]]]:
    """The first answer that counts of each conversation with its self-reports, for the report. Of conversations with the same answers in the
    same order these are put together once: their moments are those of another one. `in_waves`: the columns of ONCE that are read of
    conversations in waves, of which the others are left out."""
    layouts, kept = _Layouts(source), dict[Any, tuple[list[Record], int]]()
    rows = chain.from_iterable(batches(source.tx, _lean_query(source, layouts, in_waves), SMALL_BATCH))
    corrected = source.corrections.keys()
    for _, group in groupby(rows, itemgetter(0)):
        answers = sorted((row for row in group if with_late or not row[_LATE]), key=itemgetter(_AT, _ID))
        key = (*(row[_CONTENT] for row in answers), *(row[_ID] for row in answers if row[_ID] in corrected))
        if key not in kept:
            if len(kept) >= _KEPT:
                kept.clear()
            made = _assembled(source, layouts, list(starmap(Told, answers))) if answers else []
            first = next((place for place, row in enumerate(answers) if made and row[_AT] == made[0].answered_at), 0)
            kept[key] = made, first
        found, first = kept[key]
        if found:
            yield Told(*answers[first]), found


def _assembled(source: Source, layouts: "_Layouts", answers: Sequence[Any]) -> list[Record]:
    first = answers[0]
    if (layout_ := layouts.of(first.programme, first.flow_version_id, first.flow)) is None:
        return []
    each = (_answer(source, row, layouts.columns[row.variable]) for row in answers)
    return assemble(*layout_, each, completed=first.outcome == "completed")


def _rows(source: Source) -> Iterator[Row]:
    duties, clock = Duties(source.tx), LocalTimes()
    as_text = {column.name for column in columns(source) if not column.is_number}
    number = source.waves.number
    return (
        (
            *_row(first, record, duties.of(first), clock, as_text),
            number(first.programme, first.wave),
            int(is_first),
            _code(record.cells.get(ACTION)),
        )
        for session, told in groupby(records(source), lambda item: item[0].session_id)
        for is_first, (first, record) in zip(chain([True], repeat(False)), told)  # noqa: B905 - the flags are endless
    )


class _Layouts:
    """The layouts by which the sessions of each version become records."""

    def __init__(self, source: Source) -> None:
        self._definitions = source.definitions
        self._found: dict[tuple[str, int, str], tuple[str, ReportLayout] | None] = {}
        begun = select(SESSION.c.flow_version_id).where(begun_by_officers()).distinct()
        used = source.tx.execute(begun.order_by(SESSION.c.flow_version_id)).scalars()
        read = [self._definitions.version(number) for number in used]
        known = [*filter(None, read), *self._definitions.all_current()]
        reports = [report for programme in known for report in programme.reports.values()]
        filled = [pair for report in reports for pair in report.columns.by_variable().items()]
        self.flows = {flow for report in reports for flow in report.from_}
        self.columns = dict(filled)
        self._filled = set(filled)

    def variables(self, columns: Collection[str]) -> list[str]:
        """The variables that fill columns, in any version."""
        return sorted({name for name, column in self._filled if column in columns})

    def of(self, programme: str, version: int, flow: str) -> tuple[str, ReportLayout] | None:
        """The report of a conversation of a version, and how it is put together."""
        key = programme, version, flow
        if key not in self._found:
            self._found[key] = layout(flow, self._definitions.version(version), self._definitions.current(programme))
        return self._found[key]


def _query(source: Source, layouts: _Layouts) -> Select[Any]:
    """The answers that belong to reports, by conversation."""
    response, session, selection = RESPONSE.c, SESSION.c, source.selection
    return (
        select(
            WHO[0],
            WHO[1].label("cohort"),
            WHO[2],
            CONTACT.c.timezone,
            session.id.label("session_id"),
            session.contact_id,
            session.flow,
            session.flow_version_id,
            FLOW_VERSION.c.hash,
            session.wave,
            session.channel,
            session.shift,
            session.outcome,
            session.started_at,
            session.ended_at,
            NUDGE.c.campaign,
            NUDGE.c.slot,
            NUDGE.c.planned_for,
            response.id,
            response.kind,
            *sealed(selection),
            response.variable,
            _value(selection).label("value"),
            response.number,
            response.missing,
            response.status,
            response.late,
            response.principle,
            response.asked_at,
            response.answered_at,
        )
        .select_from(
            with_officer(RESPONSE.join(SESSION, session.id == response.session_id), SESSION)
            .join(FLOW_VERSION, FLOW_VERSION.c.id == session.flow_version_id)
            .outerjoin(NUDGE, NUDGE.c.session_id == session.id)
            .outerjoin(TEXT_REVIEW, TEXT_REVIEW.c.response_id == response.id)
        )
        .where(*_conditions(selection, layouts))
        .order_by(session.id, response.id)
    )


def _lean_query(source: Source, layouts: _Layouts, in_waves: Collection[str]) -> Select[Any]:
    """The same answers with the columns of `Told`: joined with less, without words, and of waves only what fills some columns."""
    response, session, selection = RESPONSE.c, SESSION.c, source.selection
    whose = (session.contact_id, CONTACT.c.timezone, response.id, stored_text(response.answered_at), WHO[2])
    talk = (session.flow_version_id, session.flow, session.wave, session.outcome)
    names = ("number", "missing", "status", "late", "principle")
    return (
        select(session.id, *whose, *talk, response.variable, _value(selection), *(response[name] for name in names))
        .select_from(
            with_officer(RESPONSE.join(SESSION, session.id == response.session_id), SESSION).outerjoin(
                TEXT_REVIEW, TEXT_REVIEW.c.response_id == response.id
            )
        )
        .where(
            *_conditions(selection, layouts),
            or_(session.wave.is_(None), response.variable.in_(layouts.variables(in_waves))),
        )
        .order_by(session.id)
    )


def _value(selection: Selection) -> ColumnElement[Any]:
    """The value of an answer; of a text, that it is withheld."""
    value: ColumnElement[Any] = RESPONSE.c.value
    if selection.with_text:
        return value
    said = or_(is_text, and_(RESPONSE.c.missing.is_(None), value.is_not(None)))
    return case((said, code(value, literal(_HIDDEN))), else_=value)


def _conditions(selection: Selection, layouts: _Layouts) -> list[ColumnElement[bool]]:
    return [
        SESSION.c.flow.in_(sorted(layouts.flows)),
        RESPONSE.c.variable.in_(sorted(layouts.columns)),
        *officer_conditions(selection),
        *time_conditions(selection, SESSION.c.started_at),
    ]


def _answer(source: Source, row: Any, column: str) -> ReportAnswer:  # noqa: ANN401 - of either query
    own = source.corrections.get(row.id, row)
    value: Value | None = own.value
    if column in _CODED and value is not None:
        value = source.numbering.of(row.programme, row.variable).get(str(value), value)
    if row.words is not None or row.reviewed is not None:
        found = SealedWords(row.words, row.reviewed, row.inbound_id)
        value = opened(source.tx, found, row.id, row.value, "", is_text=row.kind == "text").value
    if own.number is not None:
        value = int(own.number) if own.number.is_integer() else own.number
    return ReportAnswer(
        row.id, row.variable, value, own.missing, row.status, row.late, row.principle, row.asked_at, row.answered_at
    )


def _row(row: Fetched[Any], record: Record, duty: Duty, clock: LocalTimes, as_text: set[str]) -> Row:
    cells = {name: record.cells.get(name) for name in (*ONCE, "applied")}
    shown = {name: _cell(value, as_text=name in as_text) for name, value in cells.items()}
    shift_ended = None if duty.shift is None else last_worked(duty, record.answered_at)
    started, answered = _utc(row.started_at), _utc(record.answered_at)
    return (
        row.session_id,
        record.number,
        row.study_id,
        row.cohort,
        row.programme,
        record.report,
        record.kind,
        row.flow,
        row.hash[:12],
        row.wave,
        row.campaign,
        row.slot,
        record.principle,
        record.item,
        record.status,
        int(record.corrected),
        int(record.late),
        shown["contact_any"],
        shown["applied"],
        shown["times"],
        shown["situation"],
        shown["action_text"] if _code(cells[ACTION]) is None else None,
        shown["reaction"],
        shown["barrier"],
        shown["confidence"],
        int(_HIDDEN in cells.values()),
        None if duty.shift is None else duty.shift.hours,
        _utc(shift_ended),
        hours(shift_ended, record.answered_at),
        row.channel,
        _utc(row.planned_for),
        started,
        _utc(record.asked_at),
        answered,
        _utc(row.ended_at) if row.outcome == "completed" else None,
        clock.local(str(started), row.timezone),
        clock.local(str(answered), row.timezone),
    )


def _code(value: Value | None) -> str | None:
    """The missing code that a cell of a text is."""
    return value if isinstance(value, str) and value in EXTENDED else None


def _cell(value: Value | None, *, as_text: bool) -> Value | None:
    if value is None or value == _HIDDEN:
        return None
    return str(value) if as_text else value


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
