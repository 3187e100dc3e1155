"""The effects of decisions and of the carrier's answers on the outbox, in the caller's transaction. A configuration error pauses
the number that found it, once, with one alert; no message is lost by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy import Connection

from app.channels.base import Accepted, Ambiguous, Outgoing, Rejected, SendResult
from app.channels.causes import CONTENT, Cause, ErrorClass
from app.sending import destinations, pausing, resending
from app.sending.delivery_reports import block
from app.sending.destinations import RefusedMessage
from app.sending.pace import MOST_ASKED
from app.sending.send_policy import Cancel, Doubt, Expire, Fail, Redirect, Wait, backoff, is_worth_another_try
from app.store import alerts, delivery, holds, our_numbers, outbox, resends
from app.store.delivery import Place
from app.store.holds import Hold
from app.store.outbox import Claimed
from app.store.tables import MessageStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A message on its way to the carrier. `sender` is the number of ours that sends it; `place` is its destination, None for
    an unknown number; `places` are all addresses of its officer to which we can send. `has_buttons`: it has buttons or a list
    that can be dropped. `probe`: it tries a number that rested."""

    message: Claimed
    outgoing: Outgoing
    sender: str
    place: Place | None = None
    places: tuple[Place, ...] = ()
    has_buttons: bool = False
    probe: bool = False


Settled = tuple[Job, SendResult]


def write(tx: Connection, owner: str, settled: Sequence[Settled], now: datetime, chance: Random) -> None:
    """Store the carrier's answers. A message that the carrier has accepted is always stored as such; any other is skipped if
    this sender has lost its lease."""
    for sender in sorted({job.sender for job, result in settled if job.probe and _is_carriers(result)}):
        pausing.recovered(tx, sender, now)
    outbox.accepted(
        tx,
        [(job.message.id, result.sid, result.segments) for job, result in settled if isinstance(result, Accepted)],
        now,
    )
    our_numbers.accepted(tx, {job.sender for job, result in settled if isinstance(result, Accepted)})
    others = [(job, result) for job, result in settled if not isinstance(result, Accepted)]
    held = outbox.held(tx, owner, [job.message.id for job, _ in others])
    for job, result in others:
        if job.message.id in held:
            settle(tx, job, result, now, chance)


def _is_carriers(result: SendResult) -> bool:
    """Whether the answer to a probe shows that the carrier itself is there again."""
    match result:
        case Accepted():
            return True
        case Rejected(cause):
            return cause not in (Cause.foreign_answer, Cause.carrier_unreachable)
        case Ambiguous():
            return False


def put_back(
    tx: Connection,
    message: Claimed,
    decision: Wait | Doubt | Redirect | Cancel | Expire | Fail,
    sender: str,
    now: datetime,
) -> None:
    """Carry out a decision other than sending."""
    match decision:
        case Wait(until):
            outbox.wait(tx, message.id, until)
        case Doubt(until):
            if message.contact_id is not None:  # the clock puts the question
                holds.add(tx, message.contact_id, Hold.number, now)
            outbox.wait(tx, message.id, until)
        case Redirect(channel):
            outbox.redirect(tx, message.id, channel, now)
        case Cancel(reason):
            outbox.finish(tx, message.id, MessageStatus.cancelled, None, reason)
        case Expire():
            outbox.finish(tx, message.id, MessageStatus.expired)
        case Fail(ErrorClass.operator):
            outbox.release(tx, message.id, now)
            pausing.pause_for_key(tx, sender, now)
        case Fail(error_class):
            outbox.finish(tx, message.id, MessageStatus.failed, message.error_code, error_class, message.error_cause)


def settle(tx: Connection, job: Job, result: Rejected | Ambiguous, now: datetime, chance: Random) -> None:
    """Carry out what the carrier's answer asks for. The message must still be this sender's."""
    message = job.message
    match result:
        case Ambiguous(reason):
            outbox.ambiguous(tx, message.id, reason[:40], now)
        case Rejected(Cause.foreign_answer):
            outbox.release(tx, message.id, now)
            pausing.answered_by_another(tx, job.sender, now, probe=job.probe)
        case Rejected(cause, code) if job.has_buttons and cause in CONTENT:
            outbox.drop_buttons(tx, message, now)
            _report_content(tx, job, code, now)
        case Rejected(cause) if cause.error_class is ErrorClass.retry and is_worth_another_try(message, cause, now):
            _try_again(tx, job, result, now, chance)
        case Rejected(cause, code) if cause.error_class is ErrorClass.operator:
            outbox.release(tx, message.id, now)
            pausing.refused(tx, job.sender, code, now)
        case Rejected(cause) if cause.error_class is ErrorClass.destination and _goes_on(tx, job, result, now):
            pass
        case Rejected(cause) if cause.error_class is ErrorClass.change and _changed(tx, job, result, now):
            pass
        case Rejected():
            _fail(tx, job, result, now)


def _try_again(tx: Connection, job: Job, result: Rejected, now: datetime, chance: Random) -> None:
    message, pause = job.message, result.retry_after
    if result.cause is Cause.rate_limited:  # never processed: this does not count as an attempt, but the number rests
        outbox.release(tx, message.id, now)
        rest = timedelta(seconds=pause or 0.0)
        our_numbers.throttle(tx, job.sender, now + rest, now)
        if rest >= MOST_ASKED:
            pausing.slowed(tx, job.sender, rest, now)
        return
    due_at = now + backoff(message.attempts, pause, chance)
    outbox.retry(tx, message.id, due_at, result.code, ErrorClass.retry, result.cause)


def _fail(tx: Connection, job: Job, result: Rejected, now: datetime) -> None:
    message, cause, code = job.message, result.cause, result.code
    outbox.finish(tx, message.id, MessageStatus.failed, code, cause.error_class, cause)
    match cause.error_class:
        case ErrorClass.stop_contact:
            block(tx, message.contact_id, cause, code, now)
        case ErrorClass.bug:
            log.error("the carrier found our request wrong", message=message.uid, code=code)
        case (
            ErrorClass.retry
            | ErrorClass.change
            | ErrorClass.destination
            | ErrorClass.operator
            | ErrorClass.sandbox
            | ErrorClass.unreadable
            | ErrorClass.final
        ):
            pass
    if cause is Cause.throttled:
        # Hours later, as a resend: a message that waited in its place would block the officer's others.
        for failed in resends.failed(tx, [message.id]):
            resending.after_failure(tx, job.sender.partition(":")[0], failed, now)


def _goes_on(tx: Connection, job: Job, result: Rejected, now: datetime) -> bool:
    """Whether a message whose destination is refused goes by the officer's other channel, or waits because our number pauses."""
    message = job.message
    if message.contact_id is None:
        return False
    refused = RefusedMessage(message.id, message.contact_id, message.channel, result.code, now)
    if destinations.refused(tx, job.sender, refused, now):
        outbox.release(tx, message.id, now)
        return True
    other = next((place for place in job.places if place.channel != message.channel and not place.unreachable_at), None)
    if other is None:
        return False
    outbox.redirect(tx, message.id, other.channel, now)
    return True


def _changed(tx: Connection, job: Job, result: Rejected, now: datetime) -> bool:
    """Whether a message that WhatsApp refuses goes another way. A missing WhatsApp account is remembered with the address; refused
    free text, or a refused template, with the message, whose way is then decided anew."""
    message, cause = job.message, result.cause
    if job.place is not None and cause is Cause.other_channel:
        delivery.unreachable(tx, job.place.id, now)
    if message.channel != "whatsapp":
        return False
    if cause is Cause.template_refused and message.template is not None:
        resending.report_template(tx, message.template, result.code, now)
    if cause in (Cause.outside_window, Cause.template_refused) and message.error_cause != cause:
        outbox.retry(tx, message.id, now, result.code, ErrorClass.change, cause)
        return True
    has_sms = any(place.channel == "sms" and place.unreachable_at is None for place in job.places)
    if cause is Cause.throttled or not has_sms:
        return False
    outbox.redirect(tx, message.id, "sms", now)
    return True


def _report_content(tx: Connection, job: Job, code: int | None, now: datetime) -> None:
    """Alert once that questions go out as text because the carrier refuses a generic content."""
    if alerts.ring(tx, "content", f"content:{job.outgoing.content_sid}", now, {"code": code}):
        log.error("a content is refused: `trato templates --check`", content=job.outgoing.content_sid, code=code)
