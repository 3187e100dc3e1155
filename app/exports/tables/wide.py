"""The tables `responses_wave` and `responses_wide`: what was measured in waves, with a column for each variable: a row for each
officer and wave, or a row for each officer with the wave as the variables' suffix. Where an officer in a wave has no value
there is a missing code: `.m` never answered, `.s` skipped by the flow's logic; nothing if no conversation of the wave asks it. Of
several answers the last counts. Free text is here only if it is asked for. The form of the columns is in `measured_variables`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import Any

from sqlalchemy import Select, Subquery, cast, func, literal, null, select, union, union_all

from app.exports.columns import RESPONSES_WAVE, RESPONSES_WIDE, Column
from app.exports.free_text import SealedWords, opened, sealed
from app.exports.measured_variables import Answered, Variable, variable
from app.exports.questions import Question
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

NEVER, SKIPPED = Answered(None, ".m"), Answered(None, ".s")


def variables(source: Source) -> list[Variable]:
    """The measured variables in the codebook's order; the latest version says what they are called."""
    asked: dict[str, list[Question]] = {}
    waves: dict[str, set[str]] = {}  # a flow's: what an officer may have skipped belongs to the wave too
    for question in source.questions:
        waves.setdefault(question.flow, set()).update(question.waves)
        if source.selection.with_text or not is_open(question.kind):
            asked.setdefault(question.variable, []).append(question)
    found = [variable(those, frozenset().union(*(waves[one.flow] for one in those))) for those in asked.values()]
    return [one for one in found if one.waves]


def columns_by_wave(source: Source) -> tuple[Column, ...]:
    """The columns of `responses_wave`."""
    measured = chain.from_iterable(variable.columns() for variable in variables(source))
    return (*source.waves.labelled(RESPONSES_WAVE), *measured)


def columns_wide(source: Source) -> tuple[Column, ...]:
    """The columns of `responses_wide`."""
    measured = chain.from_iterable(variable.columns(wave) for variable, wave in _pairs(source))
    return (*RESPONSES_WIDE, *measured)


def _pairs(source: Source) -> list[tuple[Variable, str]]:
    return [(variable, wave) for variable in variables(source) for wave in source.waves.ordered(variable.waves)]


def rows_by_wave(source: Source) -> Iterator[Batch]:
    """The rows of `responses_wave` in the order of its key."""
    found = variables(source)
    return batched(
        [*who, wave, source.waves.number(who[2], wave), *_cells(who, answers, found)]
        for who, wave, answers in officers_in_waves(source)
    )


def rows_wide(source: Source) -> Iterator[Batch]:
    """The rows of `responses_wide` in the order of its key."""
    pairs = _pairs(source)
    return batched(_wide(who, group, pairs) for who, group in groupby(officers_in_waves(source), lambda item: item[0]))


def _wide(who: Row, group: Iterator[Any], pairs: list[tuple[Variable, str]]) -> Row:
    waves: Mapping[str, WaveAnswers] = {wave: answers for _, wave, answers in group}
    nothing = WaveAnswers()
    return [*who, *(cell for variable, wave in pairs for cell in _cells(who, waves.get(wave, nothing), [variable]))]


def _cells(who: Row, answers: "WaveAnswers", measured: Iterable[Variable]) -> Iterator[Any]:
    return chain.from_iterable(one.cells(who[2], answers.answered(one.name)) for one in measured)


@dataclass(frozen=True, slots=True)
class WaveAnswers:
    """One officer in one wave: the variables asked, those skipped unless they were answered (all of a completed flow, and those of
    variants that the officer did not get), and the answers. `outside` was answered outside the selected days."""

    asked: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    answers: dict[str, Answered] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)

    def answered(self, name: str) -> Answered | None:
        """The officer's answer to the question of a variable, or the code why there is none; None if it was not asked."""
        if name in self.answers:
            return self.answers[name]
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
            self.answers[row.variable] = _answered(source, row)
        else:
            self.answers.setdefault(row.variable, NEVER)


def _answered(source: Source, row: Any) -> Answered:  # noqa: ANN401
    tx, replaced = source.tx, source.corrections.get(row.id)
    if replaced is not None:
        return _plain(replaced)
    if row.missing is not None:
        return Answered(None, f".{row.missing}")
    if row.number is None:
        found = SealedWords(row.words, row.reviewed, row.inbound_id)
        has_words = row.value is None and (found.words is not None or found.reviewed is not None)
        return Answered(opened(tx, found, row.id, None, "", is_text=True).value if has_words else row.value, None)
    return _plain(row)


def _plain(row: Any) -> Answered:  # noqa: ANN401 - of the query, or a correction
    if row.missing is not None:
        return Answered(None, f".{row.missing}")
    if row.number is None:
        return Answered(row.value, None)
    return Answered(int(row.number) if row.number.is_integer() else row.number, None)


def officers_in_waves(source: Source) -> Iterator[tuple[Row, str, WaveAnswers]]:
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
