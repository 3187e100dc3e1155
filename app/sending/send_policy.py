"""The decision on one message that is due, at the moment of sending, or that was refused: by which channel, with or without a
template, later, or not at all. Pure: rows, time and chance are arguments. The 24 hours in which WhatsApp accepts free text
are computed here, from the officer's last message, and never stored. A message that has waited for long, or is a resend, is
sent only if the conversation has not gone on without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from app.channels.causes import Cause, ErrorClass
from app.flows.free_text_window import in_window
from app.flows.quiet_hours import Quiet, quiet_until, until_quiet
from app.store import holds
from app.store.delivery import Place, Receiver
from app.store.doubts import is_silent
from app.store.holds import Hold
from app.store.outbox import Claimed
from app.store.questions import QUESTIONS
from app.store.resends import MessageHistory
from app.store.tables import ContactStatus

PAUSED_AGAIN = timedelta(minutes=5)
"""How long a message of a paused cohort, or to an officer on hold, waits before the next decision."""

HANDOVER = timedelta(minutes=2)
"""The longest time from the decision to the carrier: a message that expires within it has expired."""

PROMPT = timedelta(minutes=30)
"""How long a reply counts as immediate. Later it respects quiet hours as a nudge does, and is checked against the history:
it may not make sense any more."""

STALE_AFTER = timedelta(hours=36)
"""The greatest age of a resend."""

SETTLES = timedelta(minutes=1)
"""How long a message waits for something else to finish: for messages behind a resend that are on their way, which it must not
follow; for a session whose time is up."""

JUST_ASKED = timedelta(minutes=5)
"""The shortest time from a question to its reminder: a question that was itself delayed needs none."""

MOST_TRIES = 8
GIVE_UP_AFTER = timedelta(hours=24)
"""How long a message is retried during an outage of the carrier."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=10)
LONGEST_RETRY = 2 * LONGEST_DELAY
"""The longest wait between two tries: as long as the carrier may ask for, and our own delay."""

LONGEST_VALIDITY, SHORTEST_VALIDITY = timedelta(hours=10), timedelta(seconds=6)
"""How long a message may wait in the carrier's queue."""


_LATEST = HANDOVER + SHORTEST_VALIDITY
_NO_FREE_TEXT = frozenset({Cause.template_refused, Cause.outside_window})


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's rules. `templates` are the carrier's ids by name: of the approved templates that flows name, and of the
    generic contents for buttons and lists. After a `silence` a number may be somebody else's; None: it never is."""

    quiet: Quiet = (time(21), time(9))
    templates: Mapping[str, str] = field(default_factory=dict)
    silence: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """The means of writing to officers: the rules of sending, and the channels on which we have a number."""

    rules: Rules = field(default_factory=Rules)
    channels: frozenset[str] = frozenset({"whatsapp", "sms"})


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
class Doubt:
    """Not before it is known whose the number is now: it has been silent for long."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Redirect:
    """By another channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Never: the officer does not want it or must not get it, or it makes no sense any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    """It has expired."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot be sent; a person should see this."""

    error_class: ErrorClass


Decision = Send | Wait | Doubt | Redirect | Cancel | Expire | Fail


def decide(
    message: Claimed, receiver: Receiver, rules: Rules, now: datetime, history: MessageHistory | None = None
) -> Decision:
    """Decide on a message to an officer: first whether it is allowed, then whether it must wait, then its way. `history` is only
    needed for messages that `may_be_stale` or `may_be_overtaken`."""
    if receiver.status != ContactStatus.active and not _is_owed(message, receiver):
        return Cancel(receiver.status)
    if message.expires_at is not None and message.expires_at < now + _LATEST:
        return Expire()
    if history is not None and (decision := _superseded(message, history, now)) is not None:
        return decision
    if not holds.lets_through(receiver.holds, _notice(message), reply=message.priority == 0):
        return Wait(now + PAUSED_AGAIN)
    if receiver.cohort_paused and not is_support(message):
        return Wait(now + PAUSED_AGAIN)
    if message.priority > 0 and receiver.paused_until is not None and receiver.paused_until > now:
        return Wait(receiver.paused_until)
    if not is_prompt(message, now, history) and (morning := _morning(receiver, rules, now)) is not None:
        return Wait(morning)
    if _is_doubtful(message, receiver, rules, now):
        return Doubt(now + PAUSED_AGAIN)
    return route(message, receiver.places, rules, now)


def may_be_stale(message: Claimed, now: datetime) -> bool:
    """Whether a message may make no sense any more."""
    return message.resend > 0 or message.kind == "reminder" or now - message.created_at >= PROMPT


def may_be_overtaken(message: Claimed, receiver: Receiver) -> bool:
    """Whether the answer to something that the officer wrote meanwhile may have gone before a nudge."""
    return message.priority > 0 and any(
        place.last_inbound_at is not None and place.last_inbound_at >= message.created_at for place in receiver.places
    )


def is_prompt(message: Claimed, now: datetime, history: MessageHistory | None = None) -> bool:
    """Whether this is an immediate reply to an officer, or the text of support. All other messages respect quiet hours."""
    if is_support(message):
        return True
    said_at = message.created_at if history is None else history.said_at
    return message.priority == 0 and now - said_at < PROMPT


def _is_doubtful(message: Claimed, receiver: Receiver, rules: Rules, now: datetime) -> bool:
    """Whether a message would go to a number that has been silent for too long, and about which nobody has been asked."""
    if Hold.number in receiver.holds or is_support(message):
        return False
    return is_silent(receiver.sign_at, rules.silence, now)


def _morning(receiver: Receiver, rules: Rules, now: datetime) -> datetime | None:
    """The end of the quiet hours, if a message that is sent now might arrive in them."""
    return quiet_until(now, receiver.timezone, rules.quiet) or quiet_until(
        now + _LATEST, receiver.timezone, rules.quiet
    )


def _superseded(message: Claimed, history: MessageHistory, now: datetime) -> Cancel | Wait | None:
    """The decision on a late message by the conversation's history; None if it still belongs there."""
    if message.resend > 0:
        if history.arrived:
            return Cancel("arrived")
        if history.newer or now - history.said_at >= STALE_AFTER:
            return Cancel("stale")
        if history.overtaken:
            return Cancel("overtaken")
    if not _is_awaited(message, history):
        return Cancel("stale")
    if (
        message.kind == "reminder"
        and history.asked_at is not None
        and history.asked_at > message.created_at - JUST_ASKED
    ):
        return Cancel("just_asked")
    if history.wake_at is not None and history.wake_at <= now:  # the session may be over: the clock decides first
        return Wait(now + SETTLES)
    return Wait(now + SETTLES) if message.resend > 0 and history.followed else None


def _is_awaited(message: Claimed, history: MessageHistory) -> bool:
    """Whether its session, if it has one, is where it was: it waits for the answer to this question, or, for a message that
    asks nothing, was not broken off."""
    if message.session_id is None:
        return True
    if message.kind in QUESTIONS:
        return history.ended_at is None and history.step == message.step
    return history.ended_at is None or history.outcome == "completed" or history.ended_at <= history.said_at


def is_support(message: Claimed) -> bool:
    """Whether this is the programme's text of support, the reply to a crisis. Only the kill switch and a paused number stop it."""
    return _notice(message) == holds.SUPPORT


def _notice(message: Claimed) -> str | None:
    if message.kind == holds.PERSON:
        return holds.PERSON
    return message.step if message.kind == "notice" else None


def _is_owed(message: Claimed, receiver: Receiver) -> bool:
    """An officer who has opted out still gets the answer to that message, and to a later request for help. The text of support
    goes to everybody: it is the reply to what they have just written. The carrier may refuse it after a STOP."""
    return is_support(message) or (
        receiver.status == ContactStatus.opted_out and message.kind == "notice" and message.priority == 0
    )


def route(message: Claimed, places: tuple[Place, ...], rules: Rules, now: datetime) -> Send | Redirect | Fail:
    """By the message's own channel if possible, else by the other."""
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
    template = None if message.error_cause == Cause.template_refused else message.template
    content_sid = rules.templates.get(template) if template else None
    return Send(place, content_sid) if content_sid else None


def _takes_free_text(message: Claimed, place: Place, now: datetime) -> bool:
    """Whether WhatsApp accepts free text. If it has refused this message, or its template, only an officer's later message
    counts."""
    heard = place.last_inbound_at
    if message.error_cause in _NO_FREE_TEXT and heard is not None and heard <= message.created_at:
        return False
    return in_window(heard, now)


def validity(
    message: Claimed, timezone: str | None, rules: Rules, now: datetime, history: MessageHistory | None = None
) -> timedelta | None:
    """How long the carrier may keep the message: until it expires and, unless it is an immediate reply, until the next quiet
    hours. None: the carrier's own limit."""
    limits = []
    if message.expires_at is not None:
        limits.append(message.expires_at - now)
    if (
        timezone is not None
        and not is_prompt(message, now, history)
        and (left := until_quiet(now, timezone, rules.quiet))
    ):
        limits.append(left)
    return max(SHORTEST_VALIDITY, min(min(limits) - HANDOVER, LONGEST_VALIDITY)) if limits else None


def is_worth_another_try(message: Claimed, cause: Cause, now: datetime) -> bool:
    """Whether a message that was refused for a passing cause is tried again. An outage, or a number that sends too fast, is not
    the message's fault: then only time counts."""
    if cause in (Cause.carrier_unreachable, Cause.rate_limited):
        return now - message.created_at < GIVE_UP_AFTER
    return message.attempts < (2 if cause is Cause.unexplained else MOST_TRIES)


def backoff(attempts: int, retry_after: float | None, chance: Random) -> timedelta:
    """The delay after so many attempts: doubling, with jitter, and at least as long as the carrier asks for."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 20)) if attempts > 0 else FIRST_DELAY
    asked = timedelta(seconds=min(retry_after or 0.0, LONGEST_DELAY.total_seconds()))
    return asked + longest * chance.uniform(0.5, 1.0)
