"""Messages whose address, name or words cannot be opened. Either the officer's data are damaged: then that message fails alone, with an
alert; or the key is wrong: then nothing of anybody opens, and the number pauses instead."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.channels.causes import ErrorClass
from app.store import addresses, alerts, delivery
from app.store.alerts import OpenAlert
from app.store.outbox import Claimed
from app.store.vault import Vault

log = structlog.get_logger(__name__)

UNREADABLE = "officer_unreadable"
"""The alert of an officer whose address or name cannot be opened."""

WITNESSES = 3
"""Other officers whose addresses are tried before the key is blamed."""


def blame(tx: Connection, vault: Vault, message: Claimed, now: datetime) -> ErrorClass:
    """Why a message's data cannot be opened: `unreadable`, with an alert, if any other officer's can be; else `operator`: with a
    wrong key none can."""
    others = addresses.sample(tx, message.contact_id, WITNESSES)
    if not any(vault.opens(sealed, f"address:{contact}") for contact, sealed in others):
        return ErrorClass.operator
    alone = message.contact_id is None or message.body is None
    subject = f"message:{message.uid}" if alone else f"contact:{message.contact_id}"
    study_id = (
        None if message.contact_id is None else addresses.study_ids(tx, [message.contact_id]).get(message.contact_id)
    )
    if alerts.ring(tx, UNREADABLE, subject, now, {"study_id": study_id}):
        log.error("a message failed: its officer's data cannot be opened", message=message.uid, officer=study_id)
    return ErrorClass.unreadable


def is_mended(vault: Vault, tx: Connection, contact: int, _: OpenAlert) -> bool:
    """Whether an officer's addresses and name can be opened again."""
    receiver = delivery.receivers(tx, [contact]).get(contact)
    if receiver is None:
        return True
    sealed = [(place.sealed, f"address:{contact}") for place in receiver.places]
    if receiver.identity is not None:
        sealed.append((receiver.identity, f"identity:{contact}"))
    return all(vault.opens(*one) for one in sealed)
