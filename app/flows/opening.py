"""When a day is open for messages: a campaign's window without the quiet hours, by the clock on the officer's wall. Pure.
On a day on which the clocks change, an edge that is left out or comes twice makes the day shorter, never longer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.flows.campaign import Window
from app.flows.shifts import Span

Quiet = tuple[time, time]
"""From and until when nobody is written to, in local time; over midnight if the second is earlier; two equal ones: never."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """The open hours of every day: from `start`, up to but without `end`, which is later."""

    start: time
    end: time

    def span(self, day: date, zone: ZoneInfo) -> Span | None:
        """When it is open on a day, in UTC; None if the clocks leave all of it out."""
        start, end = max(_moments(day, self.start, zone)), min(_moments(day, self.end, zone))
        return (start, end) if start < end else None

    def next(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """This moment if it is open then, or else the next opening, in UTC."""
        day = moment.astimezone(zone).date()
        while (span := self.span(day, zone)) is None or span[1] <= moment:
            day += _DAY
        return max(moment, span[0])


def _moments(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments of a day that may be called this time; nearly always they are one."""
    moment = datetime.combine(day, at, zone)
    return moment.astimezone(UTC), moment.replace(fold=1).astimezone(UTC)


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
