"""Reactions to a message that the carrier accepted and then failed, by cause: resend it by another way or later, give up, or
stop its officer or its number. The failed row keeps the reason. A resend is decided on like every message (`send_policy`),
and dropped if the conversation has gone on without it."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.channels.causes import Cause, ErrorClass
from app.conversations.sessions import uid
from app.sending import destinations, pausing
from app.sending.destinations import RefusedMessage
from app.store import alerts, our_numbers, resends
from app.store.resends import Failed
from app.store.tables import ContactStatus

log = structlog.get_logger(__name__)

AT_ONCE = timedelta(seconds=10)
"""Before a message goes another way: messages sent with it fail with it, and are resent together in their order."""

LATER = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
"""The delays of the resends to an officer whose phone cannot be reached."""

MUCH_LATER = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""The same where WhatsApp limits the messages to this officer."""

MOST_RESENDS = len(LATER)

SLOWED = timedelta(seconds=30)
"""How long a number rests that sends too much, by the carrier's report."""

TEMPLATE_REFUSED = "template"
"""The alert of a template that the carrier refuses as it is in the environment's map."""

NEWS = timedelta(hours=1)
"""The oldest message whose failure still shows that the configuration is wrong now."""


_NEED_ANOTHER_WAY = frozenset({Cause.outside_window, Cause.other_channel, Cause.template_refused})


def after_failure(tx: Connection, carrier: str, message: Failed, now: datetime) -> None:
    """Handle one failed message by its cause. Called once for each."""
    cause = Cause(message.cause) if message.cause else Cause.unknown
    resends.note_class(tx, message.id, cause.error_class)
    sender = message.sender or our_numbers.name(carrier, message.channel)
    paused = _blame(tx, sender, cause, message, now)
    if cause is Cause.template_refused and message.template is not None:
        report_template(tx, message.template, message.code, now)
    if cause is Cause.rate_limited:
        our_numbers.throttle(tx, sender, now + SLOWED, now)
    if cause is Cause.other_channel and message.contact_id is not None:
        resends.without_channel(tx, message.contact_id, message.channel, message.said_at, now)
    delay = AT_ONCE if paused and message.resend < MOST_RESENDS else _delay(tx, cause, message)
    if message.status == ContactStatus.active and delay is not None:
        resends.queue_successor(tx, message, uid(now), now + delay, now)


def _blame(tx: Connection, sender: str, cause: Cause, message: Failed, now: datetime) -> bool:
    """Blame our number, the officer's or our request, by the class of the cause. Returns whether our number pauses."""
    match cause.error_class:
        case ErrorClass.operator:
            if _is_recent(message, now):
                pausing.refused(tx, sender, message.code, now)
                return True
        case ErrorClass.destination:
            if message.contact_id is not None and _is_recent(message, now):
                refused = RefusedMessage(message.id, message.contact_id, message.channel, message.code, message.said_at)
                return destinations.refused(tx, sender, refused, now)
        case ErrorClass.bug:
            log.error("the carrier found our request wrong", message=message.uid, code=message.code)
        case (
            ErrorClass.retry
            | ErrorClass.change
            | ErrorClass.stop_contact
            | ErrorClass.sandbox
            | ErrorClass.unreadable
            | ErrorClass.final
        ):
            pass
    return False


def report_template(tx: Connection, template: str, code: int | None, now: datetime) -> None:
    """Alert that the carrier refuses a template, or its number of values: once for each template, however many messages
    fail by it."""
    if alerts.ring(tx, TEMPLATE_REFUSED, f"template:{template}", now, {"code": code}):
        log.error("a template is refused: `trato templates --check`", template=template, code=code)


def _is_recent(message: Failed, now: datetime) -> bool:
    return message.sent_at is None or now - message.sent_at < NEWS


def _delay(tx: Connection, cause: Cause, message: Failed) -> timedelta | None:
    """How long to wait before the message is resent; None if it is not."""
    if message.resend >= MOST_RESENDS:
        return None
    if cause is Cause.unexplained and message.resend > 0:
        return None
    if cause is Cause.throttled:
        return MUCH_LATER[message.resend]
    if (cause in _NEED_ANOTHER_WAY or cause.error_class is ErrorClass.destination) and not _has_other_way(
        tx, message, cause
    ):
        return None
    match cause.error_class:
        case ErrorClass.retry:
            return LATER[message.resend]
        case ErrorClass.operator | ErrorClass.change | ErrorClass.destination:
            return AT_ONCE
        case ErrorClass.stop_contact | ErrorClass.bug | ErrorClass.sandbox | ErrorClass.unreadable | ErrorClass.final:
            return None


def _has_other_way(tx: Connection, message: Failed, cause: Cause) -> bool:
    if message.contact_id is None:
        return False
    by_template = cause is Cause.outside_window and message.template is not None
    return by_template or resends.has_other_channel(tx, message.contact_id, message.channel)
