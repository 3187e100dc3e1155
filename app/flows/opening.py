"""When a day is open for messages: a campaign's window without the quiet hours, by the clock on the officer's wall. Pure.
On a day on which the clocks change, the wall decides: an hour that is left out is not open, one that comes twice is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.campaign import Window

Quiet = tuple[time, time]
"""From and until when nobody is written to, in local time; over midnight if the second is earlier; two equal ones: never."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """The open hours of every day: from `start`, up to but without `end`, which is later."""

    start: time
    end: time

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open at a moment."""
        return self.start <= moment.astimezone(zone).time() < self.end

    def at(self, day: date, zone: ZoneInfo, after: timedelta = timedelta()) -> datetime:
        """The moment so long after the opening of a day, in UTC. If the clocks leave it out that day, so long after the
        next day's opening."""
        while True:
            moment = (datetime.combine(day, self.start, zone) + after).astimezone(UTC)
            if self.holds(moment, zone):
                return moment
            day += _DAY

    def next(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """This moment if it is open then, or else the next opening, in UTC."""
        local = moment.astimezone(zone)
        if self.start <= local.time() < self.end:
            return moment
        return self.at(local.date() if local.time() < self.start else local.date() + _DAY, zone)

    @property
    def length(self) -> timedelta:
        """How long it is open, as the clock on the wall goes."""
        return datetime.combine(date.min, self.end) - datetime.combine(date.min, self.start)


@lru_cache(maxsize=64)
def opening(window: Window, quiet: Quiet) -> Opening | None:
    """The window without the quiet hours, or None if nothing is left. Quiet hours in its middle leave what is before them."""
    start, end = window.start, window.end
    begins, ends = quiet
    if begins < ends:
        start, end = (start, min(end, begins)) if start < begins else (max(start, ends), end)
    elif begins > ends:
        start, end = max(start, ends), min(end, begins)
    return Opening(start, end) if start < end else None
