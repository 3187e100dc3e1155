"""The plan of one officer's campaign: which flow is due when. Pure and deterministic: moments are spread within a span by the
officer's bucket and the occasion. Consent comes first, then measurement, then the rest; no flow is planned while the officer is
out of reach, above the cap or within the gap. `nudge_policy.py` decides whether a due flow may begin."""

import hashlib
from bisect import bisect, insort
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.language.campaign import Campaign, Cap, Moment, Wave, Window
from app.flows.nudge_rules import ConsentRule, Rule, SlotRule, WaveRule
from app.flows.quiet_hours import Quiet
from app.flows.shifts import UNKNOWN, Duty, Span, worked
from app.flows.tryouts import PressedCampaign
from app.scheduler.occasions import cap_of, consent_slot, occasions
from app.scheduler.reach import Almanac, Reach, plain, reach_of, whole_days

CONSENT_OPEN = timedelta(days=14)
"""How long the question for consent stays open."""

BUCKETS = 64
"""The number of moments at which a cohort gets one occasion, evenly over the span: in two hours, one every two minutes. Officers
of one bucket with otherwise equal profiles share one plan."""

NEVER_OPEN = "quiet_hours"
"""The reason of an occasion whose whole window lies in the quiet hours."""

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_NEVER = 10 * _YEAR
_SHARES = 1 << 32


@dataclass(frozen=True, slots=True)
class Renewal:
    """A notice that an officer who agreed to an earlier one has to be asked for, and the moment from which it is in force."""

    version: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties of an officer that a plan depends on: equal profiles have the same plan. `anchor` is the date that the
    campaign counts from, None if unknown; `renewal` is for who has consented to an earlier notice only; who has
    `declined` is not asked again."""

    bucket: int
    timezone: str
    anchor: date | None
    enrolled_at: datetime
    consented: bool = False
    duty: Duty = UNKNOWN
    renewal: Renewal | None = None
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One flow, due at `due_at`, and skipped after `closes_at`. `slot` names the occasion and never changes: `w03.2`,
    `baseline.1`, `consent`. `wave` is the suffix of a measurement wave's variables. `skip` says why there is no room for it:
    cap, gap, measurement, no_consent, wave_closed, enrolled_late, quiet_hours, leave, on_duty, rest, holiday; `due_at` is then
    when it would have been."""

    slot: str
    flow: str
    due_at: datetime
    closes_at: datetime
    wave: str | None = None
    skip: str | None = None
    rule: Rule | None = None


class CampaignKey:
    """A campaign as a cache key, compared by identity: comparing its content would take longer than a plan."""

    __slots__ = ("campaign",)

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CampaignKey) and self.campaign is other.campaign

    def __hash__(self) -> int:
        return id(self.campaign)


def bucket_of(study_id: str) -> int:
    """The bucket of an officer. Study ids are random, and so is this."""
    return int.from_bytes(hashlib.sha256(study_id.encode()).digest()[:4], "big") % BUCKETS


def plan(campaign: Campaign, officer: Profile, quiet: Quiet, almanac: Almanac) -> list[Planned]:
    """The whole campaign of an officer, in the order of time, as if every flow began when it is due.

    Officers who enrol late get no burst: occasions before the enrolment are skipped (or the campaign counts from that day),
    and an open wave begins with its first flow. Without an anchor, only the consent. Occasions whose whole window lies in the
    quiet hours are skipped.
    """
    if isinstance(campaign, PressedCampaign):
        return _pressed(campaign, officer, quiet, almanac)
    renewal, floor = officer.renewal, officer.enrolled_at
    if renewal is not None:
        floor = max(floor, renewal.since)
    layout = _Layout(campaign, officer, quiet, almanac, ZoneInfo(officer.timezone), floor)
    settled = campaign.consent is None or officer.consented or officer.declined
    asked = settled or campaign.consent is None or layout.consent(campaign.consent)
    if officer.anchor is not None:
        anchor = officer.anchor
        if campaign.enrolled_late == "restart":
            anchor = max(anchor, officer.enrolled_at.astimezone(layout.zone).date())
        for name, wave in sorted(campaign.waves.items(), key=lambda pair: pair[1].day):
            layout.wave(name, wave, anchor + timedelta(days=wave.day))
        layout.slots(anchor)
    planned = (
        layout.planned
        if asked
        else [one if one.skip else _put(one, one.due_at, "no_consent") for one in layout.planned]
    )
    return sorted(planned, key=lambda one: (one.due_at, one.slot))


def _pressed(campaign: PressedCampaign, officer: Profile, quiet: Quiet, almanac: Almanac) -> list[Planned]:
    """The plan of a tryout: what the original would send, in its order, one `pace` after another from the enrolment on, in the hours in
    which anything may be sent. What the original would skip is skipped. Late is only what comes a day after the last one."""
    reach, at = whole_days(quiet, officer.timezone, UNKNOWN), officer.enrolled_at
    planned, next_at = list[Planned](), _open(reach, at)
    for one in plan(campaign.original, officer, quiet, almanac):
        planned.append(replace(one, due_at=next_at if one.skip is None else at))
        if one.skip is None:
            at, next_at = next_at, _open(reach, next_at + campaign.pace)
    return [replace(one, closes_at=at + _DAY) for one in planned]


def _open(reach: Reach, moment: datetime) -> datetime:
    """The moment, or the end of the quiet hours around it."""
    span = reach.after(moment, moment + 2 * _DAY)
    return moment if span is None else span[0]


@dataclass(slots=True)
class _Layout:
    """A plan in progress: `begun` are its moments in order, `measured` the local days of waves. Nothing is due before
    `floor`."""

    campaign: Campaign
    officer: Profile
    quiet: Quiet
    almanac: Almanac
    zone: ZoneInfo
    floor: datetime
    planned: list[Planned] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)
    measured: set[date] = field(default_factory=set)

    def consent(self, flow: str) -> bool:
        """The question for consent, as soon as the officer can be reached: perhaps while the cohort still sits together. Nothing
        is due before it. False if it can never be asked."""
        slot = consent_slot(self.officer.renewal.version if self.officer.renewal else None)
        reach = self._reach(None)
        if reach is None:
            self.planned.append(
                Planned(slot, flow, self.floor, self.floor + CONSENT_OPEN, None, NEVER_OPEN, ConsentRule())
            )
            return False
        span = reach.after(self.floor, self.floor + _YEAR)
        if span is not None and span[0] > self.floor:
            self.floor = self._within(slot, span)
        asked = self._place(Planned(slot, flow, self.floor, self.floor + CONSENT_OPEN, rule=ConsentRule()), reach)
        return asked.skip is None

    def wave(self, name: str, wave: Wave, first: date) -> None:
        """The flows of a wave, in order, one a day or on its `days`, at the first free moments. A closed wave is skipped."""
        reach, rule = self._reach(wave.window), WaveRule(name)
        span = None if reach is None else _hours(reach, first)
        opens = _opens(wave.window or self.campaign.window, first, self.zone) if span is None else span[0]
        closes, day = opens + wave.closes, first
        if reach is None or span is None or closes <= self.floor:
            late = "enrolled_late" if closes <= self.officer.enrolled_at else "wave_closed"
            reason = NEVER_OPEN if reach is None or span is None else late
            self.planned += [
                Planned(f"{name}.{place}", flow, opens, closes, wave.suffix, reason, rule)
                for place, flow in enumerate(wave.flows, 1)
            ]
            return
        for place, flow in enumerate(wave.flows, 1):
            day = max(day, first + timedelta(days=wave.first_day(place - 1)))
            due = self._due(f"{name}.{place}", day, wave.moment(place - 1), reach)
            placed = self._place(Planned(f"{name}.{place}", flow, due, closes, wave.suffix, rule=rule), reach)
            if placed.skip is None:
                day = placed.due_at.astimezone(self.zone).date()
                self.measured.add(day)
            day += _DAY

    def slots(self, anchor: date) -> None:
        """The flows of slots, in the order of time, at moments that measurement leaves free."""
        officer, share = self.officer, self.officer.bucket / BUCKETS
        candidates = _candidates(
            CampaignKey(self.campaign), anchor, officer.timezone, officer.duty, self.quiet, self.almanac
        )
        for due, _, candidate in sorted(
            [(candidate.due(share), candidate.name, candidate) for candidate in candidates], key=_by_time
        ):
            closes = due + self.campaign.late
            if due < officer.enrolled_at or candidate.reach is None:
                reason = "enrolled_late" if due < officer.enrolled_at else NEVER_OPEN
                self.planned.append(Planned(candidate.name, candidate.flow, due, closes, None, reason, candidate.rule))
            else:
                at = max(due, self.floor)
                self._place(
                    Planned(candidate.name, candidate.flow, at, closes, None, None, candidate.rule),
                    candidate.reach,
                    reached=candidate.open and at == due,
                )

    def _place(self, wanted: Planned, reach: Reach, *, reached: bool = False) -> Planned:
        """Plan a flow at its first free moment, or as skipped. `reached`: the officer is known to be reachable when it is due."""
        at, reason = wanted.due_at, "wave_closed" if wanted.wave else "no_consent"
        held: tuple[datetime, str | None] | None
        while at < wanted.closes_at:
            held = (at, None) if not reached and not reach.holds(at) else self._held(wanted, at, reach)
            if held is None:
                insort(self.begun, at)
                placed = wanted if at == wanted.due_at else _put(wanted, at)
                self.planned.append(placed)
                return placed
            until, why = held
            span = reach.after(until, wanted.closes_at)
            if span is None:
                reason = why or reach.why(at)
                break
            reached, span = True, (span[0], min(span[1], wanted.closes_at))
            at = until if span[0] == until and why in _SPREAD_ALREADY else self._within(wanted.slot, span)
        skipped = _put(wanted, wanted.due_at, reason)
        self.planned.append(skipped)
        return skipped

    def _held(self, wanted: Planned, at: datetime, reach: Reach) -> tuple[datetime, str] | None:
        """The earliest end of what blocks a moment in the plan so far, and the reason; None if the moment is free."""
        if wanted.wave is None and self.measured and (day := at.astimezone(self.zone).date()) in self.measured:
            span = _hours(reach, day + _DAY)
            return (at + _NEVER if span is None else span[0]), "measurement"
        begun, gap, cap = self.begun, self.campaign.gap, cap_of(self.campaign, wanted.rule)
        if not begun or (at - begun[-1] >= gap and (len(begun) < cap.flows or at - begun[-cap.flows] >= cap.per)):
            return None  # far enough after everything planned so far
        place = bisect(begun, at)
        if place and at - begun[place - 1] < gap:
            return begun[place - 1] + gap, "gap"
        if place < len(begun) and begun[place] - at < gap:
            return begun[place] + gap, "gap"
        return self._capped(place, at, cap)

    def _capped(self, place: int, at: datetime, cap: Cap) -> tuple[datetime, str] | None:
        """Whether any period around this moment would hold more flows than the cap."""
        flows, per = cap.flows, cap.per
        for first in range(max(0, place - flows), min(place, len(self.begun) - flows) + 1):
            earliest, latest = self.begun[first], self.begun[first + flows - 1]
            if max(latest, at) - min(earliest, at) < per:
                return earliest + per, "cap"
        return None

    def _reach(self, window: Window | None) -> Reach | None:
        return reach_of(self.campaign, window, self.quiet, self.officer.timezone, self.officer.duty, self.almanac)

    def _due(self, name: str, day: date, moment: Moment | None, reach: Reach) -> datetime:
        """The moment of an occasion on a day: not before the floor, but still on that day if there is time."""
        start, minutes = _span(self.campaign, day, moment, reach, self.floor)
        share = self.officer.bucket / BUCKETS
        due = _spread(name, share, start, minutes)
        if due >= self.floor:
            return due
        span = plain(reach).after(self.floor, self.floor + 2 * _DAY)
        return self.floor if span is None else _spread(name, share, span[0], _minutes(self.campaign, span))

    def _within(self, name: str, span: Span) -> datetime:
        """The moment of an occasion within an open span."""
        return within(self.campaign, name, self.officer.bucket, span)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An occasion for all officers: its span in minutes, by the window or by a shift, and the offset of its buckets. `open`:
    officers can be reached during the whole span; without `reach`, never."""

    name: str
    flow: str
    rule: SlotRule
    start: datetime
    minutes: int
    offset: float
    reach: Reach | None
    open: bool

    def due(self, share: float) -> datetime:
        """The moment of a bucket."""
        return self.start + timedelta(minutes=int(self.minutes * ((self.offset + share) % 1)))


@lru_cache(maxsize=256)
def _candidates(
    key: CampaignKey, anchor: date, timezone: str, duty: Duty, quiet: Quiet, almanac: Almanac
) -> tuple[_Candidate, ...]:
    """The occasions of all officers with the same anchor and the same shifts."""
    campaign, candidates = key.campaign, []
    for occasion in occasions(campaign.slots, anchor, almanac.days):
        reach = reach_of(campaign, occasion.slot.window, quiet, timezone, duty, almanac)
        if reach is None:
            opens = _opens(occasion.slot.window or campaign.window, occasion.day, ZoneInfo(timezone))
            candidates.append(_Candidate(occasion.name, occasion.flow, occasion.rule, opens, 0, 0.0, None, open=False))
        else:
            start, minutes = _span(campaign, occasion.day, occasion.slot.at, reach, None)
            span = reach.after(start, start + _DAY)
            is_open = span is not None and span[0] == start and timedelta(minutes=minutes) <= span[1] - start
            candidates.append(
                _Candidate(
                    occasion.name, occasion.flow, occasion.rule, start, minutes, _offset(occasion.name), reach, is_open
                )
            )
    return tuple(candidates)


def _span(
    campaign: Campaign, day: date, moment: Moment | None, reach: Reach, floor: datetime | None
) -> tuple[datetime, int]:
    """The span of a day's occasion, as its start and its minutes: by the officer's shifts, or by the window."""
    if moment is not None and (span := _by_shift(day, moment, reach, floor)) is not None:
        return span[0], int((span[1] - span[0]).total_seconds() // 60)
    found = _hours(reach, day)
    return (_midnight(day, reach.zone), 0) if found is None else (found[0], _minutes(campaign, found))


def _hours(reach: Reach, day: date) -> Span | None:
    """The open hours of a day by the window alone, or of the next day if a change of clocks leaves none."""
    hours = plain(reach)
    return next(iter(hours.on(day) or hours.on(day + _DAY)), None)


def _by_shift(day: date, moment: Moment, reach: Reach, floor: datetime | None) -> Span | None:
    """The span beside the first shift on the day, or within one cycle after it, that has room in the open hours. None if no
    shift is known or none has room."""
    shift = reach.duty.shift
    if shift is None:
        return None
    begin = _midnight(day, reach.zone)
    end = begin + _DAY + timedelta(hours=shift.on + shift.off)
    earliest = begin if floor is None else max(begin, floor)
    for one in worked(reach.duty, begin - 2 * _DAY, end + 2 * _DAY):
        start, until = _beside(one, moment)
        if start < end and until > earliest and (free := reach.after(max(start, earliest), until)) is not None:
            return free[0], min(free[1], until)
    return None


def _beside(worked_span: Span, moment: Moment) -> Span:
    if moment.after_shift is not None:
        return worked_span[1] + moment.after_shift[0], worked_span[1] + moment.after_shift[1]
    soonest, latest = moment.before_shift or (timedelta(), timedelta())
    return worked_span[0] - latest, worked_span[0] - soonest


def within(campaign: Campaign, occasion: str, bucket: int, span: Span) -> datetime:
    """The moment of an occasion for a bucket within an open span, over the minutes in which the campaign spreads a cohort."""
    return _spread(occasion, bucket / BUCKETS, span[0], _minutes(campaign, span))


def _minutes(campaign: Campaign, span: Span) -> int:
    """The minutes of a span over which a cohort is spread."""
    room = span[1] - span[0]
    return int((room if campaign.spread is None else min(room, campaign.spread)).total_seconds() // 60)


def _spread(name: str, share: float, start: datetime, minutes: int) -> datetime:
    return start + timedelta(minutes=int(minutes * ((_offset(name) + share) % 1)))


_SPREAD_ALREADY = frozenset({"gap", "cap"})
"""Reasons that end at a different moment for each officer."""


@lru_cache(maxsize=4096)
def _offset(name: str) -> float:
    """The rotation of the buckets at an occasion, as a share of the span, so that nobody is always the first."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / _SHARES


def _opens(window: Window, day: date, zone: ZoneInfo) -> datetime:
    """The nominal opening of a window that the quiet hours cover."""
    return datetime.combine(day, window.start, zone).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _by_time(wanted: tuple[datetime, str, _Candidate]) -> tuple[datetime, str]:
    return wanted[:2]


def _put(wanted: Planned, at: datetime, skip: str | None = None) -> Planned:
    return Planned(wanted.slot, wanted.flow, at, wanted.closes_at, wanted.wave, skip, wanted.rule)
