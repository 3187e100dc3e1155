"""Messages that the carrier has and of which it does not tell the end, and what it writes on its bill. All functions take a
transaction and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, literal_column, or_, select, update

from app.store.tables import OUTBOUND, MessageStatus

S = MessageStatus
_HAS_IT: ColumnElement[bool] = OUTBOUND.c.status.in_((literal_column("'accepted'"), literal_column("'sent'")))
"""Written into the statement: only so does the partial index fit it."""

SILENT = "silent"
"""The error class of a message whose end nobody will tell any more."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A message to ask the carrier about."""

    id: int
    uid: str
    sid: str


def to_ask(
    tx: Connection, now: datetime, *, after: timedelta, steps: Sequence[tuple[timedelta, timedelta]], limit: int
) -> list[Silent]:
    """Messages without an end `after` so long. `steps` are (up to that age, asked so often): (1 day, 4 hours), (3 days, 12
    hours). Beyond the last nobody asks any more."""
    ages = []
    younger = after
    for age, every in steps:
        overdue = or_(OUTBOUND.c.asked_at.is_(None), OUTBOUND.c.asked_at <= now - every)
        ages.append(and_(OUTBOUND.c.sent_at <= now - younger, OUTBOUND.c.sent_at > now - age, overdue))
        younger = age
    found = (
        select(OUTBOUND.c.id, OUTBOUND.c.uid, OUTBOUND.c.sid)
        .where(_HAS_IT, OUTBOUND.c.sid.is_not(None), or_(*ages))
        .order_by(OUTBOUND.c.sent_at)
        .limit(limit)
    )
    return [Silent(*row) for row in tx.execute(found)]


def mark_asked(tx: Connection, message: int, now: datetime) -> None:
    """The carrier was asked about it just now."""
    tx.execute(update(OUTBOUND).where(OUTBOUND.c.id == message).values(asked_at=now))


def give_up(tx: Connection, before: datetime) -> int:
    """Mark those that went out before then: they stay as they are, and are shown. Gives how many are newly so."""
    result = tx.execute(
        update(OUTBOUND)
        .where(_HAS_IT, OUTBOUND.c.sent_at <= before, OUTBOUND.c.error_class.is_distinct_from(SILENT))
        .values(error_class=SILENT)
    )
    return result.rowcount


# -- the carrier's book -----------------------------------------------------------------------------------------------


class CarrierRecord(Protocol):
    """A message as the carrier's book has it."""

    @property
    def sid(self) -> str:
        """The carrier's name of it."""

    @property
    def segments(self) -> int | None:
        """How many parts it had."""

    @property
    def price(self) -> str | None:
        """What was charged."""

    @property
    def price_unit(self) -> str | None:
        """The currency."""


def ranks(tx: Connection, sids: Collection[str]) -> dict[str, int]:
    """How far those of these messages that are ours have come, as far as we know."""
    return dict(tx.execute(select(OUTBOUND.c.sid, OUTBOUND.c.rank).where(OUTBOUND.c.sid.in_(list(sids)))).all())


def save_prices(tx: Connection, entries: Sequence[CarrierRecord]) -> None:
    """Write down what the carrier charged, and for how many parts."""
    rows = [
        {"its_sid": entry.sid, "charged": entry.price, "unit": entry.price_unit, "parts": entry.segments}
        for entry in sorted(entries, key=lambda entry: entry.sid)
        if entry.price is not None or entry.segments is not None
    ]
    if rows:
        tx.execute(_PRICE, rows)


_PRICE = (
    update(OUTBOUND)
    .where(OUTBOUND.c.sid == bindparam("its_sid"))
    .values(
        price=func.coalesce(bindparam("charged"), OUTBOUND.c.price),
        price_unit=func.coalesce(bindparam("unit"), OUTBOUND.c.price_unit),
        segments=func.coalesce(bindparam("parts"), OUTBOUND.c.segments),
    )
)


def sent_between(tx: Connection, begin: datetime, end: datetime) -> set[str]:
    """The messages that the carrier took from us in that time, by its names."""
    found = select(OUTBOUND.c.sid).where(
        OUTBOUND.c.sid.is_not(None), OUTBOUND.c.sent_at >= begin, OUTBOUND.c.sent_at < end
    )
    return set(tx.execute(found).scalars())
