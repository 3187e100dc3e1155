"""When which flow is due to one officer, and whether it may begin now. Pure: no store, no clock, no chance; where a moment is
spread within a window, it is by a hash of the officer and the occasion, so that the same question always has the same
answer. `plan` lays out a whole campaign; `decide` looks at one nudge when its moment has come."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.flows.campaign import Campaign, Slot

Quiet = tuple[time, time]
"""From and until when nobody is written to, in local time; may run over midnight."""

CONSENT_OPEN = timedelta(days=14)
"""How long the question for consent may wait for a good moment."""

LOOK_AGAIN = timedelta(minutes=30)
"""When to look again at a nudge that waits for something without a known end."""

IGNORED_REST = timedelta(days=14)
"""How long an officer who ignored several in a row is left in peace before one more is tried."""


@dataclass(frozen=True, slots=True)
class Officer:
    """What planning knows of an officer. `anchor` is the date that the campaign counts from, None if unknown."""

    study_id: str
    timezone: str
    anchor: date | None
    enrolled_at: datetime
    consented: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One flow, due at a moment and of no use after another. `slot` names the occasion and never changes: `w03.2`,
    `baseline.1`, `consent`. `wave` is the suffix of a measurement wave's variables."""

    slot: str
    flow: str
    due_at: datetime
    closes_at: datetime
    wave: str | None = None


def plan(campaign: Campaign, officer: Officer, quiet: Quiet) -> list[Planned]:
    """Everything that a campaign holds for an officer, in the order of time, whoever else is planned for and whenever.

    Occasions from before the officer was enrolled are left out: who comes late gets no burst. Empty but for the consent
    if the anchor is unknown; empty if the campaign's window lies wholly within the quiet hours.
    """
    opening = _opening(campaign, quiet)
    if opening is None:
        return []
    occasions = [*_consent(campaign, officer, opening), *_waves(campaign, officer, opening)]
    taken = {occasion.due_at.astimezone(ZoneInfo(officer.timezone)).date() for occasion in occasions if occasion.wave}
    # A day of measurement is for measuring only.
    occasions += [
        occasion
        for occasion in _slots(campaign, officer, opening)
        if occasion.due_at.astimezone(ZoneInfo(officer.timezone)).date() not in taken
    ]
    return sorted(
        (occasion for occasion in occasions if occasion.due_at >= officer.enrolled_at),
        key=lambda occasion: (occasion.due_at, occasion.slot),
    )


Opening = tuple[time, timedelta]
"""When a day's window opens, and for how long."""


def _opening(campaign: Campaign, quiet: Quiet) -> Opening | None:
    """The campaign's window without the quiet hours, or None if nothing is left of it."""
    start, end = campaign.window.start, campaign.window.end
    begins, ends = quiet
    if begins <= ends:  # by day: keep the part of the window before it, or else after it
        start, end = (start, min(end, begins)) if start < begins else (max(start, ends), end)
    else:
        start, end = max(start, ends), min(end, begins)
    length = datetime.combine(date.min, end) - datetime.combine(date.min, start)
    return (start, length) if length > timedelta() else None


def _consent(campaign: Campaign, officer: Officer, opening: Opening) -> Iterator[Planned]:
    if campaign.consent is None or officer.consented:
        return
    zone = ZoneInfo(officer.timezone)
    day = officer.enrolled_at.astimezone(zone).date()
    due = _moment(campaign, officer, opening, day, "consent")
    if due < officer.enrolled_at:
        now_local = officer.enrolled_at.astimezone(zone)
        opens = datetime.combine(day, opening[0], zone)
        inside = opens <= now_local < opens + opening[1]
        due = officer.enrolled_at if inside else _moment(campaign, officer, opening, day + timedelta(days=1), "consent")
    yield Planned("consent", campaign.consent, due, due + CONSENT_OPEN)


def _waves(campaign: Campaign, officer: Officer, opening: Opening) -> Iterator[Planned]:
    if officer.anchor is None:
        return
    for name, wave in campaign.waves.items():
        first = officer.anchor + timedelta(days=wave.day)
        closes = datetime.combine(first, opening[0], ZoneInfo(officer.timezone)).astimezone(UTC) + wave.closes
        for place, flow in enumerate(wave.flows):
            slot = f"{name}.{place + 1}"
            due = _moment(campaign, officer, opening, first + timedelta(days=place), slot)
            yield Planned(slot, flow, due, max(closes, due + timedelta(hours=1)), wave.suffix)


def _slots(campaign: Campaign, officer: Officer, opening: Opening) -> Iterator[Planned]:
    if officer.anchor is None:
        return
    for slot in campaign.slots:
        for place, (name, offset) in enumerate(_occasions(slot)):
            due = _moment(campaign, officer, opening, officer.anchor + timedelta(days=offset), name)
            yield Planned(name, slot.flows[place % len(slot.flows)], due, due + campaign.late)


def _occasions(slot: Slot) -> Iterator[tuple[str, int]]:
    """The name and the day, counted from the anchor, of each occasion of a slot. Week 1 begins the day after."""
    first, last = slot.weeks
    if slot.per_week is not None:
        for week in range(first, last + 1):
            for place in range(slot.per_week):
                yield f"w{week:02d}.{place + 1}", 1 + (week - 1) * 7 + place * 7 // slot.per_week
        return
    day, end = 1 + (first - 1) * 7, 1 + last * 7
    step = max(1, (slot.every or timedelta(weeks=1)).days)
    counts: dict[int, int] = {}
    while day < end:
        week = (day - 1) // 7 + 1
        counts[week] = counts.get(week, 0) + 1
        yield f"w{week:02d}.{counts[week]}", day
        day += step


def _moment(campaign: Campaign, officer: Officer, opening: Opening, day: date, slot: str) -> datetime:
    """A moment within a day's window, spread by the officer and the occasion so that a cohort does not answer at once."""
    start, length = opening
    spread = min(length, campaign.spread) if campaign.spread is not None else length
    digest = hashlib.sha256(f"{officer.study_id}|{slot}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    minutes = int(spread.total_seconds() // 60 * share)
    local = datetime.combine(day, start, ZoneInfo(officer.timezone))
    return local.astimezone(UTC) + timedelta(minutes=minutes)


# -- when the moment has come -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand with an officer at this moment. `begun` are the moments at which flows began within the cap's
    period, `ignored` how many of the latest in a row went without any answer."""

    status: str
    timezone: str
    consented: bool
    paused_until: datetime | None
    cohort_paused: bool
    session_open: bool
    begun: tuple[datetime, ...]
    ignored: int


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the flow now."""


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


def decide(campaign: Campaign, nudge: Planned, situation: Situation, quiet: Quiet, now: datetime) -> Decision:
    """What to do about a nudge whose moment has come. Every one is begun or skipped with a reason in the end: what would
    wait beyond its closing is skipped."""
    decision = _decide(campaign, nudge, situation, quiet, now)
    if isinstance(decision, Wait) and decision.until >= nudge.closes_at:
        # Something that may end earlier is looked at once more just before the nudge closes.
        if decision.until - now <= LOOK_AGAIN or now + LOOK_AGAIN >= nudge.closes_at:
            return Skip(decision.reason)
        return Skip(decision.reason) if decision.reason in _FIXED else Wait(now + LOOK_AGAIN, decision.reason)
    return decision


_FIXED = frozenset({"cap", "gap", "quiet_hours"})
"""Reasons to wait whose end is known and will not come earlier."""


def _decide(campaign: Campaign, nudge: Planned, situation: Situation, quiet: Quiet, now: datetime) -> Decision:
    if situation.status != "active":
        return Skip(situation.status)
    if now >= nudge.closes_at:
        return Skip("too_late")
    if not situation.consented and campaign.consent is not None and nudge.flow != campaign.consent:
        return Wait(now + LOOK_AGAIN, "no_consent")
    if situation.consented and nudge.slot == "consent":
        return Skip("consented_already")
    if situation.cohort_paused:
        return Wait(now + LOOK_AGAIN, "cohort_paused")
    if situation.paused_until is not None and situation.paused_until > now:
        return Wait(situation.paused_until, "paused")
    if situation.session_open:
        return Skip("session_open") if campaign.open_session == "skip" else Wait(now + LOOK_AGAIN, "session_open")
    return _by_pace(campaign, nudge, situation, now) or _by_hour(campaign, situation.timezone, quiet, now) or Start()


def _by_pace(campaign: Campaign, nudge: Planned, situation: Situation, now: datetime) -> Decision | None:
    """What the cap, the gap and the peace after silence say; None if they leave the way free."""
    begun = sorted(moment for moment in situation.begun if moment > now - campaign.cap.per)
    if situation.ignored >= campaign.pause_after and nudge.wave is None:
        last = max(situation.begun, default=None)
        if last is None or now < last + IGNORED_REST:
            return Skip("ignored")
    if begun and now < begun[-1] + campaign.gap:
        return Wait(begun[-1] + campaign.gap, "gap")
    if len(begun) >= campaign.cap.flows:
        return Wait(begun[-campaign.cap.flows] + campaign.cap.per, "cap")
    return None


def _by_hour(campaign: Campaign, timezone: str, quiet: Quiet, now: datetime) -> Decision | None:
    """Wait for the next opening of the window if it is closed now."""
    opening = _opening(campaign, quiet)
    if opening is None:
        return Skip("quiet_hours")
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    opens = datetime.combine(local.date(), opening[0], zone).astimezone(UTC)
    closes = opens + opening[1]
    # Of a day on which the clocks change, the end by the wall counts if it is earlier.
    wall_end = (datetime.combine(date.min, opening[0]) + opening[1]).time()
    if opens <= now < closes and opening[0] <= local.time() < wall_end:
        return None
    if local.time() >= opening[0]:
        opens = datetime.combine(local.date() + timedelta(days=1), opening[0], zone).astimezone(UTC)
    return Wait(opens, "quiet_hours")
