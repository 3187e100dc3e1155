"""What became of messages that went out, as the carrier reports it. `record` takes a batch of statuses and is called by
the ledger within one transaction; a status never takes a message back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.channels.base import ErrorClass, Status
from app.channels.twilio_codes import classify
from app.store import audit, callbacks, conversations
from app.store.conversations import Changes
from app.store.tables import ContactStatus


def record(tx: Connection, statuses: Sequence[Status], now: datetime) -> list[None]:
    """Keep every status, once, and move each message on. A code that says "never again" stops its contact; any other is
    kept with its message, which counts as failed."""
    callbacks.advance(tx, statuses, now)
    for status in statuses:
        if status.error_code is not None and classify(status.error_code) is ErrorClass.stop_contact:
            block(tx, callbacks.contact_of(tx, status.sid), status.error_code, now)
    return [None] * len(statuses)


def block(tx: Connection, contact: int | None, code: int, now: datetime) -> None:
    """The carrier says that this officer must not, or cannot, be written to: nothing more goes out."""
    if contact is None:
        return
    changes = Changes(silenced=[contact], contacts=[(contact, {"status": ContactStatus.blocked})])
    conversations.write(tx, changes)
    audit.record(tx, now, "carrier", "block", f"contact:{contact}", {"code": code})
