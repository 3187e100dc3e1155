"""A text that changes whenever a message, a status, an answer, a flow, an alert or a pause comes: whether counts are to be shown anew.
Looks at the end of an index each, however large the tables are."""

import hashlib

from sqlalchemy import Connection, String, func, select, type_coerce

from app.store.dialect import literal
from app.store.pauses import STOPPED
from app.store.state_values import read
from app.store.tables import ALERT, AUDIT_ENTRY, INBOUND, MESSAGE_EVENT, OUTBOUND, RESPONSE, SESSION

_LATEST = (
    *(select(func.max(table.c.id)) for table in (OUTBOUND, INBOUND, MESSAGE_EVENT, RESPONSE, SESSION, AUDIT_ENTRY)),
    select(type_coerce(func.max(OUTBOUND.c.sent_at), String)).where(OUTBOUND.c.sent_at.is_not(None)),
    select(type_coerce(func.max(SESSION.c.ended_at), String)).where(SESSION.c.outcome == literal("expired")),
)


def pulse(tx: Connection) -> str:
    """The text."""
    open_alerts = select(ALERT.c.id).where(ALERT.c.closed_at.is_(None)).order_by(ALERT.c.id)
    found = [tx.execute(one).scalar_one() for one in _LATEST]
    seen = repr((found, list(tx.execute(open_alerts).scalars()), read(tx, STOPPED)))
    return hashlib.sha256(seen.encode()).hexdigest()[:16]
