"""What became of messages that went out, as the carrier reports it: in callbacks, in its lists, or when it is asked. `record`
takes a batch of statuses and is called within one transaction; a status never takes a message back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.channels.base import ErrorClass, Status
from app.channels.twilio.codes import classify
from app.sending import resending
from app.store import audit, callbacks, conversations, resends
from app.store.conversations import Changes
from app.store.tables import ContactStatus

Handler = Callable[[Connection, Sequence[Status], datetime], list[None]]


def recorder(carrier: str) -> Handler:
    """The ledger's handler for what this carrier reports."""
    return partial(record, carrier=carrier)


def record(tx: Connection, statuses: Sequence[Status], now: datetime, carrier: str = "twilio") -> list[None]:
    """Keep every status, once, and move each message on. A code that says "never again" stops its contact; any failure is
    followed by what its code asks for, once."""
    failing = callbacks.advance(tx, statuses, now)
    for status in statuses:
        if status.error_code is not None and classify(status.error_code) is ErrorClass.stop_contact:
            block(tx, callbacks.contact_of(tx, status.sid), status.error_code, now)
    for message in resends.failed(tx, failing) if failing else ():
        resending.after_failure(tx, carrier, message, now)
    return [None] * len(statuses)


def block(tx: Connection, contact: int | None, code: int, now: datetime) -> None:
    """The carrier says that this officer must not, or cannot, be written to: nothing more goes out."""
    if contact is None:
        return
    changes = Changes(silenced=[contact], contacts=[(contact, {"status": ContactStatus.blocked})])
    conversations.write(tx, changes)
    audit.record(tx, now, "carrier", "block", f"contact:{contact}", {"code": code})
