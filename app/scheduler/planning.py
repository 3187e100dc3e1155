"""When which flow of a campaign is due to one officer. Pure: no store, no clock, no chance; where a moment is spread within
a window, it is by a hash of the officer and the occasion, so that the same question always has the same answer. Consent
goes before everything, measurement before follow-up; nothing is laid out in quiet hours, above the cap or within the gap.
Whether a flow may really begin when its moment has come is for `deciding.py`."""

import hashlib
from bisect import bisect, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.flows.campaign import Campaign, Slot, Wave
from app.flows.opening import Opening, Quiet, opening

CONSENT_OPEN = timedelta(days=14)
"""How long the question for consent may wait for a good moment."""

_DAY = timedelta(days=1)
_SHARES = 1 << 32


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
    `baseline.1`, `consent`. `wave` is the suffix of a measurement wave's variables. `skip` says why there is no room for
    it: cap, gap, measurement, no_consent, wave_closed; `due_at` is then when it would have been."""

    slot: str
    flow: str
    due_at: datetime
    closes_at: datetime
    wave: str | None = None
    skip: str | None = None


def plan(campaign: Campaign, officer: Officer, quiet: Quiet) -> list[Planned]:
    """Everything that a campaign holds for an officer, in the order of time, as if every flow began when it is due.

    Who comes late gets no burst: occasions from before the officer was enrolled are left out, and a wave that is open
    begins with its first flow. Only the consent if the anchor is unknown. Empty if quiet hours cover the whole window.
    """
    hours = opening(campaign.window, quiet)
    if hours is None:
        return []
    calendar = _Calendar(campaign, officer.study_id, ZoneInfo(officer.timezone), hours, officer.enrolled_at)
    if campaign.consent is not None and not officer.consented:
        calendar.consent(campaign.consent)
    if officer.anchor is not None:
        for name, wave in sorted(campaign.waves.items(), key=lambda pair: pair[1].day):
            calendar.wave(name, wave, officer.anchor + timedelta(days=wave.day))
        calendar.slots(officer.anchor, officer.enrolled_at)
    return sorted(calendar.planned, key=lambda planned: (planned.due_at, planned.slot))


@dataclass(slots=True)
class _Calendar:
    """What has been laid out so far: `begun` are its moments in order, `measured` the local days of waves. Nothing is due
    before `floor`."""

    campaign: Campaign
    study_id: str
    zone: ZoneInfo
    hours: Opening
    floor: datetime
    planned: list[Planned] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)
    measured: set[date] = field(default_factory=set)

    def consent(self, flow: str) -> None:
        """The question for consent, first and at once: it may be asked while the cohort still sits together. Nothing is due
        before it."""
        self.floor = due = self._open("consent", self.floor)
        self._place(Planned("consent", flow, due, due + CONSENT_OPEN))

    def wave(self, name: str, wave: Wave, first: date) -> None:
        """The flows of a wave, in order and one a day, as soon as there is room. A wave that has closed is left out."""
        closes = self.hours.at(first, self.zone) + wave.closes
        if closes <= self.floor:
            return
        day = first
        for place, flow in enumerate(wave.flows, 1):
            due = self._on(f"{name}.{place}", day)
            placed = self._place(Planned(f"{name}.{place}", flow, due, closes, wave.suffix))
            if placed.skip is None:
                day = placed.due_at.astimezone(self.zone).date()
                self.measured.add(day)
            day += _DAY

    def slots(self, anchor: date, enrolled_at: datetime) -> None:
        """The follow-up, in the order of time, where measurement leaves room for it."""
        wanted = [
            (due, name, flow)
            for name, flow, day in _occasions(self.campaign.slots)
            if (due := self._moment(name, anchor + timedelta(days=day))) >= enrolled_at
        ]
        for due, name, flow in sorted(wanted):
            self._place(Planned(name, flow, max(due, self.floor), due + self.campaign.late))

    def _place(self, wanted: Planned) -> Planned:
        """Lay out a flow at the first moment from when it is due that has room, or as skipped."""
        at, reason = wanted.due_at, "wave_closed" if wanted.wave else "no_consent"
        while at < wanted.closes_at:
            held = self._held(wanted, at)
            if held is None:
                insort(self.begun, at)
                placed = wanted if at == wanted.due_at else _at(wanted, at)
                self.planned.append(placed)
                return placed
            at, reason = self._open(wanted.slot, held[0]), held[1]
        skipped = Planned(wanted.slot, wanted.flow, wanted.due_at, wanted.closes_at, wanted.wave, reason)
        self.planned.append(skipped)
        return skipped

    def _held(self, wanted: Planned, at: datetime) -> tuple[datetime, str] | None:
        """Until when a moment is held by what is laid out already, and why; None if it is free."""
        if wanted.wave is None and self.measured and (day := at.astimezone(self.zone).date()) in self.measured:
            return self._moment(wanted.slot, day + _DAY), "measurement"
        place, gap = bisect(self.begun, at), self.campaign.gap
        if place and at - self.begun[place - 1] < gap:
            return self.begun[place - 1] + gap, "gap"
        if place < len(self.begun) and self.begun[place] - at < gap:
            return self.begun[place] + gap, "gap"
        return self._capped(place, at)

    def _capped(self, place: int, at: datetime) -> tuple[datetime, str] | None:
        """Whether there would be more than the cap in any period that holds this moment, before it or after."""
        flows, per = self.campaign.cap.flows, self.campaign.cap.per
        for first in range(max(0, place - flows), min(place, len(self.begun) - flows) + 1):
            earliest, latest = self.begun[first], self.begun[first + flows - 1]
            if max(latest, at) - min(earliest, at) < per:
                return earliest + per, "cap"
        return None

    def _share(self, slot: str) -> float:
        digest = hashlib.sha256(f"{self.study_id}|{slot}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / _SHARES

    def _spread(self, slot: str, room: timedelta) -> timedelta:
        """How long after the opening, in whole minutes, so that a cohort does not answer at once."""
        spread = room if self.campaign.spread is None else min(room, self.campaign.spread)
        return timedelta(minutes=int(spread.total_seconds() // 60 * self._share(slot)))

    def _moment(self, slot: str, day: date) -> datetime:
        """The moment of an occasion on a day."""
        return self.hours.at(day, self.zone, self._spread(slot, self.hours.length))

    def _on(self, slot: str, day: date) -> datetime:
        """The moment of an occasion on a day, or the earliest one if that is before the floor."""
        due = self._moment(slot, day)
        return due if due >= self.floor else self._earliest(slot)

    def _earliest(self, slot: str) -> datetime:
        """The first moment of an occasion that is not before the floor: on that day yet, if there is time."""
        local = self.floor.astimezone(self.zone)
        due = self._moment(slot, local.date())
        if due >= self.floor:
            return due
        if self.hours.holds(self.floor, self.zone):
            left = self.hours.at(local.date(), self.zone) + self.hours.length - self.floor
            due = self.floor + self._spread(slot, max(left, timedelta()))
            if self.hours.holds(due, self.zone):
                return due
        return self._moment(slot, local.date() + _DAY)

    def _open(self, slot: str, moment: datetime) -> datetime:
        """This moment if it is open then, or else the occasion's moment on the next day that opens."""
        if self.hours.holds(moment, self.zone):
            return moment
        return self._moment(slot, self.hours.next(moment, self.zone).astimezone(self.zone).date())


def _at(planned: Planned, moment: datetime) -> Planned:
    return Planned(planned.slot, planned.flow, moment, planned.closes_at, planned.wave)


def _occasions(slots: list[Slot]) -> Iterator[tuple[str, str, int]]:
    """The name, the flow and the day, counted from the anchor, of each occasion. Week 1 begins the day after. Occasions of
    a week are numbered through all slots, in their order: one that is added at the end renames none."""
    numbers: Counter[int] = Counter()
    for slot in slots:
        if not slot.flows:
            continue
        for place, day in enumerate(_days(slot)):
            week = (day - 1) // 7 + 1
            numbers[week] += 1
            yield f"w{week:02d}.{numbers[week]}", slot.flows[place % len(slot.flows)], day


def _days(slot: Slot) -> Iterator[int]:
    if slot.days is not None or slot.weeks is None:
        yield from slot.days or ()
        return
    first, last = slot.weeks
    if slot.per_week is None:
        yield from range(1 + (first - 1) * 7, 1 + last * 7, max(1, (slot.every or _DAY).days))
        return
    for week in range(first, last + 1):
        for place in range(slot.per_week):
            yield 1 + (week - 1) * 7 + place * 7 // slot.per_week
