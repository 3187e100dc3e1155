"""Messages from phones: `receive`, on both databases."""

from datetime import timedelta

import pytest

from app.flows.engine.buttons import payload
from app.scheduler.waking import wake_due
from app.store.tables import OUTBOUND, Consent, Contact, InboundMessage, OutboundMessage, Response, Session
from tests.conversations.talking import ALMA, BRUNO, STRANGER, World


def test_an_answer_is_kept_and_the_next_question_goes_out(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "Simón") == ["answer"]
    assert world.rows(Response, "step", "raw", "number", "key", "label", "status", "late") == [
        ("contacto", "Simón", 1.0, "si", "Sí", "ok", False)
    ]
    assert world.sent(world.alma) == ["{{nombre}}, una pregunta.", "¿Tuvo contacto con ciudadanía?", "¿Qué pasó?"]


def test_messages_that_answer_what_has_arrived_are_answers_in_their_order(world: World) -> None:
    world.begin(world.alma)
    assert world.talk(ALMA, "1", "Le expliqué el motivo", "gracias") == ["answer", "answer", "nothing_open"]
    assert [row[0] for row in world.rows(Response, "raw")] == ["1", "Le expliqué el motivo"]
    assert world.rows(Session, "outcome", "state") == [("completed", None)]


def test_the_same_message_again_changes_nothing(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "1", sid="SM1") == ["answer"]
    before = world.rows(Response, "id"), world.rows(OutboundMessage, "id"), world.rows(InboundMessage, "id")
    assert world.say(ALMA, "1", "1", sid="SM1") == ["duplicate", "duplicate"]
    assert (world.rows(Response, "id"), world.rows(OutboundMessage, "id"), world.rows(InboundMessage, "id")) == before


def test_an_unclear_reply_is_clarified_once_then_kept_for_a_person(world: World) -> None:
    world.begin(world.alma)
    assert world.talk(ALMA, "depende", "quién sabe") == ["unclear", "unclear"]
    assert world.rows(Response, "raw", "value", "status") == [("quién sabe", None, "unclear")]
    assert [row[0] for row in world.rows(InboundMessage, "needs_person")] == [False, True]


def test_a_stranger_is_answered_once_and_neutrally(world: World) -> None:
    assert world.say(STRANGER, "hola", "¿quién es?") == ["unknown_sender", "unknown_sender"]
    assert world.say(STRANGER, "hola") == ["unknown_sender"]
    assert len(world.rows(OutboundMessage, "id")) == 1
    assert "capacitación" in world.rows(OutboundMessage, "body")[0][0]
    assert world.rows(InboundMessage, "contact_id") == [(None,)] * 3


@pytest.mark.parametrize("word", ["BAJA", "baja.", "Alto", "stop", "Cancelar"])
def test_opting_out_stops_everything_at_any_step(world: World, word: str) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, word, "BAJA", "1") == ["keyword", "keyword", "opted_out"]
    statuses = world.rows(OutboundMessage, "body", "status")
    assert [body for body, status in statuses if status == "queued"] == ["Ya no le escribiremos."]
    assert world.rows(Contact, "status")[0] == ("opted_out",)
    assert world.rows(Session, "outcome") == [("stopped",)]
    assert world.rows(Response, "id") == []


def test_answers_queued_by_the_same_batch_do_not_go_out_after_an_opt_out(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "1", "baja") == ["answer", "keyword"]
    queued = [body for body, status in world.rows(OutboundMessage, "body", "status") if status == "queued"]
    assert queued == ["Ya no le escribiremos."]
    assert len(world.rows(Response, "id")) == 1


def test_coming_back(world: World) -> None:
    world.say(ALMA, "BAJA")
    assert world.say(ALMA, "alta") == ["keyword"]
    assert world.rows(Contact, "status", "opted_out_at")[0] == ("active", None)


def test_a_bare_no_is_an_answer(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "NO") == ["answer"]
    assert world.sent(world.alma)[-1] == "Gracias."


def test_the_carriers_own_opt_out_is_recorded_and_not_answered(world: World) -> None:
    assert world.say(ALMA, "STOP", opt_out="STOP") == ["keyword"]
    assert world.rows(Contact, "status")[0] == ("opted_out",)
    assert world.rows(OutboundMessage, "id") == []


def test_a_pause_says_for_how_long(world: World) -> None:
    assert world.say(ALMA, "pausa 3 días") == ["keyword"]
    assert world.rows(Contact, "paused_until")[0] == (world.clock() + timedelta(days=3),)
    assert world.sent(world.alma) == ["Pausa de 3 días."]


def test_going_back_supersedes_the_answer(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "1") == ["answer"]
    assert world.say(ALMA, "atrás") == ["keyword"]
    assert world.say(ALMA, "no") == ["answer"]
    assert world.rows(Response, "raw", "status") == [("1", "superseded"), ("no", "ok")]


def test_going_back_within_one_batch_supersedes_too(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "1", "corregir", "no") == ["answer", "keyword", "answer"]
    assert world.rows(Response, "raw", "status") == [("1", "superseded"), ("no", "ok")]


def test_a_button_of_an_ended_session_is_a_late_answer_to_its_own_question(world: World) -> None:
    first = world.begin(world.alma)
    world.clock.advance(hours=49)
    assert wake_due(world.tx, world.library, world.clock()) == 1
    assert world.rows(Session, "outcome") == [("expired",)]
    world.begin(world.alma, "permiso")
    assert world.say(ALMA, "Sí", button=payload(first, "contacto", "si")) == ["late"]
    assert world.rows(Response, "session_id", "step", "key", "late") == [(first, "contacto", "si", True)]
    assert world.rows(Consent, "id") == []


def test_a_quoted_question_gets_the_answer(world: World) -> None:
    first = world.begin(world.alma)
    world.tx.execute(OUTBOUND.update().where(OutboundMessage.step == "contacto").values(sid="SMquestion"))
    world.clock.advance(hours=49)
    wake_due(world.tx, world.library, world.clock())
    assert world.say(ALMA, "no", quoted_sid="SMquestion") == ["late"]
    assert world.rows(Response, "session_id", "key", "late") == [(first, "no", True)]


def test_another_officers_question_is_not_answered_by_quoting_it(world: World) -> None:
    session = world.begin(world.alma)
    world.begin(world.bruno)
    assert world.say(BRUNO, "Sí", button=payload(session, "contacto", "si")) == ["late"]
    assert world.rows(Response, "id") == []


def test_the_button_of_the_open_question_is_its_answer(world: World) -> None:
    session = world.begin(world.alma)
    assert world.say(ALMA, "cualquier cosa", button=payload(session, "contacto", "no")) == ["answer"]
    assert world.rows(Response, "key", "rule") == [("no", "button")]


def test_nothing_open_is_answered_once_in_a_while(world: World) -> None:
    assert world.say(ALMA, "hola", "hola") == ["nothing_open", "nothing_open"]
    world.say(ALMA, "hola")
    assert world.sent(world.alma) == ["Por ahora no hay preguntas."]
    world.clock.advance(hours=13)
    world.say(ALMA, "hola")
    assert len(world.sent(world.alma)) == 2


def test_consent_is_recorded_with_its_version_and_text(world: World) -> None:
    world.begin(world.alma, "permiso")
    assert world.say(ALMA, "sí") == ["answer"]
    assert world.rows(Consent, "version", "granted", "text") == [("aviso_1", True, "¿Acepta participar?")]


def test_a_reminder_goes_out_once_then_the_session_expires(world: World) -> None:
    world.begin(world.alma)
    world.clock.advance(hours=25)
    wake_due(world.tx, world.library, world.clock())
    wake_due(world.tx, world.library, world.clock())
    assert world.sent(world.alma)[2:] == ["{{nombre}}, ¿nos contesta?\n¿Tuvo contacto con ciudadanía?"]
    world.clock.advance(hours=24)
    wake_due(world.tx, world.library, world.clock())
    assert world.rows(Session, "outcome", "wake_at") == [("expired", None)]


def test_another_language_where_the_programme_has_it(world: World) -> None:
    assert world.say(ALMA, "idioma en") == ["keyword"]
    assert world.rows(Contact, "language")[0] == ("en",)


def test_media_and_an_empty_body_are_kept(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "", media=(("https://api.twilio.com/x", "audio/ogg"),)) == ["set_aside"]
    assert "audio/ogg" in world.rows(InboundMessage, "media")[0][0]
