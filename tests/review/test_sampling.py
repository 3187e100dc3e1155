"""A sample of replies read blind: drawn by strata, read by two, and the error by question with its interval."""

import pytest
from sqlalchemy import select, update

from app.exports.reading_errors import reading_errors
from app.exports.selection import Selection
from app.exports.source import Source
from app.review import sampling
from app.review.sampling import HEADERS, _allocated, draw, import_table, sheet_rows
from app.store.tables import Reading, Response, SampledReply
from tests.exports.conftest import field as field  # noqa: PLC0414 - the fixture
from tests.exports.field import Field


@pytest.mark.parametrize(
    ("sizes", "count", "drawn"),
    [
        ({"a": 100, "b": 3, "c": 50}, 30, {"a": 14, "b": 3, "c": 13}),
        ({"a": 2, "b": 3}, 30, {"a": 2, "b": 3}),
        ({"a": 5, "b": 5, "c": 5}, 2, {"a": 1, "b": 1, "c": 0}),
        ({}, 5, {}),
    ],
)
def test_strata_share_the_sample(sizes: dict[str, int], count: int, drawn: dict[str, int]) -> None:
    assert _allocated(sizes, count) == drawn


def filled(rows: list[list[str]], read: dict[str, str]) -> list[list[str]]:
    """A sheet in which somebody has read the replies to some questions."""
    return [
        list(HEADERS),
        *([*row[:4], next((value for text, value in read.items() if text in row[1]), ""), row[5]] for row in rows),
    ]


def test_two_people_read_blind_and_the_error_is_weighted(field: Field) -> None:
    for reply in ("sí", "sí", "no"):
        field.talk("reporte", reply, "algo")
    field.talk("saber", "2", "5", "1", wave="bl")
    field.tx.execute(update(Response).where(Response.step == "contacto").values(rule="option", score=1.0))
    assert draw(field.tx, 100, 7, field.clock(), "test") == 6, "no free text"
    assert draw(field.tx, 100, 7, field.clock(), "test") == 0, "all of them are drawn"
    field.tx.execute(update(SampledReply).values(share=0.5))
    of_a, of_b = sheet_rows(field.tx, "A"), sheet_rows(field.tx, "B")
    assert {row[0] for row in of_a} == {row[0] for row in of_b}
    contact = next(row for row in of_a if "contacto" in row[1])
    assert (contact[2], contact[4]) == ("1 Sí; 2 No", ""), "no value of the reader's"
    # Both read «sí» in all three; one of them was «no» for Trato and the officer.
    told = {"contacto": "Sí", "neutral": "2", "Vale la pena": "5"}
    assert import_table(field.tx, filled(of_a, told), "A", field.clock()).read == 5
    done = import_table(field.tx, filled(of_b, told | {"Vale la pena": "?"}), "B", field.clock())
    assert (done.read, done.open, done.faults) == (5, 1, [])
    assert import_table(field.tx, filled(of_b, told | {"Vale la pena": "?"}), "B", field.clock()).unchanged == 5
    found = {one.variable: one for one in reading_errors(Source(field.tx, Selection())).values()}
    contact_any, vale = found["contact_any"], found["att_vale"]
    assert (contact_any.read, contact_any.agreed, contact_any.errors) == (3, 3, 1)
    assert contact_any.rate == pytest.approx(1 / 3)
    assert contact_any.interval is not None
    assert (contact_any.interval.low, contact_any.interval.high) == pytest.approx((0.0615, 0.7923), abs=1e-4), (
        "Wilson, 1 of 3"
    )
    assert (vale.read, vale.agreed, vale.rate) == (1, 0, None), "they do not agree"
    # A reply of a stratum that was drawn to a tenth stands for ten.
    no = field.tx.execute(select(Response.id).where(Response.step == "contacto", Response.value == "0")).scalar_one()
    field.tx.execute(update(SampledReply).where(SampledReply.response_id == no).values(share=0.1))
    assert found["know_neutral"].rate == 0
    weighted = reading_errors(Source(field.tx, Selection()))["prueba", "contact_any"]
    assert weighted.rate == pytest.approx(10 / 14)
    field.export()
    row = field.codebook()["contact_any"]
    assert (row["n_read"], row["error"]) == ("3", "0.7143")
    # Whom both did not agree with, `final` decides.
    import_table(field.tx, filled(sheet_rows(field.tx, "final"), {"Vale la pena": "4"}), "final", field.clock())
    settled = reading_errors(Source(field.tx, Selection()))["prueba", "att_vale"]
    assert (settled.agreed, settled.errors) == (1, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sheet_is_of_one_person_and_of_the_sample(field: Field) -> None:
    field.talk("reporte", "sí", "algo")
    draw(field.tx, 10, 1, field.clock(), "test")
    rows = sheet_rows(field.tx, "A")
    (fault,) = import_table(field.tx, filled(rows, {"contacto": "1"}), "B", field.clock()).faults
    assert fault.column == "mark"
    assert "another person's sheet" in fault.text
    (fault,) = import_table(field.tx, filled(rows, {"contacto": "tal vez"}), "A", field.clock()).faults
    assert (fault.column, fault.text) == ("read", "must be one of 1, 0")
    edited = [list(HEADERS), [*rows[0][:3], "otra cosa", "1", rows[0][5]]]
    (fault,) = import_table(field.tx, edited, "A", field.clock()).faults
    assert fault.column == "text"
    strange = [list(HEADERS), ["999", *rows[0][1:4], "1", rows[0][5]]]
    (fault,) = import_table(field.tx, strange, "A", field.clock()).faults
    assert fault.text == "is not in the sample"
    assert field.tx.execute(select(Reading)).all() == []
    assert sampling.check_reader("sara") == "sara"
