"""Messages whose address or name cannot be opened. Either the officer's data are damaged: then that message fails alone, with an
alert; or the key is wrong: then nothing of anybody opens, and the number pauses instead."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.channels.causes import ErrorClass
from app.clock import Clock
from app.sending.rounds import repeat
from app.store import addresses, alerts, delivery
from app.store.ledger import Ledger
from app.store.outbox import Claimed
from app.store.vault import Vault

log = structlog.get_logger(__name__)

UNREADABLE = "officer_unreadable"
"""The alert of an officer whose address or name cannot be opened."""

WITNESSES = 3
"""Other officers whose addresses are tried before the key is blamed."""

EVERY_SECONDS = 60.0


def blame(tx: Connection, vault: Vault, message: Claimed, now: datetime) -> ErrorClass:
    """Why a message's data cannot be opened: `unreadable`, with an alert, if any other officer's can be; else `operator`: with a
    wrong key none can."""
    others = addresses.sample(tx, message.contact_id, WITNESSES)
    if not any(vault.opens(sealed, f"address:{contact}") for contact, sealed in others):
        return ErrorClass.operator
    subject = f"message:{message.uid}" if message.contact_id is None else f"contact:{message.contact_id}"
    study_id = (
        None if message.contact_id is None else addresses.study_ids(tx, [message.contact_id]).get(message.contact_id)
    )
    if alerts.ring(tx, UNREADABLE, subject, now, {"study_id": study_id}):
        log.error("a message failed: its officer's data cannot be opened", message=message.uid, officer=study_id)
    return ErrorClass.unreadable


@dataclass(frozen=True, slots=True)
class MendingWatch:
    """Closes the alerts of officers whose data can be opened again."""

    ledger: Ledger
    vault: Vault
    clock: Clock

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        await repeat(self.once, EVERY_SECONDS, "unreadable officers could not be looked at again")

    async def once(self) -> None:
        """Look at every officer with such an alert."""
        await self.ledger.run(self._close)

    def _close(self, tx: Connection) -> None:
        for subject in alerts.subjects(tx, UNREADABLE):
            kind, _, contact = subject.partition(":")
            if kind == "contact" and self._is_mended(tx, int(contact)):
                alerts.close(tx, UNREADABLE, subject, self.clock())

    def _is_mended(self, tx: Connection, contact: int) -> bool:
        receiver = delivery.receivers(tx, [contact]).get(contact)
        if receiver is None:
            return True
        sealed = [(place.sealed, f"address:{contact}") for place in receiver.places]
        if receiver.identity is not None:
            sealed.append((receiver.identity, f"identity:{contact}"))
        return all(self.vault.opens(*one) for one in sealed)
