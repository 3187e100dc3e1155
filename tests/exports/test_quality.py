"""The table `quality` and its section of the report: what is counted, and that nothing tells of few."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.exports.report.programme import ProgrammeSummary
from app.exports.report.quality_figures import _is_shown, _rows
from app.exports.report.words import Words
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.tables import quality_checks
from app.exports.tables.quality_checks import Check, Finding, _Given, _of_question, fences, findings
from app.store.tables import Response
from tests.exports.field import MEASURING, Field
from tests.world import published

ITEMS = """          vale: {text: Vale la pena escuchar., records: att_vale}
          basta: {text: Basta ver a alguien., records: att_basta, reverse: true}
"""
MORE = (
    ITEMS
    + """          tres: {text: Tres., records: att_tres}
          cuatro: {text: Cuatro., records: att_cuatro}
"""
)
GUARD = """  guardia:
    title: Guardia
    kind: quiz
    steps:
      - ask: horas
        text: ¿Cuántas horas?
        answer: {number: {min: 0, max: 200}}
        records: horas
      - ask: motivo
        text: ¿Por qué?
        answer: {choice: {patrulla: De patrulla, otro: Otro}}
        records: motivo
campaigns:
"""


def test_every_check_counts_what_it_says(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    field.clock.advance(hours=1)
    source = MEASURING.replace(ITEMS, MORE).replace("campaigns:\n", GUARD)
    field.library = published(field.tx, field.clock(), source)
    for hours, why in (("1", "1"), ("2", "1"), ("3", "2"), ("4", "1"), ("100", "1")):
        field.talk("guardia", hours, why)
    monkeypatch.setattr(quality_checks, "FEWEST_NUMBERS", 5)
    field.talk("saber", "no sé", "4", "4", "4", "4", wave="bl")
    session = field.talk("saber", "2", "4", "4", "4", "5", wave="el")
    field.plan("saber", wave="el", slot="el.1", session_id=session)
    field.talk("reporte", "gracias", "sí", "algo")
    fast = update(Response).where(Response.variable == "att_vale", Response.wave == "el")
    field.tx.execute(fast.values(answered_at=Response.asked_at))
    rows = {
        (row["check"], row["variable"], row["wave"], row["what"]): (row["n"], row["count"])
        for row in field.tables("quality")["quality"]
    }
    assert rows["fast", "att_vale", "el", ""] == ("1", "1")
    assert rows["fast", "att_vale", "bl", ""] == ("1", "0")
    assert (rows["dont_know", "know_neutral", "bl", "d"], rows["dont_know", "know_neutral", "el", "d"]) == (
        ("1", "1"),
        ("1", "0"),
    )
    assert (rows["straight_line", "", "bl", ""], rows["straight_line", "", "el", ""]) == (("1", "1"), ("1", "0"))
    assert (rows["missing", "know_neutral", "bl", "d"], rows["missing", "know_neutral", "bl", "m"]) == (
        ("1", "1"),
        ("1", "0"),
    )
    assert rows["no_value", "know_neutral", "bl", ""] == ("1", "1")
    assert rows["no_value", "know_neutral", "el", ""] == ("1", "0")
    assert rows["same_value", "motivo", "", ""] == ("5", "4")
    assert rows["other", "motivo", "", ""] == ("5", "1")
    assert rows["outlier", "horas", "", ""] == ("5", "1")
    (outlier,) = (row for row in field.read("quality.csv") if row["check"] == "outlier")
    assert (outlier["low_limit"], outlier["high_limit"]) == ("-4.0", "10.0"), "quartiles 2 and 4"
    assert rows["act", "contacto", "", "ack"] == ("2", "1"), "thanks, and then an answer"
    days = {row["day"] for row in field.read("quality.csv") if row["check"] == "fast"}
    assert days == {"2026-03-02"}
    assert {row["wave"]: row["wave_number"] for row in field.read("quality.csv")}[""] == ""
    found = findings(Source(field.tx, Selection(programme="prueba", cohort=None)))
    assert {one.check for one in found} == set(Check)
    assert findings(Source(field.tx, Selection(programme="otra"))) == []


def test_fences_need_numbers_that_differ() -> None:
    assert fences(dict.fromkeys(map(float, range(1, 12)), 1)) == (-11.5, 23.5), "quartiles 3.5 and 8.5"
    assert fences(dict.fromkeys(map(float, range(1, 10)), 1)) is None, "nine are too few"
    assert fences({0.0: 90, 50.0: 10}) is None, "both quartiles are 0"
    assert fences({}) is None


def test_of_several_options_other_may_be_one_and_officers_are_never_counted_twice() -> None:
    given = [_Given("multi", None, "tiempo otro", None, 6, 5), _Given("multi", None, "miedo", None, 4, 4)]
    same, other = _of_question(("prueba", "f", "v"), given)
    assert (same.check, same.count, other.check, other.count, other.n) == (Check.same_value, 6, Check.other, 6, 10)
    assert (other.officers, other.count_officers) == (5, 5), "at least so many: the same officers may have given both"


def test_the_report_points_at_a_question_only_if_all_answer_alike() -> None:
    alike = Finding(Check.same_value, "prueba", "saber", "know", "", "", "", 20, 20, 12, 12)
    assert _is_shown(alike)
    assert not _is_shown(replace(alike, count=19))
    assert _is_shown(replace(alike, check=Check.outlier, count=1))


@pytest.mark.parametrize(
    ("count", "count_officers", "n", "officers", "shown"),
    [
        (6, 6, 20, 12, ("6", "20", "30.0 %")),
        (6, 4, 20, 12, ("oculto", "", "")),
        (18, 12, 20, 14, ("oculto", "", "")),
        (20, 14, 20, 14, ("20", "20", "100.0 %")),
        (4, 4, 4, 4, ("oculto", "", "")),
    ],
)
def test_the_report_hides_what_few_did_or_did_not(
    count: int, count_officers: int, n: int, officers: int, shown: tuple[str, ...]
) -> None:
    one = Finding(Check.dont_know, "prueba", "saber", "know", "", "", "d", n, count, officers, count_officers)
    programme = ProgrammeSummary({}, {}, {}, {}, "")
    assert next(_rows([one], programme, Words("es"), 5))[2:] == shown
