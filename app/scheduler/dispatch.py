"""What to do with one message that is due, at the moment of sending, and with one that was refused: by which channel, with
or without a template, later, or not at all. Pure: the rows, the moment and the chance are arguments. The window of 24
hours in which WhatsApp takes free text is worked out here, from the officer's last message, and is never stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from app.channels.base import ErrorClass, Rejected
from app.channels.twilio_codes import ONCE
from app.scheduler.quiet import Hours, quiet_until, until_quiet
from app.store.delivery import Place, Receiver
from app.store.outbox import Claimed
from app.store.tables import ContactStatus

WINDOW = timedelta(hours=24) - timedelta(minutes=10)
"""How long after an officer's message free text goes out by WhatsApp: Meta's 24 hours, with a margin for the way."""

PAUSED_AGAIN = timedelta(minutes=5)
"""How long a message of a paused cohort, or to an officer on hold, waits before it is looked at again."""

MOST_TRIES = 8
GIVE_UP_AFTER = timedelta(hours=24)
"""How long a message is tried while the carrier cannot be reached at all: an outage is not the message's fault."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=10)
LONGEST_VALIDITY, SHORTEST_VALIDITY = timedelta(hours=10), timedelta(seconds=6)
"""What Twilio takes, and recommends, as the time that a message may wait in its queue."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's rules. `templates` are Twilio's contents by name, as Content SIDs (HX…): the approved templates that
    flows name, and the generic ones for buttons and lists."""

    quiet: Hours = (time(21), time(9))
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """Now, to this place; with an approved template if there is a `content_sid`."""

    place: Place
    content_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Redirect:
    """By another channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Not any more: the officer does not want it, or must not get it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Its time is over."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot be sent, and somebody should see that."""

    error_class: ErrorClass


Decision = Send | Wait | Redirect | Cancel | Expire | Fail


def decide(message: Claimed, receiver: Receiver, rules: Rules, now: datetime) -> Decision:
    """What to do with a message to an officer. What forbids it comes before what delays it, and that before the way."""
    if receiver.status != ContactStatus.active and not _is_last_word(message, receiver):
        return Cancel(receiver.status)
    if message.expires_at is not None and message.expires_at <= now:
        return Expire()
    if receiver.cohort_paused or receiver.held:
        return Wait(now + PAUSED_AGAIN)
    if message.priority > 0:
        if receiver.paused_until is not None and receiver.paused_until > now:
            return Wait(receiver.paused_until)
        if (morning := quiet_until(now, receiver.timezone, rules.quiet)) is not None:
            return Wait(morning)
    return route(message, receiver.places, rules, now)


def _is_last_word(message: Claimed, receiver: Receiver) -> bool:
    """An officer who has opted out still gets the answer to that very message, and to a later call for help."""
    return receiver.status == ContactStatus.opted_out and message.kind == "notice" and message.priority == 0


def route(message: Claimed, places: tuple[Place, ...], rules: Rules, now: datetime) -> Send | Redirect | Fail:
    """By the message's own channel if that will do, else by the other."""
    reachable = {place.channel: place for place in places if place.unreachable_at is None}
    for channel in (message.channel, "sms" if message.channel == "whatsapp" else "whatsapp"):
        place = reachable.get(channel)
        if place is None or (send := _usable(message, place, rules, now)) is None:
            continue
        return send if channel == message.channel else Redirect(channel)
    return Fail(ErrorClass.change)


def _usable(message: Claimed, place: Place, rules: Rules, now: datetime) -> Send | None:
    if place.channel != "whatsapp" or in_window(place.last_inbound_at, now):
        return Send(place)
    content_sid = rules.templates.get(message.template) if message.template else None
    return Send(place, content_sid) if content_sid else None


def in_window(last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether WhatsApp takes free text to somebody who last wrote then."""
    return last_inbound_at is not None and now - last_inbound_at < WINDOW


def validity(message: Claimed, timezone: str | None, rules: Rules, now: datetime) -> timedelta | None:
    """How long the carrier may keep the message: until it expires, and for a nudge until the next quiet hours. None: as
    long as the carrier does by itself."""
    limits = []
    if message.expires_at is not None:
        limits.append(message.expires_at - now)
    if message.priority > 0 and timezone is not None and (left := until_quiet(now, timezone, rules.quiet)):
        limits.append(left)
    return max(SHORTEST_VALIDITY, min(*limits, LONGEST_VALIDITY)) if limits else None


def is_worth_another_try(message: Claimed, refusal: Rejected, now: datetime) -> bool:
    """Whether a message that was refused for a passing reason is tried again."""
    if refusal.code is None:
        return now - message.created_at < GIVE_UP_AFTER
    return message.attempts < (2 if refusal.code in ONCE else MOST_TRIES)


def backoff(attempts: int, retry_after: float | None, chance: Random) -> timedelta:
    """How long to wait after so many attempts: doubling, with jitter, and at least as long as the carrier asks for."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 20)) if attempts > 0 else FIRST_DELAY
    asked = timedelta(seconds=min(retry_after or 0.0, LONGEST_DELAY.total_seconds()))
    return asked + longest * chance.uniform(0.5, 1.0)
