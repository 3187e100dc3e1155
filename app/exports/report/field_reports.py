"""Counts of self-reports: how often each principle was applied, by month, the reactions and the barriers. Counts rows of the exported
table `self_reports`, put together by the same code. Only counts leave this module, and free text is not read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from app.exports.columns import EXTENDED
from app.exports.definitions import Definitions
from app.exports.local_times import LocalTimes
from app.exports.report.tally import Parts, Shares
from app.exports.source import Source
from app.exports.statistics import scales
from app.exports.statistics.scales import Mean
from app.exports.statistics.suppression import Share
from app.exports.tables import self_reports
from app.flows.self_reports import APPLIED, NOT_APPLICABLE, TIMES, UNNEEDED, Record, Value
from app.flows.variables import asked, item_of

Cell = tuple[str, str]
"""(month, principle)."""

LABELLED = ("reaction", "barrier")


@dataclass(frozen=True, slots=True)
class Times:
    """In what share of the last contacts a principle was applied. `sides` are the reports with any, and those with less than all."""

    mean: Mean
    sides: Share

    def small(self, k: int) -> bool:
        """Whether it covers fewer than k officers."""
        return self.sides.small(k)


@dataclass(slots=True)
class FieldReports:
    """Counts of self-reports. `applied`, `not_applicable`, `unneeded` and `times` cover the follow-up; in a wave they are scores."""

    applied: Shares[Cell] = field(default_factory=Shares)
    not_applicable: Parts[Cell] = field(default_factory=Parts)
    unneeded: Parts[Cell] = field(default_factory=Parts)
    times: dict[Cell, Times] = field(default_factory=dict)
    labelled: dict[str, Parts[str]] = field(default_factory=lambda: {name: Parts() for name in LABELLED})


@dataclass(slots=True)
class _Counts:
    """The counts of contacts, until they have become means."""

    values: defaultdict[Cell, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(dict))
    sides: Shares[Cell] = field(default_factory=Shares)

    def add(self, cell: Cell, officer: int, share: float) -> None:
        self.values[cell].setdefault(officer, []).append(share)
        self.sides.add_some(cell, officer, share, 1)

    def all(self) -> dict[Cell, Times]:
        sides = self.sides.all()
        return {
            cell: Times(mean, sides[cell])
            for cell, values in self.values.items()
            if (mean := scales.mean_of_several(list(values.values()))) is not None
        }


def field_reports(source: Source) -> FieldReports:
    """All self-reports of sessions that started within the time of the source. An answer given once in a session counts once, however
    many applications the session reports."""
    found, counts = FieldReports(), _Counts()
    labels = {column.name: column.values for column in self_reports.columns(source)}
    most = cache(lambda programme, version, flow: _most(source.definitions, programme, version, flow))
    clock = LocalTimes()
    for first, records in self_reports.told(source, with_late=source.selection.with_late, in_waves=LABELLED):
        month = clock.local(first.answered_at, first.timezone)[:7]  # that of the whole conversation
        for record in records:
            if record.number == 1:
                for name in LABELLED:
                    if (value := record.cells.get(name)) is not None and value not in EXTENDED:
                        found.labelled[name].add(_label(value, labels[name]), first.contact_id)
            if first.wave is not None:
                continue
            cell = month, record.principle or ""
            _apply(found, cell, first.contact_id, record)
            times = record.cells.get(TIMES)
            if (
                record.number == 1
                and isinstance(times, int | float)
                and (of := most(first.programme, first.flow_version_id, first.flow))
            ):
                counts.add(cell, first.contact_id, times / of)
    found.times = counts.all()
    return found


def _apply(found: FieldReports, cell: Cell, officer: int, record: Record) -> None:
    """Applied over applicable, where that itself was asked. What follows from a count of contacts is in `times`."""
    applied = record.cells.get(APPLIED) if record.item is not None else None
    if applied == NOT_APPLICABLE:
        found.not_applicable.add(cell, officer)
    elif applied == UNNEEDED:
        found.unneeded.add(cell, officer)
    elif applied in {0, 1}:
        found.applied.add(cell, officer, yes=applied == 1)


def _label(value: Value, labels: Mapping[int, str]) -> str:
    return labels.get(int(value), str(value)) if isinstance(value, int | float) else value


def _most(definitions: Definitions, programme: str, version: int, flow: str) -> float | None:
    """Out of how many contacts a conversation asks, as its own version says, or else the current one."""
    for one in (definitions.version(version), definitions.current(programme)):
        names = (
            {name for report in one.reports.values() if flow in report.from_ for name in report.columns.times or ()}
            if one
            else set()
        )
        found = (
            [item.high for name, ask in asked(one, flow) if name in names and (item := item_of(one, ask)).high]
            if one
            else []
        )
        if found:
            return max(found)
    return None
