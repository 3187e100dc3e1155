"""Self-reports put together from answers: by hand, and in any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.language.definition import Programme
from app.flows.loader import load
from app.flows.self_reports import Record, ReportAnswer, ReportLayout, assemble, layout
from tests.excerpts import whole
from tests.shares import asserted, mostly

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
COLUMNS = {
    "contacto": "contact_any",
    "motivo": "applied",
    "version": "applied",
    "caso": "situation",
    "relato": "action_text",
    "barrera": "barrier",
}
PLAN = ReportLayout(COLUMNS, frozenset(COLUMNS), None, {"motivo": "confianza", "version": "voz"})
_OWN = {"motivo": "confianza", "version": "voz"}


def told(variable: str, value: int | str | None = None, minute: int = 0, **more: object) -> ReportAnswer:
    at = NOW + timedelta(minutes=minute)
    given = ReportAnswer(minute, variable, value, None, "ok", False, _OWN.get(variable), at - timedelta(minutes=1), at)
    return replace(given, **more)  # type: ignore[arg-type]


def records(*answers: ReportAnswer, completed: bool = True, plan: ReportLayout = PLAN) -> list[Record]:
    return assemble("aplicacion", plan, answers, completed=completed)


def test_one_record_for_each_thing_that_was_asked_of_the_application() -> None:
    first, second = records(
        told("contacto", 1),
        told("caso", 4, 1),
        told("motivo", 1, 2),
        told("version", 0, 3),
        told("relato", "Le expliqué", 4),
    )
    assert (first.number, first.kind, first.item, first.principle, first.status) == (
        1,
        "contact",
        "motivo",
        "confianza",
        "complete",
    )
    assert (second.number, second.item, second.principle) == (2, "version", "voz")
    once = {"contact_any": 1, "situation": 4, "action_text": "Le expliqué", "barrier": ".s"}
    assert first.cells == {**once, "applied": 1}
    assert second.cells == {**once, "applied": 0}
    assert (first.asked_at, first.answered_at) == (NOW - timedelta(minutes=1), NOW)
    assert not first.corrected
    assert not first.late


def test_no_contact_is_a_record_of_its_own_kind_and_never_not_applied() -> None:
    (record,) = records(told("contacto", 0))
    assert (record.kind, record.item, record.principle) == ("no_contact", None, None)
    assert record.cells == {"contact_any": 0, "applied": ".s", "situation": ".s", "action_text": ".s", "barrier": ".s"}
    # Also where the session did not come to its end, or an answer from before a correction is still there.
    (record,) = records(told("contacto", 0, 3), told("motivo", 1, 1), completed=False)
    assert (record.kind, record.item, record.cells["applied"], record.cells["barrier"]) == (
        "no_contact",
        None,
        ".s",
        ".s",
    )


@pytest.mark.parametrize(
    ("answer", "applied"),
    [
        (told("motivo", "n", 1), ".n"),
        (told("motivo", None, 1, missing="n"), ".n"),
        (told("motivo", None, 1, missing="r"), ".r"),
        (told("motivo", None, 1, missing="d"), ".d"),
        (told("motivo", None, 1, status="unclear"), ".m"),
        (told("motivo", 0, 1), 0),
    ],
)
def test_what_applied_may_be(answer: ReportAnswer, applied: object) -> None:
    (record,) = records(told("contacto", 1), answer)
    assert (record.kind, record.cells["applied"]) == ("contact", applied)


def test_a_session_that_ended_midway_is_partial() -> None:
    (record,) = records(told("contacto", 1), completed=False)
    assert (record.kind, record.item, record.status) == ("contact", None, "partial")
    assert record.cells == {"contact_any": 1, "applied": ".m", "situation": ".m", "action_text": ".m", "barrier": ".m"}


def test_contact_that_was_not_told_is_unknown() -> None:
    (record,) = records(told("contacto", None, missing="r"))
    assert (record.kind, record.cells["contact_any"], record.cells["applied"]) == ("unknown", ".r", ".s")


def test_the_last_valid_answer_counts_and_a_correction_shows() -> None:
    (record,) = records(
        told("contacto", 1),
        told("motivo", 0, 1, status="superseded"),
        told("motivo", 1, 2),
        told("motivo", 0, 9, status="extra", late=True),
    )
    assert (record.cells["applied"], record.corrected, record.late) == (1, True, False)
    (record,) = records(told("contacto", 1), told("motivo", 1, 90, late=True), completed=False)
    assert (record.cells["applied"], record.status, record.late) == (1, "partial", True)


def test_the_last_is_the_one_that_was_written_last_not_kept_last() -> None:
    found_later = told("motivo", 0, 1, id=99)  # a message that was fetched from the carrier afterwards
    (record,) = records(told("contacto", 1), told("motivo", 1, 5), found_later)
    assert record.cells["applied"] == 1


def test_nothing_but_what_was_taken_back_is_no_record() -> None:
    assert records(told("contacto", 1, status="superseded")) == []
    assert records(told("otra", 1)) == []
    assert records() == []


COUNTING = ReportLayout({"veces": "times", "seguro": "confidence"}, frozenset({"veces", "seguro"}), "voz")


@pytest.mark.parametrize(
    ("answer", "kind", "contact", "applied"),
    [
        (told("veces", 3), "contact", 1, 1),
        (told("veces", 1), "contact", 1, 1),
        (told("veces", 0), "contact", 1, 0),
        (told("veces", None, missing="n"), "no_contact", 0, ".s"),
        (told("veces", None, missing="r"), "unknown", None, ".r"),
        (told("veces", None, status="unclear"), "unknown", None, ".m"),
    ],
)
def test_who_counts_contacts_had_one(answer: ReportAnswer, kind: str, contact: object, applied: object) -> None:
    (record,) = records(answer, plan=COUNTING)
    assert (record.kind, record.cells.get("contact_any"), record.cells["applied"], record.principle) == (
        kind,
        contact,
        applied,
        "voz",
    )


@pytest.mark.parametrize(
    ("answer", "kind", "cells"),
    [
        (told("caso", 4), "contact", {"contact_any": 1, "situation": 4, "applied": ".s"}),
        (told("caso", "auxilio"), "contact", {"contact_any": 1, "situation": "auxilio", "applied": ".s"}),
        (told("caso", "n"), "no_contact", {"contact_any": 0, "situation": ".n", "applied": ".s"}),
        (told("caso", missing="r"), "unknown", {"situation": ".r", "applied": ".s"}),
    ],
)
def test_who_says_what_the_last_contact_was_had_one(answer: ReportAnswer, kind: str, cells: dict[str, object]) -> None:
    columns = {"caso": "situation", "motivo": "applied"}
    (record,) = records(answer, plan=ReportLayout(columns, frozenset(columns)))
    assert (record.kind, record.cells) == (kind, cells)


def test_what_the_version_no_longer_tells_is_empty_and_not_missing() -> None:
    (record,) = records(told("contacto", 1), told("motivo", 1, 1), plan=ReportLayout(COLUMNS))
    assert record.cells == {"contact_any": 1, "applied": 1}
    assert record.principle == "confianza"


ANSWERS = st.builds(
    told,
    st.sampled_from([*COLUMNS, "otra"]),
    st.sampled_from([None, 0, 1, 2, "n", "texto"]),
    st.integers(0, 500),
    status=st.sampled_from(["ok", "unclear", "superseded", "extra"]),
    missing=st.sampled_from([None, None, "d", "n", "r"]),
    late=st.booleans(),
)


@given(st.lists(ANSWERS, max_size=12, unique_by=lambda item: item.id), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_answers_means_nothing(answers: list[ReportAnswer], completed: bool, chance: object) -> None:
    found = records(*answers, completed=completed)
    mixed = list(answers)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert records(*mixed, completed=completed) == found
    # What does not count changes nothing but that it was corrected.
    without = records(*(one for one in answers if one.status in {"ok", "unclear"}), completed=completed)
    assert [replace(one, corrected=False) for one in found] == [replace(one, corrected=False) for one in without]


@mostly(0.5)
@given(st.lists(ANSWERS, max_size=12, unique_by=lambda item: item.id), st.booleans())
def test_what_holds_of_every_record(answers: list[ReportAnswer], completed: bool) -> None:
    found = records(*answers, completed=completed)
    heard = {one.variable for one in answers if one.status in {"ok", "unclear"} and one.variable in COLUMNS}
    assert bool(found) == bool(heard)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    if found:
        asserted()
    for one in found:
        assert set(one.cells) == set(COLUMNS.values())
        assert (one.kind == "no_contact") == (one.cells["contact_any"] == 0)
        if one.kind == "no_contact":
            assert one.cells["applied"] == ".s"
            assert len(found) == 1


FILE = """\
flows:
  reporte:
    title: Reporte
    kind: report
    principle: voz
    steps:
      - {ask: contacto, text: ¿Tuvo contacto?, answer: yes_no, records: rep_contact}
      - {call: mas, flow: detalle}
  detalle:
    title: Detalle
    kind: report
    steps:
      - {ask: barrera, text: ¿Qué lo dificultó?, answer: text, records: rep_barrier}
principles: {voz: {label: Dar voz}}
reports:
  aplicacion:
    title: Aplicación
    from: [reporte]
    columns: {contact_any: rep_contact, barrier: [rep_barrier]}
"""


def programme(excerpt: str) -> Programme:
    loaded = load(whole(excerpt), "f.yaml")
    assert loaded.programme is not None, loaded.problems
    return loaded.programme


def test_the_layout_of_a_conversation_has_what_it_calls() -> None:
    assert layout("detalle", programme(FILE)) is None
    found = layout("reporte", programme(FILE))
    assert found is not None
    name, plan = found
    assert (name, plan.columns) == ("aplicacion", {"rep_contact": "contact_any", "rep_barrier": "barrier"})
    assert (plan.asked, plan.principle) == (frozenset({"rep_contact", "rep_barrier"}), "voz")


def test_an_older_version_and_the_current_one_complete_each_other() -> None:
    old = programme(FILE)
    without = programme(
        FILE.replace("      - {call: mas, flow: detalle}\n", "").replace(", barrier: [rep_barrier]", "")
    )
    nothing = programme(FILE.partition("reports:")[0])
    for current in (without, nothing, old, None):
        found = layout("reporte", old, current)
        assert found is not None
        assert found[1].columns == {"rep_contact": "contact_any", "rep_barrier": "barrier"}
    # What was said of the data afterwards holds for what was answered before.
    found = layout("reporte", nothing, old)
    assert found is not None
    assert found[1].asked == {"rep_contact", "rep_barrier"}
    assert layout("reporte", None, old) == (
        "aplicacion",
        ReportLayout({"rep_contact": "contact_any", "rep_barrier": "barrier"}),
    )
    assert layout("reporte", None, None) is None
