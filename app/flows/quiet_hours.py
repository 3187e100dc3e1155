"""Quiet hours, and the open hours of a day: a campaign's window without the quiet hours. Pure: the moment, the zone
and the hours are arguments; local time is the officer's.

On days on which the clocks change, an hour that is skipped or repeated makes the quiet hours longer and the open
hours shorter, never the reverse.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.language.campaign import Window
from app.flows.shifts import Span

Quiet = tuple[time, time]
"""Start and end of the quiet hours, local time; they pass midnight if the end is earlier; two equal times mean none."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """The open hours of every day: from `start` (inclusive) to `end` (exclusive, later than `start`)."""

    start: time
    end: time

    def span(self, day: date, zone: ZoneInfo) -> Span | None:
        """The open time of a day, in UTC; None if a change of the clocks skips all of it."""
        start, end = max(_moments(day, self.start, zone)), min(_moments(day, self.end, zone))
        return (start, end) if start < end else None

    def next(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """This moment if it is open, or else the next opening, in UTC."""
        day = moment.astimezone(zone).date()
        while (span := self.span(day, zone)) is None or span[1] <= moment:
            day += _DAY
        return max(moment, span[0])


@lru_cache(maxsize=64)
def opening(window: Window, quiet: Quiet) -> Opening | None:
    """The window without the quiet hours; None if nothing is left. If the quiet hours lie in its middle, the part
    before them."""
    start, end = window.start, window.end
    begins, ends = quiet
    if begins < ends:
        start, end = (start, min(end, begins)) if start < begins else (max(start, ends), end)
    elif begins > ends:
        start, end = max(start, ends), min(end, begins)
    return Opening(start, end) if start < end else None


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def quiet_until(now: datetime, timezone: str, quiet: Quiet) -> datetime | None:
    """The end of the current quiet hours; None outside of quiet hours. Raises ZoneInfoNotFoundError."""
    start, end = quiet
    if start == end:
        return None
    zone = _zone(timezone)
    local = now.astimezone(zone)
    wall, today = local.time(), local.date()
    begun = start <= wall < end if start < end else wall >= start or wall < end
    if begun or _is_between(now, _moments(today, start, zone)):
        return max(_next(now, today, end, zone)).astimezone(now.tzinfo)
    ends = _moments(today, end, zone)
    return ends[1].astimezone(now.tzinfo) if _is_between(now, ends) else None


def until_quiet(now: datetime, timezone: str, quiet: Quiet) -> timedelta | None:
    """The time until the next quiet hours begin; None if there are none."""
    start, end = quiet
    if start == end:
        return None
    zone = _zone(timezone)
    return min(_next(now, now.astimezone(zone).date(), start, zone)) - now


def _is_between(now: datetime, moments: tuple[datetime, datetime]) -> bool:
    return moments[0] <= now < moments[1]


def _next(now: datetime, today: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The next moments after `now` with this local time: one, or two around a change of the clocks."""
    while not (found := [moment for moment in _moments(today, at, zone) if moment > now]):
        today += _DAY
    return found


def _moments(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last moment of a day with this local time; nearly always the same."""
    moments = [datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(moments), max(moments)
