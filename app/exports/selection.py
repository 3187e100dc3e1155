"""The part of the data to export, as conditions on each table."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, true

from app.exports import days
from app.store import tryouts
from app.store.damaged_rows import unreadable
from app.store.tables import COHORT, CONTACT, RESPONSE


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows to export; None: all. `since` and `until` are days in each officer's local time, both included. They apply to the
    table's own moment: of answers, messages, plans, session starts. `level` filters answers. `with_text` includes free text; `with_late`
    lets late answers count in scores, which tables of answers always have. `exact_times` gives moments to the second, else to the hour.
    `k` suppresses attributes of officers in combinations of fewer.
    `zones` are the time zones of all officers, from which the bounds of a day follow; `without` are the contact ids of damaged
    officers and of tryouts, who are left out."""

    programme: str | None = None
    cohort: str | None = None
    level: str | None = None
    since: date | None = None
    until: date | None = None
    with_text: bool = False
    with_late: bool = False
    exact_times: bool = False
    k: int | None = None
    zones: tuple[str, ...] = ()
    without: tuple[int, ...] = ()

    def noted(self) -> dict[str, object]:
        """The choices of a person, for the audit log; a bound that is not set is left out."""
        bounds = {
            "programme": self.programme,
            "cohort": self.cohort,
            "level": self.level,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "k": self.k,
        }
        return {
            **{name: value for name, value in bounds.items() if value is not None},
            "with_text": self.with_text,
            "exact_times": self.exact_times,
            "late": "include" if self.with_late else "exclude",
        }


def as_stored(tx: Connection, selection: Selection) -> Selection:
    """The selection with the time zones of the store, without damaged officers and without tryouts."""
    without = {*unreadable(tx), *tx.execute(tryouts.officers()).scalars()}
    return replace(selection, zones=days.zones(tx), without=tuple(sorted(without)))


def officer_conditions(selection: Selection) -> list[ColumnElement[bool]]:
    """Conditions on the officer. The query must contain the tables contact and cohort."""
    found = []
    if selection.programme is not None:
        found.append(COHORT.c.programme == selection.programme)
    if selection.cohort is not None:
        found.append(COHORT.c.code == selection.cohort)
    if selection.without:
        found.append(CONTACT.c.id.not_in(selection.without))
    return found


def time_conditions(selection: Selection, moment: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    """Conditions on a moment. The query must contain the table contact."""
    return days.within(moment, days.ZONE, selection.since, selection.until, selection.zones)


def in_time_flag(selection: Selection, moment: Any) -> ColumnElement[int]:  # noqa: ANN401 - a column
    """1 where a moment is within the selected days, else 0. Wide tables need the other answers too: a question that was answered
    on another day was not skipped. The query must contain the table contact."""
    return case((and_(true(), *time_conditions(selection, moment)), 1), else_=0)


def response_conditions(selection: Selection) -> list[ColumnElement[bool]]:
    """Conditions on a response. The query must contain the tables response, contact and cohort."""
    return [
        *officer_conditions(selection),
        *time_conditions(selection, RESPONSE.c.answered_at),
        *level_conditions(selection, RESPONSE.c.level),
    ]


def level_conditions(selection: Selection, level: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    """Conditions on the level of evaluation of an answer."""
    return [] if selection.level is None else [level == selection.level]
