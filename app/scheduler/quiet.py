"""Quiet hours: when no nudge goes out, in each officer's own zone. Pure: the moment, the zone and the hours are arguments. On
a day on which the clocks change, an hour that is left out or comes twice makes the quiet hours longer, never shorter."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
"""From and until, local time; over midnight if the second is earlier. Two equal ones are none."""

_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def quiet_until(now: datetime, timezone: str, hours: Hours) -> datetime | None:
    """When the quiet hours that it is now will be over, or None if it is not quiet. ZoneInfoNotFoundError."""
    start, end = hours
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


def until_quiet(now: datetime, timezone: str, hours: Hours) -> timedelta | None:
    """How long it is until the next quiet hours begin; None if there are none."""
    start, end = hours
    if start == end:
        return None
    zone = _zone(timezone)
    return min(_next(now, now.astimezone(zone).date(), start, zone)) - now


def _is_between(now: datetime, moments: tuple[datetime, datetime]) -> bool:
    return moments[0] <= now < moments[1]


def _next(now: datetime, today: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The next moments after `now` when clocks show this time: one, or two where the clocks change around it."""
    while not (found := [moment for moment in _moments(today, at, zone) if moment > now]):
        today += _DAY
    return found


def _moments(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last moment of a day that may be called this time; nearly always they are one."""
    moments = [datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(moments), max(moments)
