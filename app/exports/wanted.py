"""Which part of the data is to be exported, and what that means for each table."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, true

from app.exports import days
from app.store.tables import COHORT, RESPONSE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to export; None: all. `since` and `until` are days, both included, by the clock on each officer's wall, of the table's
    own moment: of answers, messages, plans, beginnings. `level` is of answers. `with_text`: free text too. `zones` are all in which
    officers are, for the days to be known."""

    programme: str | None = None
    cohort: str | None = None
    level: str | None = None
    since: date | None = None
    until: date | None = None
    with_text: bool = False
    zones: tuple[str, ...] = ()


def placed(tx: Connection, wanted: Wanted) -> Wanted:
    """The same with the zones, which the store knows."""
    return replace(wanted, zones=days.zones(tx))


def of_officer(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What an officer must be, over the table cohort."""
    found = []
    if wanted.programme is not None:
        found.append(COHORT.c.programme == wanted.programme)
    if wanted.cohort is not None:
        found.append(COHORT.c.code == wanted.cohort)
    return found


def in_time(wanted: Wanted, moment: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    """When something must have been, over the table contact."""
    return days.within(moment, days.ZONE, wanted.since, wanted.until, wanted.zones)


def inside(wanted: Wanted, moment: Any) -> ColumnElement[int]:  # noqa: ANN401 - a column
    """1 for what was in time, else 0, over the table contact: what was answered at another time was not skipped."""
    return case((and_(true(), *in_time(wanted, moment)), 1), else_=0)


def of_response(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a response must be, over the tables response, contact and cohort."""
    return [*of_officer(wanted), *in_time(wanted, RESPONSE.c.answered_at), *of_level(wanted, RESPONSE.c.level)]


def of_level(wanted: Wanted, level: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    """Of which level of evaluation an answer must be."""
    return [] if wanted.level is None else [level == wanted.level]
