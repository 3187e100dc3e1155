"""The recall lag of late answers in `responses`: from the end of the shift that the question was about, or from the question. On
both databases, and in the fast CSV as in the others."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.exports.package import write
from app.exports.selection import Selection
from app.flows.shifts import Shift
from app.scheduler.waking import wake_due
from app.store.tables import Contact
from tests.exports.field import Field


def expire(field: Field, hours: float) -> None:
    field.clock.advance(hours=hours)
    assert wake_due(field.tx, field.library, field.clock()) == 1


def lags(field: Field) -> list[tuple[str, str, str]]:
    """Late flag, asked, and lag of each response, as CSV; JSON lines must say the same."""
    found = field.tables("responses")["responses"]
    write(field.tx, field.folder, Selection(), tables=["responses"], formats=["jsonl"])
    lines = (field.folder / "responses.jsonl").read_text(encoding="utf-8").splitlines()
    slow: list[Any] = [json.loads(line).get("recall_lag") for line in lines]
    assert slow == [float(row["recall_lag"]) if row["recall_lag"] else None for row in found]
    return [(row["late"], row["asked_at"], row["recall_lag"]) for row in found]


def test_without_a_shift_it_is_from_the_question(field: Field) -> None:
    field.talk("reporte")
    expire(field, 49)
    field.say("sí")  # after five minutes
    assert lags(field) == [("1", "2026-03-02T16:00:00Z", "49.08")]


def test_with_a_shift_it_is_from_the_shift_before_the_question(field: Field) -> None:
    # On duty from Sunday at 7:00 to Monday at 7:00, asked at 10:00; again on duty on Wednesday at 7:00, answered at 11:05.
    shift = Shift(24, 48, datetime(2026, 3, 1, 7), "America/Mexico_City")  # noqa: DTZ001 - the wall's
    field.tx.execute(update(Contact).values(shift=shift.to_json()))
    field.talk("reporte")
    expire(field, 49)
    field.say("sí")
    assert lags(field) == [("1", "2026-03-02T16:00:00Z", "52.08")]


def test_an_answer_in_time_has_none(field: Field) -> None:
    field.talk("reporte", "sí", "Le expliqué")
    field.talk("reporte")
    expire(field, 49)
    field.say("no")
    assert [(late, bool(lag)) for late, _, lag in lags(field)] == [("0", False), ("0", False), ("1", True)]
