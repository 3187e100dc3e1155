"""Corrections: the new value in every table, both in the log, and the officer's own again once it is undone."""

import pytest
from sqlalchemy import select

from app.errors import ConflictError, UsageError
from app.review.correcting import add, import_table, of_officer, undo
from app.store.tables import AuditEntry, Response
from tests.exports.conftest import field as field  # noqa: PLC0414 - the fixture
from tests.exports.field import Field
from tests.exports.test_labels import SOURCE
from tests.world import published

HEAD = ["id", "variable", "old", "new", "why", "who"]


@pytest.fixture
def answered(field: Field) -> dict[str, int]:
    """The response ids of a measurement, by variable."""
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), SOURCE)
    field.talk("medida", "1 y 3", "Del sur", "2 de marzo", "19:30", "algo", wave="zz")
    field.talk("saber", "2", "4", "1", wave="zz")
    return dict(field.tx.execute(select(Response.variable, Response.id)).all())


def told(field: Field, *names: str) -> list[str]:
    (row,) = field.tables("responses_wide", "responses")["responses_wide"]
    return [row[f"{name}_zz"] for name in names]


def test_a_sheet_corrects_every_table_and_can_be_undone(field: Field, answered: dict[str, int]) -> None:
    lines = [
        ("barreras", "1 3", "2 tiempo"),
        ("lado", "1", "2"),
        ("dia", "2026-03-02", ".d"),
        ("hora", "1170", "7:05"),
        ("know_neutral", "7", "gusto"),
        ("att_vale", "4", "5"),
    ]
    sheet = [HEAD, *([str(answered[name]), name, old, new, "Error de captura", ""] for name, old, new in lines)]
    done = import_table(field.tx, sheet, "Sara Ruiz", field.clock())
    assert (done.corrected, done.unchanged, done.faults) == (6, 0, [])
    names = ("barreras", "barreras_1", "barreras_2", "barreras_3", "lado", "dia", "hora", "know_neutral", "att_vale")
    assert told(field, *names) == ["1 2", "1", "1", "0", "2", ".d", "425", "1", "5"]
    rows = {row["variable"]: row for row in field.read("responses.csv")}
    known = rows["know_neutral"]
    assert [known[name] for name in ("value", "label", "number", "correct", "corrected")] == [
        "gusto",
        "Según la persona",
        "1",
        "0",
        "1",
    ]
    assert (rows["dia"]["value"], rows["dia"]["missing"], rows["relato"]["corrected"]) == (".d", "d", "0")
    assert [row["distribution"] for row in field.read("codebook.csv") if row["variable"] in ("lado", "barreras")] == [
        "1=1; 2=1",
        "2=1",
    ]
    log = field.tables("corrections")["corrections"]
    assert [(row["variable"], row["old"], row["new"], row["why"], row["who"]) for row in log][1:3] == [
        ("lado", "1", "2", "Error de captura", "Sara Ruiz"),
        ("dia", "2026-03-02", ".d", "Error de captura", "Sara Ruiz"),
    ]
    # The sheet again: everything is so already, and so the old values are other ones.
    again = import_table(field.tx, sheet, "Sara Ruiz", field.clock())
    assert [(fault.column, fault.text) for fault in again.faults][:2] == [("old", "is 1 2 now"), ("old", "is 2 now")]
    assert again.corrected == 0
    # One by one: the later one counts, and is undone first.
    assert add(field.tx, answered["lado"], "s", "Otra vez", "Ana", field.clock()) == ("2", "1")
    first, *_, last = [
        int(row["correction_id"]) for row in field.tables("corrections")["corrections"] if row["variable"] == "lado"
    ]
    with pytest.raises(ConflictError, match="came after it"):
        undo(field.tx, first, "Ana", field.clock())
    for number, value in ((last, "2"), (first, "1")):
        undo(field.tx, number, "Ana", field.clock())
        assert told(field, "lado") == [value]
    with pytest.raises(ConflictError, match="undone already"):
        undo(field.tx, first, "Ana", field.clock())
    study_id = field.read("responses.csv")[0]["study_id"]
    shown = {one.answer.variable: one for one in of_officer(field.tx, study_id)}
    assert "relato" not in shown, "a text is not corrected here"
    assert (shown["dia"].own, shown["dia"].value) == ("2026-03-02", ".d")
    choices = {name: one.question.choices() for name, one in shown.items() if one.question is not None}
    assert [value for value, _ in choices["lado"]] == ["1", "2"]
    assert [value for value, _ in choices["barreras"]] == ["1", "2", "3"]
    assert choices["att_vale"] == [("1", "Muy en desacuerdo"), ("2", ""), ("3", ""), ("4", ""), ("5", "Muy de acuerdo")]
    assert choices["dia"] == choices["hora"] == []
    entries = [row.action for row in field.tx.execute(select(AuditEntry)) if row.action.startswith("corrections")]
    assert entries == ["corrections import", "corrections add", "corrections undo", "corrections undo"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_mistake_of_a_sheet_is_told_and_nothing_is_stored(field: Field, answered: dict[str, int]) -> None:
    rows = [
        ("lado", "1", "3", "x", "new", "must be one of 1, 2"),
        ("lado", "2", "2", "x", "old", "is 1 now"),
        ("lado", "1", ".d", "x", "new", "must be a value, or one of .o"),
        ("lado", "1", ".n", "x", "new", "must be a value, or one of .o"),
        ("lado", "1", "2", "", "why", "is empty"),
        ("relato", "a", "b", "x", "new", "is a text"),
        ("dia", "2026-03-02", "3 de marzo", "x", "new", "is not a day"),
        ("hora", "1170", "25:00", "x", "new", "is not a time of day"),
        ("att_vale", "4", "6", "x", "new", "is out of the range"),
        ("att_vale", "4", "1.5", "x", "new", "is not a whole number"),
        ("barreras", "1 3", "4", "x", "new", "must be one of 1, 2, 3"),
    ]
    for name, old, new, why, column, text in rows:
        done = import_table(field.tx, [HEAD, [str(answered[name]), name, old, new, why, "Ana"]], "Sara", field.clock())
        assert [(fault.column, fault.text[: len(text)]) for fault in done.faults] == [(column, text)], name
    good = [str(answered["lado"]), "lado", "1", "2", "x", "Ana"]
    done = import_table(field.tx, [HEAD, good, ["999999", "", "1", "2", "x", ""]], "Sara", field.clock())
    assert [fault.row for fault in done.faults] == [3]
    wrong = import_table(field.tx, [HEAD, [*good[:1], "dia", *good[2:]]], "Sara", field.clock())
    assert [fault.column for fault in wrong.faults] == ["variable"]
    assert told(field, "lado") == ["1"]
    with pytest.raises(UsageError, match="there is no response 999999"):
        add(field.tx, 999_999, "1", "x", "Ana", field.clock())
