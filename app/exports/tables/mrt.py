"""The table `mrt`: one row for each decision point of a micro-randomised campaign, in the form that weighted and centred least squares
reads: whether the officer was available, and why not; the treatment and its probability; covariates of the time before; the
proximal outcome that the programme declares (`outcome` beside `draw`). Points before an officer's enrolment never were any, and those to
come, or of a withdrawn campaign, are not decided: they have no row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, select

from app.exports.columns import MRT, Column, Kind
from app.exports.local_times import LocalTimes
from app.exports.selection import officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Row, Source, batched
from app.exports.tables.officers import free_name
from app.flows.language.campaign import Outcome, Slot
from app.flows.micro_randomisation import eligible
from app.flows.nudge_rules import SlotRule, read_rule
from app.store.dialect import bytewise
from app.store.nudges import ENROLLED_LATE
from app.store.tables import CAMPAIGN_VERSION, DRAW, NUDGE, RESPONSE, NudgeStatus, with_officer

_BEFORE = timedelta(days=7)
_UNDRAWN = frozenset({ENROLLED_LATE, "campaign_withdrawn"})
_ID = bytewise(WHO[0])


@dataclass(frozen=True, slots=True)
class _Point:
    """A decision point. `drawn` is the choice with its probability; None: the officer was not available."""

    row: Any
    slot: Slot
    at: datetime
    drawn: tuple[str, float] | None
    chances: dict[str, float]

    @property
    def treated(self) -> int:
        return int(self.drawn is not None and bool(self.slot.draw[self.drawn[0]].flows))


@dataclass(frozen=True, slots=True)
class _Life:
    """What an officer got and said: the moments of flows begun, and of answers with their variable and number, in order."""

    begun: Sequence[datetime]
    answers: Sequence[tuple[datetime, str, float | None]]

    def outcome(self, declared: Outcome | None, at: datetime) -> float | str | None:
        """The outcome of a decision at a moment; `.m` without any of the answers that count."""
        if declared is None:
            return None
        after = [one for one in self.answers if at < one[0] <= at + declared.within]
        if not declared.records:
            return int(bool(after))
        numbers = [number for _, name, number in after if name in declared.records and number is not None]
        return sum(numbers) / len(numbers) if numbers else ".m"


def columns(source: Source) -> tuple[Column, ...]:
    """The fixed columns, and one for the probability of each choice."""
    return (
        *MRT,
        *(Column(name, f"Probability of the choice {choice}", Kind.number) for choice, name in _names(source).items()),
    )


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the planned moment."""
    choices = list(_names(source))
    if not choices:
        return
    points = (row for batch in source.read(_points(source)) for row in batch)
    begun, answers = _Beside(source, _begun(source)), _Beside(source, _answers(source))
    clock = LocalTimes()

    def made() -> Iterator[Row]:
        for study_id, own in groupby(points, key=itemgetter(0)):
            life = _Life(
                [at for (at,) in begun.of(study_id)],
                [
                    (at, name, number if missing is None else None)
                    for at, name, number, missing in (_corrected(source, *told) for told in answers.of(study_id))
                ],
            )
            decided = [point for row in own if (point := _point(source, row)) is not None]
            yield from _officer(sorted(decided, key=lambda one: (one.at, one.row.nudge_id)), life, choices, clock)

    yield from batched(made())


def _corrected(
    source: Source, at: datetime, name: str, number: float | None, missing: str | None, response: int
) -> tuple[datetime, str, float | None, str | None]:
    new = source.corrections.get(response)
    return (at, name, number, missing) if new is None else (at, name, new.number, new.missing)


def _officer(points: Sequence[_Point], life: _Life, choices: Sequence[str], clock: LocalTimes) -> Iterator[Row]:
    before: _Point | None = None
    for number, point in enumerate(points, 1):
        row, at, declared = point.row, point.at, point.slot.outcome
        moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        over = before is not None and before.slot.outcome is not None and before.at + before.slot.outcome.within <= at
        last = life.outcome(before.slot.outcome, before.at) if before is not None and over else None
        yield [
            *row[:3],
            number,
            row.campaign,
            row.slot,
            row.nudge_id,
            int(point.drawn is not None),
            None if point.drawn is not None else row.reason,
            None if point.drawn is None else point.drawn[0],
            point.treated,
            sum(p for choice, p in point.chances.items() if point.slot.draw[choice].flows),
            None if point.drawn is None else point.drawn[1],
            life.outcome(declared, at),
            None if declared is None else declared.within / timedelta(hours=1),
            int(before is not None and before.drawn is not None),
            0 if before is None else before.treated,
            None if isinstance(last, str) else last,
            sum(at - _BEFORE <= one < at for one in life.begun),
            sum(at - _BEFORE <= one < at for one, _, _ in life.answers),
            moment,
            clock.local(moment, row.timezone),
            *(point.chances.get(choice) for choice in choices),
        ]
        before = point


def _point(source: Source, row: Any) -> _Point | None:  # noqa: ANN401 - a row
    slot = _slot(source, row.flow_version_id, row.campaign, row.rule)
    if slot is None or (row.choice is None and row.reason in _UNDRAWN):
        return None
    if row.choice is None or row.choice not in slot.draw:
        chances = eligible(slot.draw, json.loads(row.attributes))
        return _Point(row, slot, row.planned_for, None, chances)
    return _Point(row, slot, row.drawn_at, (row.choice, row.probability), json.loads(row.eligible))


def _slot(source: Source, version: int, campaign: str, rule: str | None) -> Slot | None:
    """The slot of a nudge, if it draws; None if it does not, or its version is unreadable."""
    found = read_rule(rule)
    programme = source.definitions.version(version)
    if programme is None or campaign not in programme.campaigns or not isinstance(found, SlotRule):
        return None
    slots = programme.campaigns[campaign].slots
    return slots[found.index] if found.index < len(slots) and slots[found.index].draw else None


def _names(source: Source) -> dict[str, str]:
    """The choices of all draws, with their columns."""
    query = (
        select(CAMPAIGN_VERSION.c.flow_version_id, NUDGE.c.campaign, NUDGE.c.rule)
        .select_from(with_officer(NUDGE).join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == NUDGE.c.campaign_version_id))
        .where(NUDGE.c.rule.startswith("slots."), *officer_conditions(source.selection))
        .distinct()
    )
    rules = [row for batch in source.read(query) for row in batch]
    choices = {choice for row in rules if (slot := _slot(source, *row)) is not None for choice in slot.draw}
    named: dict[str, str] = {}
    for choice in sorted(choices):
        named[free_name(f"p_{choice}", named)] = choice
    return {choice: name for name, choice in named.items()}


# -- queries, each in the order of study ids --------------------------------------------------------------------------


class _Beside:
    """Rows that follow the officers of another query: `of` gives those of an officer, who comes in order."""

    def __init__(self, source: Source, query: Select[Any]) -> None:
        rows = (row for batch in source.read(query) for row in batch)
        self._groups = groupby(rows, key=itemgetter(0))
        self._next: tuple[str, Iterable[Any]] | None = next(self._groups, None)

    def of(self, study_id: str) -> list[Any]:
        while self._next is not None and self._next[0] < study_id:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != study_id:
            return []
        found = [row[1:] for row in self._next[1]]
        self._next = next(self._groups, None)
        return found


def _points(source: Source) -> Select[Any]:
    nudge, drawn = NUDGE.c, DRAW.c
    who = (WHO[0].label("study_id"), *WHO[1:])
    contact = ZONE.table.c
    return (
        select(
            *who,
            nudge.campaign,
            nudge.slot,
            nudge.rule,
            nudge.id.label("nudge_id"),
            nudge.reason,
            nudge.planned_for,
            CAMPAIGN_VERSION.c.flow_version_id,
            drawn.choice,
            drawn.probability,
            drawn.eligible,
            drawn.at.label("drawn_at"),
            contact.attributes,
            ZONE.label("timezone"),
        )
        .select_from(
            with_officer(NUDGE)
            .join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == nudge.campaign_version_id)
            .outerjoin(DRAW, drawn.nudge_id == nudge.id)
        )
        .where(
            nudge.rule.startswith("slots."),
            nudge.status.in_((NudgeStatus.started, NudgeStatus.skipped)),
            *officer_conditions(source.selection),
            *time_conditions(source.selection, nudge.planned_for),
        )
        .order_by(_ID)
    )


def _begun(source: Source) -> Select[Any]:
    begun = NUDGE.c.status == NudgeStatus.started
    query = select(WHO[0], NUDGE.c.decided_at).select_from(with_officer(NUDGE))
    return query.where(begun, *officer_conditions(source.selection)).order_by(_ID, NUDGE.c.decided_at)


def _answers(source: Source) -> Select[Any]:
    answer = RESPONSE.c
    query = select(WHO[0], answer.answered_at, answer.variable, answer.number, answer.missing, answer.id)
    return (
        query.select_from(with_officer(RESPONSE))
        .where(answer.status == "ok", *officer_conditions(source.selection))
        .order_by(_ID, answer.answered_at)
    )
