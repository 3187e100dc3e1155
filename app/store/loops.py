"""The same message to the same officer again and again: two machines that talk with each other, or a flow that runs in a circle.
Seen where messages go out, whatever brings them forth."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.store.outbox import Claimed
from app.store.tables import OUTBOUND

MOST_EQUAL = 5
WITHIN = timedelta(minutes=5)
"""So many equal messages may go to one officer in this time; one more is a loop."""

_OLDEST = timedelta(days=2)
"""How old a message may be that is still looked at: it may have waited before it went out."""


def looping(tx: Connection, messages: Sequence[Claimed], now: datetime) -> set[int]:
    """Officers who would get one of these messages once too often. Messages are equal if they are of the same kind and step
    and have the same words."""
    contacts = {message.contact_id for message in messages if message.contact_id is not None}
    if not contacts:
        return set()
    sent = tx.execute(
        select(OUTBOUND.c.contact_id, OUTBOUND.c.kind, OUTBOUND.c.step, OUTBOUND.c.body).where(
            OUTBOUND.c.contact_id.in_(contacts),
            OUTBOUND.c.created_at > now - _OLDEST,
            OUTBOUND.c.sent_at > now - WITHIN,
        )
    ).all()
    counts = Counter(tuple(row) for row in sent)
    return {
        message.contact_id
        for message in messages
        if message.contact_id is not None
        and counts[message.contact_id, message.kind, message.step, message.body] >= MOST_EQUAL
    }
