"""What to do with one message that is due, at the moment of sending, and with one that was refused: by which channel, with
or without a template, later, or not at all. Pure: the rows, the moment and the chance are arguments. The window of 24
hours in which WhatsApp takes free text is worked out here, from the officer's last message, and is never stored. What has
waited for long, or is said again, is sent only if the conversation has not gone on without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from app.channels.base import ErrorClass, Rejected
from app.channels.twilio.codes import ONCE, OUTSIDE_WINDOW, RATE, TEMPLATE
from app.flows.quiet_hours import Quiet, quiet_until, until_quiet
from app.store.delivery import Place, Receiver
from app.store.outbox import Claimed
from app.store.resends import QUESTIONS, Course
from app.store.tables import ContactStatus

WINDOW = timedelta(hours=24) - timedelta(minutes=10)
"""How long after an officer's message free text goes out by WhatsApp: Meta's 24 hours, with a margin for the way."""

PAUSED_AGAIN = timedelta(minutes=5)
"""How long a message of a paused cohort, or to an officer on hold, waits before it is looked at again."""

HANDOVER = timedelta(minutes=2)
"""How long after the decision a message may still be handed to the carrier: what ends within that time has ended."""

PROMPT = timedelta(minutes=30)
"""How long an answer is one to something just said. Afterwards it respects the night as a nudge does, and is looked at anew:
it may make no sense any more."""

STALE_AFTER = timedelta(hours=36)
"""How old what is said again may be."""

SETTLES = timedelta(minutes=1)
"""How long a message waits for something else to be settled: what stands behind what is said again and is on its way, for it
must not come after it; a session whose time is up."""

JUST_ASKED = timedelta(minutes=5)
"""How long before its reminder a question must have gone out: of one that waited itself nobody need be reminded."""

MOST_TRIES = 8
GIVE_UP_AFTER = timedelta(hours=24)
"""How long a message is tried while the carrier cannot be reached at all: an outage is not the message's fault."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=10)
LONGEST_VALIDITY, SHORTEST_VALIDITY = timedelta(hours=10), timedelta(seconds=6)
"""What Twilio takes, and recommends, as the time that a message may wait in its queue."""


_LATEST = HANDOVER + SHORTEST_VALIDITY
_NO_FREE_TEXT = TEMPLATE | {OUTSIDE_WINDOW}


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's rules. `templates` are Twilio's contents by name, as Content SIDs (HX…): the approved templates that
    flows name, and the generic ones for buttons and lists."""

    quiet: Quiet = (time(21), time(9))
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


def decide(message: Claimed, receiver: Receiver, rules: Rules, now: datetime, course: Course | None = None) -> Decision:
    """What to do with a message to an officer. What forbids it comes before what delays it, and that before the way. `course`
    is needed of those that `may_be_stale` only."""
    if receiver.status != ContactStatus.active and not _is_last_word(message, receiver):
        return Cancel(receiver.status)
    if message.expires_at is not None and message.expires_at < now + _LATEST:
        return Expire()
    if course is not None and (decision := _in_course(message, course, now)) is not None:
        return decision
    if receiver.cohort_paused or receiver.held:
        return Wait(now + PAUSED_AGAIN)
    if message.priority > 0 and receiver.paused_until is not None and receiver.paused_until > now:
        return Wait(receiver.paused_until)
    if not is_prompt(message, now, course) and (morning := _morning(receiver, rules, now)) is not None:
        return Wait(morning)
    return route(message, receiver.places, rules, now)


def may_be_stale(message: Claimed, now: datetime) -> bool:
    """Whether something may have happened since a message was written that makes it senseless."""
    return message.resend > 0 or message.kind == "reminder" or now - message.created_at >= PROMPT


def is_prompt(message: Claimed, now: datetime, course: Course | None = None) -> bool:
    """Whether this answers something that its officer has just said. Anything else respects the night."""
    said_at = message.created_at if course is None else course.said_at
    return message.priority == 0 and now - said_at < PROMPT


def _morning(receiver: Receiver, rules: Rules, now: datetime) -> datetime | None:
    """The end of the quiet hours, if a message that is sent now might arrive in them."""
    return quiet_until(now, receiver.timezone, rules.quiet) or quiet_until(
        now + _LATEST, receiver.timezone, rules.quiet
    )


def _in_course(message: Claimed, course: Course, now: datetime) -> Cancel | Wait | None:
    """What the conversation says to a message that comes late; None if it still belongs there."""
    if message.resend > 0:
        if course.arrived:
            return Cancel("arrived")
        if course.newer or now - course.said_at >= STALE_AFTER:
            return Cancel("stale")
        if course.overtaken:
            return Cancel("overtaken")
    if not _is_awaited(message, course):
        return Cancel("stale")
    if message.kind == "reminder" and course.asked_at is not None and course.asked_at > message.created_at - JUST_ASKED:
        return Cancel("just_asked")
    if course.wake_at is not None and course.wake_at <= now:  # the clock looks first: perhaps the session is over
        return Wait(now + SETTLES)
    return Wait(now + SETTLES) if message.resend > 0 and course.followed else None


def _is_awaited(message: Claimed, course: Course) -> bool:
    """Whether its session, if it has one, is where it was: it waits for the answer to this question, or, for what asks nothing,
    was not broken off."""
    if message.session_id is None:
        return True
    if message.kind in QUESTIONS:
        return course.ended_at is None and course.step == message.step
    return course.ended_at is None or course.outcome == "completed" or course.ended_at <= course.said_at


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
    if place.channel != "whatsapp" or _takes_free_text(message, place, now):
        return Send(place)
    template = None if message.error_code in TEMPLATE else message.template
    content_sid = rules.templates.get(template) if template else None
    return Send(place, content_sid) if content_sid else None


def _takes_free_text(message: Claimed, place: Place, now: datetime) -> bool:
    """If WhatsApp itself has said of this message that it does not, or its template has been tried, only what the officer has
    written since counts."""
    heard = place.last_inbound_at
    if message.error_code in _NO_FREE_TEXT and heard is not None and heard <= message.created_at:
        return False
    return in_window(heard, now)


def in_window(last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether WhatsApp takes free text to somebody who last wrote then."""
    return last_inbound_at is not None and now - last_inbound_at < WINDOW


def validity(
    message: Claimed, timezone: str | None, rules: Rules, now: datetime, course: Course | None = None
) -> timedelta | None:
    """How long the carrier may keep the message: until it expires and, unless it is the answer to something just said, until
    the next quiet hours. None: as long as the carrier does by itself."""
    limits = []
    if message.expires_at is not None:
        limits.append(message.expires_at - now)
    if (
        timezone is not None
        and not is_prompt(message, now, course)
        and (left := until_quiet(now, timezone, rules.quiet))
    ):
        limits.append(left)
    return max(SHORTEST_VALIDITY, min(min(limits) - HANDOVER, LONGEST_VALIDITY)) if limits else None


def is_worth_another_try(message: Claimed, refusal: Rejected, now: datetime) -> bool:
    """Whether a message that was refused for a passing reason is tried again. An outage, and too much at once, are not its
    fault: then only time counts."""
    if refusal.code is None or refusal.code in RATE:
        return now - message.created_at < GIVE_UP_AFTER
    return message.attempts < (2 if refusal.code in ONCE else MOST_TRIES)


def backoff(attempts: int, retry_after: float | None, chance: Random) -> timedelta:
    """How long to wait after so many attempts: doubling, with jitter, and at least as long as the carrier asks for."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 20)) if attempts > 0 else FIRST_DELAY
    asked = timedelta(seconds=min(retry_after or 0.0, LONGEST_DELAY.total_seconds()))
    return asked + longest * chance.uniform(0.5, 1.0)
