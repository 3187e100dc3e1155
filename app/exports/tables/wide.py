"""The tables `responses_wave` and `responses_wide`: what was measured in waves, with a column for each variable: a row for each
officer and wave, or a row for each officer with the wave as the variables' suffix. Where an officer in a wave has no value
there is a missing code: `.m` never answered, `.s` skipped by the flow's logic; nothing if no conversation of the wave asks it. Of
several answers the last counts. Free text is here only if it is asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, Subquery, cast, func, literal, null, select, union, union_all

from app.exports.codebook import label
from app.exports.columns import MISSING, RESPONSES_WAVE, RESPONSES_WIDE, Column, Kind
from app.exports.free_text import SealedWords, opened, sealed
from app.exports.questions import Question, meanings
from app.exports.selection import in_time_flag, level_conditions, officer_conditions
from app.exports.source import WHO, Batch, Row, Source, batched
from app.flows.replies.forms import is_open
from app.store.dialect import bytewise
from app.store.tables import (
    CAMPAIGN_VERSION,
    NUDGE,
    RESPONSE,
    SESSION,
    TEXT_REVIEW,
    with_officer,
)

NEVER, SKIPPED = ".m", ".s"


@dataclass(slots=True)
class Variable:
    """A variable that was measured: its column, and its waves."""

    column: Column
    waves: set[str] = field(default_factory=set)


def variables(source: Source) -> list[Variable]:
    """The measured variables in the codebook's order; the latest version says what they are called."""
    asked: dict[str, list[Question]] = {}
    waves: dict[str, set[str]] = {}  # a flow's: what an officer may have skipped belongs to the wave too
    for question in source.questions:
        waves.setdefault(question.flow, set()).update(question.waves)
        if source.selection.with_text or not is_open(question.kind):
            asked.setdefault(question.variable, []).append(question)
    found = [_variable(questions, waves) for questions in asked.values()]
    return [variable for variable in found if variable.waves]


def _variable(questions: list[Question], waves: Mapping[str, set[str]]) -> Variable:
    latest = questions[-1]
    is_number = all(question.is_number for question in questions)
    kind = Kind.number if is_number else Kind.text
    return Variable(
        Column(
            latest.variable,
            label(latest) or latest.variable,
            kind,
            meanings(questions) if is_number else {},
            extended=is_number,
        ),
        {wave for question in questions for wave in waves[question.flow]},
    )


def columns_by_wave(source: Source) -> tuple[Column, ...]:
    """The columns of `responses_wave`."""
    return (*RESPONSES_WAVE, *(variable.column for variable in variables(source)))


def columns_wide(source: Source) -> tuple[Column, ...]:
    """The columns of `responses_wide`."""
    return (*RESPONSES_WIDE, *(_suffixed(variable.column, wave) for variable, wave in _pairs(variables(source))))


def _suffixed(column: Column, wave: str) -> Column:
    room = 80 - len(f" ({wave})")
    short = column.label if len(column.label) <= room else column.label[: room - 1].rstrip() + "…"
    return Column(f"{column.name}_{wave}", f"{short} ({wave})", column.kind, column.values, column.extended)


def _pairs(found: list[Variable]) -> list[tuple[Variable, str]]:
    return [(variable, wave) for variable in found for wave in sorted(variable.waves)]


def rows_by_wave(source: Source) -> Iterator[Batch]:
    """The rows of `responses_wave` in the order of its key."""
    found = variables(source)
    return batched(
        [*who, wave, *(answers.cell(variable) for variable in found)]
        for who, wave, answers in _officers_in_waves(source)
    )


def rows_wide(source: Source) -> Iterator[Batch]:
    """The rows of `responses_wide` in the order of its key."""
    pairs = _pairs(variables(source))
    return batched(_wide(who, group, pairs) for who, group in groupby(_officers_in_waves(source), lambda item: item[0]))


def _wide(who: Row, group: Iterator[Any], pairs: list[tuple[Variable, str]]) -> Row:
    waves: Mapping[str, WaveAnswers] = {wave: answers for _, wave, answers in group}
    return [*who, *(waves[wave].cell(variable) if wave in waves else None for variable, wave in pairs)]


@dataclass(frozen=True, slots=True)
class WaveAnswers:
    """One officer in one wave: the variables asked, those skipped unless they were answered (all of a completed flow, and those of
    variants that the officer did not get), and the answers. `outside` was answered outside the selected days."""

    asked: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    answers: dict[str, Any] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)

    def cell(self, variable: Variable) -> Any:  # noqa: ANN401 - number, text, or None
        """The officer's value of a variable, a missing code, or None if it was not asked."""
        name = variable.column.name
        if name in self.answers:
            value = self.answers[name]
            if variable.column.is_number:
                return f".{value}" if value in MISSING else value  # an option that means: not applicable
            return value if value is None else str(value)
        if name in self.outside:
            return None
        if name in self.skipped:
            return SKIPPED
        return NEVER if name in self.asked else None

    def add(self, row: Any, source: Source) -> None:  # noqa: ANN401 - of the query
        """Add a row: a flow of the wave, or an answer."""
        if row.variable is None:
            definitions = source.definitions
            version = definitions.version(row.version)
            names, put = definitions.asked(version, row.flow), definitions.asked(version, row.flow, row.variant)
            self.asked.update(put)
            self.skipped.update(names if row.outcome == "completed" else names - put)
        elif not row.inside:
            self.outside.add(row.variable)
        elif row.outcome == "ok":
            self.answers[row.variable] = _value(source.tx, row)
        else:
            self.answers.setdefault(row.variable, NEVER)


def _value(tx: Connection, row: Any) -> Any:  # noqa: ANN401
    if row.missing is not None:
        return f".{row.missing}"
    if row.number is None:
        found = SealedWords(row.words, row.reviewed, row.inbound_id)
        has_words = row.value is None and (found.words is not None or found.reviewed is not None)
        return opened(tx, found, row.id, None, "", is_text=True).value if has_words else row.value
    return int(row.number) if row.number.is_integer() else row.number


def _officers_in_waves(source: Source) -> Iterator[tuple[Row, str, WaveAnswers]]:
    """Officers in the waves that they belong to, with what is known of each."""
    rows = (row for batch in source.read(_query(source)) for row in batch)
    for (study_id, cohort, programme, wave), group in groupby(rows, lambda row: row[:4]):
        answers = WaveAnswers()
        for row in group:
            answers.add(row, source)
        yield (study_id, cohort, programme), wave, answers


def _query(source: Source) -> Select[Any]:
    """The flows of the waves, and then the answers in the order in which they were given, by officer and wave."""
    both = union_all(select(_flows(source)), _answers(source)).subquery()
    return select(both).order_by(
        bytewise(both.c.study_id),
        bytewise(both.c.wave),
        both.c.part,
        both.c.answered_at,
        both.c.id,
        both.c.flow,
        both.c.outcome,
        both.c.version,
    )


def _flows(source: Source) -> Subquery:
    names = ("variable", "value", "number", "missing", "answered_at", "id", "words", "inbound_id")
    nothing = [
        *(cast(null(), RESPONSE.c[name].type).label(name) for name in names),
        cast(null(), TEXT_REVIEW.c.text.type).label("reviewed"),
        literal(1).label("inside"),
    ]
    officer = officer_conditions(source.selection)
    planned = (
        select(
            WHO[0],
            WHO[1].label("cohort"),
            WHO[2],
            NUDGE.c.wave,
            literal(0).label("part"),
            NUDGE.c.flow,
            SESSION.c.outcome,
            func.coalesce(SESSION.c.flow_version_id, CAMPAIGN_VERSION.c.flow_version_id).label("version"),
            SESSION.c.variant,
            *nothing,
        )
        .select_from(
            with_officer(NUDGE)
            .join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == NUDGE.c.campaign_version_id)
            .outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id)
        )
        .where(NUDGE.c.wave.is_not(None), NUDGE.c.status != "planned", *officer)
    )
    begun = (
        select(
            WHO[0],
            WHO[1],
            WHO[2],
            SESSION.c.wave,
            literal(0),
            SESSION.c.flow,
            SESSION.c.outcome,
            SESSION.c.flow_version_id,
            SESSION.c.variant,
            *nothing,
        )
        .select_from(with_officer(SESSION))
        .where(SESSION.c.wave.is_not(None), *officer)
    )
    return union(planned, begun).subquery()


def _answers(source: Source) -> Select[Any]:
    """All of them: what was answered at another time than is wanted was not skipped."""
    response, selection = RESPONSE.c, source.selection
    found = sealed(selection)
    return (
        select(
            *WHO,
            response.wave,
            literal(1),
            response.flow,
            response.status,
            response.flow_version_id,
            cast(null(), SESSION.c.variant.type),
            response.variable,
            response.value,
            response.number,
            response.missing,
            response.answered_at,
            response.id,
            found.words,
            found.inbound_id,
            found.reviewed,
            in_time_flag(selection, response.answered_at),
        )
        .select_from(with_officer(RESPONSE).outerjoin(TEXT_REVIEW, TEXT_REVIEW.c.response_id == response.id))
        .where(
            response.wave.is_not(None),
            response.status.in_(("ok", "unclear")),
            *officer_conditions(selection),
            *level_conditions(selection, response.level),
        )
    )
