"""What a decision or the carrier's answer does to a message in the outbox: one function for each, in the caller's
transaction. A fault of the installation pauses its sender, once, with one alert; a message is never lost over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy import Connection

from app.channels.base import Accepted, Ambiguous, ErrorClass, Outgoing, Rejected, SendResult
from app.channels.twilio.codes import CONTENT, OTHER_CHANNEL, OUTSIDE_WINDOW, RATE, TEMPLATE, THROTTLED
from app.sending import pausing, resending
from app.sending.send_policy import Cancel, Expire, Fail, Redirect, Wait, backoff, is_worth_another_try
from app.sending.status import block
from app.store import alerts, delivery, outbox, resends, senders
from app.store.delivery import Place
from app.store.outbox import Claimed
from app.store.tables import MessageStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A message that is being handed to the carrier. `place` is where it goes, None for an unknown number; `places` are
    all addresses of its officer to which we can send. One that has buttons, and could do without, is `dressed`."""

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
        tx,
        [(job.message.id, result.sid, result.segments) for job, result in settled if isinstance(result, Accepted)],
        now,
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
            pausing.refused(tx, sender, None, now)
        case Fail(error_class):
            outbox.finish(tx, message.id, MessageStatus.failed, message.error_code, error_class)


def settle(tx: Connection, job: Job, result: Rejected | Ambiguous, now: datetime, chance: Random) -> None:
    """Do with a message what the carrier's answer asks for. It is still this sender's."""
    message = job.message
    match result:
        case Ambiguous(reason):
            outbox.ambiguous(tx, message.id, reason[:40], now)
        case Rejected(_, code) if job.dressed and code in CONTENT:
            outbox.undress(tx, message, now)
            _complain(tx, job, code, now)
        case Rejected(ErrorClass.retry, code, pause) if is_worth_another_try(message, result, now):
            if code in RATE:  # never processed: no try of this message, but its number rests
                outbox.release(tx, message.id, now)
                senders.hold(tx, job.sender, now + timedelta(seconds=pause or 0.0), now)
            else:
                outbox.retry(tx, message.id, now + backoff(message.attempts, pause, chance), code, ErrorClass.retry)
        case Rejected(ErrorClass.operator, code):
            outbox.release(tx, message.id, now)
            pausing.refused(tx, job.sender, code, now)
        case Rejected(ErrorClass.change, code) if _changed(tx, job, code, now):
            pass
        case Rejected(error_class, code):
            _fail(tx, job, error_class, code, now)


def _fail(tx: Connection, job: Job, error_class: ErrorClass, code: int | None, now: datetime) -> None:
    message = job.message
    outbox.finish(tx, message.id, MessageStatus.failed, code, error_class)
    match error_class:
        case ErrorClass.stop_contact if code is not None:
            block(tx, message.contact_id, code, now)
        case ErrorClass.bug:
            log.error("the carrier found our request wrong", message=message.uid, code=code)
        case (
            ErrorClass.retry
            | ErrorClass.change
            | ErrorClass.stop_contact
            | ErrorClass.operator
            | ErrorClass.sandbox
            | ErrorClass.final
        ):
            pass
    if (
        code in THROTTLED
    ):  # hours later: not by waiting in its place, where it would hold up the officer's other messages
        for failed in resends.failed(tx, [message.id]):
            resending.after_failure(tx, job.sender.partition(":")[0], failed, now)


def _changed(tx: Connection, job: Job, code: int | None, now: datetime) -> bool:
    """Whether a message that WhatsApp does not take goes another way. That an officer has no WhatsApp is
    remembered; that free text, or its template, is refused is kept with the message, and the way is decided on anew."""
    message = job.message
    if job.place is not None and code in OTHER_CHANNEL:
        delivery.unreachable(tx, job.place.id, now)
    if message.channel != "whatsapp":
        return False
    if code in TEMPLATE and message.template is not None:
        resending.complain(tx, message.template, code, now)
    if (code == OUTSIDE_WINDOW and message.error_code != code) or (
        code in TEMPLATE and message.error_code not in TEMPLATE
    ):
        outbox.retry(tx, message.id, now, code, ErrorClass.change)
        return True
    if code in THROTTLED or not any(place.channel == "sms" and place.unreachable_at is None for place in job.places):
        return False
    outbox.redirect(tx, message.id, "sms", now)
    return True


def _complain(tx: Connection, job: Job, code: int, now: datetime) -> None:
    """Say once that questions go out as text because a generic content is not what it was."""
    if alerts.ring(tx, "content", f"content:{job.outgoing.content_sid}", now, {"code": code}):
        log.error("a content is refused: `trato templates --check`", content=job.outgoing.content_sid, code=code)
