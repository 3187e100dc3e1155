"""The table `self_reports`, from real conversations on both databases."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.exports.package import write
from app.exports.selection import Selection
from app.flows.shifts import LEAVE, Duty, Shift, ShiftException, last_worked
from app.scheduler.waking import wake_due
from app.store.tables import Contact, FlowVersion, Response, Session, ShiftChange
from tests.exports.field import BRUNO, MEASURING, Field
from tests.world import enrol, published

SOURCE = (
    MEASURING.replace(
        "campaigns:\n",
        """  campo:
    title: En el campo
    kind: report
    principle: voz
    expires: 48h
    steps:
      - {ask: contacto, text: "¿Tuvo contacto?", answer: si_no, records: f_contact, level: behaviour, go: {no: end}}
      - {ask: que, text: "¿Qué fue?", answer: {choice: {auxilio: {label: Auxilio, value: 1}, otro: {label: Otro, value: 2}}},
         records: f_situation, level: behaviour}
      - repeat: hizo
        answer: {choice: {si: {label: "Sí", value: 1}, no: {label: "No", value: 0}, nc: {label: "No venía al caso", value: "n"}}}
        level: behaviour
        items:
          motivo: {text: "¿Dijo el motivo?", records: f_motivo, principle: confianza}
          version: {text: "¿Escuchó?", records: f_version}
      - {ask: relato, text: "¿Qué hizo?", answer: {text: {}, missing: [r]}, records: f_story, level: behaviour}
  cuenta:
    title: De los últimos cinco
    kind: report
    principle: voz
    steps:
      - {ask: veces, text: "¿En cuántos?", answer: {number: {min: 0, max: 5}, missing: [n]}, records: f_last5, level: behaviour}
campaigns:
""",
        1,
    ).replace("principles:\n", "principles:\n  confianza: {label: Generar confianza}\n", 1)
    + """
reports:
  campo:
    title: En el campo
    from: [campo]
    columns: {contact_any: f_contact, applied: [f_motivo, f_version], situation: f_situation, action_text: f_story}
  cuenta:
    title: De los últimos cinco
    from: [cuenta]
    columns: {times: f_last5}
"""
)


@pytest.fixture(autouse=True)
def _reporting(field: Field) -> None:
    field.library = published(field.tx, field.clock(), SOURCE)


def reports(field: Field, **wanted: object) -> list[dict[str, str]]:
    return field.tables("self_reports", **wanted)["self_reports"]


def test_an_application_with_all_that_is_known_of_it(field: Field) -> None:
    # Twelve hours on, twenty-four off, in at seven on Sunday: the shift ended at 19:00, fifteen hours before ten on Monday.
    shift = json.dumps({"on": 12, "off": 24, "from": "2026-03-01T07:00"})
    field.tx.execute(update(Contact).where(Contact.id == field.alma).values(shift=shift))
    session = field.talk("campo", "sí", "2", "1", "3", "Le expliqué a Juana")
    field.plan("campo", session_id=session)
    first, second = reports(field)
    study_id = field.tx.execute(select(Contact.study_id)).scalar_one()
    digest = field.tx.execute(select(FlowVersion.hash).order_by(FlowVersion.id.desc())).scalars().first()
    assert digest is not None
    assert first == {
        "session_id": str(session),
        "record": "1",
        "study_id": study_id,
        "cohort": "prueba-1",
        "programme": "prueba",
        "report": "campo",
        "kind": "contact",
        "flow": "campo",
        "flow_version": digest[:12],
        "wave": "",
        "campaign": "seguimiento",
        "slot": "w01.1",
        "principle": "confianza",
        "item": "f_motivo",
        "status": "complete",
        "corrected": "0",
        "late": "0",
        "contact_any": "1",
        "applied": "1",
        "times": "",
        "situation": "2",
        "action_text": "",
        "reaction": "",
        "barrier": "",
        "confidence": "",
        "withheld": "1",
        "shift": "12x24",
        "shift_ended_at": "2026-03-02T01:00:00Z",
        "recall_lag": "15.08",
        "channel": "whatsapp",
        "scheduled_at": "2026-03-02T15:25:00Z",
        "started_at": "2026-03-02T16:00:00Z",
        "asked_at": "2026-03-02T16:00:00Z",
        "answered_at": "2026-03-02T16:05:00Z",
        "completed_at": "2026-03-02T16:25:00Z",
        "started_local": "2026-03-02 10:00:00",
        "answered_local": "2026-03-02 10:05:00",
        "wave_number": "",
        "first": "1",
        "action_text_missing": "",
    }
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"record", "principle", "item", "applied", "first"}
    assert (second["record"], second["principle"], second["item"], second["applied"]) == ("2", "voz", "f_version", ".n")


def test_free_text_is_withheld_until_it_is_asked_for(field: Field) -> None:
    field.talk("campo", "sí", "1", "1", "1", "Le expliqué a Juana")
    field.talk("campo", "sí", "1", "1", "1", "prefiero no decir")
    assert [(row["action_text"], row["withheld"]) for row in reports(field)] == [("", "1")] * 2 + [("", "0")] * 2
    assert [row["action_text_missing"] for row in reports(field)] == ["", "", ".r", ".r"]
    assert "Juana" not in "".join(path.read_text() for path in field.folder.glob("*.csv"))
    shown = reports(field, with_text=True)
    assert [(row["action_text"], row["withheld"]) for row in shown] == [("Le expliqué a Juana", "0")] * 2 + [
        ("", "0")
    ] * 2


def test_no_contact_is_a_record_of_its_own_kind(field: Field) -> None:
    field.talk("campo", "no")
    field.talk("cuenta", "no aplica")
    field.talk("cuenta", "0")
    field.talk("cuenta", "3")
    told = [
        (row["kind"], row["contact_any"], row["applied"], row["times"], row["situation"], row["status"])
        for row in reports(field)
    ]
    assert told == [
        ("no_contact", "0", ".s", "", ".s", "complete"),
        ("no_contact", "0", ".s", ".n", "", "complete"),
        ("contact", "1", "0", "0", "", "complete"),
        ("contact", "1", "1", "3", "", "complete"),
    ]


def test_partial_corrected_and_late(field: Field) -> None:
    field.talk("campo", "sí", "2", "1")
    session = field.tx.execute(select(Session.id)).scalar_one()
    (row,) = reports(field)
    assert (row["status"], row["completed_at"], row["item"], row["applied"], row["action_text_missing"]) == (
        "partial",
        "",
        "f_motivo",
        "1",
        ".m",
    )
    field.say("atrás", "2")
    (row,) = reports(field)
    assert (row["corrected"], row["applied"], row["late"]) == ("1", "0", "0")
    field.clock.advance(hours=60)
    wake_due(field.tx, field.library, field.clock())
    assert field.tx.execute(select(Session.outcome).where(Session.id == session)).scalar_one() == "expired"
    field.tx.execute(update(Response).where(Response.variable == "f_situation").values(late=True))
    (row,) = reports(field)
    assert (row["status"], row["late"], row["situation"]) == ("partial", "1", "2")


def test_recall_is_unknown_without_a_shift_and_knows_of_leave(field: Field) -> None:
    field.talk("campo", "no")
    (row,) = reports(field)
    assert (row["shift"], row["shift_ended_at"], row["recall_lag"]) == ("", "", "")
    # A shift that is noted only afterwards was not known then.
    shift = Shift(12, 24, datetime(2026, 3, 1, 7), "America/Mexico_City")  # noqa: DTZ001 - the wall's
    field.tx.execute(update(Contact).values(shift=shift.to_json()))
    assert reports(field) == [row]
    leave = (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC))
    field.tx.execute(
        insert(ShiftChange),
        {
            "contact_id": field.alma,
            "kind": LEAVE,
            "starts_at": leave[0],
            "ends_at": leave[1],
            "created_at": field.clock(),
        },
    )
    field.talk("campo", "no")
    # Away on Sunday: the shift before is Friday's, from 19:00 to Saturday at 7:00 in Mexico City.
    assert reports(field)[1]["shift_ended_at"] == "2026-02-28T13:00:00Z"
    away = ShiftException(LEAVE, field.clock() - timedelta(weeks=9), field.clock() + timedelta(days=1))
    assert last_worked(Duty(shift, (away,)), field.clock()) is None
    assert last_worked(Duty(), field.clock()) is None


def test_recall_is_from_the_last_turn_before_the_answer(field: Field) -> None:
    # On duty from 19:00 on Monday, when it was asked in the morning, to 7:00 on Tuesday; answered an hour and five minutes later.
    shift = Shift(12, 24, datetime(2026, 3, 1, 7), "America/Mexico_City")  # noqa: DTZ001 - the wall's
    field.tx.execute(update(Contact).values(shift=shift.to_json()))
    field.talk("campo")
    field.clock.advance(hours=22)
    field.say("no")
    (row,) = reports(field)
    assert (row["asked_at"], row["shift_ended_at"], row["recall_lag"]) == (
        "2026-03-02T16:00:00Z",
        "2026-03-03T13:00:00Z",
        "1.08",
    )


def test_an_answer_whose_question_was_removed_still_has_its_record(field: Field) -> None:
    field.talk("campo", "sí", "2", "1", "2", "algo")
    before = reports(field)
    old = field.library.current["prueba"]
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), MEASURING)
    assert reports(field) == before
    # If this release cannot read the old file any more, what the current one says of the answers is enough.
    field.library = published(field.tx, field.clock(), SOURCE.replace("title: En el campo", "title: Campo"))
    field.tx.execute(update(FlowVersion).where(FlowVersion.id == old).values(source="programme: 1"))
    assert reports(field) == before


def test_filters(field: Field) -> None:
    field.talk("campo", "no")
    day = field.clock()
    field.clock.advance(days=2)
    bruno = enrol(field.tx, field.vault, field.clock(), BRUNO, name="Bruno")
    field.talk("cuenta", "3", number=BRUNO, contact=bruno)
    assert [row["flow"] for row in reports(field)] == ["campo", "cuenta"]
    assert [row["flow"] for row in reports(field, until=day.date())] == ["campo"]
    assert [row["flow"] for row in reports(field, since=day.date() + timedelta(days=1))] == ["cuenta"]
    assert len(reports(field, level="behaviour")) == len(reports(field, programme="prueba", cohort="prueba-1")) == 2
    assert reports(field, level="knowledge") == []


def test_every_format_takes_the_tables(field: Field) -> None:
    field.talk("campo", "sí", "2", "1", "3", "algo")
    field.talk("campo", "no")
    formats = ("csv", "jsonl", "xlsx", "dta", "sav", "parquet")
    written = write(
        field.tx, field.folder, Selection(), tables=["self_reports", "scores", "scores_wide"], formats=formats
    )
    rows = {item.name: item.rows for item in written.files}
    assert [rows[f"self_reports.{ending}"] for ending in formats] == [3] * len(formats)
    book = field.read("codebook.csv")
    assert {row["variable"] for row in book} >= {"f_situation", "f_motivo"}
    described = json.loads((field.folder / "datapackage.json").read_text())
    fields = next(item for item in described["resources"] if item["path"] == "self_reports.csv")["schema"]["fields"]
    assert "1=Auxilio; 2=Otro" in next(item for item in fields if item["name"] == "situation")["description"]


def test_options_without_numbers_have_their_places_in_the_list(field: Field) -> None:
    field.clock.advance(hours=1)
    words = "{choice: {auxilio: {label: Auxilio, value: 1}, otro: {label: Otro, value: 2}}}"
    field.library = published(
        field.tx, field.clock(), SOURCE.replace(words, "{choice: {auxilio: Auxilio, otro: Otro}}")
    )
    field.talk("campo", "sí", "2", "1", "1", "algo")
    field.talk("campo", "no")
    write(field.tx, field.folder, Selection(), tables=["self_reports"], formats=["csv", "dta"])
    assert [row["situation"] for row in field.read("self_reports.csv")] == ["2", "2", ".s"]
