"""Two machines that talk with each other, and flows that run in a circle: sending to one officer stops, with one alert, and
everything else goes on. On both databases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app.conversations.inbound import receive
from app.scheduler.waking import wake_due
from app.sending import pausing
from app.sending.pausing import Target
from app.store import alerts, contacts, damage, loops
from app.store.database import Database
from app.store.tables import OUTBOUND, Contact, InboundMessage, OutboundMessage, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, World
from tests.world import PROGRAMME, message, sealed

CIRCLE = PROGRAMME.replace(
    "flows:\n",
    """flows:
  vuelta:
    title: Vuelta
    kind: report
    steps:
      - ask: otra
        text: ¿Otra vez?
        answer: si_no
        records: again
        go: {si: otra}
      - ask: cuenta
        text: ¿Qué pasó?
        answer: text
        records: told
""",
    1,
)


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    with database.transaction() as tx:
        yield World(tx, vault, clock, CIRCLE)


def test_a_message_to_a_damaged_officer_waits_and_the_others_go_out(world: World) -> None:
    for contact in (world.alma, world.bruno):
        world.tx.execute(update(Contact).where(Contact.id == contact).values(timezone="America/Mexico_City"))
        world.begin(contact, "reporte")
    world.tx.execute(update(OutboundMessage).values(priority=1))
    world.tx.execute(update(Contact).where(Contact.id == world.alma).values(timezone="Mars/Phobos"))
    assert world.deliver() != []
    waiting = select(OutboundMessage.contact_id).where(OutboundMessage.status == "queued")
    assert set(world.tx.execute(waiting).scalars()) == {world.alma}
    assert list(damage.damaged(world.tx)) == [world.alma]


def study_id(world: World) -> str:
    return world.tx.execute(select(Contact.study_id).where(Contact.id == world.alma)).scalar_one()


def resumed(world: World) -> bool:
    return pausing.resume(world.tx, Target("officer", study_id(world)), world.clock(), "test").changed


def held(world: World, contact: int) -> bool:
    return world.tx.execute(select(Contact.held_at).where(Contact.id == contact)).scalar_one() is not None


def turn_in_circles(world: World, times: int, apart: timedelta = timedelta(seconds=10)) -> list[str]:
    world.begin(world.alma, "vuelta")
    sent = world.deliver()
    for _ in range(times):
        world.clock.at += apart
        world.say(ALMA, "sí")
        sent += world.deliver()
    return sent


def test_the_same_message_goes_out_five_times_and_then_a_person_is_called(world: World) -> None:
    with capture_logs() as logs:
        assert turn_in_circles(world, 12) == ["¿Otra vez?"] * loops.MOST_EQUAL
    assert held(world, world.alma)
    assert [(one.kind, one.subject, one.times) for one in alerts.open_alerts(world.tx)] == [
        ("loop", f"contact:{world.alma}", 1)
    ]
    assert [log["officer"] for log in logs if log["log_level"] == "error"] == [study_id(world)]
    assert len(world.rows(InboundMessage, "id")) == 12, "everything that came is kept"
    assert len(world.responses()) == 12, "and every answer"
    waiting = [status for _, status in world.rows(OutboundMessage, "body", "status") if status == "queued"]
    assert len(waiting) == 2, "what was queued waits, and a conversation goes on by one step at most"


def test_others_are_not_touched(world: World) -> None:
    turn_in_circles(world, 8)
    world.begin(world.bruno)
    assert world.deliver() == ["Bruno, una pregunta.", "¿Tuvo contacto con ciudadanía?"]
    assert world.say(BRUNO, "1") == ["answer"]
    assert world.deliver() == ["¿Qué pasó?"]
    assert not held(world, world.bruno)


@pytest.mark.parametrize(("seconds", "is_loop"), [(60, False), (59, True)])
def test_once_a_minute_is_no_loop_and_oftener_is_one(world: World, seconds: int, is_loop: bool) -> None:
    """A message that went out five minutes ago counts no more."""
    sent = turn_in_circles(world, 8, apart=timedelta(seconds=seconds))
    assert (len(sent) < 9) == is_loop
    assert held(world, world.alma) == is_loop


def test_slowly_is_no_loop(world: World) -> None:
    assert len(turn_in_circles(world, 12, apart=timedelta(minutes=1, seconds=30))) == 13
    assert not held(world, world.alma)


def test_equal_words_of_different_questions_are_no_loop(world: World) -> None:
    """Clarifications have the same words for every question."""
    with_words: list[dict[str, Any]] = [
        {"contact_id": world.alma, "kind": kind, "step": f"s{number}", "body": "No entendí."}
        for number in range(10)
        for kind in ("clarification", "feedback")
    ]
    for number, row in enumerate(with_words):
        world.tx.execute(
            OUTBOUND.insert(),
            sealed(
                world.tx,
                OutboundMessage,
                {
                    "uid": f"u{number}",
                    "channel": "sms",
                    "options": "[]",
                    "priority": 0,
                    "due_at": world.clock(),
                    "created_at": world.clock(),
                    "status": "queued",
                    "rank": 0,
                    "attempts": 0,
                    **row,
                },
            ),
        )
    assert len(world.deliver()) == 20
    assert not held(world, world.alma)


def test_after_a_person_has_looked_the_conversation_goes_on(world: World) -> None:
    turn_in_circles(world, 8)
    world.clock.advance(hours=1)
    assert world.deliver() == []
    assert resumed(world)
    assert not resumed(world)
    assert alerts.open_alerts(world.tx) == []
    world.clock.advance(minutes=5)
    assert world.deliver() == ["¿Otra vez?", "¿Otra vez?"]
    assert world.say(ALMA, "no") == ["answer"]
    assert world.deliver() == ["¿Qué pasó?"]


def test_a_second_loop_rings_again(world: World) -> None:
    turn_in_circles(world, 8)
    resumed(world)
    world.clock.advance(hours=1)
    for _ in range(8):
        world.say(ALMA, "sí")
        world.deliver()
    assert held(world, world.alma)
    assert len(alerts.open_alerts(world.tx)) == 1


def test_on_hold_an_answer_is_kept_and_what_comes_behind_it_is_no_answer_to_a_question_not_yet_seen(
    world: World,
) -> None:
    world.begin(world.alma)
    world.deliver()
    world.clock.advance(minutes=1)
    contacts.hold(world.tx, world.alma, world.clock())
    world.clock.advance(minutes=1)
    assert world.say(ALMA, "1", "le expliqué", "sí") == ["answer", "detail", "detail"]
    assert [(row[0], row[3]) for row in world.responses()] == [
        ("contacto", "ok"),
        ("contacto", "extra"),
        ("contacto", "extra"),
    ]
    assert world.deliver() == []
    resumed(world)
    world.clock.advance(minutes=6)
    assert world.deliver() == ["¿Qué pasó?"]
    assert world.say(ALMA, "le expliqué") == ["answer"]


def test_on_hold_keywords_are_obeyed_and_nothing_is_said(world: World) -> None:
    contacts.hold(world.tx, world.alma, world.clock())
    assert world.say(ALMA, "ayuda", "hola", "baja") == ["keyword", "nothing_open", "keyword"]
    assert world.sent(world.alma) == []
    assert world.rows(Contact, "status")[0] == ("opted_out",)


# -- the same words again and again -------------------------------------------------------------------------------------


def test_an_answering_machine_gets_no_endless_replies(world: World) -> None:
    world.begin(world.alma)
    before = len(world.sent(world.alma))
    said = ["Estoy de vacaciones, le contesto pronto"] * 30
    outcomes = [world.say(ALMA, one)[0] for one in said]
    assert outcomes == ["set_aside"] * 5 + ["repeated"] * 25
    assert len(world.sent(world.alma)) == before + 1
    assert world.rows(Session, "step", "outcome")[-1] == ("contacto", None), "it waits for the officer"
    world.clock.advance(minutes=2)
    assert world.say(ALMA, said[0]) == ["set_aside"]
    assert world.say(ALMA, "sí") == ["answer"]


def test_what_a_machine_says_over_and_over_ends_a_conversation_that_does_not_understand_it(world: World) -> None:
    world.begin(world.alma, "permiso")
    said = ["Buzón lleno"] * 30
    outcomes = [world.say(ALMA, one)[0] for one in said]
    assert outcomes == ["unclear", "unclear", *["nothing_open"] * 28]
    assert world.sent(world.alma)[-1] == "Por ahora no hay preguntas."
    world.begin(world.alma)
    assert world.say(ALMA, said[0]) == ["repeated"]
    assert world.rows(Session, "step", "outcome")[-1] == ("contacto", None), "it waits for the officer"
    world.clock.advance(minutes=2)
    assert world.say(ALMA, said[0]) == ["unclear"]


@pytest.mark.parametrize("together", [True, False])
def test_a_keyword_again_and_again_is_answered_five_times(world: World, together: bool) -> None:
    said = ["ayuda"] * 9
    outcomes = world.say(ALMA, *said) if together else [world.say(ALMA, one)[0] for one in said]
    assert outcomes == ["keyword"] * 5 + ["repeated"] * 4
    assert world.sent(world.alma) == ["Ayuda del programa."] * 5


def test_what_others_write_at_the_same_time_makes_nobody_a_machine(world: World) -> None:
    """One batch with the same words of several officers."""
    said = [message(world.vault, number, "ayuda") for number in (BRUNO, BRUNO, BRUNO, BRUNO, ALMA, ALMA, BRUNO, BRUNO)]
    outcomes = [received.outcome for received in receive(world.tx, world.library, said, world.clock())]
    assert outcomes == ["keyword"] * 7 + ["repeated"]


def test_an_opt_out_is_obeyed_however_often_it_comes(world: World) -> None:
    assert world.say(ALMA, *["alta"] * 9)[-1] == "repeated"
    assert world.say(ALMA, *["baja"] * 9) == ["keyword"] * 9
    assert world.rows(Contact, "status")[0] == ("opted_out",)
    assert world.sent(world.alma).count("Ya no le escribiremos.") == 1


def test_the_same_answer_to_question_after_question_is_no_machine(world: World) -> None:
    world.begin(world.alma, "vuelta")
    assert world.say(ALMA, *["sí"] * 9) == ["answer"] * 9


def test_an_unanswered_reminder_is_said_once(world: World) -> None:
    world.begin(world.alma)
    for _ in range(30):
        world.clock.advance(hours=1)
        wake_due(world.tx, world.library, world.clock())
    assert len([body for body in world.sent(world.alma) if "nos contesta" in body]) == 1
