"""The tables `scores` and `scores_wide`: what the answers of each officer in each measurement wave come to, by the rules that the
programme file has under `scores`. Only what was asked in a wave by a conversation that measures counts, only the last valid
answer to each item, no late one unless the selection says so, and never two levels in one number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Select, cast, literal, null, select, union_all

from app.exports.columns import SCORES_WIDE, Column, Kind
from app.exports.definitions import Definitions
from app.exports.selection import Selection, in_time_flag, officer_conditions
from app.exports.source import WHO, Batch, Row, Source, batched
from app.flows.language import definition as d
from app.flows.language.reports_and_scores import Score, ScoreKind
from app.flows.scoring import SKIPPED, ItemAnswer, ScoreResult, score
from app.flows.variables import ItemScale, measured
from app.flows.variants import crossing
from app.store.corrections import Replaced
from app.store.dialect import bytewise
from app.store.tables import (
    NUDGE,
    RESPONSE,
    SESSION,
    NudgeStatus,
    with_officer,
)
from app.store.tryouts import begun_by_officers

Who = tuple[str, str, str]
"""Study id, cohort, programme."""
Waves = dict[str, dict[str, tuple[Score, ScoreResult]]]
"""By wave, every score with its rule and what it comes to."""


def rows(source: Source) -> Iterator[Batch]:
    """The rows of `scores` in the order of its key: officer, wave, score. `since` and `until` are of the answers."""
    return batched(
        (*_row(who, wave, code, rule, scored), source.waves.number(who[2], wave))
        for who, waves in officers(source)
        for wave, found in sorted(waves.items())
        for code, (rule, scored) in sorted(found.items())
    )


def columns_wide(source: Source) -> tuple[Column, ...]:
    """The columns of `scores_wide`: every score that a wave measures by the current file, or by a version that a wave was begun with."""
    titles: dict[tuple[str, str], str] = {}
    for version, current in _versions(source):
        known = version, current
        rules = {code: rule for one in known for code, rule in one.scores.items() if _is_wanted(rule, source.selection)}
        for wave in (wave for one in known for campaign in one.campaigns.values() for wave in campaign.waves.values()):
            asked = {name for one in known for flow in wave.flows for name in source.definitions.asked(one, flow)}
            titles.update(
                {(code, wave.suffix): rule.title for code, rule in rules.items() if asked.intersection(rule.items)}
            )
    places = {wave: place for place, wave in enumerate(source.waves.ordered({wave for _, wave in titles}))}
    ordered = sorted(titles.items(), key=lambda item: (item[0][0], places[item[0][1]]))
    measures = [_column(code, wave, title) for (code, wave), title in ordered]
    return (*SCORES_WIDE, *measures)


def _versions(source: Source) -> Iterator[tuple[d.Programme, d.Programme]]:
    """The versions that waves were begun with, each beside the current one, whose scores are of older answers too; that one last."""
    definitions, selection = source.definitions, source.selection.programme
    used = (
        select(SESSION.c.flow_version_id)
        .where(SESSION.c.wave.is_not(None), begun_by_officers())
        .distinct()
        .order_by(SESSION.c.flow_version_id)
    )
    for version in filter(None, map(definitions.version, source.tx.execute(used).scalars())):
        if selection in {None, version.programme}:
            yield version, definitions.current(version.programme) or version
    for current in definitions.all_current(selection):
        yield current, current


def _column(code: str, wave: str, title: str) -> Column:
    return Column(f"{code}_{wave}", f"{title[: 77 - len(wave)]} ({wave})", Kind.number, extended=True)


def rows_wide(source: Source) -> Iterator[Batch]:
    """The rows of `scores_wide` in the order of its key. An empty cell: that score does not belong to a wave of the officer."""
    names = [column.name for column in columns_wide(source)[len(SCORES_WIDE) :]]
    return batched(_wide(who, waves, names) for who, waves in officers(source))


def _wide(who: Who, waves: Waves, names: Sequence[str]) -> Row:
    cells = {f"{code}_{wave}": _value(scored) for wave, found in waves.items() for code, (_, scored) in found.items()}
    return (*who, *(cells.get(name) for name in names))


def _row(who: Who, wave: str, code: str, rule: Score, scored: ScoreResult) -> Row:
    return (
        *who,
        wave,
        code,
        rule.level,
        rule.principle,
        rule.kind.value,
        scored.items,
        scored.answered,
        _plain(scored.possible),
        _plain(scored.points),
        None if scored.raw_sum is None else _plain(scored.raw_sum),
        _value(scored),
        scored.missing,
        scored.reason,
        scored.unneeded if rule.kind is ScoreKind.share_applied else None,
        None if scored.low is None else _plain(scored.low),
        None if scored.se is None else _plain(scored.se),
    )


def _value(scored: ScoreResult) -> object:
    return f".{scored.missing}" if scored.value is None else _plain(scored.value)


def _plain(number: float) -> float:
    """A number as it is written: whole ones without a point."""
    return int(number) if float(number).is_integer() else round(number, 6)


def _is_wanted(rule: Score, selection: Selection) -> bool:
    return selection.level is None or rule.level == selection.level


# -- one officer in one wave ---------------------------------------------------------------------------------------------


_Had = tuple[int | None, str, str | None]
_SKIPPED = ItemAnswer(missing=SKIPPED)


@dataclass(slots=True)
class HeardInWave:
    """The conversations of one officer in one wave, as (version, conversation, variant), those that were completed, and the
    answers."""

    flows: set[_Had] = field(default_factory=set)
    completed: set[_Had] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    given: dict[str, tuple[int, ItemAnswer]] = field(default_factory=dict)

    def add(self, row: Any, corrections: Mapping[int, Replaced]) -> None:  # noqa: ANN401 - of the query, or of the report
        """Add a row. Answers come in the order in which they were given, so that the last one stands."""
        if row.variable is None:
            had = row.version, row.flow, row.variant
            self.flows.add(had)
            if row.outcome == "completed":
                self.completed.add(had)
        else:
            self.heard.add(row.variable)
            if row.outcome == "ok" and row.inside:
                own = corrections.get(row.id, row)
                self.given[row.variable] = row.version, ItemAnswer(own.value, own.number, own.missing, own.correct)


@dataclass(frozen=True, slots=True)
class Measured:
    """What conversations measure: the scores, the items that an officer who had them was never put, and those that are skipped if nothing was
    heard of them."""

    rules: Mapping[str, Score]
    never_put: frozenset[str]
    skipped: frozenset[str]


@dataclass(slots=True)
class Rules:
    """The scores of programmes, and what must be known of their items."""

    definitions: Definitions
    selection: Selection
    items: dict[int, Mapping[str, ItemScale]] = field(default_factory=dict)
    measuring: dict[tuple[str, frozenset[_Had], frozenset[_Had]], Measured] = field(default_factory=dict)

    def scored(self, programme: str, found: HeardInWave) -> dict[str, tuple[Score, ScoreResult]]:
        """Every score that the wave measures."""
        measures = self.measured(programme, found)
        given, items = self._valid_answers(programme, found, measures)
        return {code: (rule, score(rule, items, given, measures.never_put)) for code, rule in measures.rules.items()}

    def one(self, programme: str, rule: Score, measures: Measured, found: HeardInWave) -> ScoreResult:
        """One of these scores, of the answers to its own items."""
        given, items = self._valid_answers(programme, found, measures)
        return score(rule, items, given, measures.never_put)

    def measured(self, programme: str, found: HeardInWave) -> Measured:
        """What the conversations of a wave measure. A score that was removed from the programme since is made as its version had it."""
        had = programme, frozenset(found.flows), frozenset(found.completed)
        if had not in self.measuring:  # most officers of a wave had the same conversations
            self.measuring[had] = self._measured(*had)
        return self.measuring[had]

    def _measured(self, programme: str, flows: frozenset[_Had], completed: frozenset[_Had]) -> Measured:
        current = self.definitions.current(programme)
        read = {version: self.definitions.version(version) for version, _, _ in flows if version is not None}
        known = [one for one in (*read.values(), current) if one is not None]
        rules = {code: rule for one in known for code, rule in one.scores.items() if _is_wanted(rule, self.selection)}
        asked, put = set[str](), set[str]()
        for version, flow, drawn in flows:
            for one in (current,) if version is None else (read[version], current):
                variant = drawn or self._crossed(one, flow, flows)
                asked |= self.definitions.asked(one, flow)
                put |= self.definitions.asked(one, flow, variant)
        skipped = set[str]()
        for version, flow, variant in completed:
            skipped |= self.definitions.asked(None if version is None else read[version], flow, variant)
        measures = {code: rule for code, rule in rules.items() if put.intersection(rule.items)}
        return Measured(measures, frozenset(asked - put), frozenset(skipped))

    def _crossed(self, programme: d.Programme | None, flow: str, flows: frozenset[_Had]) -> str | None:
        """The variant of a measurement that was not begun: that of another one with which it is crossed over."""
        if programme is None or flow not in programme.flows:
            return None
        with_it = crossing(programme, flow)
        return next((variant for _, other, variant in flows if other in with_it and variant is not None), None)

    def _valid_answers(
        self, programme: str, found: HeardInWave, measures: Measured
    ) -> tuple[dict[str, ItemAnswer], dict[str, ItemScale]]:
        """The answers that measure, and the items as they stood when they were answered."""
        given, items, current = dict[str, ItemAnswer](), dict[str, ItemScale](), self.definitions.current(programme)
        for name, (version, answer) in found.given.items():
            item = self._items(self.definitions.version(version) or current).get(name)
            if item is not None:
                given[name], items[name] = answer, item
        given |= dict.fromkeys(measures.skipped - found.heard, _SKIPPED)
        return given, items

    def _items(self, programme: d.Programme | None) -> Mapping[str, ItemScale]:
        if programme is None:
            return {}
        if id(programme) not in self.items:
            self.items[id(programme)] = measured(programme)
        return self.items[id(programme)]


def officers(source: Source) -> Iterator[tuple[Who, Waves]]:
    """Officers in the order of their study ids, with what each wave came to: from this the table is made, and the report."""
    rules = Rules(source.definitions, source.selection)
    found: Iterator[Any] = (row for batch in source.read(_query(source.selection)) for row in batch)
    for (study_id, cohort, programme), group in groupby(found, lambda row: (row.study_id, row.cohort, row.programme)):
        waves: dict[str, HeardInWave] = {}
        for row in group:
            waves.setdefault(row.wave, HeardInWave()).add(row, source.corrections)
        scored = {wave: rules.scored(programme, measures) for wave, measures in waves.items()}
        yield (study_id, cohort, programme), {wave: scores for wave, scores in scored.items() if scores}


def _query(selection: Selection) -> Select[Any]:
    """The conversations of waves, and then the answers as they were given, by officer."""
    who = (WHO[0], WHO[1].label("cohort"), WHO[2])
    response, session, nudge, officer = RESPONSE.c, SESSION.c, NUDGE.c, officer_conditions(selection)
    answer_columns = ("variable", "value", "number", "missing", "correct", "answered_at", "id")
    nothing = [*(cast(null(), response[name].type).label(name) for name in answer_columns), literal(1).label("inside")]
    begun = (
        select(
            *who,
            session.wave,
            literal(0).label("part"),
            session.flow,
            session.outcome,
            session.flow_version_id.label("version"),
            session.variant,
            *nothing,
        )
        .select_from(_of_officer(SESSION))
        .where(session.wave.is_not(None), *officer)
    )
    never = tuple(cast(null(), session[name].type) for name in ("outcome", "flow_version_id", "variant"))
    planned = (
        select(*who, nudge.wave, literal(0), nudge.flow, *never, *nothing)
        .select_from(_of_officer(NUDGE))
        .where(nudge.wave.is_not(None), nudge.session_id.is_(None), nudge.status != NudgeStatus.planned, *officer)
    )
    answered = (
        select(
            *who,
            response.wave,
            literal(1),
            response.flow,
            response.status,
            response.flow_version_id,
            cast(null(), session.variant.type),
            *(response[name] for name in answer_columns),
            in_time_flag(selection, response.answered_at),
        )
        .select_from(_of_officer(RESPONSE))
        .where(response.wave.is_not(None), response.status.in_(("ok", "unclear")), *officer)
    )
    if not selection.with_late:
        answered = answered.where(response.late.is_(False))
    both = union_all(begun, planned, answered).subquery()
    return select(both).order_by(bytewise(both.c.study_id), both.c.part, both.c.answered_at, both.c.id)


def _of_officer(table: Any) -> Any:  # noqa: ANN401 - a table, and a join
    return with_officer(table)
