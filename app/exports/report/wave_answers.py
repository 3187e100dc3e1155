"""What officers were asked and answered in waves, as arrays, of which scores and missing answers are counted. Tables of the export go through
the same rows officer by officer, in order. Here officers with the same conversations are together, and an answer is the place of one among
the different ones, of which there are few: what it means is decided once for each, where the tables are made. No row leaves the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, literal, select, union_all

from app.exports.report.conversations import columns, moments
from app.exports.report.tally import Places, different
from app.exports.selection import in_time_flag, officer_conditions
from app.exports.source import Source
from app.exports.statistics.libraries import numpy
from app.store.dialect import stored_text
from app.store.tables import (
    CAMPAIGN_VERSION,
    CONTACT,
    CONTACT_WITH_COHORT,
    NUDGE,
    RESPONSE,
    SESSION,
    NudgeStatus,
    with_officer,
)

BEGUN, PLANNED, NEVER_BEGUN = "begun", "planned", "never_begun"


class Talk(NamedTuple):
    """A flow of a wave: a conversation (BEGUN), or a plan with what became of its conversation (PLANNED), or without one (NEVER_BEGUN)."""

    origin: str
    flow: str
    outcome: str | None
    version: int | None
    variant: str | None
    variable: None = None


class Answer(NamedTuple):
    """An answer, with all that matters to a score and to what is missing. `id` is None unless it was corrected; words are not read."""

    variable: str
    outcome: str
    version: int | None
    value: str | None
    number: float | None
    missing: str | None
    correct: bool | None
    late: bool
    inside: int
    id: int | None
    words: None = None
    reviewed: None = None
    inbound_id: None = None

    @property
    def rank(self) -> int:
        """An answer stands before those of a lower rank: outside the time of the selection, not understood, understood."""
        return self.inside and 1 + (self.outcome == "ok")


_NO_ANSWER: tuple[Any, ...] = ("", "", 0, None, None, None, None, False, 0, None)


@dataclass(frozen=True, slots=True)
class Group:
    """Officers with the same talks in a wave, as places among the study ids. `cells` has a row for each of them, a column for each variable:
    the place of the answer that stands, 0 if there is none."""

    wave: str
    talks: Sequence[Talk]
    officers: Any
    cells: Any


@dataclass(frozen=True, slots=True)
class WaveAnswers:
    """Those of a programme. `study_ids` are sorted. The first answer is none, and its variable stands for any that nobody answered. A row is
    an officer in a wave: `talked` has rows with a talk each, `answered` rows with an answer each. Both are sorted, answers of a row by variable
    and then so that the last one stands."""

    study_ids: Sequence[str]
    waves: Sequence[str]
    talks: Sequence[Talk]
    answers: Sequence[Answer]
    variables: Places[str]
    talked: tuple[Any, Any]
    answered: tuple[Any, Any]

    def groups(self, *, with_late: bool) -> Iterator[Group]:
        """The officers of each wave in groups, that of the first officer first. Late answers are left out unless they are wanted."""
        np, size = numpy(), len(self.study_ids)
        row, variable, answer = self._standing(with_late=with_late)
        every = different(np.concatenate([self.talked[0], row]))
        for place, wave in enumerate(self.waves):
            rows = every[every // size == place]
            there = row // size == place
            cells = np.zeros((len(rows), len(self.variables)), np.int32)
            cells[np.searchsorted(rows, row[there]), variable[there]] = answer[there]
            kinds, kind = self._kinds(rows)
            order = np.argsort(kind, kind="stable")
            ends = np.searchsorted(kind[order], range(len(kinds) + 1)).tolist()
            for talks, (begin, end) in zip(kinds, pairwise(ends), strict=True):
                those = order[begin:end]
                yield Group(wave, talks, rows[those] % size, cells[those])

    def _standing(self, *, with_late: bool) -> tuple[Any, Any, Any]:
        """The rows, variables and answers that stand."""
        np, (row, answer) = numpy(), self.answered
        if not with_late:
            in_time = ~np.array([bool(one.late) for one in self.answers])[answer]
            row, answer = row[in_time], answer[in_time]
        variable = np.array([self.variables[one.variable] for one in self.answers])[answer]
        last = np.ones(len(row), bool)
        last[:-1] = (row[1:] != row[:-1]) | (variable[1:] != variable[:-1])
        return row[last], variable[last], answer[last]

    def _kinds(self, rows: Any) -> tuple[list[list[Talk]], Any]:  # noqa: ANN401 - arrays
        """The different talks that rows have, and which of them each has."""
        np, (row, talk) = numpy(), self.talked
        known = Places[bytes]()
        ends = (np.searchsorted(row, rows, side).tolist() for side in ("left", "right"))
        kind = np.array([known[talk[begin:end].tobytes()] for begin, end in zip(*ends, strict=True)], int)
        return [[self.talks[place] for place in np.frombuffer(one, talk.dtype)] for one in known], kind

    def different(self, cells: Any) -> tuple[list[list[Answer]], Any]:  # noqa: ANN401 - arrays
        """The answers of the different rows of some cells, and which of them each row has."""
        np = numpy()
        which = np.zeros(len(cells), int)
        for column in cells.T:
            which = np.unique(which * len(self.answers) + column, return_inverse=True)[1]
        first = np.unique(which, return_index=True)[1]
        return [[self.answers[place] for place in row if place] for row in cells[first].tolist()], which


def wave_answers(source: Source) -> WaveAnswers:
    """Read those of the source, which has one programme."""
    np, waves = numpy(), Places[str]()
    officers = select(CONTACT.c.study_id, CONTACT.c.id).select_from(CONTACT_WITH_COHORT)
    known = sorted(map(tuple, source.tx.execute(officers.where(*officer_conditions(source.selection)))))
    number = np.zeros(max((contact for _, contact in known), default=0) + 1, int)
    number[[contact for _, contact in known]] = range(len(known))

    def rows(contact: Sequence[int], wave: Sequence[str]) -> Any:  # noqa: ANN401 - an array
        return np.array([waves[one] for one in wave]) * len(known) + number[list(contact)]

    talks, talked = Places[tuple[Any, ...]](), [np.zeros((2, 0), int)]
    for contact, wave, *talk in columns(source.tx, _talks(source)):
        talked.append(np.array([rows(contact, wave), [talks[one] for one in zip(*talk, strict=True)]]))
    row, place = np.concatenate(talked, 1)
    pairs = np.divmod(different(row * len(talks) + place), max(len(talks), 1))

    corrected, places, answered = source.corrections.keys(), Places({_NO_ANSWER: 0}), [np.zeros((4, 0), int)]
    for contact, wave, at, ids, *answer in columns(source.tx, _answers(source)):
        own = (one if one in corrected else None for one in ids)
        each = [places[one] for one in zip(*answer, own, strict=True)]
        answered.append(np.array([rows(contact, wave), each, moments(at).astype(int), ids]))
    row, place, at, ids = np.concatenate(answered, 1)
    answers, variables = [Answer(*one) for one in places], Places[str]()
    variable = np.array([variables[one.variable] for one in answers])[place]
    rank = np.array([one.rank for one in answers])[place]
    order = np.lexsort((ids, at, rank, variable, row))
    study_ids = [study_id for study_id, _ in known]
    return WaveAnswers(
        study_ids, list(waves), [Talk(*one) for one in talks], answers, variables, pairs, (row[order], place[order])
    )


def _talks(source: Source) -> Select[Any]:
    """Conversations and decided plans: the officer, the wave, and what a talk has."""
    session, plan, officer = SESSION.c, NUDGE.c, officer_conditions(source.selection)
    begun = (
        select(
            session.contact_id,
            session.wave,
            literal(BEGUN),
            session.flow,
            session.outcome,
            session.flow_version_id,
            session.variant,
        )
        .select_from(with_officer(SESSION))
        .where(session.wave.is_not(None), *officer)
    )
    planned = (
        select(
            plan.contact_id,
            plan.wave,
            case((plan.session_id.is_(None), NEVER_BEGUN), else_=PLANNED),
            plan.flow,
            session.outcome,
            func.coalesce(session.flow_version_id, CAMPAIGN_VERSION.c.flow_version_id),
            session.variant,
        )
        .select_from(
            with_officer(NUDGE)
            .join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == plan.campaign_version_id)
            .outerjoin(SESSION, session.id == plan.session_id)
        )
        .where(plan.wave.is_not(None), plan.status != NudgeStatus.planned, *officer)
    )
    return select(union_all(begun, planned).subquery())


def _answers(source: Source) -> Select[Any]:
    """Answers that were not superseded: the officer, the wave, moment and number, and what an answer has."""
    names = ("variable", "status", "flow_version_id", "value", "number", "missing", "correct", "late")
    answer = RESPONSE.c
    return (
        select(
            answer.contact_id,
            answer.wave,
            stored_text(answer.answered_at),
            answer.id,
            *(answer[name] for name in names),
            in_time_flag(source.selection, answer.answered_at),
        )
        .select_from(with_officer(RESPONSE))
        .where(answer.wave.is_not(None), answer.status.in_(("ok", "unclear")), *officer_conditions(source.selection))
    )
