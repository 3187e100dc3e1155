"""The responses and the codebook as an analyst gets them, on both databases: from real conversations to the files' bytes."""

import hashlib
import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.errors import ExternalError, UsageError
from app.exports import columns
from app.exports.package import write
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.store.tables import Cohort, Contact, FlowVersion
from app.store.vault import Vault
from tests.exports.field import BRUNO, MEASURING, Field
from tests.world import enrol, published, reword


def test_an_answer_with_all_that_is_known_of_it(field: Field) -> None:
    session = field.talk("reporte", "Simón")
    field.plan("reporte", session_id=session)
    (row,) = field.export()
    study_id = field.tx.execute(select(Contact.study_id)).scalar_one()
    digest = field.tx.execute(select(FlowVersion.hash)).scalar_one()
    assert row.pop("response_id")
    assert row == {
        "study_id": study_id,
        "cohort": "prueba-1",
        "programme": "prueba",
        "session_id": str(session),
        "flow": "reporte",
        "flow_version": digest[:12],
        "step": "contacto",
        "variable": "contact_any",
        "wave": "",
        "level": "behaviour",
        "principle": "voz",
        "kind": "choice",
        "raw": "Simón",
        "value": "1",
        "label": "Sí",
        "missing": "",
        "correct": "",
        "rule": row["rule"],
        "score": row["score"],
        "attempt": "1",
        "status": "ok",
        "late": "0",
        "withheld": "0",
        "channel": "whatsapp",
        "scheduled_at": "2026-03-02T15:05:00Z",
        "asked_at": "2026-03-02T16:00:00Z",
        "answered_at": "2026-03-02T16:05:00Z",
        "asked_local": "2026-03-02 10:00:00",
        "answered_local": "2026-03-02 10:05:00",
        "variant": "",
        "files": "",
        "media": "",
        "answer_seconds": "300",
        "number": "1",
        "recall_lag": "",
        "misconception": "",
        "wave_number": "",
        "corrected": "0",
    }
    assert row["rule"]
    assert 0 < float(row["score"]) <= 1


def test_free_text_is_withheld_until_it_is_asked_for(field: Field) -> None:
    field.talk("reporte", "sí", "Le expliqué a Juana el motivo")
    closed, free = field.export()
    assert (closed["raw"], closed["withheld"]) == ("sí", "0")
    assert (free["variable"], free["raw"], free["value"], free["label"], free["withheld"]) == ("story", "", "", "", "1")
    assert not [path.name for path in field.folder.rglob("*.*") if b"Juana" in path.read_bytes()]
    assert field.codebook()["story"]["n"] == "1"
    assert field.codebook()["story"]["distribution"] == ""
    free = field.export(with_text=True)[1]
    assert (free["raw"], free["value"], free["withheld"]) == ("Le expliqué a Juana el motivo",) * 2 + ("0",)


def test_a_missing_code_says_nothing_but_itself_and_is_not_withheld(field: Field) -> None:
    field.talk("reporte", "sí", "prefiero no decir")
    row = field.export()[1]
    assert (row["value"], row["missing"], row["label"], row["raw"], row["withheld"]) == (
        ".r",
        "r",
        "Prefiero no decir",
        "",
        "1",
    )
    assert (field.codebook()["story"]["n"], field.codebook()["story"]["n_missing"]) == ("0", "1")


def test_what_was_not_understood_is_withheld_too(field: Field) -> None:
    field.talk("reporte", "depende", "depende de Juana")
    (row,) = field.export()
    assert (row["status"], row["raw"], row["withheld"], row["attempt"]) == ("unclear", "", "1", "2")
    assert field.codebook()["contact_any"]["n"] == "0"
    assert field.export(with_text=True)[0]["raw"] == "depende de Juana"


def test_missing_codes_keys_and_scales(field: Field) -> None:
    field.talk("saber", "no sé", "5", "1", wave="bl")
    field.talk("saber", "2", "4", "2", wave="el")
    rows = field.export()
    assert [(row["variable"], row["wave"], row["value"], row["missing"], row["level"]) for row in rows] == [
        ("know_neutral", "bl", ".d", "d", "knowledge"),
        ("att_vale", "bl", "5", "", "internal"),
        ("att_basta", "bl", "1", "", "internal"),
        ("know_neutral", "el", "7", "", "knowledge"),
        ("att_vale", "el", "4", "", "internal"),
        ("att_basta", "el", "2", "", "internal"),
    ]
    assert rows[3]["correct"] == "1"
    assert [row["label"] for row in rows[1:3]] == ["Muy de acuerdo", "Muy en desacuerdo"]


def test_the_codebook_has_every_question_of_a_version_with_its_wording(field: Field) -> None:
    field.talk("saber", "no sé", "5", "1", wave="bl")
    field.talk("saber", "2", "5", "4", wave="el")
    field.export()
    found = field.codebook()
    assert set(found) == {"consent_given", "contact_any", "story", "know_neutral", "att_vale", "att_basta"}
    know, basta = found["know_neutral"], found["att_basta"]
    assert (know["question"], know["choices"]) == (
        "{{ nombre }}, ¿cuál es neutral?",
        "1=Según la persona; 7=El mismo criterio con todos",
    )
    assert (know["keys"], found["story"]["asked_if"]) == ("1=gusto", "contacto: Sí o no se entendió")
    assert (know["missing_codes"], know["correct"], know["n"], know["n_missing"], know["distribution"]) == (
        ".d",
        "7",
        "1",
        "1",
        "7=1",
    )
    assert (know["level"], know["principle"], know["waves"], know["reverse"]) == ("knowledge", "voz", "bl el", "")
    assert (basta["question"], basta["label"]) == ("Del 1 al 5: Basta ver a alguien.", "Basta ver a alguien.")
    assert (basta["choices"], basta["reverse"]) == ("1=Muy en desacuerdo; 2; 3; 4; 5=Muy de acuerdo", "1")
    assert (found["att_vale"]["distribution"], basta["distribution"]) == ("5=2", "1=1; 4=1")


def test_an_answer_whose_question_was_removed_still_exports(field: Field) -> None:
    field.talk("reporte", "sí", "algo")
    old = field.library.current["prueba"]
    without = re.sub(r"      - ask: historia\n.*?(?=      - say: fin)", "", MEASURING, flags=re.DOTALL)
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), without)
    field.talk("reporte", "no")
    rows = field.export()
    assert [row["variable"] for row in rows] == ["contact_any", "story", "contact_any"]
    book = field.read("codebook.csv")
    assert [row["n"] for row in book if row["variable"] == "contact_any"] == ["1", "1"], "one row for each version"
    (story,) = [row for row in book if row["variable"] == "story"]
    assert story["question"] == "¿Qué pasó?"
    # Even if this release cannot read the old file any more.
    field.tx.execute(update(FlowVersion).where(FlowVersion.id == old).values(source="programme: 1"))
    assert len(field.export()) == 3
    (story,) = [row for row in field.read("codebook.csv") if row["variable"] == "story"]
    assert (story["question"], story["kind"], story["n"], story["flow"], story["step"]) == (
        "",
        "text",
        "1",
        "reporte",
        "historia",
    )


def test_a_corrected_answer_is_kept_and_does_not_count(field: Field) -> None:
    field.talk("reporte", "sí", "atrás", "no")
    assert [(row["value"], row["status"]) for row in field.export()] == [("1", "superseded"), ("0", "ok")]
    assert field.codebook()["contact_any"]["distribution"] == "0=1"


def test_filters(field: Field, vault: Vault) -> None:
    field.talk("reporte", "no")
    day = field.clock()
    field.clock.advance(days=2)
    field.talk("saber", "2", "5", "1")
    bruno = enrol(field.tx, vault, field.clock(), BRUNO, name="Bruno")
    other = field.tx.execute(
        insert(Cohort).returning(Cohort.id),
        {
            "code": "norte",
            "programme": "prueba",
            "timezone": "America/Tijuana",
            "dates": "{}",
            "created_at": field.clock(),
        },
    ).scalar_one()
    field.tx.execute(update(Contact).where(Contact.id == bruno).values(cohort_id=other, timezone="America/Tijuana"))
    field.talk("reporte", "no", number=BRUNO, contact=bruno)
    assert len(field.export()) == 5
    assert {row["flow"] for row in field.export(until=day.date())} == {"reporte"}
    assert len(field.export(since=day.date() + timedelta(days=1))) == 4
    (row,) = field.export(cohort="norte")
    assert (row["cohort"], row["answered_local"][:13]) == ("norte", "2026-03-04 08")
    assert len(field.export(level="internal")) == 2
    assert set(field.codebook()) == {"att_vale", "att_basta"}
    assert len(field.export(programme="prueba")) == 5
    with pytest.raises(UsageError, match=r"no cohort 'norta'\. Did you mean norte"):
        field.export(cohort="norta")
    with pytest.raises(UsageError, match=r"no programme 'pruebas'\. Did you mean prueba"):
        field.export(programme="pruebas")


def test_the_same_data_is_the_same_bytes(field: Field) -> None:
    field.talk("saber", "2", "5", "1")
    field.export()
    first = {path.name: path.read_bytes() for path in field.folder.iterdir()}
    field.export()
    assert {path.name: path.read_bytes() for path in field.folder.iterdir()} == first
    assert set(first) == {
        *(f"{table.name}.csv" for table in TABLES),
        "codebook.csv",
        "codebook.xlsx",
        "codebook.html",
        "datapackage.json",
        "load.do",
        "load.R",
        "load.py",
        "manifest.json",
    }
    assert b"\r" not in first["responses.csv"]


def test_the_manifest_says_what_is_in_the_folder(field: Field) -> None:
    field.talk("saber", "2", "5", "1")
    field.export(cohort="prueba-1", since=date(2026, 1, 1))
    manifest = json.loads((field.folder / "manifest.json").read_text())
    assert manifest["columns"] == columns.VERSION
    assert manifest["filters"]["cohort"] == "prueba-1"
    assert "not observed behaviour" in manifest["caution"]
    for name, rows in (("responses.csv", 3), ("codebook.csv", 6)):
        digest = hashlib.sha256((field.folder / name).read_bytes()).hexdigest()
        assert manifest["files"][name] == {"rows": rows, "sha256": digest}


def test_a_mark_for_excel(field: Field) -> None:
    field.export(bom=True)
    assert (field.folder / "responses.csv").read_bytes().startswith(b"\xef\xbb\xbfstudy_id,")
    field.export()
    assert (field.folder / "responses.csv").read_bytes().startswith(b"study_id,")


HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    '"comillas", y; punto',
    "dos\nlíneas",
    "🙂 ñ \u202eabc",
    "'",
    ",",
]


def test_hostile_text_survives_and_is_no_formula(field: Field) -> None:
    for text in HOSTILE:
        field.talk("reporte", "sí", text)
    reword(field.tx, "sí", "a\rb")
    rows = field.export(with_text=True)
    assert [row["raw"] for row in rows[::2]] == ["a\rb"] * len(HOSTILE)
    told = [row["raw"] for row in rows[1::2]]
    assert [text.removeprefix("'") if text not in {"'", ","} else text for text in told] == HOSTILE
    assert not [text for text in told if text.startswith(("=", "+", "-", "@"))]


def test_a_disk_that_will_not_take_it(field: Field) -> None:
    field.folder.write_text("a file, not a folder")
    with pytest.raises(ExternalError, match="cannot be"):
        field.export()


def test_an_interrupted_export_leaves_no_half_file_and_no_manifest(field: Field) -> None:
    field.talk("saber", "2", "5", "1")
    field.export()
    before = {path.name: path.read_bytes() for path in field.folder.iterdir()}

    def broken(name: str, _rows: int) -> None:
        if name == "sessions.csv":
            raise KeyboardInterrupt

    field.talk("saber", "2", "5", "1")
    with pytest.raises(KeyboardInterrupt):
        write(field.tx, field.folder, Selection(), on_progress=broken)
    after = {path.name: path.read_bytes() for path in field.folder.iterdir()}
    assert set(after) == set(before) - {"manifest.json"}
    assert after["sessions.csv"] == before["sessions.csv"]
    assert after["nudges.csv"] == before["nudges.csv"]
    field.export()
    assert (field.folder / "manifest.json").exists()
