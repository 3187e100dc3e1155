"""Spending on messages: sums by programme, and the programmes whose budget is spent, as the clock's last look found them. All
functions take a transaction and commit nothing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Float, and_, case, cast, func, select

from app.store import state_values
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, OUTBOUND

OVER_BUDGET = "over_budget"
"""The name of the state value that lists the programmes whose budget is spent: codes with a comma between them."""

BUDGETS = "budgets"
"""The name of the state value with the last readings, for `trato status`."""

EVERY = "*"
"""Stands for all programmes: the budget of each is spent."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Segments of the messages that the carrier accepted, the price of those that it has charged, and their segments."""

    segments: int = 0
    price: float = 0.0
    priced: int = 0

    def plus(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(self.segments + other.segments, self.price + other.price, self.priced + other.priced)


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of a limit that a programme has spent. `period` is day or month, `unit` is segments or a currency."""

    programme: str
    period: str
    begins: str
    unit: str
    spent: float
    limit: float


def between(tx: Connection, programme: str, since: datetime, until: datetime, currency: str) -> Spent:
    """The messages sent to a programme's officers from `since` on, before `until`."""
    parts = func.coalesce(OUTBOUND.c.segments, 1)
    charged = and_(OUTBOUND.c.price.is_not(None), func.upper(OUTBOUND.c.price_unit) == currency)
    officers = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme == programme)
    row = tx.execute(
        select(
            func.coalesce(func.sum(parts), 0),
            func.coalesce(func.sum(case((charged, cast(OUTBOUND.c.price, Float)))), 0.0),
            func.coalesce(func.sum(case((charged, parts))), 0),
        ).where(
            OUTBOUND.c.sent_at >= since,
            OUTBOUND.c.sent_at < until,
            (OUTBOUND.c.contact_id + 0).in_(officers),  # a sum, so that the index on `sent_at` is used
        )
    ).one()
    return Spent(int(row[0]), float(row[1]), int(row[2]))


def save(tx: Connection, readings: Sequence[Reading], over: Collection[str], now: datetime) -> None:
    """Store the readings and the programmes whose budget is spent."""
    text = json.dumps([asdict(reading) for reading in readings])
    state_values.change(tx, BUDGETS, text, now, default="[]")
    state_values.change(tx, OVER_BUDGET, ",".join(sorted(over)), now, default="")


def readings(tx: Connection) -> list[Reading]:
    """The last readings."""
    return [Reading(**one) for one in json.loads(state_values.read(tx, BUDGETS) or "[]")]


def over(tx: Connection) -> frozenset[str]:
    """The programmes whose budget is spent."""
    return listed(state_values.read(tx, OVER_BUDGET))


def listed(value: str | None) -> frozenset[str]:
    """The programmes that a value of `OVER_BUDGET` lists."""
    return frozenset(filter(None, (value or "").split(",")))
