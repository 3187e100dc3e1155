"""Accepted messages without a final status, and the prices in the carrier's list of messages. All functions take a transaction
and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from app.store.dialect import literal
from app.store.tables import CARRIER_DELETION, OUTBOUND, MessageStatus

S = MessageStatus
_HAS_IT: ColumnElement[bool] = OUTBOUND.c.status.in_((literal(S.accepted), literal(S.sent)))

SILENT = "silent"
"""The error class of a message whose final status will not be known."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A message whose status to ask the carrier for."""

    id: int
    uid: str
    sid: str


def to_ask(
    tx: Connection, now: datetime, *, after: timedelta, steps: Sequence[tuple[timedelta, timedelta]], limit: int
) -> list[Silent]:
    """Messages without a final status for longer than `after`. `steps` are (up to this age, interval between two requests), such as
    (1 day, 4 hours), (3 days, 12 hours). Older messages are not asked about."""
    ages = []
    younger = after
    for age, every in steps:
        # Asked "in the future": the clock was set back since.
        overdue = or_(OUTBOUND.c.asked_at.is_(None), OUTBOUND.c.asked_at <= now - every, OUTBOUND.c.asked_at > now)
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
    """Record that the carrier was asked about this message."""
    tx.execute(update(OUTBOUND).where(OUTBOUND.c.id == message).values(asked_at=now))


def give_up(tx: Connection, before: datetime) -> int:
    """Mark messages sent before this moment as silent; their status stays. Returns how many were newly marked."""
    result = tx.execute(
        update(OUTBOUND)
        .where(_HAS_IT, OUTBOUND.c.sent_at <= before, OUTBOUND.c.error_class.is_distinct_from(SILENT))
        .values(error_class=SILENT)
    )
    return result.rowcount


# -- the carrier's list -----------------------------------------------------------------------------------------------


class CarrierRecord(Protocol):
    """A message in the carrier's list."""

    @property
    def sid(self) -> str:
        """The carrier's id."""

    @property
    def segments(self) -> int | None:
        """Number of SMS segments."""

    @property
    def price(self) -> str | None:
        """The price, as the carrier writes it."""

    @property
    def price_unit(self) -> str | None:
        """The currency."""


def ranks(tx: Connection, sids: Collection[str]) -> dict[str, int]:
    """The ranks of the statuses we have for these messages. Messages that are not ours are absent."""
    return dict(tx.execute(select(OUTBOUND.c.sid, OUTBOUND.c.rank).where(OUTBOUND.c.sid.in_(list(sids)))).all())


def save_prices(tx: Connection, entries: Sequence[CarrierRecord]) -> None:
    """Save the price and the number of segments of each message."""
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
    """The SIDs of the messages we sent from `begin` up to but not including `end`, without those that the carrier has deleted for us."""
    found = select(OUTBOUND.c.sid).where(
        OUTBOUND.c.sid.is_not(None),
        OUTBOUND.c.sent_at >= begin,
        OUTBOUND.c.sent_at < end,
        OUTBOUND.c.sid.not_in(select(CARRIER_DELETION.c.sid)),
    )
    return set(tx.execute(found).scalars())
