"""What a decision or the carrier's answer does to a message in the outbox: one function for each, in the caller's
transaction. A fault of the installation pauses its sender, once, with one alert; a message is never lost over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

import structlog
from sqlalchemy import Connection

from app.channels.base import Accepted, Ambiguous, ErrorClass, Outgoing, Rejected, SendResult
from app.channels.twilio_codes import CONTENT, OTHER_CHANNEL
from app.scheduler.dispatch import Cancel, Expire, Fail, Redirect, Wait, backoff, is_worth_another_try
from app.services.delivery import block
from app.store import alerts, audit, delivery, outbox, senders
from app.store.delivery import Place
from app.store.outbox import Claimed
from app.store.tables import MessageStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A message that is being handed to the carrier. `place` is where it goes, None for an unknown number; `places` are
    all addresses of its officer. One that has buttons, and could do without, is `dressed`."""

    message: Claimed
    outgoing: Outgoing
    sender: str
    place: Place | None = None
    places: tuple[Place, ...] = ()
    dressed: bool = False


Settled = tuple[Job, SendResult]


def write(tx: Connection, owner: str, settled: Sequence[Settled], now: datetime, chance: Random) -> None:
    """Write down the carrier's answers. A message that this sender has lost meanwhile is left to whoever has it now; but
    that the carrier has it is true in any case."""
    outbox.accepted(
        tx, [(job.message.id, result.sid, result.segments) for job, result in settled if isinstance(result, Accepted)], now
    )
    others = [(job, result) for job, result in settled if not isinstance(result, Accepted)]
    held = outbox.held(tx, owner, [job.message.id for job, _ in others])
    for job, result in others:
        if job.message.id in held:
            settle(tx, job, result, now, chance)


def put_back(
    tx: Connection, message: Claimed, decision: Wait | Redirect | Cancel | Expire | Fail, sender: str, now: datetime
) -> None:
    """Do with a claimed message what was decided instead of sending it."""
    match decision:
        case Wait(until):
            outbox.wait(tx, message.id, until)
        case Redirect(channel):
            outbox.redirect(tx, message.id, channel, now)
        case Cancel(reason):
            outbox.finish(tx, message.id, MessageStatus.cancelled, None, reason)
        case Expire():
            outbox.finish(tx, message.id, MessageStatus.expired)
        case Fail(ErrorClass.operator):
            outbox.release(tx, message.id, now)
            _pause(tx, sender, None, now)
        case Fail(error_class):
            outbox.finish(tx, message.id, MessageStatus.failed, None, error_class)


def settle(tx: Connection, job: Job, result: Rejected | Ambiguous, now: datetime, chance: Random) -> None:
    """Do with a message what the carrier's answer asks for. It is still this sender's."""
    message = job.message
    match result:
        case Ambiguous(reason):
            outbox.ambiguous(tx, message.id, reason[:40], now)
        case Rejected(ErrorClass.retry, code, retry_after) if is_worth_another_try(message, result, now):
            due_at = now + backoff(message.attempts, retry_after, chance)
            outbox.retry(tx, message.id, due_at, code, ErrorClass.retry)
        case Rejected(_, code) if job.dressed and code in CONTENT:
            outbox.undress(tx, message, now)
            _complain(tx, job, code, now)
        case Rejected(ErrorClass.operator, code):
            outbox.release(tx, message.id, now)
            _pause(tx, job.sender, code, now)
        case Rejected(ErrorClass.change, code) if (other := _other_channel(tx, job, code, now)) is not None:
            outbox.redirect(tx, message.id, other, now)
        case Rejected(error_class, code):
            _fail(tx, job, error_class, code, now)


def _fail(tx: Connection, job: Job, error_class: ErrorClass, code: int | None, now: datetime) -> None:
    message = job.message
    outbox.finish(tx, message.id, MessageStatus.failed, code, error_class)
    if error_class is ErrorClass.stop_contact and code is not None:
        block(tx, message.contact_id, code, now)
    if error_class is ErrorClass.bug:
        log.error("the carrier found our request wrong", message=message.uid, code=code)


def _other_channel(tx: Connection, job: Job, code: int | None, now: datetime) -> str | None:
    """SMS, for a WhatsApp message that WhatsApp does not take. That an officer has no WhatsApp is remembered."""
    if job.place is not None and code in OTHER_CHANNEL:
        delivery.unreachable(tx, job.place.id, now)
    if job.message.channel != "whatsapp":
        return None
    return "sms" if any(place.channel == "sms" and place.unreachable_at is None for place in job.places) else None


def _complain(tx: Connection, job: Job, code: int, now: datetime) -> None:
    """Say once that questions go out as text because a generic content is not what it was."""
    if alerts.ring(tx, "content", f"content:{job.outgoing.content_sid}", now, {"code": code}):
        log.error("a content is refused: `trato templates --check`", content=job.outgoing.content_sid, code=code)


def _pause(tx: Connection, sender: str, code: int | None, now: datetime) -> None:
    """Stop a sender until a person has mended what is wrong: one alert, however many messages find it out."""
    if senders.pause_sender(tx, sender, code, now):
        audit.record(tx, now, "sender", "pause", f"sender:{sender}", {"code": code})
        log.error("sender paused: the installation is refused by the carrier", sender=sender, code=code)
