"""The flow of participants as CONSORT 2025 has it: assessed, excluded with reasons, consented, allocated, received, discontinued, lost,
analysed. Officers stand in the arm that was drawn; without a study, those who consented are allocated to one group, whose name is empty.
Reads counts; no row leaves this module. Refuses to hide small numbers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, case, exists, func, or_, select

from app.exports.report.officers import STATUSES, standing
from app.exports.report.sample import Sample
from app.exports.report.waves import STAYED, Wave
from app.exports.statistics.dispositions import Disposition
from app.store.tables import CONSENT, CONTACT, NUDGE, NudgeStatus


@dataclass(frozen=True, slots=True)
class Line:
    """The officers of a stage; of a reason for it, or in all if the reason is empty; in an arm, or in all."""

    stage: str
    reason: str
    arm: str
    officers: int


@dataclass(frozen=True, slots=True)
class _Cell:
    """What officers of a count have in common. `consented`: at any time; `received`: at least one flow but consent and measurement."""

    arm: str | None
    standing: str
    consented: bool
    received: bool


def lines(tx: Connection, sample: Sample, waves: Sequence[Wave]) -> list[Line]:
    """The flow, stage by stage. The last wave that has closed tells who is lost; without one nobody is known to be."""
    cells = _cells(tx, sample)
    arms = sorted({cell.arm for cell in cells if cell.arm is not None})
    if not arms:  # no draw: whoever consented is followed
        cells = Counter({replace(cell, arm="" if cell.consented else None): count for cell, count in cells.items()})
        arms = [""]
    found = [Line("assessed", "", "", sum(cells.values()))]
    found += _with_reasons("excluded", "", _count(cells, None, _excluded))
    found.append(Line("consented", "", "", sum(count for cell, count in cells.items() if cell.consented)))
    closed = [wave for wave in waves if not wave.open]
    for arm in arms:
        mine = Counter({cell: count for cell, count in cells.items() if cell.arm == arm})
        found.append(Line("allocated", "", arm, sum(mine.values())))
        found.append(Line("received", "", arm, sum(count for cell, count in mine.items() if cell.received)))
        unsent = Counter({cell: count for cell, count in mine.items() if not cell.received})
        found += _with_reasons("not_received", arm, _count(unsent, arm, _unsent))
        gone = Counter(
            {cell: count for cell, count in mine.items() if cell.standing not in {"taking_part", "not_answered"}}
        )
        found += _with_reasons("discontinued", arm, _count(gone, arm, lambda cell: cell.standing))
        if closed:
            found += _followed(arm, closed[-1].arms.get(arm) or (closed[-1].counts if arm == "" else {}))
    return found


def _followed(arm: str, counts: Mapping[Disposition, int]) -> Iterator[Line]:
    """Nothing of an arm that is not measured."""
    if not sum(counts.values()):
        return
    lost = {letter.name: count for letter, count in counts.items() if letter not in STAYED and count}
    yield from _with_reasons("lost_last", arm, lost)
    yield Line("analysed", "", arm, sum(counts.get(letter, 0) for letter in STAYED))


def _with_reasons(stage: str, arm: str, reasons: Mapping[str, int]) -> list[Line]:
    ordered = sorted(reasons, key=lambda reason: (reason not in STATUSES, -reasons[reason], reason))
    return [
        Line(stage, "", arm, sum(reasons.values())),
        *(Line(stage, reason, arm, reasons[reason]) for reason in ordered),
    ]


def _count(cells: Mapping[_Cell, int], arm: str | None, reason: Callable[[_Cell], str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for cell, count in cells.items():
        if cell.arm == arm:
            found[reason(cell)] += count
    return dict(found)


def _excluded(cell: _Cell) -> str:
    return "not_drawn" if cell.standing == "taking_part" else cell.standing


def _unsent(cell: _Cell) -> str:
    return "nothing_sent" if cell.standing == "taking_part" else cell.standing


def _cells(tx: Connection, sample: Sample) -> Counter[_Cell]:
    arms = sample.arms()
    nudge = NUDGE.c
    received = exists().where(
        nudge.contact_id == CONTACT.c.id,
        nudge.status == NudgeStatus.started,
        nudge.wave.is_(None),
        ~nudge.slot.startswith("consent"),
    )
    agreed = exists().where(CONSENT.c.contact_id == CONTACT.c.id, CONSENT.c.granted)
    each = (
        select(
            arms.c.arm,
            standing(sample).label("standing"),
            case((or_(agreed, CONTACT.c.consented_at.is_not(None)), 1), else_=0).label("consented"),
            case((received, 1), else_=0).label("received"),
        )
        .select_from(CONTACT.outerjoin(arms, arms.c.contact_id == CONTACT.c.id))
        .where(CONTACT.c.id.in_(sample.officers()))
        .subquery()
    )
    columns = (each.c.arm, each.c.standing, each.c.consented, each.c.received)
    rows = tx.execute(select(*columns, func.count()).group_by(*columns))
    return Counter({_Cell(arm, where, bool(consented), bool(got)): count for arm, where, consented, got, count in rows})
