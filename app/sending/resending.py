"""What is done about a message that the carrier took and then failed, by the code that it gives: said again by another way or
later, given up, its officer or its sender stopped. The failed row stays as it is and says why; what is said again is decided
on at its turn like everything else (`scheduler/dispatch`), and dropped if the conversation has gone on without it."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.channels.base import ErrorClass
from app.channels.twilio.codes import ONCE, OTHER_CHANNEL, OUTSIDE_WINDOW, RATE, TEMPLATE, THROTTLED, classify
from app.conversations.sessions import uid
from app.sending import pausing
from app.store import alerts, resends, senders
from app.store.resends import Failed
from app.store.tables import ContactStatus

log = structlog.get_logger(__name__)

AT_ONCE = timedelta(seconds=10)
"""Before a message goes another way: what was sent with it fails with it, and so all of it is said again in its order."""

LATER = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
"""How long to wait before an officer whose phone cannot be reached is tried again, and how often."""

MUCH_LATER = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""The same where WhatsApp does not want the officer to get so much."""

MOST_RESENDS = len(LATER)

SLOWED = timedelta(seconds=30)
"""How long a number rests of which the carrier says that it sends too much."""

TEMPLATE_REFUSED = "template"
"""The alert of a template that the carrier does not take as the environment's map has it."""

NEWS = timedelta(hours=1)
"""How old a message may be for its failure to tell that the installation is wrong now."""


def after_failure(tx: Connection, carrier: str, message: Failed, now: datetime) -> None:
    """Do about one failed message what its code asks for. Called once for each."""
    error_class = classify(message.code)
    resends.note_class(tx, message.id, error_class)
    sender = message.sender or senders.name(carrier, message.channel)
    match error_class:
        case ErrorClass.operator if _is_news(message, now):
            pausing.refused(tx, sender, message.code, now)
        case ErrorClass.bug:
            log.error("the carrier found our request wrong", message=message.uid, code=message.code)
        case (
            ErrorClass.operator
            | ErrorClass.retry
            | ErrorClass.change
            | ErrorClass.stop_contact
            | ErrorClass.sandbox
            | ErrorClass.final
        ):
            pass
    if message.code in TEMPLATE and message.template is not None:
        complain(tx, message.template, message.code, now)
    if message.code in RATE:
        senders.hold(tx, sender, now + SLOWED, now)
    if message.code in OTHER_CHANNEL and message.contact_id is not None:
        resends.without_channel(tx, message.contact_id, message.channel, message.said_at, now)
    if message.status == ContactStatus.active and (delay := _delay(tx, error_class, message)) is not None:
        resends.say_again(tx, message, uid(now), now + delay, now)


def complain(tx: Connection, template: str, code: int | None, now: datetime) -> None:
    """Say that a template, or its number of values, is not what the map and the flow have: one alert for each, however many
    messages find it out."""
    if alerts.ring(tx, TEMPLATE_REFUSED, f"template:{template}", now, {"code": code}):
        log.error("a template is refused: `trato templates --check`", template=template, code=code)


def _is_news(message: Failed, now: datetime) -> bool:
    return message.sent_at is None or now - message.sent_at < NEWS


def _delay(tx: Connection, error_class: ErrorClass, message: Failed) -> timedelta | None:
    """How long to wait before the message is said again; None if it is not."""
    if message.resend >= MOST_RESENDS:
        return None
    match error_class:
        case ErrorClass.retry:
            return None if message.code in ONCE and message.resend > 0 else LATER[message.resend]
        case ErrorClass.operator:
            return AT_ONCE
        case ErrorClass.change if message.code in THROTTLED:
            return MUCH_LATER[message.resend]
        case ErrorClass.change if message.code not in OTHER_CHANNEL | TEMPLATE | {OUTSIDE_WINDOW}:
            return AT_ONCE  # it was too long on its way
        case ErrorClass.change:
            return AT_ONCE if _has_other_way(tx, message) else None
        case ErrorClass.stop_contact | ErrorClass.bug | ErrorClass.sandbox | ErrorClass.final:
            return None


def _has_other_way(tx: Connection, message: Failed) -> bool:
    if message.contact_id is None:
        return False
    by_template = message.code == OUTSIDE_WINDOW and message.template is not None
    return by_template or resends.has_other_channel(tx, message.contact_id, message.channel)
