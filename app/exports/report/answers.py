"""What was answered, on each level of the evaluation apart: knowledge, internal change, behaviour. Reads the answers row by row
and gives out counts, and scales as statistics; nobody's answer leaves this module. Free text is not read."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from app.exports.report.catalogue import BARRIER, MEASURING, NOT_APPLICABLE, REACTION, Catalogue, Question
from app.exports.report.sample import Sample
from app.exports.report.tally import Parts, Shares
from app.exports.statistics import scales
from app.exports.statistics.scales import Alpha, Mean
from app.flows.definition import FlowKind, Level
from app.flows.replies.forms import Kind
from app.store.tables import Contact, Response

_contact = Contact.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]

BATCH = 5_000
_CLOSED = ("yes_no", "choice", "number", "scale")

Cell = tuple[str, str]
"""(wave or month, principle or flow)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale in one wave: the mean of the officers who answered enough of it, and how it hangs together."""

    flow: str
    wave: str
    items: int
    mean: Mean | None
    alpha: Alpha | None


@dataclass(slots=True)
class Answers:
    """What the levels show. `right` is of measuring quizzes in waves only; of `applied`, what did not apply is apart."""

    right: Shares[Cell] = field(default_factory=Shares)
    applied: Shares[Cell] = field(default_factory=Shares)
    not_applicable: Parts[Cell] = field(default_factory=Parts)
    applied_by_wave: Shares[Cell] = field(default_factory=Shares)
    reactions: Parts[str] = field(default_factory=Parts)
    barriers: Parts[str] = field(default_factory=Parts)
    last_contacts: dict[Cell, Mean] = field(default_factory=dict)
    scales: list[Scale] = field(default_factory=list)


@dataclass(slots=True)
class _Rows:
    """Answers by officer, until they have become statistics."""

    scales: defaultdict[Cell, defaultdict[int, dict[str, float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    counts: defaultdict[Cell, list[float]] = field(default_factory=lambda: defaultdict(list))


def answers(tx: Connection, sample: Sample, known: Catalogue) -> Answers:
    """Everything that was answered within the time of the sample and stands (`ok`: not corrected, not unclear)."""
    found, rows = Answers(), _Rows()
    for row in _read(tx, sample):
        question = known.question(row.flow_version_id, row.flow, row.step)
        flow = known.flow(row.flow_version_id, row.flow)
        if question is None or flow is None:
            continue
        measuring = flow.kind in MEASURING and row.wave is not None
        match question.level:
            case Level.knowledge if measuring and flow.kind is FlowKind.quiz:
                _knowledge(found, row)
            case Level.internal if measuring and question.kind is Kind.scale:
                _internal(rows, row, question)
            case Level.behaviour:
                _behaviour(found, rows, row, question, measuring=measuring)
            case _:
                pass
    found.scales = list(_scales(rows, known))
    found.last_contacts = {cell: mean for cell, values in rows.counts.items() if (mean := scales.mean(values)) is not None}
    return found


def _read(tx: Connection, sample: Sample) -> Iterator[Row[Any]]:
    columns = [
        _response.c[name] for name in (
            "contact_id", "flow_version_id", "flow", "step", "wave", "principle", "value", "number", "missing", "correct", "answered_at"
        )
    ]
    query = (
        select(*columns, _contact.c.timezone).join(_contact, _contact.c.id == _response.c.contact_id)
        .where(
            _response.c.contact_id.in_(sample.officers()), _response.c.status == "ok", _response.c.level.is_not(None),
            _response.c.kind.in_(_CLOSED), *sample.within(_response.c.answered_at),
        )
        .order_by(_response.c.id)
    )
    return iter(tx.execute(query, execution_options={"yield_per": BATCH}))


def _knowledge(found: Answers, row: Row[Any]) -> None:
    """Who does not know has not got it right; who would rather not say is left out."""
    if row.correct is not None or row.missing == "d":
        found.right.add((row.wave, row.principle or ""), row.contact_id, yes=bool(row.correct))


def _internal(rows: _Rows, row: Row[Any], question: Question) -> None:
    if row.number is None or question.low is None or question.high is None:
        return
    value = scales.reversed_score(row.number, question.low, question.high) if question.reverse else row.number
    rows.scales[row.wave, row.flow][row.contact_id][row.step] = value


def _behaviour(found: Answers, rows: _Rows, row: Row[Any], question: Question, *, measuring: bool) -> None:
    if question.about(REACTION) and row.value in question.options:
        found.reactions.add(question.options[row.value], row.contact_id)
    elif question.about(BARRIER) and row.value in question.options:
        found.barriers.add(question.options[row.value], row.contact_id)
    elif question.applies:
        _application(found, row, measuring=measuring)
    elif question.counts and measuring and row.number is not None and question.high:
        rows.counts[row.wave, row.principle or ""].append(row.number / question.high)


def _application(found: Answers, row: Row[Any], *, measuring: bool) -> None:
    """Applied over applicable: what did not apply is in neither."""
    month = f"{row.answered_at.astimezone(ZoneInfo(row.timezone)):%Y-%m}"
    cell = (month, row.principle or "")
    if NOT_APPLICABLE in {row.value, row.missing}:
        found.not_applicable.add(cell, row.contact_id)
    elif row.number in {0, 1}:
        found.applied.add(cell, row.contact_id, yes=row.number == 1)
        if measuring:
            found.applied_by_wave.add((row.wave, row.principle or ""), row.contact_id, yes=row.number == 1)


def _scales(rows: _Rows, known: Catalogue) -> Iterator[Scale]:
    for (wave, flow), people in sorted(rows.scales.items()):
        latest = known.latest.get(flow)
        asked = [step for step, question in latest.questions.items() if question.level is Level.internal] if latest else []
        order = [*asked, *sorted({step for given in people.values() for step in given} - set(asked))]
        matrix = [[given.get(step) for step in order] for given in people.values()]
        scored = [value for row in matrix if (value := scales.score(row)) is not None]
        yield Scale(flow, wave, len(order), scales.mean(scored), scales.alpha(matrix) if len(order) > 1 else None)
