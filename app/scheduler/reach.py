"""When an officer may get messages: the open hours of each day, less leave, shifts, the sleep after a long shift, and official
rest days, as the campaign wants it. Pure. Shared by planning and the nudge policy, so that they agree."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.language.campaign import Campaign, Recurrence, Rest, Window
from app.flows.quiet_hours import Opening, Quiet, opening
from app.flows.shifts import LONGEST_SHIFT, UNKNOWN, Duty, Span, leaves, without, worked

_DAY = timedelta(days=1)
_NOON = time(12)
_WHOLE_DAY = Window.model_construct(start=time.min, end=time.max)


@dataclass(frozen=True, slots=True)
class Almanac:
    """Calendar functions: the days of a recurrence from one day to another, both included, and whether a day is an official rest
    day."""

    days: Callable[[Recurrence, date, date], Sequence[date]]
    is_rest_day: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Restrictions:
    """A campaign's restrictions besides its hours."""

    on_duty: bool = False
    rest: Rest | None = None
    rest_days: Callable[[date], bool] | None = None


_ONLY_HOURS = Restrictions()


@dataclass(slots=True, eq=False)
class Reach:
    """The open spans of an officer's days, cached by day. Officers with equal shifts and restrictions share one."""

    hours: Opening
    zone: ZoneInfo
    duty: Duty = UNKNOWN
    restrictions: Restrictions = _ONLY_HOURS
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    _aways: dict[date, tuple[tuple[str, list[Span]], ...]] = field(default_factory=dict)

    def after(self, moment: datetime, until: datetime) -> Span | None:
        """The first open span from a moment on, cut at that moment. None if none begins before `until`."""
        day, last = moment.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        while day <= last:
            for start, end in self.on(day):
                if end > moment:
                    begin = max(start, moment)
                    return (begin, end) if begin < until else None
            day += _DAY
        return None

    def holds(self, moment: datetime) -> bool:
        """Whether it is open at a moment."""
        spans = self.on(moment.astimezone(self.zone).date())
        place = bisect(spans, moment, key=_begin)
        return place > 0 and moment < spans[place - 1][1]

    def why(self, moment: datetime) -> str:
        """Why it is not open at a moment."""
        day = moment.astimezone(self.zone).date()
        for reason, spans in self._away(day):
            if any(start <= moment < end for start, end in spans):
                return reason
        return "holiday" if self._is_rest_day(day) else "quiet_hours"

    def on(self, day: date) -> tuple[Span, ...]:
        """The open spans of a local day, in order."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._on(day)
        return found

    def _on(self, day: date) -> tuple[Span, ...]:
        span = self.hours.span(day, self.zone)
        if span is None or self._is_rest_day(day):
            return ()
        return tuple(without([span], (cut for _, cuts in self._away(day) for cut in cuts)))

    def _away(self, day: date) -> tuple[tuple[str, list[Span]], ...]:
        """The spans around a day that the officer's shifts block, with the reason."""
        found = self._aways.get(day)
        if found is None:
            noon = datetime.combine(day, _NOON, self.zone).astimezone(UTC)
            around = noon - _DAY, noon + _DAY
            found = self._aways[day] = (
                () if self.duty == UNKNOWN else tuple(_away(self.duty, self.restrictions, around))
            )
        return found

    def _is_rest_day(self, day: date) -> bool:
        return self.restrictions.rest_days is not None and self.restrictions.rest_days(day)


def _begin(span: Span) -> datetime:
    return span[0]


def _away(duty: Duty, restrictions: Restrictions, around: Span) -> list[tuple[str, list[Span]]]:
    away = [("leave", leaves(duty))]
    if restrictions.on_duty or restrictions.rest is not None:
        asleep = timedelta() if restrictions.rest is None else restrictions.rest.between[1]
        found = worked(duty, around[0] - asleep - LONGEST_SHIFT, around[1] + LONGEST_SHIFT)
        if restrictions.on_duty:
            away.append(("on_duty", found))
        if restrictions.rest is not None:
            away.append(("rest", _sleeps(found, restrictions.rest, duty)))
    return away


def _sleeps(shifts: Sequence[Span], rest: Rest, duty: Duty) -> list[Span]:
    """The sleep after long shifts. Their length is in local time: 24 hours stay 24 when clocks change."""
    zone = UTC if duty.shift is None else ZoneInfo(duty.shift.timezone)
    return [
        (end + rest.between[0], end + rest.between[1])
        for start, end in shifts
        if max(end - start, _wall(end, zone) - _wall(start, zone)) >= rest.after
    ]


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def reach_of(
    campaign: Campaign, window: Window | None, quiet: Quiet, timezone: str, duty: Duty, almanac: Almanac
) -> Reach | None:
    """The reach in a window, by default the campaign's own. None if the window lies in the quiet hours."""
    hours = opening(window or campaign.window, quiet)
    if hours is None:
        return None
    rest_days = almanac.is_rest_day if campaign.holidays == "wait" else None
    return _reach(hours, timezone, duty, Restrictions(campaign.on_duty == "wait", campaign.rest, rest_days))


def whole_days(quiet: Quiet, timezone: str, duty: Duty) -> Reach:
    """The reach without a campaign: outside the quiet hours and leave."""
    return _reach(opening(_WHOLE_DAY, quiet) or Opening(time.min, time.max), timezone, duty, _ONLY_HOURS)


@lru_cache(maxsize=512)
def _reach(hours: Opening, timezone: str, duty: Duty, restrictions: Restrictions) -> Reach:
    return Reach(hours, ZoneInfo(timezone), duty, restrictions)


def plain(reach: Reach) -> Reach:
    """The same hours without shifts and restrictions: the window alone."""
    return _reach(reach.hours, reach.zone.key, UNKNOWN, _ONLY_HOURS)
