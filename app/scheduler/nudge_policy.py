"""Whether a due nudge may begin. Pure. A postponed nudge is decided again; one that would be postponed beyond its closing is
skipped, with the reason, so that every nudge is begun or skipped in the end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.flows.language.campaign import Campaign, Cap
from app.flows.quiet_hours import Quiet
from app.flows.shifts import UNKNOWN, Duty, Span
from app.flows.tryouts import PressedCampaign
from app.scheduler.occasions import asks_consent, cap_of, window_of
from app.scheduler.planning import Planned, within
from app.scheduler.reach import Almanac, Reach, reach_of

LOOK_AGAIN = timedelta(minutes=30)
"""How long to postpone a nudge whose obstacle has no known end."""

LOOK_AGAIN_PRESSED = timedelta(seconds=15)
"""The same in a tryout."""

LOOK_AGAIN_AT_PAUSED = timedelta(hours=6)
"""The same for a pause, which the officer may end early."""

IGNORED_REST = timedelta(days=14)
"""How long an officer who ignored several in a row gets nothing before the next attempt."""


@dataclass(frozen=True, slots=True)
class Situation:
    """An officer's state at this moment. `begun` are the starts of flows within the cap's period, `ignored` how many of the
    latest in a row got no answer, `measuring` whether a flow of a measurement wave is due and has not begun,
    `session_measures` whether the open session belongs to a wave, `duty` the officer's shifts, `stopped` the reason why
    sending to the officer is stopped, `bucket` the officer's place in the spreading of a cohort, `outdated` whether
    the officer is not `consented` because the agreement is to an earlier notice, `declined` whether
    consent was refused or withdrawn."""

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
    outdated: bool = False
    declined: bool = False
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin the flow now. An open conversation ends without a message."""


@dataclass(frozen=True, slots=True)
class Postpone:
    """Decide again at this moment."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Never begin. The reason is stored."""

    reason: str


NudgeDecision = Begin | Postpone | Skip

_OPEN_END = frozenset(
    {
        "no_consent",
        "notice_changed",
        "cohort_paused",
        "service_paused",
        "not_ready",
        "held",
        "number_doubted",
        "sender_paused",
        "budget",
        "paused",
        "session_open",
        "measurement",
    }
)
"""Reasons that may end at any moment; the end of all others is known."""


def decide_nudge(
    campaign: Campaign, nudge: Planned, situation: Situation, quiet: Quiet, almanac: Almanac, now: datetime
) -> NudgeDecision:
    """Decide about a due nudge. It is only postponed to a moment after `now`, before it closes, at which the officer can be
    reached."""
    held = _by_officer(campaign, nudge, situation, now)
    if isinstance(held, Skip):
        return held
    reach = reach_of(campaign, window_of(campaign, nudge.rule), quiet, situation.timezone, situation.duty, almanac)
    if reach is None:
        return Skip("quiet_hours")
    decision = held or _by_rhythm(campaign, nudge, situation, reach, now)
    match decision:
        case Begin():
            return _spread(campaign, nudge, situation.bucket, reach, now)
        case Postpone():
            return _until_reached(decision, campaign, nudge, situation.bucket, reach, now)
        case Skip():
            return decision


def foreseen(campaign: Campaign, nudge: Planned, situation: Situation) -> Postpone | Skip | None:
    """The obstacle to a future nudge if nothing changes until then; None without one. Ignores obstacles that pass by themselves,
    such as an open conversation."""
    if situation.session_open or situation.measuring:
        situation = replace(situation, session_open=False, measuring=False)
    held = _by_officer(campaign, nudge, situation, nudge.due_at)
    if (
        isinstance(held, Postpone)
        and held.reason == "paused"
        and (situation.paused_until or nudge.due_at) >= nudge.closes_at
    ):
        return Skip(held.reason)
    return held


def _spread(campaign: Campaign, nudge: Planned, bucket: int, reach: Reach, now: datetime) -> Begin | Postpone:
    """Begin; but a very late nudge, after an outage, is spread over its span as usual: a cohort that gets a message at once
    answers at once."""
    is_late = now >= nudge.due_at + LOOK_AGAIN and not isinstance(campaign, PressedCampaign)
    span = reach.after(now, nudge.closes_at) if is_late else None
    at = now if span is None else _own(campaign, nudge, bucket, span)
    return Postpone(at, "spread") if at > now else Begin()


def _own(campaign: Campaign, nudge: Planned, bucket: int, span: Span) -> datetime:
    """The officer's moment in a span that starts for many officers at once; consent is asked at its start."""
    return (
        span[0]
        if asks_consent(nudge.slot)
        else within(campaign, nudge.slot, bucket, (span[0], min(span[1], nudge.closes_at)))
    )


def _until_reached(
    wait: Postpone, campaign: Campaign, nudge: Planned, bucket: int, reach: Reach, now: datetime
) -> Postpone | Skip:
    """Postpone until the officer can be reached; skip if that would be too late. A cohort is spread over an opening."""
    for until in (
        (wait.until, min(wait.until, now + _look_again(campaign))) if wait.reason in _OPEN_END else (wait.until,)
    ):
        span = reach.after(until, nudge.closes_at)
        if span is not None:
            return Postpone(until if span[0] == until else _own(campaign, nudge, bucket, span), wait.reason)
    return Skip(wait.reason)


def _by_officer(campaign: Campaign, nudge: Planned, situation: Situation, now: datetime) -> Postpone | Skip | None:
    """The obstacle on the side of the officer, the cohort or the open conversation; None without one."""
    again = now + _look_again(campaign)
    if situation.status != "active":
        return Skip(situation.status)
    if now >= nudge.closes_at:
        return Skip("too_late")
    if situation.ends_at is not None and now >= situation.ends_at:
        return Skip("ended")
    if (held := _by_consent(campaign, nudge, situation, again)) is not None:
        return held
    if situation.cohort_paused:
        return Postpone(again, "cohort_paused")
    if situation.stopped is not None:
        return Postpone(again, situation.stopped)
    if situation.paused_until is not None and situation.paused_until > now:
        return Postpone(min(situation.paused_until, now + LOOK_AGAIN_AT_PAUSED), "paused")
    if situation.session_open and (campaign.open_session != "replace" or situation.session_measures):
        return Skip("session_open") if campaign.open_session == "skip" else Postpone(again, "session_open")
    if situation.measuring and nudge.wave is None and not asks_consent(nudge.slot):
        return Postpone(again, "measurement")
    return None


def _look_again(campaign: Campaign) -> timedelta:
    return LOOK_AGAIN_PRESSED if isinstance(campaign, PressedCampaign) else LOOK_AGAIN


def _by_consent(campaign: Campaign, nudge: Planned, situation: Situation, again: datetime) -> Postpone | Skip | None:
    """The obstacle on the side of consent: asked in vain, or missing."""
    if situation.consented and asks_consent(nudge.slot):
        return Skip("consented_already")
    if situation.declined and asks_consent(nudge.slot):
        return Skip("declined")
    if not situation.consented and campaign.consent is not None and nudge.flow != campaign.consent:
        return Postpone(again, "notice_changed" if situation.outdated else "no_consent")
    return None


def _by_rhythm(campaign: Campaign, nudge: Planned, situation: Situation, reach: Reach, now: datetime) -> NudgeDecision:
    """The decision by gap, cap and the officer's days."""
    begun = sorted(situation.begun)
    if (
        situation.ignored >= campaign.pause_after
        and nudge.wave is None
        and not asks_consent(nudge.slot)
        and (not begun or now < begun[-1] + IGNORED_REST)
    ):
        return Skip("ignored")  # measurement, and the consent it needs, go on for who ignores the rest
    free, reason = _free(campaign.gap, cap_of(campaign, nudge.rule), begun, now)
    if reason is None:
        return Begin() if reach.holds(now) else Postpone(now, reach.why(now))
    return Postpone(free, reason)


def _free(gap: timedelta, cap: Cap, begun: list[datetime], now: datetime) -> tuple[datetime, str | None]:
    """The moment from which gap and cap allow a flow, and which of them forbids it until then; None if both allow it now."""
    free, reason = now, None
    if begun and now < begun[-1] + gap:
        free, reason = begun[-1] + gap, "gap"
    if len(begun) >= cap.flows and free < begun[-cap.flows] + cap.per:
        free, reason = begun[-cap.flows] + cap.per, "cap"
    return free, reason
