"""Budgets of programmes: compares what the carrier was given with what a programme may spend in a day and a month. Once a budget
is spent, its nudges wait for the next day or month, and replies go on. A loop or a mistake so costs no more than the budget
and what is sent between two looks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.language.definition import Budget, Limit, Programme
from app.store import alerts, spending
from app.store.spending import EVERY, Reading, Spent

log = structlog.get_logger(__name__)

EVERY_LOOK = timedelta(seconds=10)
"""Between two sums of the current day."""

REMEMBERED = timedelta(minutes=15)
"""How long the sums of earlier days are kept in memory: the carrier charges late."""

PRICED = timedelta(days=35)
"""How far back prices count for the estimate of messages that are not charged yet."""

NEAR = 0.8
NEARLY_SPENT, SPENT = "budget_nearly_spent", "budget_spent"
"""The alerts at 80 % and at 100 %."""


@dataclass(slots=True)
class BudgetWatch:
    """Looks at the budgets of the current versions."""

    library: Library
    _earlier: dict[tuple[str, datetime, str], tuple[datetime, Spent, Spent]] = field(default_factory=dict)

    def look(self, tx: Connection, now: datetime) -> int:
        """Sum, ring and close alerts, and store which budgets are spent. A step of a job; there is never more to do."""
        readings = [reading for programme in self._programmes() for reading in self._readings(tx, programme, now)]
        over = {reading.programme for reading in readings if reading.spent >= reading.limit}
        spending.save(tx, readings, {EVERY} if over and over == set(self.library.current) else over, now)
        _alert(tx, readings, now)
        return 0

    def _programmes(self) -> list[Programme]:
        return [self.library.programmes[version].definition for version in self.library.current.values()]

    def _readings(self, tx: Connection, programme: Programme, now: datetime) -> Iterator[Reading]:
        budget = programme.budget
        if budget == Budget(currency=budget.currency):
            return
        local = now.astimezone(ZoneInfo(programme.timezone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        month, recent = self._before(tx, programme, midnight, now)
        today = spending.between(tx, programme.programme, midnight, now + timedelta(seconds=1), budget.currency)
        rate = _rate(recent.plus(today))
        first = midnight.replace(day=1)
        for period, begins, limit, spent in (
            ("day", midnight, budget.day, today),
            ("month", first, budget.month, month.plus(today)),
        ):
            for unit, used, most in _compared(limit, spent, rate, budget.currency):
                yield Reading(programme.programme, period, begins.date().isoformat(), unit, round(used, 4), most)

    def _before(self, tx: Connection, programme: Programme, midnight: datetime, now: datetime) -> tuple[Spent, Spent]:
        """The sums until last midnight: of this month, and of the last weeks."""
        currency = programme.budget.currency
        key = (programme.programme, midnight, currency)
        if (known := self._earlier.get(key)) is not None and known[0] <= now < known[0] + REMEMBERED:
            return known[1], known[2]
        month, recent = (
            spending.between(tx, programme.programme, since, midnight, currency)
            for since in (midnight.replace(day=1), midnight - PRICED)
        )
        self._earlier = {other: value for other, value in self._earlier.items() if other[0] != programme.programme}
        self._earlier[key] = (now, month, recent)
        return month, recent


def _rate(charged: Spent) -> float:
    """The mean price of a segment; 0 as long as the carrier has charged nothing."""
    return charged.price / charged.priced if charged.priced else 0.0


def _compared(limit: Limit, spent: Spent, rate: float, currency: str) -> Iterator[tuple[str, float, float]]:
    if limit.segments is not None:
        yield "segments", float(spent.segments), float(limit.segments)
    if limit.price is not None:
        yield currency, spent.price + (spent.segments - spent.priced) * rate, limit.price


def _alert(tx: Connection, readings: list[Reading], now: datetime) -> None:
    """Ring once at 80 % and once at 100 % of a period's budget, and close what is over."""
    wanted = {}
    for reading in readings:
        if reading.spent >= NEAR * reading.limit:
            kind = SPENT if reading.spent >= reading.limit else NEARLY_SPENT
            wanted[kind, f"budget:{reading.programme}:{reading.unit}:{reading.period}:{reading.begins}"] = reading
    known = {(kind, subject) for kind in (NEARLY_SPENT, SPENT) for subject in alerts.subjects(tx, kind)}
    for kind, subject in known - wanted.keys():
        alerts.close(tx, kind, subject, now)
    for (kind, subject), reading in wanted.items():
        if (kind, subject) not in known:
            alerts.ring(tx, kind, subject, now, {"spent": reading.spent, "limit": reading.limit})
            log.error(
                "a budget is spent: its nudges wait" if kind == SPENT else "a budget is nearly spent",
                programme=reading.programme,
                period=reading.period,
                unit=reading.unit,
                spent=reading.spent,
                limit=reading.limit,
            )
