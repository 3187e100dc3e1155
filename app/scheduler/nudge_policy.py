"""Whether a flow may begin, now that its moment has come. Pure. What has to wait is looked at again; what would wait beyond
its closing is skipped, with the reason: in the end every flow has begun or been skipped."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.flows.language.campaign import Campaign
from app.flows.quiet_hours import Quiet
from app.flows.shifts import UNKNOWN, Duty, Span
from app.scheduler.occasions import CONSENT, window_of
from app.scheduler.planning import Planned, within
from app.scheduler.reach import Almanac, Reach, reach_of

LOOK_AGAIN = timedelta(minutes=30)
"""When to look again at a nudge that waits for something without a known end."""

LOOK_AGAIN_AT_PAUSED = timedelta(hours=6)
"""The same for an officer who asked for a pause, who may come back before it is over."""

IGNORED_REST = timedelta(days=14)
"""How long an officer who ignored several in a row is left in peace before one more is tried."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand with an officer at this moment. `begun` are the moments at which flows began within the cap's
    period, `ignored` how many of the latest in a row went without any answer, `measuring` whether a flow of a
    measurement wave is due and has not begun, `session_measures` whether the open session is one of a wave, `duty` when
    the officer works, `stopped` why nothing goes out to the officer for now, `bucket` the officer's for spreading a cohort."""

    status: str
    timezone: str
    consented: bool
    paused_until: datetime | None
    cohort_paused: bool
    session_open: bool
    measuring: bool
    begun: tuple[datetime, ...]
    ignored: int
    stopped: str | None = None
    session_measures: bool = False
    duty: Duty = UNKNOWN
    bucket: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the flow now. A conversation that is still open ends without a word."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now; look again then."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Not any more. The reason is kept."""

    reason: str


Decision = Start | Wait | Skip

_OPEN_END = frozenset(
    {"no_consent", "cohort_paused", "service_paused", "held", "sender_paused", "paused", "session_open", "measurement"}
)
"""Reasons to wait that may be gone at any moment; all others end when they end."""


def decide(
    campaign: Campaign, nudge: Planned, situation: Situation, quiet: Quiet, almanac: Almanac, now: datetime
) -> Decision:
    """What to do about a nudge that is due. A wait always ends after `now`, before the nudge closes, and when the officer can
    be reached."""
    held = _by_officer(campaign, nudge, situation, now)
    if isinstance(held, Skip):
        return held
    reach = reach_of(campaign, window_of(campaign, nudge.rule), quiet, situation.timezone, situation.duty, almanac)
    if reach is None:
        return Skip("quiet_hours")
    decision = held or _by_rhythm(campaign, nudge, situation, reach, now)
    match decision:
        case Start():
            return _spread(campaign, nudge, situation.bucket, reach, now)
        case Wait():
            return _until_reached(decision, campaign, nudge, situation.bucket, reach, now)
        case Skip():
            return decision


def foreseen(campaign: Campaign, nudge: Planned, situation: Situation) -> Wait | Skip | None:
    """What stands in the way of a nudge that is still to come, if everything stays as it is; None if nothing does. What passes by
    itself, such as a conversation that is open, is not counted on."""
    held = _by_officer(campaign, nudge, replace(situation, session_open=False, measuring=False), nudge.due_at)
    if (
        isinstance(held, Wait)
        and held.reason == "paused"
        and (situation.paused_until or nudge.due_at) >= nudge.closes_at
    ):
        return Skip(held.reason)
    return held


def _spread(campaign: Campaign, nudge: Planned, bucket: int, reach: Reach, now: datetime) -> Start | Wait:
    """Begin; but what comes much too late, for the service stood still, is spread as on its own day: a cohort that is written to at
    once answers at once."""
    span = reach.after(now, nudge.closes_at) if now >= nudge.due_at + LOOK_AGAIN else None
    at = now if span is None else _own(campaign, nudge, bucket, span)
    return Wait(at, "spread") if at > now else Start()


def _own(campaign: Campaign, nudge: Planned, bucket: int, span: Span) -> datetime:
    """The officer's moment in a span for which others have waited, too; for consent it is asked at once."""
    return (
        span[0]
        if nudge.slot == CONSENT
        else within(campaign, nudge.slot, bucket, (span[0], min(span[1], nudge.closes_at)))
    )


def _until_reached(
    wait: Wait, campaign: Campaign, nudge: Planned, bucket: int, reach: Reach, now: datetime
) -> Wait | Skip:
    """A wait until the officer can be reached; if that would be too late, no wait. At an opening that others wait for, too, a cohort
    is spread."""
    for until in (wait.until, min(wait.until, now + LOOK_AGAIN)) if wait.reason in _OPEN_END else (wait.until,):
        span = reach.after(until, nudge.closes_at)
        if span is not None:
            return Wait(until if span[0] == until else _own(campaign, nudge, bucket, span), wait.reason)
    return Skip(wait.reason)


def _by_officer(campaign: Campaign, nudge: Planned, situation: Situation, now: datetime) -> Wait | Skip | None:
    """What the officer, the cohort and the open conversation say; None if they leave the way free."""
    again = now + LOOK_AGAIN
    if situation.status != "active":
        return Skip(situation.status)
    if now >= nudge.closes_at:
        return Skip("too_late")
    if situation.consented and nudge.slot == CONSENT:
        return Skip("consented_already")
    if not situation.consented and campaign.consent is not None and nudge.flow != campaign.consent:
        return Wait(again, "no_consent")
    if situation.cohort_paused:
        return Wait(again, "cohort_paused")
    if situation.stopped is not None:
        return Wait(again, situation.stopped)
    if situation.paused_until is not None and situation.paused_until > now:
        return Wait(min(situation.paused_until, now + LOOK_AGAIN_AT_PAUSED), "paused")
    if situation.session_open and (campaign.open_session != "replace" or situation.session_measures):
        return Skip("session_open") if campaign.open_session == "skip" else Wait(again, "session_open")
    if situation.measuring and nudge.wave is None and nudge.slot != CONSENT:
        return Wait(again, "measurement")
    return None


def _by_rhythm(campaign: Campaign, nudge: Planned, situation: Situation, reach: Reach, now: datetime) -> Decision:
    """What the gap, the cap, and the officer's days say."""
    begun = sorted(situation.begun)
    if (
        situation.ignored >= campaign.pause_after
        and nudge.wave is None
        and (not begun or now < begun[-1] + IGNORED_REST)
    ):
        return Skip("ignored")  # measurement is asked for even of who ignores the rest
    free, reason = _free(campaign, begun, now)
    if reason is None:
        return Start() if reach.holds(now) else Wait(now, reach.why(now))
    return Wait(free, reason)


def _free(campaign: Campaign, begun: list[datetime], now: datetime) -> tuple[datetime, str | None]:
    """From when gap and cap leave the way free, and which of them does not before; None if both do now."""
    free, reason = now, None
    if begun and now < begun[-1] + campaign.gap:
        free, reason = begun[-1] + campaign.gap, "gap"
    if len(begun) >= campaign.cap.flows and free < begun[-campaign.cap.flows] + campaign.cap.per:
        free, reason = begun[-campaign.cap.flows] + campaign.cap.per, "cap"
    return free, reason
