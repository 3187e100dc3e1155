"""The table `quality` and its section of the report: what is counted, and that nothing tells of few."""

import pytest
from sqlalchemy import update

from app.exports.report.programme import ProgrammeSummary
from app.exports.report.quality_figures import _rows
from app.exports.report.words import Words
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.tables.quality_checks import Check, Finding, findings
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


def test_every_check_counts_what_it_says(field: Field) -> None:
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), MEASURING.replace(ITEMS, MORE))
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
    assert rows["act", "contacto", "", "ack"] == ("2", "1"), "thanks, and then an answer"
    days = {row["day"] for row in field.read("quality.csv") if row["check"] == "fast"}
    assert days == {"2026-03-02"}
    assert {row["wave"]: row["wave_number"] for row in field.read("quality.csv")}[""] == ""
    found = findings(Source(field.tx, Selection(programme="prueba", cohort=None)))
    assert {one.check for one in found} == set(Check)
    assert findings(Source(field.tx, Selection(programme="otra"))) == []


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
