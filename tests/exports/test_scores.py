"""The tables `scores` and `scores_wide`, from real conversations on both databases, against figures worked out by hand."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select, update

from app.exports.report.score_values import score_values
from app.exports.report.wave_answers import wave_answers
from app.exports.report.wave_codes import wave_codes
from app.exports.selection import Selection, as_stored
from app.exports.source import Source
from app.exports.tables import scores as table
from app.exports.tables.quality_checks import codes
from app.store.tables import Contact, Correction, Response
from tests.exports.field import BRUNO, MEASURING, Field
from tests.world import enrol, published

SOURCE = (
    MEASURING.replace(
        "campaigns:\n",
        """  hace:
    title: Conducta
    kind: survey
    steps:
      - {ask: contacto, text: "¿Tuvo contacto?", answer: si_no, records: b_contact, level: behaviour, go: {no: end}}
      - repeat: hizo
        answer: {choice: {si: {label: "Sí", value: 1}, no: {label: "No", value: 0}, nc: {label: "No venía al caso", value: "n"}}}
        level: behaviour
        items:
          motivo: {text: "¿Dijo el motivo?", records: b_motivo}
          version: {text: "¿Escuchó?", records: b_version}
  ensena:
    title: Enseña
    kind: vignette
    steps:
      - {ask: caso, text: "¿Qué hace?", answer: {choice: {a: Algo, b: Nada}}, correct: a, records: t_case, level: knowledge}
campaigns:
""",
        1,
    )
    + """
    waves:
      antes: {suffix: bl, day: -7, flows: [saber, hace]}
      final: {suffix: el, day: 30, flows: [saber, hace]}
scores:
  saber: {title: Conocimiento, level: knowledge, kind: share_right, items: [know_neutral], principle: voz}
  actitud: {title: Actitud, level: internal, kind: mean, items: [att_vale, att_basta]}
  conducta: {title: Conducta, level: behaviour, kind: share_applied, items: [b_motivo, b_version]}
"""
)


@pytest.fixture(autouse=True)
def _measuring(field: Field) -> None:
    field.library = published(field.tx, field.clock(), SOURCE)


def scores(field: Field, **wanted: object) -> dict[tuple[str, str], tuple[str, ...]]:
    """Items, answered, possible, points, raw sum, value, missing and reason, by wave and score."""
    names = ("n_items", "n_answered", "possible", "points", "raw_sum", "value", "missing", "reason")
    rows = field.tables("scores", **wanted)["scores"]
    found = {(row["wave"], row["score"]): tuple(row[name] for name in names) for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_scores_of_a_wave(field: Field) -> None:
    field.talk("saber", "2", "4", "2", wave="bl")
    field.talk("hace", "sí", "1", "3", wave="bl")
    assert scores(field) == {
        ("bl", "saber"): ("1", "1", "1", "1", "", "1", "", ""),
        ("bl", "actitud"): ("2", "2", "2", "8", "6", "4", "", ""),  # 4 and 6-2
        ("bl", "conducta"): ("2", "2", "1", "1", "", "1", "", ""),  # once applied, once it did not apply
    }
    row = next(row for row in field.read("scores.csv") if row["score"] == "saber")
    study_id = field.tx.execute(select(Contact.study_id)).scalar_one()
    assert (row["study_id"], row["cohort"], row["programme"]) == (study_id, "prueba-1", "prueba")
    assert (row["level"], row["principle"], row["kind"]) == ("knowledge", "voz", "share_right")


def test_does_not_know_is_wrong_and_skipped_is_not_applicable(field: Field) -> None:
    field.talk("saber", "no sé", "5", "quién sabe", "quién sabe", wave="bl")
    field.talk("hace", "no", wave="bl")
    assert scores(field) == {
        ("bl", "saber"): ("1", "1", "1", "0", "", "0", "", ""),
        ("bl", "actitud"): ("2", "1", "1", "5", "5", ".m", "m", "too_few"),
        ("bl", "conducta"): ("2", "0", "0", "0", "", ".n", "n", "not_applicable"),
    }
    (response,) = [row for row in field.tables("responses")["responses"] if row["variable"] == "know_neutral"]
    assert (response["value"], response["correct"]) == (".d", "0")


def test_a_wave_that_nobody_answered(field: Field) -> None:
    field.plan("hace", wave="el", status="skipped", reason="ignored")
    field.plan("saber", wave="md", status="planned", slot="w01.2")
    assert scores(field) == {("el", "conducta"): ("2", "0", "0", "0", "", ".m", "m", "not_answered")}


def test_treatment_is_no_measurement_and_follow_up_is_no_wave(field: Field) -> None:
    field.talk("saber", "2", "5", "1")
    field.talk("ensena", "1", wave="bl")
    assert scores(field) == {}


def test_the_last_valid_answer_counts(field: Field) -> None:
    field.talk("saber", "1", "4", "atrás", "2", "4", wave="bl")
    assert scores(field)["bl", "actitud"][:6] == ("2", "2", "2", "4", "6", "2")  # 2 and 6-4
    field.clock.advance(hours=1)
    field.talk("saber", "2", "5", "quién sabe", "quién sabe", wave="bl")
    found = scores(field)
    assert field.tx.execute(select(Response.status).order_by(Response.id.desc())).scalars().first() == "unclear"
    assert found["bl", "saber"][5] == "1"
    assert found["bl", "actitud"][:6] == ("2", "2", "2", "7", "9", "3.5"), "5, and the 4 of before: 6-4"


def test_one_officer_a_row_with_a_column_for_each_wave(field: Field) -> None:
    bruno = enrol(field.tx, field.vault, field.clock(), BRUNO, name="Bruno")
    field.talk("saber", "2", "4", "3", wave="bl")
    field.talk("saber", "1", "5", "1", wave="el")
    field.talk("hace", "sí", "1", "2", number=BRUNO, contact=bruno, wave="el")
    rows = {row.pop("study_id"): row for row in field.tables("scores_wide")["scores_wide"]}
    ids = dict(field.tx.execute(select(Contact.id, Contact.study_id)).all())
    assert list(rows) == sorted(ids.values())
    assert rows[ids[field.alma]] == {
        "cohort": "prueba-1",
        "programme": "prueba",
        "actitud_bl": "3.5",
        "actitud_el": "5",
        "conducta_bl": "",
        "conducta_el": "",
        "saber_bl": "1",
        "saber_el": "0",
    }
    assert rows[ids[bruno]]["conducta_el"] == "0.5"
    assert set(field.tables("scores_wide", level="internal")["scores_wide"][0]) == {
        "study_id",
        "cohort",
        "programme",
        "actitud_bl",
        "actitud_el",
    }
    assert scores(field, level="internal").keys() == {("bl", "actitud"), ("el", "actitud")}


def test_items_count_as_they_stood_when_they_were_answered(field: Field) -> None:
    field.talk("saber", "2", "4", "2", wave="bl")
    field.clock.advance(hours=1)
    plain = SOURCE.replace(", reverse: true", "")
    field.library = published(field.tx, field.clock(), plain)
    field.talk("saber", "2", "4", "2", wave="el")
    found = scores(field)
    assert (found["bl", "actitud"][5], found["el", "actitud"][5]) == ("4", "3")
    # A score that is in the file no more is made for the waves of the versions that had it.
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), MEASURING)
    assert scores(field) == found
    (wide,) = field.tables("scores_wide")["scores_wide"]
    assert (wide["actitud_bl"], wide["actitud_el"], wide["saber_bl"]) == ("4", "3", "1")
    (wide,) = field.tables("scores_wide", programme="prueba", level="internal")["scores_wide"]
    assert set(wide) == {"study_id", "cohort", "programme", "actitud_bl", "actitud_el"}


def test_what_was_answered_at_another_time_is_no_answer_and_was_not_skipped(field: Field) -> None:
    field.clock.advance(hours=13, minutes=48)  # ten minutes before midnight in Mexico City, after the question
    field.talk("hace", "sí", "1", "2", wave="bl")
    after = date(2026, 3, 3)
    assert scores(field)["bl", "conducta"][:6] == ("2", "2", "2", "1", "", "0.5")
    assert scores(field, since=after)["bl", "conducta"] == ("2", "1", "1", "0", "", ".m", "m", "too_few")


def test_late_answers_count_only_if_asked_for(field: Field) -> None:
    field.talk("saber", "2", "4", "2", wave="bl")
    field.tx.execute(update(Response).where(Response.variable == "know_neutral").values(late=True))
    assert scores(field)["bl", "saber"] == ("1", "0", "0", "0", "", ".m", "m", "not_answered")
    assert scores(field)["bl", "actitud"][5] == "4"
    assert scores(field, with_late=True)["bl", "saber"] == ("1", "1", "1", "1", "", "1", "", "")
    assert {row["late"] for row in field.tables("responses")["responses"]} == {"0", "1"}


def test_the_report_has_the_scores_and_missing_codes_of_the_tables(field: Field) -> None:
    field.talk("saber", "1", "4", "atrás", "2", "4", wave="bl")
    field.talk("hace", "sí", "1", "3", wave="bl")
    field.clock.advance(hours=1)
    field.talk("saber", "2", "5", "quién sabe", "quién sabe", wave="bl")
    field.talk("hace", "no", wave="el")
    bruno = enrol(field.tx, field.vault, field.clock(), BRUNO)
    field.clock.advance(hours=24)
    field.talk("saber", "1", "5", "2", number=BRUNO, contact=bruno, wave="bl")
    field.plan("hace", wave="el", slot="el.2", contact=bruno, status="skipped")
    late = update(Response).where(Response.variable == "b_motivo", Response.wave == "bl")
    field.tx.execute(late.values(late=True))
    corrected = select(Response.id).where(Response.variable == "know_neutral", Response.contact_id == bruno)
    new = {"old": "2", "new": "1", "value": "1", "label": "", "correct": True, "why": "", "by": "", "at": field.clock()}
    field.tx.execute(insert(Correction), {"response_id": field.tx.execute(corrected).scalar_one(), **new})
    every = as_stored(field.tx, Selection("prueba"))
    counts = []
    for selection in (every, replace(every, with_late=True), replace(every, since=date(2026, 3, 3))):
        source = Source(field.tx, selection)
        answers = wave_answers(source)
        found = {
            (study_id, wave, code): value
            for (code, wave), column in score_values(source, answers, {}).items()
            for study_id, (value, _) in column.by_officer.items()
        }
        assert found == {
            (study_id, wave, code): scored.value
            for (study_id, _, _), waves in table.officers(source)
            for wave, made in waves.items()
            for code, (_, scored) in made.items()
            if scored.value is not None
        }
        assert wave_codes(source, answers) == codes(source)
        counts.append(len(found))
    assert counts == [4, 5, 2]
