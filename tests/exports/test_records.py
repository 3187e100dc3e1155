"""Self-reports and scores as they are exported, against figures worked out by hand."""

import pytest
from sqlalchemy import update

from app.store.tables import Contact
from tests.exports.field import MEASURING, Field
from tests.world import published

REPORTING = MEASURING.replace(
    "      - ask: historia\n",
    """\
      - ask: aplico
        text: ¿Dejó que contara su versión?
        answer: {choice: {si: {label: Sí, value: 1}, no: {label: No, value: 0}, nc: {label: No venía al caso, value: n}}}
        records: applied_voz
        level: behaviour
        principle: voz
      - ask: historia
""",
).replace("columns: {contact_any: contact_any,", "columns: {contact_any: contact_any, applied: applied_voz,")


@pytest.fixture
def reporting(field: Field) -> Field:
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), REPORTING)
    return field


def test_a_report_is_one_record_with_its_lag(reporting: Field) -> None:
    field = reporting
    field.tx.execute(
        update(Contact).where(Contact.id == field.alma).values(shift='{"on": 24, "off": 48, "from": "2026-03-01T07:00"}')
    )
    field.talk("reporte", "sí", "1", "Le expliqué el motivo.")  # answered at 11:05; the turn ended at 7:00
    report = field.tables("self_reports")["self_reports"][0]
    known = ("record", "report", "kind", "status", "contact_any", "applied", "action_text", "withheld", "shift", "recall_lag", "corrected")
    assert {name: report[name] for name in known} == {
        "record": "1", "report": "aplicacion", "kind": "contact", "status": "complete", "contact_any": "1", "applied": "1",
        "action_text": "", "withheld": "1", "shift": "24x48", "recall_lag": "4.08", "corrected": "0",
    }
    assert report["turn_ended_at"] == "2026-03-02T13:00:00Z"
    assert field.tables("self_reports", with_text=True)["self_reports"][0]["action_text"] == "Le expliqué el motivo."


@pytest.mark.parametrize(
    ("replies", "kind", "contact", "applied"),
    [
        (("no",), "no_contact", "0", ".s"), (("sí", "2", "Nada."), "contact", "1", "0"), (("sí", "3", "Nada."), "contact", "1", ".n"),
        (("sí",), "contact", "1", ".m"),
    ],
)
def test_no_contact_is_not_the_same_as_not_applied(
    reporting: Field, replies: tuple[str, ...], kind: str, contact: str, applied: str
) -> None:
    reporting.talk("reporte", *replies)
    report = reporting.tables("self_reports")["self_reports"][0]
    assert (report["kind"], report["contact_any"], report["applied"]) == (kind, contact, applied)
    assert (report["shift"], report["recall_lag"], report["turn_ended_at"]) == ("", "", "")


def test_what_breaks_off_is_partial(field: Field) -> None:
    field.talk("reporte", "sí")
    assert field.tables("self_reports")["self_reports"][0]["status"] == "partial"


@pytest.mark.parametrize(
    ("replies", "saber", "actitud"),
    [
        (("2", "5", "1"), ("1", "1", ""), ("5", "6", "")),      # right; 5, and 1 turned round is 5
        (("1", "4", "4"), ("0", "0", ""), ("3", "8", "")),      # wrong; 4, and 4 turned round is 2
        (("no sé", "3"), ("0", "0", ""), (".m", "3", "m")),     # does not know: wrong; one of two items is too few
    ],
)
def test_scores_of_a_wave(field: Field, replies: tuple[str, ...], saber: tuple[str, ...], actitud: tuple[str, ...]) -> None:
    session = field.talk("saber", *replies, wave="bl")
    field.plan("saber", wave="bl", slot="bl.1", session_id=session)
    found = field.tables("scores", "scores_wide")
    by_name = {row["score"]: row for row in found["scores"]}
    assert (by_name["saber"]["value"], by_name["saber"]["points"], by_name["saber"]["missing"]) == saber
    assert (by_name["actitud"]["value"], by_name["actitud"]["raw_sum"], by_name["actitud"]["missing"]) == actitud
    assert {row["level"] for row in found["scores"]} == {"knowledge", "internal"}


def test_only_what_was_asked_in_a_wave_is_a_score(field: Field) -> None:
    field.talk("saber", "2", "5", "1")
    assert field.tables("scores")["scores"] == []
