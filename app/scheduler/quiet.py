"""Quiet hours: when no nudge goes out, in each officer's own zone. Pure: the moment, the zone and the hours are arguments."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
"""From and until, local time; over midnight if the second is earlier. Two equal ones are none."""


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def quiet_until(now: datetime, timezone: str, hours: Hours) -> datetime | None:
    """When the quiet hours that it is now will be over, or None if it is not quiet. ZoneInfoNotFoundError."""
    start, end = hours
    local = now.astimezone(_zone(timezone)).time().replace(tzinfo=None)
    quiet = start <= local < end if start <= end else local >= start or local < end
    return _next(now, timezone, end) if quiet else None


def until_quiet(now: datetime, timezone: str, hours: Hours) -> timedelta | None:
    """How long it is until the next quiet hours begin; None if there are none."""
    start, end = hours
    return None if start == end else _next(now, timezone, start) - now


def _next(now: datetime, timezone: str, at: time) -> datetime:
    """The next moment after `now` when clocks show this time there, in the zone of `now`."""
    local = now.astimezone(_zone(timezone))
    moment = datetime.combine(local.date(), at, tzinfo=local.tzinfo)
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), at, tzinfo=local.tzinfo)
    return moment.astimezone(now.tzinfo)
