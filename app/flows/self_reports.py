"""Assembles the self-reports of applications in the field from the answers of one conversation. Pure: the same
answers give the same records in any order. Knows neither a database nor officers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from app.flows.language import definition as d
from app.flows.variables import asked

APPLIED, CONTACT, TIMES, SITUATION, ACTION = "applied", "contact_any", "times", "situation", "action_text"
ONCE = (CONTACT, TIMES, SITUATION, ACTION, "reaction", "barrier", "confidence")
"""The columns that a conversation fills once, whatever the number of applications it asks about."""

NOT_APPLICABLE, UNNEEDED, SKIPPED, NEVER = ".n", ".u", ".s", ".m"

Value = int | float | str
"""An exported value: a number, a word, or an extended missing code as `.n`."""


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The part of a response that a record needs. `missing` is an extended missing code without its point."""

    id: int
    variable: str
    value: Value | None
    missing: str | None
    status: str
    late: bool
    principle: str | None
    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True)
class ReportLayout:
    """How a conversation's answers become records: the column of each variable, in the order of the file, and those
    variables that the conversation asks, as far as its version can be read."""

    columns: Mapping[str, str]
    asked: frozenset[str] = frozenset()
    principle: str | None = None
    principles: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def variables(self) -> Mapping[str, Sequence[str]]:
        """The variables of each column."""
        found: dict[str, list[str]] = {}
        for name, column in self.columns.items():
            found.setdefault(column, []).append(name)
        return found

    @cached_property
    def asks_applied(self) -> bool:
        """Whether the conversation asks what was applied, or how often."""
        return any(self.columns[name] in {APPLIED, TIMES} for name in self.asked)


@dataclass(frozen=True, slots=True)
class Record:
    """One application in the field as an officer reports it, or the report that there was no contact. `cells` has the
    columns that the conversation asks: a value, or `.d` `.n` `.r` as answered, `.s` skipped by the flow, `.m`
    never answered. `asked_at` and `answered_at` are of the first question and the first answer."""

    number: int
    kind: str  # contact, no_contact, or unknown
    report: str
    item: str | None  # the variable that says whether it was applied
    principle: str | None
    cells: Mapping[str, Value]
    status: str  # complete or partial
    corrected: bool
    late: bool
    asked_at: datetime
    answered_at: datetime


def layout(flow: str, *versions: d.Programme | None) -> tuple[str, ReportLayout] | None:
    """The report of a conversation and its layout; None if it belongs to none. `versions` end with the most
    authoritative: the version of the session, then the current one. The older one knows variables that were
    removed since, the newer one knows columns that were declared later."""
    code, columns, found = None, dict[str, str](), dict[str, d.Ask]()
    principle = None
    for place, programme in enumerate(versions):
        if programme is None:
            continue
        for name, report in programme.reports.items():
            if flow in report.from_:
                code, columns = name, {**columns, **report.columns.by_variable()}
        if place == 0:
            found = dict(asked(programme, flow))
            principle = programme.flows[flow].principle if flow in programme.flows else None
    if code is None:
        return None
    principles = {name: found[name].principle or principle for name in columns if name in found}
    return code, ReportLayout(columns, frozenset(columns).intersection(found), principle, principles)


def assemble(report: str, plan: ReportLayout, answers: Iterable[ReportAnswer], *, completed: bool) -> list[Record]:
    """The records of one conversation: one for each answered item of `applied`, in the order of the file; a single
    one if there was none, or no contact. Empty without an answer to any variable of the report."""
    told = sorted(
        (answer for answer in answers if answer.variable in plan.columns), key=lambda item: (item.answered_at, item.id)
    )
    counted = [answer for answer in told if answer.status in {"ok", "unclear"}]
    if not counted:
        return []
    latest = {answer.variable: answer for answer in counted if answer.status == "ok"}
    heard = {answer.variable for answer in counted}
    cells = _cells(plan, latest, heard, SKIPPED if completed else NEVER)
    kind = _kind(cells, latest, plan)
    items = [] if kind == "no_contact" else _items(plan, counted)
    status = "complete" if completed else "partial"
    corrected = any(answer.status == "superseded" for answer in told)
    late, first, told_at = (
        any(one.late for one in counted),
        min(one.asked_at for one in counted),
        counted[0].answered_at,
    )
    return [
        Record(
            number,
            kind,
            report,
            item,
            _principle(plan, item, latest),
            _with_applied(cells, plan, item, latest, completed=completed),
            status,
            corrected,
            late,
            first,
            told_at,
        )
        for number, item in enumerate(items or [None], 1)
    ]


def _items(plan: ReportLayout, counted: Sequence[ReportAnswer]) -> Sequence[str | None]:
    heard = {answer.variable for answer in counted}
    return [name for name in plan.variables.get(APPLIED, ()) if name in heard]


def _cells(plan: ReportLayout, latest: Mapping[str, ReportAnswer], heard: set[str], missing: str) -> dict[str, Value]:
    """The cells that all records share. A column of several variables has the latest answer."""
    cells: dict[str, Value] = {}
    for column in ONCE:
        if not (names := plan.variables.get(column)):
            continue
        given = [latest[name] for name in names if name in latest]
        if given:
            cells[column] = _value(max(given, key=lambda item: (item.answered_at, item.id)))
        elif heard.intersection(names):
            cells[column] = NEVER
        elif plan.asked.intersection(names):
            cells[column] = missing
    return _with_contact(cells, _is_applied_known(plan, latest))


def _with_contact(cells: dict[str, Value], applied: bool) -> dict[str, Value]:
    """The cells with `contact_any` where it is not asked: an officer who counts contacts, or says what the last one was, had one, and
    one for whom the count did not apply, or whose situation is the option with the value n, had none."""
    if CONTACT in cells:
        return cells
    if cells.get(SITUATION) == "n":
        return {CONTACT: 0, **cells, SITUATION: NOT_APPLICABLE}
    match cells.get(TIMES):
        case int() | float():
            return {CONTACT: 1, **cells}
        case ".n":
            return {CONTACT: 0, **cells}
        case _:
            told = applied or not str(cells.get(SITUATION, NEVER)).startswith(".")
            return {CONTACT: 1, **cells} if told else cells


def _is_applied_known(plan: ReportLayout, latest: Mapping[str, ReportAnswer]) -> bool:
    return any(plan.columns[name] == APPLIED and answer.missing is None for name, answer in latest.items())


def _kind(cells: Mapping[str, Value], latest: Mapping[str, ReportAnswer], plan: ReportLayout) -> str:
    if cells.get(CONTACT) == 0:
        return "no_contact"
    told = any(plan.columns[name] != CONTACT and answer.missing is None for name, answer in latest.items())
    return "contact" if cells.get(CONTACT) == 1 or told else "unknown"


def _with_applied(
    cells: Mapping[str, Value],
    plan: ReportLayout,
    item: str | None,
    latest: Mapping[str, ReportAnswer],
    *,
    completed: bool,
) -> Mapping[str, Value]:
    """The cells of one record: the shared ones and `applied`. Without contact, `applied` is never 0."""
    if cells.get(CONTACT) == 0:
        skipped = {name: SKIPPED if value == NEVER and name != TIMES else value for name, value in cells.items()}
        return {**skipped, APPLIED: SKIPPED} if plan.asks_applied else skipped
    if item is not None:
        return {**cells, APPLIED: applied(latest[item]) if item in latest else NEVER}
    if TIMES in cells:
        times = cells[TIMES]
        return {**cells, APPLIED: int(times > 0) if isinstance(times, int | float) else times}
    return {**cells, APPLIED: SKIPPED if completed else NEVER} if plan.asks_applied else cells


def applied(answer: ReportAnswer) -> Value:
    """1, 0, or a missing code: `.n` if it did not apply, `.u` if it was not needed."""
    value = _value(answer)
    return f".{value}" if value in {"n", "u"} else value


def _value(answer: ReportAnswer) -> Value:
    if answer.missing is not None:
        return f".{answer.missing}"
    return NEVER if answer.value is None else answer.value


def _principle(plan: ReportLayout, item: str | None, latest: Mapping[str, ReportAnswer]) -> str | None:
    """The principle of an application: the answer's own, or the conversation's."""
    if item is not None:
        return latest[item].principle if item in latest else plan.principles.get(item)
    known = {answer.principle for answer in latest.values()} - {None}
    return plan.principle or (known.pop() if len(known) == 1 else None)
