"""The calendar for planning: days that recur as in cron, by APScheduler's trigger, and Mexico's official rest days (article 74 of
the Federal Labour Law, without election days, which no calendar has), by the holidays library."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from app.flows.language.campaign import Recurrence
from app.scheduler.reach import Almanac


@lru_cache(maxsize=4096)
def days(recurrence: Recurrence, first: date, last: date) -> Sequence[date]:
    """The days of a recurrence between two days, both included; a field that it leaves out is any. ValueError if it is none."""
    trigger = trigger_of(recurrence)
    found: list[date] = []
    at = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC)
    while (fires := trigger.get_next_fire_time(None, at)) is not None and fires <= end:
        found.append(fires.date())
        at = fires + timedelta(days=1)
    return tuple(found)


def trigger_of(recurrence: Recurrence) -> CronTrigger:
    """The trigger of a recurrence, at midnight. ValueError if a field cannot be read."""
    fields = recurrence.model_dump(exclude_none=True)
    return CronTrigger(**fields, hour=0, minute=0, second=0, timezone=UTC)


def is_rest_day(day: date) -> bool:
    """Whether this day is an official rest day."""
    return day in _rest_days(day.year)


@lru_cache(maxsize=64)
def _rest_days(year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - takes 0.4 s, and most campaigns do not ask

    return frozenset(holidays.country_holidays("MX", years=year))


ALMANAC = Almanac(days, is_rest_day)
