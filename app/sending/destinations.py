"""One bad destination: the carrier may not, or will not, deliver to an officer's number. That message fails, the officer is marked,
with an alert, and our number goes on. It pauses once the destinations of several officers in a row are refused: then it is our
number, or its account, that is at fault."""

import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.sending import pausing
from app.store import addresses, alerts, our_numbers, resends
from app.store.alerts import OpenAlert

log = structlog.get_logger(__name__)

SEVERAL = 3
"""This many officers in a row show that our own number is at fault."""


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message whose destination was refused: its row, its officer, its channel, and the carrier's code. `sent_at` is the moment
    from which the officer's addresses were in use."""

    id: int
    contact_id: int
    channel: str
    code: int | None
    sent_at: datetime


def refused(tx: Connection, sender: str, message: RefusedMessage, now: datetime) -> bool:
    """Mark the officer's addresses on this channel as unreachable, and ring. Pauses our number instead of ringing if it is refused
    by several officers in a row. Returns whether it did."""
    resends.without_channel(tx, message.contact_id, message.channel, message.sent_at, now)
    if our_numbers.refuse(tx, sender, message.id, now) >= SEVERAL:
        pausing.refused(tx, sender, message.code, now)
        return True
    study_id = addresses.study_ids(tx, [message.contact_id]).get(message.contact_id)
    detail = {"study_id": study_id, "channel": message.channel, "code": message.code}
    if alerts.ring(tx, pausing.DESTINATION, f"contact:{message.contact_id}", now, detail):
        log.error("the carrier does not deliver to an officer's number", officer=study_id, code=message.code)
    return False


def is_reachable(tx: Connection, contact: int, alert: OpenAlert) -> bool:
    """Whether an officer can be reached again on the channel of an alert: they wrote, got another number, or were resumed."""
    return not addresses.is_marked(tx, contact, json.loads(alert.detail)["channel"])
