"""Moments and durations as people read them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.web.console.texts import Texts

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def duration(t: Texts, length: timedelta) -> str:
    """A length of time in its largest two units: «3 h 20 min», «2 d 4 h»."""
    if length < _HOUR:
        return t("time.minutes", minutes=max(length // _MINUTE, 0))
    if length < 2 * _DAY:
        minutes = length % _HOUR // _MINUTE
        return (
            t("time.hours", hours=length // _HOUR, minutes=minutes)
            if minutes
            else t("time.hour", hours=length // _HOUR)
        )
    return t("time.days", days=length // _DAY)


def ago(t: Texts, moment: datetime, now: datetime) -> str:
    """How long ago a moment was."""
    return t("time.ago", length=duration(t, now - moment)) if now - moment >= _MINUTE else t("time.now")


def moment(t: Texts, at: datetime, zone: str, now: datetime) -> str:
    """Day and hour in a time zone: only the hour today, with the year in another one."""
    there, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    hour = f"{there:%H:%M}"
    if there.date() == today.date():
        return t("time.today", hour=hour)
    day = t("time.day", day=there.day, month=t(f"month.{there.month}"))
    return f"{day}, {hour}" if there.year == today.year else f"{day} {there.year}, {hour}"


def day(t: Texts, on: date) -> str:
    """A day with its weekday: «lun 2 mar»."""
    return f"{t(f'weekday.{on.isoweekday()}')} {t('time.day', day=on.day, month=t(f'month.{on.month}'))}"
