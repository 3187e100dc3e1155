"""Every score of the programme file in every wave, officer by officer, made of the answers of waves: by the rules of the exported table
`scores`. What the same answers come to is worked out once. No officer's score leaves the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.exports.report.officers import Drawn
from app.exports.report.tally import Shares
from app.exports.report.wave_answers import BEGUN, PLANNED, Answer, Talk, WaveAnswers
from app.exports.source import Source
from app.exports.statistics.effects import Outcome
from app.exports.statistics.libraries import numpy
from app.exports.statistics.scales import Items
from app.exports.tables.scores import HeardInWave, Measured, Rules
from app.flows.language.reports_and_scores import Score
from app.flows.scoring import ScoreResult


@dataclass(slots=True)
class ScoreValues:
    """One score in one wave, officer by officer. `once`: each value is one answer, right or wrong, done or not."""

    rule: Score
    values: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    unneeded: int = 0
    once: bool = True
    sides: Shares[str | None] = field(default_factory=Shares)
    not_applicable: int = 0
    items: list[Items] = field(default_factory=list)
    by_officer: dict[str, tuple[float, Items]] = field(default_factory=dict)
    arms: list[tuple[str, Items]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, officer: str, place: int, drawn: Drawn | None, row: Items, scored: ScoreResult) -> None:
        """Add the score of an officer, who comes at this place; `row` has the points of its items."""
        self.not_applicable += scored.reason == "not_applicable"
        self.unneeded += scored.unneeded > 0
        if scored.answered:
            self.items.append(row)
        if scored.low is not None:
            self.lows.append(scored.low)
        if scored.value is None:
            return
        arm = "" if drawn is None else drawn.arm
        self.values.append(scored.value)
        self.by_officer[officer] = scored.value, row
        self.arms.append((arm, row))
        if drawn is not None:
            self.outcomes.append(Outcome(officer, scored.value, arm, drawn.stratum, drawn.cluster))
        self.once = self.once and scored.possible == 1
        for group in (None, arm):
            self.sides.add_some(group, place, scored.points, scored.possible)

    def by_item(self, rule: Score, scored: ScoreResult) -> Items:
        """The points of the items; an earlier version of the score may have had others."""
        by_name = dict(zip(rule.items, scored.by_item, strict=True))
        return [by_name.get(name) for name in self.rule.items]


@dataclass(slots=True)
class _Part:
    """Officers of a wave to whom a score means the same, as places among the study ids, with their cells of its items."""

    rule: Score
    measures: Measured
    officers: list[Any] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)


_PartKey = tuple[str, str, int, frozenset[str], frozenset[str]]
"""Score and wave, and what of a version and of the conversations matters to the score."""


def _parts(source: Source, rules: Rules, answers: WaveAnswers) -> dict[_PartKey, _Part]:
    """The parts of all scores; the first officer of a score is in its first part."""
    programme, found = source.selection.programme or "", dict[_PartKey, _Part]()
    for group in answers.groups(with_late=source.selection.with_late):
        talks = [
            talk if talk.origin == BEGUN else talk._replace(version=None, outcome=None, variant=None)
            for talk in group.talks
            if talk.origin != PLANNED
        ]
        measures = rules.measured(programme, _heard(source, talks))
        for code, rule in measures.rules.items():
            own = frozenset(rule.items)
            key = code, group.wave, id(rule), own & measures.never_put, own & measures.skipped
            part = found.setdefault(key, _Part(rule, measures))
            part.officers.append(group.officers)
            part.cells.append(group.cells[:, [answers.variables.get(name, 0) for name in rule.items]])
    return found


def score_values(
    source: Source, answers: WaveAnswers, drawn: Mapping[str, Drawn]
) -> dict[tuple[str, str], ScoreValues]:
    """Every score in every wave, officers in order. What the same answers come to is worked out once."""
    np, rules, programme = numpy(), Rules(source.definitions, source.selection), source.selection.programme or ""
    columns: dict[tuple[str, str], list[_Part]] = {}
    for (code, wave, *_), part in _parts(source, rules, answers).items():
        columns.setdefault((code, wave), []).append(part)
    found = {}
    for key, parts in columns.items():
        values = found[key] = ScoreValues(parts[0].rule)
        results, which = list[tuple[Items, ScoreResult]](), []
        for part in parts:
            different, places = answers.different(np.concatenate(part.cells))
            which.append(places + len(results))
            scored = (rules.one(programme, part.rule, part.measures, _heard(source, told)) for told in different)
            results += [(values.by_item(part.rule, one), one) for one in scored]
        officers = np.concatenate([some for part in parts for some in part.officers])
        order = np.argsort(officers)
        for place, result in zip(officers[order].tolist(), np.concatenate(which)[order].tolist(), strict=True):
            officer = answers.study_ids[place]
            values.add(officer, place, drawn.get(officer), *results[result])
    return found


def _heard(source: Source, rows: Iterable[Talk | Answer]) -> HeardInWave:
    heard = HeardInWave()
    for row in rows:
        heard.add(row, source.corrections)
    return heard
