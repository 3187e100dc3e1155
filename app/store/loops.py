"""Detection of message loops: two machines that answer each other, or a flow that runs in a circle. Looks at outbound messages,
whatever caused them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from app.clock import FARTHEST_AHEAD
from app.store import sealing
from app.store.dialect import one_of
from app.store.outbox import Claimed
from app.store.sealing import OUTBOUND_BODY
from app.store.tables import OUTBOUND

MOST_EQUAL = 5
WITHIN = timedelta(minutes=5)
"""At most `MOST_EQUAL` equal messages may go to one officer within this time; one more is a loop."""

_OLDEST = timedelta(days=2)
"""Messages created earlier are not looked at. Much longer than `WITHIN`, because a message may wait before it is sent."""


_SENT = select(OUTBOUND.c.contact_id, OUTBOUND.c.kind, OUTBOUND.c.step, OUTBOUND.c.uid, OUTBOUND.c.body).where(
    one_of(OUTBOUND.c.contact_id, "contacts"),
    OUTBOUND.c.created_at > bindparam("oldest"),
    OUTBOUND.c.sent_at > bindparam("since"),
    OUTBOUND.c.sent_at <= bindparam("until"),  # else sent before the clock was set back
)


def looping(tx: Connection, messages: Sequence[Claimed], now: datetime) -> set[int]:
    """The officers for whom one of these messages would be one too many. Messages are equal if kind, step and text are."""
    contacts = {message.contact_id for message in messages if message.contact_id is not None}
    if not contacts:
        return set()
    since = {"oldest": now - _OLDEST, "since": now - WITHIN, "until": now + FARTHEST_AHEAD}
    sent = tx.execute(_SENT, {"contacts": list(contacts), **since}).all()
    alike: dict[tuple[int | None, str, str | None], list[tuple[str, bytes | None]]] = {}
    for contact, kind, step, uid, body in sent:
        alike.setdefault((contact, kind, step), []).append((uid, body))
    return {
        message.contact_id
        for message in messages
        if message.contact_id is not None
        and len(others := alike.get((message.contact_id, message.kind, message.step), ())) >= MOST_EQUAL
        # Only of so many alike the texts are opened.
        and sum(sealing.readable(tx, OUTBOUND_BODY, *one) == message.body for one in others) >= MOST_EQUAL
    }
