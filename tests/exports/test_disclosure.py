"""What leaves tells the hour and exact durations; exact moments only when they are asked for."""

import csv
import io
import json
from pathlib import Path

import pytest

from app.exports.package import Recipient, write
from app.exports.selection import Selection
from app.store.recipients import pseudonyms
from tests.conversations.talking import BRUNO
from tests.exports.field import Field
from tests.world import enrol

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


def test_each_recipient_gets_pseudonyms_of_its_own_which_stay_the_same(field: Field) -> None:
    enrol(field.tx, field.vault, field.clock(), BRUNO, name="Bruno")
    field.talk("reporte", "sí", "Le expliqué")
    real = {row["study_id"] for row in field.tables("officers")["officers"]}
    seen: dict[str, list[str]] = {}
    for folder, name in (("a", "UNAM"), ("b", "Secretaría"), ("c", "UNAM")):
        given = Recipient(name, pseudonyms(field.tx, name))
        where = field.folder / folder
        write(field.tx, where, Selection(), formats=["csv", "jsonl", "floip"], recipient=given)
        texts = [file.read_bytes() for file in where.rglob("*") if file.is_file()]
        assert not any(one.encode() in text for one in real for text in texts)
        officers = read(where / "officers.csv")
        seen[folder] = [row["study_id"] for row in officers]
        assert seen[folder] == sorted(seen[folder])
        assert {row["study_id"] for row in read(where / "responses.csv")} < set(seen[folder])
        assert json.loads((where / "manifest.json").read_text("utf-8"))["recipient"] == name
    assert seen["a"] == seen["c"]
    assert not set(seen["a"]) & set(seen["b"])
    assert all(len(one) == 12 for one in seen["a"])


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
