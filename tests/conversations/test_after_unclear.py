"""A clear answer after a conversation has ended on replies that were not understood: it counts, is told back, and the conversation goes
on from it as if it had been open; the case of what was not understood is closed. On both databases."""

from collections.abc import Iterator

import pytest

from app.store.database import Database
from app.store.tables import AuditEntry, Case, Consent, InboundMessage, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME

ASKING = PROGRAMME.replace(
    "flows:\n",
    """flows:
  dos:
    title: Dos preguntas
    kind: report
    expires: 48h
    steps:
      - ask: primera
        text: ¿Tuvo contacto?
        answer: si_no
        records: first
      - ask: lugar
        text: ¿Dónde fue?
        answer: {choice: {calle: {label: Calle, value: 1}, comercio: {label: Comercio, value: 2}}}
        records: place
        go: {unclear: end, else: end}
  cuenta:
    title: Cuenta
    kind: report
    expires: 48h
    steps:
      - ask: primera
        text: ¿Tuvo contacto?
        answer: si_no
        records: first
      - ask: segunda
        text: ¿Explicó el motivo?
        answer: si_no
        records: second
        go: {unclear: end, else: end}
  veces:
    title: Veces
    kind: report
    expires: 48h
    steps:
      - ask: cuantas
        text: ¿Cuántas veces?
        answer: {number: {min: 0, max: 9}}
        records: times
      - ask: motivo
        text: ¿Explicó el motivo?
        answer: si_no
        records: reason
        go: {unclear: end}
      - ask: detalle
        when: {step: cuantas, at_least: 2}
        text: ¿Cuál?
        answer: text
        records: which
  unirse:
    title: Invitación
    kind: report
    steps:
      - ask: invita
        text: ¿Le mandamos un consejo?
        answer: si_no
        invitation: true
        records: invited
        go: {unclear: end, else: end}
""",
    1,
).replace("go: {no: fin}", "go: {no: fin, unclear: fin}")


@pytest.fixture
def asking(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    """A world whose reports end where they do not understand."""
    with database.transaction() as tx:
        yield World(tx, vault, clock, ASKING)


def end_unclear(world: World, flow: str = "reporte", *before: str) -> None:
    world.begin(world.alma, flow)
    world.talk(ALMA, *before, "depende", "depende, según")
    assert world.rows(Session, "outcome")[-1] == ("completed",)


@pytest.mark.parametrize("seconds", [0, 2, 30, 300, 47 * 3600])
def test_a_clear_answer_counts_and_is_told_back(asking: World, seconds: int) -> None:
    end_unclear(asking)
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, "no tuve contacto") == ["answer"]
    assert asking.responses() == [
        ("contacto", "depende, según", None, "unclear", False),
        ("contacto", "no tuve contacto", "no", "ok", False),
    ]
    assert asking.rows(Response, "attempt", "number")[-1] == (3, 0.0)
    assert asking.sent(asking.alma)[-1] == "Anoté: No."
    assert asking.rows(InboundMessage, "step", "needs_person")[-1] == ("contacto", False)


def test_it_counts_also_in_the_batch_of_the_unclear_ones(asking: World) -> None:
    asking.begin(asking.alma)
    asking.say(ALMA, "depende")
    assert asking.say(ALMA, "depende, según", "sí") == ["unclear", "answer"]
    assert asking.responses()[-1] == ("contacto", "sí", "si", "ok", False)
    assert asking.sent(asking.alma)[-2:] == ["Anoté: Sí.", "¿Qué pasó?"]
    assert asking.rows(Case, "outcome") == [("answered",)]


def test_after_the_time_of_the_question_it_is_late(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(hours=49)
    assert asking.say(ALMA, "sí") == ["late"]
    assert asking.responses()[-1] == ("contacto", "sí", "si", "ok", True)
    assert asking.sent(asking.alma)[-1] == "Gracias, anotamos su respuesta."


def test_after_the_programmes_limit_it_is_lost(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(hours=73)
    assert asking.say(ALMA, "sí") == ["nothing_open"]
    assert [status for *_, status, _ in asking.responses()] == ["unclear"]


def test_one_answer_counts(asking: World) -> None:
    end_unclear(asking, "dos", "sí")
    asking.clock.advance(minutes=1)
    assert asking.talk(ALMA, "comercio", "comercio") == ["answer", "detail"]
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, calle") == ["corrected"]
    assert [row[2:4] for row in asking.responses()] == [
        ("si", "ok"),
        (None, "unclear"),
        ("comercio", "superseded"),
        ("comercio", "extra"),
        ("calle", "ok"),
    ]


@pytest.mark.parametrize("text", ["gracias", "ok", "¿cómo dice?", "quién sabe, depende", "al rato"])
def test_what_is_no_answer_stays_none(asking: World, text: str) -> None:
    end_unclear(asking)
    asking.say(ALMA, text)
    assert [status for *_, status, _ in asking.responses()] == ["unclear"]


@pytest.mark.parametrize(("text", "key"), [("ok", None), ("sí, mándenlo", "si")])
def test_an_ok_to_the_goodbye_accepts_no_invitation(asking: World, text: str, key: str | None) -> None:
    end_unclear(asking, "unirse")
    asking.say(ALMA, text)
    assert asking.responses()[-1][2] == key


@pytest.mark.parametrize("seconds", [0, 60])
def test_it_answers_the_last_question_and_not_the_one_before(asking: World, seconds: int) -> None:
    end_unclear(asking, "dos", "sí")
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, "perdón, comercio") == ["answer"]
    assert [row[:4] for row in asking.responses()] == [
        ("primera", "sí", "si", "ok"),
        ("lugar", "depende, según", None, "unclear"),
        ("lugar", "perdón, comercio", "comercio", "ok"),
    ]


def test_a_correction_of_the_answer_before_is_still_one(asking: World) -> None:
    end_unclear(asking, "dos", "sí")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, no") == ["corrected"]
    assert [row[:4] for row in asking.responses()][-1] == ("primera", "perdón, no", "no", "ok")


def test_what_may_correct_one_or_answer_the_other_is_read_by_a_person(asking: World) -> None:
    end_unclear(asking, "cuenta", "no")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, sí") == ["nothing_open"]
    assert [row[:4] for row in asking.responses()] == [
        ("primera", "no", "no", "ok"),
        ("segunda", "depende, según", None, "unclear"),
    ]
    assert asking.rows(InboundMessage, "needs_person")[-1] == (True,)


def test_a_closed_wave_takes_no_answer(asking: World) -> None:
    end_unclear(asking)
    asking.tx.exec_driver_sql("UPDATE session SET wave = 'bl'")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "sí") == ["nothing_open"]


# -- going on -----------------------------------------------------------------------------------------------------------


def test_the_next_question_goes_out_and_is_answered(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(minutes=5)
    assert asking.say(ALMA, "sí") == ["answer"]
    assert asking.sent(asking.alma)[-2:] == ["Anoté: Sí.", "¿Qué pasó?"]
    assert asking.rows(Session, "outcome", "ended_at", "step") == [(None, None, "historia")]
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "le expliqué el motivo y se fue tranquilo") == ["answer"]
    assert asking.sent(asking.alma)[-1] == "Gracias."
    assert asking.rows(Session, "outcome") == [("completed",)]


def test_atras_leads_back_to_it(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(minutes=1)
    asking.talk(ALMA, "sí", "atrás", "no")
    assert [row[2:4] for row in asking.responses()] == [(None, "unclear"), ("si", "superseded"), ("no", "ok")]


@pytest.mark.parametrize(("times", "step", "said"), [("3", "detalle", "¿Cuál?"), ("1", None, "Anoté: Sí.")])
def test_the_way_goes_by_the_answers_before(asking: World, times: str, step: str | None, said: str) -> None:
    end_unclear(asking, "veces", times)
    asking.clock.advance(minutes=1)
    asking.say(ALMA, "sí")
    assert asking.rows(Session, "step") == [(step,)]
    assert asking.sent(asking.alma)[-1] == said


def test_where_a_person_holds_the_officer_it_is_recorded_alone(asking: World) -> None:
    end_unclear(asking)
    asking.say(ALMA, "mi comandante me acosa")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "sí") == ["answer"]
    assert asking.responses()[-1] == ("contacto", "sí", "si", "ok", False)
    assert asking.rows(Session, "outcome") == [("completed",)]
    assert asking.rows(Case, "reason", "closed_at") == [("serious", None)]


# -- the case -----------------------------------------------------------------------------------------------------------


def test_the_case_of_what_was_not_understood_is_closed_by_the_answer(asking: World) -> None:
    end_unclear(asking)
    assert asking.rows(Case, "reason", "outcome", "closed_at") == [("unclear", None, None)]
    asking.clock.advance(minutes=1)
    asking.say(ALMA, "sí")
    now = asking.clock()
    assert asking.rows(Case, "reason", "outcome", "closed_at") == [("unclear", "answered", now)]
    assert asking.rows(InboundMessage, "needs_person") == [(False,)] * 3
    assert asking.rows(AuditEntry, "actor", "action")[-1] == ("replies", "case close")


def test_a_case_with_something_else_in_it_stays_open(asking: World) -> None:
    end_unclear(asking)
    asking.say(ALMA, "esto no sirve de nada, es una burla")
    asking.clock.advance(minutes=1)
    asking.say(ALMA, "sí")
    assert asking.rows(Case, "reason", "closed_at") == [("complaint", None)]


# -- consent ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "granted"), [("Acepto", True), ("sí", True), ("no acepto", False)])
def test_consent_is_given_or_refused_outright_after_an_unclear_end(asking: World, text: str, granted: bool) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    end_unclear(asking, "permiso")
    assert asking.rows(Case, "reason", "closed_at") == [("consent", None)]
    assert asking.say(ALMA, text) == ["answer"]
    assert asking.rows(Consent, "granted", "version") == [(granted, "aviso_1")]
    assert asking.rows(Case, "reason", "outcome") == [("consent", "answered")]
    assert asking.rows(Session, "outcome") == [("completed",)]


@pytest.mark.parametrize("text", ["ok", "perfecto", "enterado"])
def test_an_ok_to_the_goodbye_is_no_consent(asking: World, text: str) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    end_unclear(asking, "permiso")
    asking.say(ALMA, text)
    assert asking.rows(Consent, "id") == []


def test_after_the_time_of_the_question_an_acceptance_puts_it_again(asking: World) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    end_unclear(asking, "permiso")
    asking.clock.advance(days=30)
    assert asking.say(ALMA, "Acepto") == ["asked_again"]
    assert asking.rows(Consent, "id") == []
    assert asking.sent(asking.alma)[-1].startswith("¿Acepta participar?")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "acepto") == ["answer"]
    assert asking.rows(Consent, "granted") == [(True,)]


@pytest.mark.parametrize("seconds", [0, 3, 90, 3600])
@pytest.mark.parametrize("text", ["mejor sí acepto", "siempre sí", "cambié de opinión, acepto", "perdón, sí"])
def test_a_no_that_becomes_a_yes_puts_the_question_again(asking: World, text: str, seconds: int) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    asking.begin(asking.alma, "permiso")
    assert asking.say(ALMA, "no gracias") == ["answer"]
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, text) == ["asked_again"]
    assert asking.rows(Consent, "granted") == [(False,)], "the question is put, nothing is agreed to"
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "sí") == ["answer"]
    assert asking.rows(Consent, "granted") == [(False,), (True,)]


@pytest.mark.parametrize("text", ["ok", "gracias", "mejor no", "mejor después", "sí, pero si no me obligan"])
def test_a_no_stays_a_no(asking: World, text: str) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    asking.begin(asking.alma, "permiso")
    asking.say(ALMA, "no gracias")
    asking.clock.advance(minutes=1)
    asking.say(ALMA, text)
    assert asking.rows(Session, "outcome") == [("completed",)]
    assert asking.rows(Consent, "granted") == [(False,)]
