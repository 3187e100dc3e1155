"""Quick messages, corrections, late answers, reminders and voice notes, in whole conversations with the shipped programme: signed webhooks
in, rows out, on both databases."""

import pytest
from sqlalchemy import update

from app.scheduler.waking import wake_due
from app.store.database import Database
from app.store.tables import CASE, Contact, InboundMessage, Media, OutboundMessage, Response
from app.store.vault import Vault
from tests.acceptance.talking import Talk
from tests.conftest import StillClock

VOICE = {
    "MessageType": "audio",
    "NumMedia": "1",
    "MediaUrl0": "https://api.twilio.com/m",
    "MediaContentType0": "audio/ogg",
}
SHIFT = '{"on": 24, "off": 48, "from": "2026-03-02T07:00"}'
CONTACT = ("rep_voz_contact", "1", "ok")


@pytest.fixture
def talk(database: Database, vault: Vault, clock: StillClock) -> Talk:
    return Talk(database, vault, clock)


def wakes(talk: Talk) -> None:
    with talk.database.transaction() as tx:
        wake_due(tx, talk.library, talk.clock())


def counted(talk: Talk) -> list[tuple[str, str]]:
    return [(name, value) for name, value, status in talk.data() if status == "ok"]


def outcomes(talk: Talk) -> list[str]:
    return [outcome for (outcome,) in talk.rows(InboundMessage, "outcome")]


@pytest.mark.parametrize("second", ["sí tuve contacto", "Sí", "sí", "1"])
def test_the_same_twice_is_one_answer_and_the_next_question_stays_open(talk: Talk, second: str) -> None:
    talk.opens("reporte_voz").hears("Sí").quickly(second)
    assert counted(talk) == [("rep_voz_contact", "1")]
    assert outcomes(talk) == ["answer", "detail"]
    questions = [body for (body, kind) in talk.rows(OutboundMessage, "body", "kind") if kind == "ask"]
    assert len(questions) == 2
    assert counted(talk.hears("2"))[1:] == [("rep_voz_applied", "0")]


def test_a_correction_before_the_next_question_was_seen_supersedes(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("sí").quickly("digo no")
    assert talk.data() == [("rep_voz_contact", "1", "superseded"), ("rep_voz_contact", "0", "ok")]
    assert outcomes(talk) == ["answer", "corrected"]
    assert "Corregido: No." in talk.said()


def test_a_correction_after_the_next_question_was_seen_is_echoed(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("no", "perdón, sí tuve")
    assert counted(talk) == [("rep_voz_contact", "1")]
    assert "Corregido: Sí." in talk.said()


def test_an_answer_fifty_hours_later_on_a_24x48_shift_is_late_thanked(talk: Talk) -> None:
    with talk.database.transaction() as tx:
        tx.execute(update(Contact).values(shift=SHIFT))
    talk.opens("reporte_voz")
    talk.clock.advance(hours=49)
    wakes(talk)
    talk.clock.advance(hours=1)
    talk.hears("sí, ayer tuve como tres")
    assert talk.rows(Response, "variable", "value", "status", "late") == [(*CONTACT, True)]
    assert talk.said()[-1] == "Gracias, anotamos su respuesta."
    assert talk.rows(InboundMessage, "outcome", "needs_person") == [("late", False)]


def test_a_reminder_repeats_the_question_with_its_options(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("sí")
    (asked,) = [body for body, step in talk.rows(OutboundMessage, "body", "step")[-1:] if step]
    talk.clock.advance(hours=25)
    wakes(talk)
    kind, body, options = talk.rows(OutboundMessage, "kind", "body", "options")[-1]
    assert kind == "reminder"
    assert body.splitlines()[0].startswith("Su pregunta del seguimiento sigue abierta.")
    assert body.splitlines()[1] == asked
    assert '"number":1' in options
    assert counted(talk.hears("2"))[1:] == [("rep_voz_applied", "0")]


def test_a_voice_note_at_a_closed_question_is_not_heard_and_the_question_stays_open(talk: Talk) -> None:
    talk.opens("reporte_voz").hears(VOICE)
    assert talk.data() == []
    assert talk.said()[-1].startswith("Por aquí no se pueden escuchar audios.")
    assert '"number":1' in talk.rows(OutboundMessage, "options")[-1][0]
    assert talk.hears("sí").rows(Response, "variable", "attempt") == [("rep_voz_contact", 1)]


def test_a_voice_note_at_an_open_question_is_kept_and_a_person_listens(talk: Talk) -> None:
    talk.opens("reflexion_voz").hears("sí", VOICE)
    assert talk.rows(Response, "kind", "raw", "value", "status", "rule")[-1] == ("text", "", None, "ok", "audio")
    assert talk.rows(Media, "content_type", "status") == [("audio/ogg", "waiting")]
    with talk.database.reading() as tx:
        assert [tuple(row) for row in tx.execute(CASE.select().with_only_columns(CASE.c.reason))] == [("audio",)]


def test_two_replies_that_are_not_understood_end_with_a_word(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("xyzzy", "plugh")
    assert len(talk.said()) == 3
    assert "?" not in talk.said()[-1]
