"""The carrier's reports on messages that went out: from callbacks, from its lists, or asked for one by one. `record` handles a
batch within one transaction; a report never moves a message back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.channels.base import DeliveryStatus, Status
from app.channels.causes import Cause, ErrorClass
from app.measures import DELIVERY_REPORTS
from app.sending import resending
from app.store import audit, callbacks, conversations, our_numbers, resends
from app.store.conversations import Changes
from app.store.tables import ContactStatus

_ARRIVED = (DeliveryStatus.delivered, DeliveryStatus.read)

Handler = Callable[[Connection, Sequence[Status], datetime], list[None]]


def recorder(carrier: str) -> Handler:
    """The ledger's handler for this carrier's reports."""
    return partial(record, carrier=carrier)


def record(tx: Connection, statuses: Sequence[Status], now: datetime, carrier: str) -> list[None]:
    """Keep every report once and move its message on. A cause that stops the contact blocks the officer; every failure is
    handled by its cause, once."""
    failing = callbacks.advance(tx, statuses, now)
    our_numbers.delivered(tx, [one.sid for one in statuses if one.status in _ARRIVED])
    for status in statuses:
        DELIVERY_REPORTS.labels(status.status or "", status.cause or "").inc()
        if status.cause is not None and status.cause.error_class is ErrorClass.stop_contact:
            block(tx, callbacks.contact_of(tx, status.sid), status.cause, status.error_code, now)
    for message in resends.failed(tx, failing) if failing else ():
        resending.after_failure(tx, carrier, message, now)
    return [None] * len(statuses)


def block(tx: Connection, contact: int | None, cause: Cause, code: int | None, now: datetime) -> None:
    """Stop all messages to an officer who, by the carrier's report, must not or cannot be written to."""
    if contact is None:
        return
    changes = Changes(silenced=[contact], contacts=[(contact, {"status": ContactStatus.blocked})])
    conversations.write(tx, changes)
    audit.record(tx, now, "carrier", "block", f"contact:{contact}", {"code": code, "cause": cause})
