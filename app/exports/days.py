"""The days of an export or a report, in each officer's local time (the columns `…_local`), both included. The same day begins at
different times in Tijuana and in Cancún."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, case, literal, select

from app.errors import UsageError
from app.flows.language.vocabulary import is_zone
from app.store.tables import CONTACT
from app.store.types import UTCDateTime
from app.wording import Sentence

_beside = CONTACT.alias("zoned")
ZONE = CONTACT.c.timezone

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""The days that can be chosen. At the ends of the calendar, a day of one time zone does not exist in another."""


def is_possible(day: date) -> bool:
    """Whether a day can be chosen."""
    return FIRST <= day <= LAST


def check(since: date | None, until: date | None) -> None:
    """Raise UsageError unless both days can be chosen."""
    if not all(is_possible(day) for day in (since, until) if day is not None):
        raise UsageError(Sentence("a day lies between {first} and {last}", first=FIRST, last=LAST), "bad_day")


def zones(tx: Connection) -> tuple[str, ...]:
    """The time zones of all officers, without damaged ones."""
    return tuple(sorted(zone for zone in tx.execute(select(ZONE).distinct()).scalars() if is_zone(zone)))


def zone_of(contact: ColumnElement[Any]) -> ColumnElement[Any]:
    """The zone of an officer by id, whether the table of officers is part of the query or not."""
    return select(_beside.c.timezone).where(_beside.c.id == contact).scalar_subquery()


def within(
    moment: Any,  # noqa: ANN401 - a column
    zone: ColumnElement[Any],
    since: date | None,
    until: date | None,
    known: Sequence[str],
) -> list[ColumnElement[bool]]:
    """The conditions that a moment lies within these days; `known` are all time zones in use."""
    found = [] if since is None else [moment >= _midnight(since, zone, known)]
    return found if until is None else [*found, moment < _midnight(until + timedelta(days=1), zone, known)]


def _midnight(day: date, zone: ColumnElement[Any], known: Sequence[str]) -> ColumnElement[Any]:
    """The start of a day, by time zone."""
    begins: dict[datetime, list[str]] = {}
    for name in known or ("UTC",):
        begins.setdefault(datetime.combine(day, time(), ZoneInfo(name)).astimezone(UTC), []).append(name)
    (first, _), *others = begins.items()
    own = literal(first, UTCDateTime())
    return case(*((zone.in_(names), literal(at, UTCDateTime())) for at, names in others), else_=own) if others else own
