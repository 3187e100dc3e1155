"""Resolves messages that may or may not have been sent, after a crash, a time-out or a 5xx. Often a callback comes first; else
the carrier's list is asked. A message is linked if exactly one entry fits that is no other message of ours, and sent again
only if there is none and a while has passed. If several fit, it is given up, visibly, rather than sent twice."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app import spans
from app.channels.base import Channel, Outgoing, SentMessage
from app.channels.causes import ErrorClass
from app.clock import Clock
from app.errors import ConfigurationError, ExternalError
from app.sending import delivery_reports, unreadable
from app.sending.claiming import LEASE, SendContext, identity_of, stranger_address
from app.sending.composing import compose
from app.sending.rounds import repeat
from app.sending.send_policy import LONGEST_RETRY, MOST_TRIES
from app.store import addresses, audit, clock_steps, leases, outbox
from app.store import delivery as receiving
from app.store.case_openings import UNKNOWN_FATE
from app.store.ledger import Ledger
from app.store.outbox import Claimed
from app.store.tables import MessageStatus

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
GRACE = timedelta(minutes=2)
"""How long after the last attempt a message that is not found is not sent again: the list may be behind."""

SKEW = timedelta(minutes=2)
"""How far the carrier's clock may be behind ours."""

AT_A_TIME = 20
_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Asks the carrier about messages in doubt. Of several processes one at a time does it."""

    ledger: Ledger
    channel: Channel
    clock: Clock
    context: SendContext
    posting: Callable[[], Collection[int]] = tuple
    """The messages that this process is handing over now."""

    async def run(self) -> None:
        """Ask every 15 seconds, until cancelled."""
        await repeat("reconcile", self.once, EVERY_SECONDS, "messages in doubt could not be looked up")

    async def once(self) -> None:
        """Ask about the oldest messages in doubt. Raises ExternalError."""
        wrong_by = await self.ledger.run(clock_steps.wrong_by)
        for message, composed in await self.ledger.run(partial(self._in_doubt, posting=tuple(self.posting()))):
            # A moment of a clock that was wrong would hide the message in the list, and it would be sent again.
            since = min(message.created_at, self.clock()) - wrong_by - SKEW
            with spans.within("look up", {"trato.message": message.uid}) as span:
                found = [one for outgoing in composed for one in await self.channel.find_sent(outgoing, since)]
                span.set("trato.found", len(found))
            await self.ledger.run(partial(self._resolve, message=message, found=found))

    def _in_doubt(self, tx: Connection, posting: Collection[int] = ()) -> list[tuple[Claimed, list[Outgoing]]]:
        now = self.clock()
        outbox.correct_moments(tx, now, LEASE, LONGEST_RETRY)
        outbox.overdue(tx, now, posting)
        messages = outbox.unknown(tx, AT_A_TIME)
        if not messages or not leases.acquire(tx, "reconcile", self.context.owner, now + _LEASE, now):
            return []
        composed = [(message, self.recomposed(tx, message)) for message in messages]
        for message, outgoing in composed:
            if not outgoing:
                give_up(tx, message, now)
        return [(message, outgoing) for message, outgoing in composed if outgoing]

    def recomposed(self, tx: Connection, message: Claimed) -> list[Outgoing]:
        """The message as it may have been sent, to each address that the officer has had on its channel; none if the address is
        not known any more. A message that may have gone out as a template, or with buttons, has no body of ours."""
        contents = self.context.rules.templates
        template = contents.get(message.template) if message.template and message.channel == "whatsapp" else None
        try:
            if message.contact_id is None:
                return [compose(message, stranger_address(tx, message, self.context.vault)[1], {}, None, {})]
            identity = identity_of(
                receiving.receivers(tx, [message.contact_id])[message.contact_id], self.context.vault
            )
            sealed = addresses.all_sealed(tx, message.contact_id, message.channel)
            numbers = dict.fromkeys(self.context.vault.open(one, f"address:{message.contact_id}") for one in sealed)
            return [compose(message, to, identity, template, contents) for to in numbers]
        except ConfigurationError as error:
            if unreadable.blame(tx, self.context.vault, message, self.clock()) is ErrorClass.operator:
                raise ExternalError(str(error)) from None
            return []
        except (LookupError, ValueError):
            return []

    def _resolve(self, tx: Connection, message: Claimed, found: Sequence[SentMessage]) -> None:
        now = self.clock()
        if not outbox.is_in_doubt(tx, message):  # a callback came while we asked
            return
        ours = outbox.linked(tx, [one.sid for one in found])
        candidates = [one for one in found if one.sid not in ours]
        match [one for one in candidates if one.same] or candidates:
            case [one]:
                outbox.accepted(tx, [(message.id, one.sid, one.segments)], now)
                delivery_reports.record(tx, [one.report(message.uid)], now, self.channel.name)
                log.info("a message in doubt was found at the carrier", message=message.uid)
            case []:
                self._not_found(tx, message, now)
            case _:
                give_up(tx, message, now)

    def _not_found(self, tx: Connection, message: Claimed, now: datetime) -> None:
        if message.lease_until is not None and now < message.lease_until + GRACE:
            return
        if message.attempts >= MOST_TRIES:
            give_up(tx, message, now)
        elif outbox.requeue(tx, message, now):
            log.info("a message in doubt never reached the carrier", message=message.uid)


def give_up(tx: Connection, message: Claimed, now: datetime) -> None:
    """Leave it to a person: it no longer blocks the officer's other messages, and is not sent again."""
    outbox.finish(tx, message.id, MessageStatus.failed, None, UNKNOWN_FATE)
    audit.record(tx, now, "sender", "give_up", f"message:{message.uid}", {"tries": message.attempts})
    log.warning("a message may or may not have been sent", message=message.uid)
