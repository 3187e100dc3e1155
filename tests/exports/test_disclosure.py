"""What leaves tells the hour and exact durations; exact moments only when they are asked for."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from app.errors import UsageError
from app.exports import spooling
from app.exports.package import Recipient, write
from app.exports.selection import Selection
from app.flows.shifts import Shift
from app.store.recipients import Pseudonyms, pseudonyms
from app.store.tables import Cohort, Contact
from tests.conversations.talking import BRUNO
from tests.exports.field import Field
from tests.world import enrol

PINNED = [583402686985273, 1884357264817907]
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


@pytest.fixture
def sectors(field: Field) -> Field:
    """Seven officers of one cohort: six of `sur`, one of `norte`, who alone is in another zone; each with one conversation."""
    for place in range(6):
        enrol(field.tx, field.vault, field.clock(), f"+5255555502{place:02}", name="Bruno")
    field.tx.execute(update(Contact).values(attributes='{"sector": "sur", "grado": null}'))
    field.tx.execute(
        update(Contact)
        .where(Contact.id == field.alma)
        .values(
            attributes='{"sector": "norte", "grado": null}',
            timezone="America/Tijuana",
            shift=Shift(24, 48, field.clock().replace(tzinfo=None), "America/Tijuana").to_json(),
        )
    )
    field.talk("reporte", "no")
    return field


def test_rare_combinations_are_reported(sectors: Field) -> None:
    made = write(sectors.tx, sectors.folder, Selection())
    assert (made.combinations.rare, made.combinations.officers, made.combinations.k) == (1, 7, 5)
    told = "1 of 7 officers stand in combinations of attributes of fewer than 5 (cohort, language, timezone, shift, "
    assert str(made.combinations).startswith(told)
    assert told in (sectors.folder / "codebook.html").read_text("utf-8")
    assert told in json.loads((sectors.folder / "datapackage.json").read_text("utf-8"))["description"]
    found = json.loads((sectors.folder / "manifest.json").read_text("utf-8"))["combinations"]
    assert (found["rare"], found["attributes"][-2:]) == (1, ["attr_sector", "date_workshop_date"])
    assert ".k" not in (sectors.folder / "officers.csv").read_text("utf-8")


def test_attributes_of_rare_combinations_are_suppressed_on_request(sectors: Field) -> None:
    formats = ["csv", "jsonl", "xlsx", "dta", "floip"]
    made = write(sectors.tx, sectors.folder, Selection(k=5), formats=formats)
    rows = read(sectors.folder / "officers.csv")
    alma = sectors.tx.execute(select(Contact.study_id).where(Contact.id == sectors.alma)).scalar_one()
    names = [name for name in rows[0] if name in made.combinations.attributes]
    assert set(names) == {"cohort", "language", "timezone", "attr_grado", "attr_sector", "date_workshop_date"}
    shown = Counter(tuple(row[name] for name in names) for row in rows)
    assert min(shown.values()) >= 5
    (hers,) = [row for row in rows if row["study_id"] == alma]
    hidden = (".k", ".k", "", "", "prueba-1")
    columns = ("attr_sector", "timezone", "shift_known", "enrolled_local", "cohort")
    assert tuple(hers[name] for name in columns) == hidden
    assert hers["enrolled_at"]
    (response,) = read(sectors.folder / "responses.csv")
    assert (response["answered_local"], response["asked_local"], bool(response["answered_at"])) == ("", "", True)
    described = json.loads((sectors.folder / "datapackage.json").read_text("utf-8"))
    (officers,) = [one for one in described["resources"] if one["path"] == "officers.csv"]
    values = {one["name"]: one.get("description") for one in officers["schema"]["fields"]}
    assert values["attr_sector"] == ".k=suppressed: too few officers have this combination of attributes"
    assert (values["language"], ".k" in officers["schema"]["missingValues"]) == (None, True)
    counts = made.combinations.as_json
    assert (counts["suppressed_officers"], counts["suppressed_values"]) == (7, 7 * 3)  # sector, zone, shift


def test_a_cohort_of_fewer_is_suppressed_in_every_table(sectors: Field) -> None:
    cohort = {"code": "chica", "programme": "prueba", "timezone": "America/Mexico_City", "dates": "{}"}
    small = sectors.tx.execute(
        insert(Cohort).returning(Cohort.id), {**cohort, "created_at": sectors.clock()}
    ).scalar_one()
    sectors.tx.execute(update(Contact).where(Contact.id == sectors.alma).values(cohort_id=small))
    sectors.plan("reporte", wave="bl")
    write(sectors.tx, sectors.folder, Selection(k=5))
    texts = {file.name: file.read_text("utf-8") for file in sectors.folder.glob("*.csv")}
    assert not [name for name, text in texts.items() if "chica" in text]
    for name in ("responses", "sessions", "messages", "nudges", "dispositions"):
        assert {row["cohort"] for row in read(sectors.folder / f"{name}.csv")} == {".k"}, name


def test_fewer_officers_than_k_are_refused(field: Field) -> None:
    with pytest.raises(UsageError, match="k is 5, and prueba has 1 officer here: nothing hides them"):
        write(field.tx, field.folder, Selection(k=5))
    assert not (field.folder / "officers.csv").exists()


def test_numbers_of_rows_are_of_each_recipient_and_join_its_tables(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "RUN", 2)
    enrol(field.tx, field.vault, field.clock(), BRUNO, name="Bruno")
    for flow, replies in (("reporte", ("sí", "Le expliqué")), ("saber", ("2", "1", "5")), ("reporte", ("no",))):
        field.plan(flow, session_id=field.talk(flow, *replies), slot=flow + replies[0])
    write(field.tx, field.folder / "ours", Selection())
    numbered = {
        "responses": ("response_id", "session_id"),
        "sessions": ("session_id",),
        "messages": ("number", "session_id"),
        "nudges": ("nudge_id", "session_id"),
        "self_reports": ("session_id",),
    }
    seen = {}
    for who in ("UNAM", "Secretaría", "UNAM"):
        write(field.tx, field.folder / who, Selection(), recipient=Recipient(who, pseudonyms(field.tx, who)))
        tables = {name: read(field.folder / who / f"{name}.csv") for name in numbered}
        again = seen.setdefault(who, tables)
        assert again == tables
    ours = {name: read(field.folder / "ours" / f"{name}.csv") for name in numbered}
    everywhere: list[set[str]] = []
    for tables in (ours, *seen.values()):
        everywhere.append(
            {row[column] for name, columns in numbered.items() for row in tables[name] for column in columns}
        )
        sessions = [row["session_id"] for row in tables["sessions"]]
        answered = Counter(row["session_id"] for row in tables["responses"])
        assert sorted(answered.values()) == [1, 2, 3]
        assert {row["session_id"] for row in tables["nudges"]} == set(answered) == set(sessions)
        variables = Counter(row["variable"] for row in tables["responses"] if answered[row["session_id"]] == 3)
        assert set(variables) == {"know_neutral", "att_vale", "att_basta"}
        assert [int(one) for one in sessions] == sorted(map(int, sessions))
        ids = [int(row["response_id"]) for row in tables["responses"]]
        assert ids == sorted(set(ids))
    assert not everywhere[1] & everywhere[2] - {""}
    assert [row["variable"] for row in seen["UNAM"]["responses"]] != [row["variable"] for row in ours["responses"]]
    assert max(int(number) for number in everywhere[1] - {""}) < 2**52


@given(st.lists(st.integers(0, 2**52 - 1), unique=True), st.binary(min_size=32, max_size=32))
def test_no_two_numbers_of_a_recipient_are_alike(numbers: list[int], secret: bytes) -> None:
    found = Pseudonyms(secret).numbers("response", numbers)
    assert len(set(found)) == len(numbers)
    assert all(0 <= one < 2**52 for one in found)


def test_numbers_stay_what_they_were() -> None:
    """Recipients have files with them."""
    assert Pseudonyms(bytes(32)).numbers("response", [1, 2]) == PINNED


def test_rows_are_put_in_order_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "RUN", 7)
    monkeypatch.setattr(spooling, "_PIECE", 3)
    for count in (0, 1, 6, 7, 8, 50):
        rows = [(place * 37 % 101, "x" * place) for place in range(count)]
        assert list(spooling.in_order(rows, lambda row: row[0])) == sorted(rows)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
