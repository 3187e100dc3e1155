"""Matters for a person without a message of an officer: messages of ours that were refused or whose fate is unknown, and dead letters. Only
what no case has had yet. All functions take a transaction and commit nothing."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from app.store.tables import CASE, CASE_MESSAGE, DEAD_LETTER, OUTBOUND, MessageStatus

UNKNOWN_FATE = "unclear"
"""The error class of a message that may have been sent and was given up."""

_GIVEN_UP: ColumnElement[bool] = literal_column(
    "outbound_message.error_class IN ('unclear', 'stop_contact', 'destination')"
)
"""As the partial index has it: `unclear`, and the classes of failures that concern the officer's number."""
_later = OUTBOUND.alias("later")


class GivenUp(NamedTuple):
    """A message of ours that did not reach its officer, or perhaps did."""

    id: int
    contact_id: int
    error_class: str
    created_at: datetime


def given_up(tx: Connection, most: int) -> list[GivenUp]:
    """Messages that were given up and have no successor, oldest first."""
    first = func.coalesce(OUTBOUND.c.origin_id, OUTBOUND.c.id)
    resent = select(_later.c.id).where(_later.c.origin_id == first, _later.c.resend > OUTBOUND.c.resend).exists()
    known = select(CASE_MESSAGE.c.id).where(CASE_MESSAGE.c.outbound_id == OUTBOUND.c.id).exists()
    found = (
        select(OUTBOUND.c.id, OUTBOUND.c.contact_id, OUTBOUND.c.error_class, OUTBOUND.c.created_at)
        .where(
            _GIVEN_UP,
            OUTBOUND.c.status.in_((MessageStatus.failed, MessageStatus.undelivered)),
            OUTBOUND.c.contact_id.is_not(None),
            ~resent,
            ~known,
        )
        .order_by(OUTBOUND.c.id)
        .limit(most)
    )
    return [GivenUp(*row) for row in tx.execute(found)]


def letters(tx: Connection, most: int) -> list[int]:
    """Dead letters that have not been processed, oldest first."""
    known = select(CASE_MESSAGE.c.id).where(CASE_MESSAGE.c.letter_id == DEAD_LETTER.c.id).exists()
    found = select(DEAD_LETTER.c.id).where(DEAD_LETTER.c.replayed_at.is_(None), ~known)
    return list(tx.execute(found.order_by(DEAD_LETTER.c.id).limit(most)).scalars())


def processed(tx: Connection) -> list[int]:
    """Open cases of dead letters of which none waits any more."""
    joined = CASE_MESSAGE.join(DEAD_LETTER, DEAD_LETTER.c.id == CASE_MESSAGE.c.letter_id)
    waits = (
        select(CASE_MESSAGE.c.id)
        .select_from(joined)
        .where(CASE_MESSAGE.c.case_id == CASE.c.id, DEAD_LETTER.c.replayed_at.is_(None))
        .exists()
    )
    ours = (CASE.c.closed_at.is_(None), CASE.c.contact_id.is_(None), CASE.c.lookup.is_(None))
    return list(tx.execute(select(CASE.c.id).where(*ours, ~waits)).scalars())
