"""Recall lags: the hours from the end of an officer's shift, on which a report looks back, to an answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from app.exports.selection import response_conditions
from app.exports.source import ZONE, Source
from app.flows.shifts import Duty, Shift, ShiftException, last_worked
from app.store import shift_changes
from app.store.tables import RESPONSE, SESSION, with_officer


class Duties:
    """Work times of officers, as known when the session began. Each officer is looked up once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._changes: dict[int, tuple[ShiftException, ...]] = {}

    def of(self, row: Row[Any]) -> Duty:
        """The duty of a session's officer. The row has its `contact_id`, `shift` and `timezone`."""
        if row.shift is None:
            return Duty()
        if row.contact_id not in self._changes:
            changes = shift_changes.changes(self._tx, [row.contact_id])
            self._changes[row.contact_id] = tuple(changes.get(row.contact_id, ()))
        return Duty(Shift.from_json(row.shift, row.timezone), self._changes[row.contact_id])


def hours(since: datetime | None, until: datetime) -> float | None:
    """The hours between two moments, as exports write them."""
    return None if since is None else round((until - since).total_seconds() / 3600, 2)


def of_late_answers(source: Source) -> dict[int, float]:
    """The recall lag of each late answer, by the response's id: from the end of the last shift before the question's session began;
    from the question where that is not known."""
    duties, found = Duties(source.tx), dict[int, float]()
    rows: Iterator[Any] = (row for batch in source.read(_query(source)) for row in batch)
    for row in rows:
        duty = duties.of(row)
        ended = None if duty.shift is None else last_worked(duty, row.started_at)
        found[row.id] = hours(ended or row.asked_at, row.answered_at) or 0.0
    return found


def _query(source: Source) -> Any:  # noqa: ANN401 - a select
    response, session = RESPONSE.c, SESSION.c
    return (
        select(
            response.id,
            response.contact_id,
            response.asked_at,
            response.answered_at,
            session.started_at,
            session.shift,
            ZONE.label("timezone"),
        )
        .select_from(with_officer(RESPONSE.join(SESSION, session.id == response.session_id), RESPONSE))
        .where(response.late.is_(True), *response_conditions(source.selection))
    )
