"""Free text in exports, once it has been reviewed and coded, on both databases."""

import json

import pytest
from sqlalchemy import select, update

from app.exports.package import write
from app.exports.selection import Selection
from app.review import free_text
from app.review.free_text import mark
from app.store import free_text as stored
from app.store.free_text import AssignedCodes
from app.store.tables import Response
from tests.exports.field import MEASURING, Field
from tests.world import published


def review(field: Field, decision: str, redacted: str = "", *, place: int = 0) -> None:
    text = stored.texts(field.tx)[place]
    assert free_text.review(field.tx, text.id, mark(text), decision, redacted, "Sara", field.clock())


def test_what_a_reviewer_lets_through_is_exported(field: Field) -> None:
    field.talk("reporte", "sí", "Le expliqué el motivo")
    review(field, "ok")
    free = field.export()[1]
    assert (free["raw"], free["value"], free["label"], free["withheld"]) == ("Le expliqué el motivo",) * 3 + ("0",)


def test_what_is_redacted_is_exported_so_and_nothing_of_the_rest(field: Field) -> None:
    field.talk("reporte", "sí", "Le expliqué a Juana")
    review(field, "redact", "Le expliqué a [nombre]")
    write(field.tx, field.folder, Selection(), formats=["csv", "jsonl", "floip"])
    assert not [path for path in field.folder.rglob("*") if path.is_file() and b"Juana" in path.read_bytes()]
    free = field.read("responses.csv")[1]
    assert (free["raw"], free["value"], free["label"], free["withheld"]) == ("Le expliqué a [nombre]",) * 3 + ("0",)
    row = json.loads((field.folder / "responses.jsonl").read_text().splitlines()[1])
    assert (row["raw"], row["value"], row["label"], row["withheld"]) == ("Le expliqué a [nombre]",) * 3 + (0,)
    assert field.export(with_text=True)[1]["raw"] == "Le expliqué a Juana"


def test_what_a_person_typed_of_a_voice_note_is_exported(field: Field) -> None:
    field.talk("reporte", "sí", "algo")
    field.tx.execute(
        update(Response)
        .where(Response.variable == "story")
        .values(raw=None, words=None, value=None, label="Audio", rule="audio")
    )
    free = field.export()[1]
    assert (free["raw"], free["value"], free["withheld"]) == ("", "", "1")
    review(field, "redact", "Le expliqué el motivo")
    for with_text in (False, True):
        free = field.export(with_text=with_text)[1]
        assert (free["value"], free["withheld"]) == ("Le expliqué el motivo", "0")


def test_what_is_withheld_stays_so(field: Field) -> None:
    field.talk("reporte", "sí", "Juana")
    review(field, "withhold")
    free = field.export()[1]
    assert (free["raw"], free["value"], free["label"], free["withheld"]) == ("", "", "", "1")


def test_a_review_is_of_one_text_only(field: Field) -> None:
    field.talk("reporte", "sí", "uno")
    field.talk("reporte", "sí", "dos")
    review(field, "ok", place=1)
    assert [row["raw"] for row in field.export()] == ["sí", "", "sí", "dos"]


@pytest.mark.parametrize(("decision", "redacted", "raw"), [("ok", "", "prefiero no decir"), ("redact", "[…]", "[…]")])
def test_a_missing_code_stays_what_it_is(field: Field, decision: str, redacted: str, raw: str) -> None:
    field.talk("reporte", "sí", "prefiero no decir")
    review(field, decision, redacted)
    row = field.export()[1]
    assert (row["value"], row["missing"], row["label"], row["raw"], row["withheld"]) == (
        ".r",
        "r",
        "Prefiero no decir",
        raw,
        "0",
    )


def test_what_was_not_understood_can_be_let_through_too(field: Field) -> None:
    field.talk("reporte", "depende", "depende de Juana")
    review(field, "redact", "depende de [nombre]")
    (row,) = field.export()
    assert (row["status"], row["raw"], row["value"], row["withheld"]) == ("unclear", "depende de [nombre]", "", "0")


def test_what_was_written_under_a_picture_may_be_taken_out_and_the_picture_stays_one(field: Field) -> None:
    field.talk("reporte", "sí", "Con Juana")
    field.tx.execute(
        update(Response).where(Response.variable == "story").values(kind="media", value="image", label="foto")
    )
    review(field, "redact", "Con [nombre]")
    row = field.export()[1]
    assert (row["raw"], row["value"], row["label"], row["withheld"]) == ("Con [nombre]", "image", "foto", "0")


REPORTING = (
    MEASURING
    + """
reports:
  contacto: {title: Contacto, from: [reporte], columns: {contact_any: contact_any, action_text: story}}
"""
)


@pytest.mark.parametrize(
    ("decision", "redacted", "shown"),
    [("ok", "", ("Juana", "0")), ("redact", "[nombre]", ("[nombre]", "0")), ("withhold", "", ("", "1"))],
)
def test_self_reports_have_what_was_let_through(
    field: Field, decision: str, redacted: str, shown: tuple[str, str]
) -> None:
    field.library = published(field.tx, field.clock(), REPORTING)
    field.talk("reporte", "sí", "Juana")
    review(field, decision, redacted)
    (row,) = field.tables("self_reports")["self_reports"]
    assert (row["action_text"], row["withheld"]) == shown
    (row,) = field.tables("self_reports", with_text=True)["self_reports"]
    assert (row["action_text"], row["withheld"]) == ("Juana", "0")


CODED = (
    MEASURING
    + """
codes:
  tema: {title: De qué habla, of: [story], codes: {tiempo: Del tiempo, riesgo: Del peligro}}
  otra: {title: Otra cosa, of: [story], multiple: true, codes: {a: A, b: B}}
"""
)


def test_coded_variables_are_a_table(field: Field) -> None:
    field.library = published(field.tx, field.clock(), CODED)
    for text in ("uno", "dos", "tres, de Juana", "cuatro"):
        field.talk("reporte", "sí", text)
    one, two, three, four = field.tx.execute(
        select(Response.id).where(Response.variable == "story").order_by(Response.id)
    ).scalars()
    stored.save_codes(
        field.tx,
        [
            AssignedCodes(one, "tema", "B", "tiempo"),
            AssignedCodes(one, "tema", "A", "tiempo"),
            AssignedCodes(two, "tema", "A", "tiempo"),
            AssignedCodes(two, "tema", "B", "riesgo"),
            AssignedCodes(three, "tema", "A", "tiempo"),
            AssignedCodes(three, "tema", "final", "riesgo"),
            AssignedCodes(four, "tema", "A", "tiempo"),
            AssignedCodes(one, "otra", "A", "a b"),
            AssignedCodes(one, "otra", "B", "a b"),
            AssignedCodes(four, "gone", "A", "x"),
            AssignedCodes(four, "gone", "B", "x"),
        ],
        field.clock(),
    )
    rows = field.tables("codes")["codes"]
    assert [
        (int(row["response_id"]), *(row[name] for name in ("variable", "value", "label", "how", "coders", "said")))
        for row in rows
    ] == [
        (one, "otra", "a b", "A; B", "agreed", "2", "A=a b; B=a b"),
        (one, "tema", "tiempo", "Del tiempo", "agreed", "2", "A=tiempo; B=tiempo"),
        (two, "tema", "", "", "disputed", "2", "A=tiempo; B=riesgo"),
        (three, "tema", "riesgo", "Del peligro", "final", "1", "A=tiempo; final=riesgo"),
        (four, "gone", "x", "", "agreed", "2", "A=x; B=x"),
        (four, "tema", "", "", "single", "1", "A=tiempo"),
    ]
    assert (rows[0]["of"], rows[0]["flow"], rows[0]["step"], rows[0]["status"]) == (
        "story",
        "reporte",
        "historia",
        "ok",
    )
    assert rows[0]["answered_at"].endswith("Z")
    assert field.tables("codes", cohort="prueba-1", level="behaviour")["codes"] == []
    assert b"Juana" not in b"".join(path.read_bytes() for path in field.folder.iterdir())


def test_what_was_typed_beside_an_option_waits_until_somebody_asks_for_it_and_releases_it(field: Field) -> None:
    field.talk("reporte", "no, mi jefe Pedro no me deja")
    row = field.export()[0]
    assert (row["raw"], row["value"], row["label"], row["withheld"]) == ("", "0", "No", "1")
    assert stored.texts(field.tx) == []
    (text,) = stored.texts(field.tx, closed=True)
    assert text.raw == "no, mi jefe Pedro no me deja"
    decision = {
        "response_id": text.id,
        "decision": "redact",
        "text": "no, mi jefe no me deja",
        "by": "eva",
        "at": field.clock(),
    }
    stored.save_reviews(field.tx, [decision])
    for one in (field.export()[0], next(iter(field.tables("responses")["responses"]))):
        assert (one["raw"], one["value"], one["label"], one["withheld"]) == ("no, mi jefe no me deja", "0", "No", "0")


@pytest.mark.parametrize(
    ("reply", "raw"),
    [
        ("si", "si"),
        ("SÍ.", "SÍ."),
        ("2", "2"),
        ("2 No", "2 No"),
        ("nel", "nel"),
        ("no, con Juana", ""),
    ],
)
def test_a_reply_that_is_nothing_but_its_option_is_exported_as_typed(field: Field, reply: str, raw: str) -> None:
    field.talk("reporte", reply)
    assert field.export()[0]["raw"] == raw
