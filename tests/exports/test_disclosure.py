"""What leaves tells the hour and exact durations; exact moments only when they are asked for."""

import csv
import io

import pytest

from app.exports.package import write
from app.exports.selection import Selection
from tests.exports.field import Field

MOMENTS = ("scheduled_at", "asked_at", "answered_at", "asked_local", "answered_local")


@pytest.mark.parametrize("exact", [False, True])
def test_moments_are_told_to_the_hour_and_durations_to_the_second(field: Field, *, exact: bool) -> None:
    field.plan("reporte", session_id=field.talk("reporte", "sí", "Le expliqué"))
    selection = Selection(exact_times=exact)
    write(field.tx, field.folder, selection, tables=["responses", "sessions", "messages"], formats=["csv", "jsonl"])
    row = field.read("responses.csv")[0]
    times = [row[name] for name in MOMENTS]
    assert times == (
        [
            "2026-03-02T15:10:00Z",
            "2026-03-02T16:00:00Z",
            "2026-03-02T16:05:00Z",
            "2026-03-02 10:00:00",
            "2026-03-02 10:05:00",
        ]
        if exact
        else [
            "2026-03-02T15:00:00Z",
            "2026-03-02T16:00:00Z",
            "2026-03-02T16:00:00Z",
            "2026-03-02 10:00:00",
            "2026-03-02 10:00:00",
        ]
    )
    assert row["answer_seconds"] == "300"
    (session,) = field.read("sessions.csv")
    assert (session["ended_at"][11:], session["reply_seconds"]) == ("16:10:00Z" if exact else "16:00:00Z", "300")
    shown = {
        one["answered_at"][14:]
        for one in csv.DictReader(io.StringIO((field.folder / "responses.csv").read_text("utf-8")))
    }
    assert shown == ({"05:00Z", "10:00Z"} if exact else {"00:00Z"})
    assert ('"answered_at":"2026-03-02T16:05:00Z"' in (field.folder / "responses.jsonl").read_text("utf-8")) is exact


def test_a_zone_of_half_hours_tells_its_own_hour(field: Field) -> None:
    field.tx.exec_driver_sql("UPDATE contact SET timezone = 'Asia/Kolkata'")
    field.talk("reporte", "sí")
    write(field.tx, field.folder, Selection(), tables=["responses"], formats=["csv", "jsonl"])
    assert field.read("responses.csv")[0]["answered_local"] == "2026-03-02 21:00:00"
    assert '"answered_local":"2026-03-02 21:00:00"' in (field.folder / "responses.jsonl").read_text("utf-8")
