"""Voice notes: to an open question they are the answer, which a person listens to; to a closed one they cannot be heard. On both
databases."""

from typing import Any

import pytest

from app.conversations.inbound import receive
from app.review import free_text
from app.scheduler.waking import wake_due
from app.store.database import Database
from app.store.free_text import texts
from app.store.tables import CASE, InboundMessage, Media, OutboundMessage, Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME, message

VOICE = {"media": (("https://api.twilio.com/m0", "audio/ogg; codecs=opus"),)}
UNHEARD = "Por aquí no se pueden escuchar audios. Conteste por escrito, por favor. La pregunta anterior sigue abierta."
HEARD = ("historia", "", None, "ok", False)
CLOSING = PROGRAMME.replace(
    "      - say: fin\n", "      - ask: cierre\n        text: ¿Le sirvió?\n        answer: si_no\n      - say: fin\n"
)


def cases(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.tx.execute(CASE.select().with_only_columns(CASE.c.contact_id, CASE.c.reason))]


def speak(world: World, *, text: str = "", **more: Any) -> str:
    (outcome,) = world.say(ALMA, text, **VOICE, **more)
    return outcome


def unseen(world: World, body: str, **more: Any) -> str:
    """Something said a second after what went out last, which has not arrived."""
    world.clock.advance(seconds=1)
    (received,) = receive(world.tx, world.library, [message(world.vault, ALMA, body, **more)], world.clock())
    return received.outcome


def test_a_voice_note_answers_an_open_question_and_a_person_listens(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "1")
    assert speak(world) == "answer"
    assert world.responses()[1] == HEARD
    assert world.rows(Response, "value", "label", "rule")[1] == (None, "Audio", "audio")
    assert world.sent(world.alma)[-1] == "Gracias."
    assert cases(world) == [(world.alma, "audio")]
    assert len(world.rows(Media, "id")) == 1
    assert world.rows(InboundMessage, "act", "needs_person")[1] == ("answer", True)


def test_a_text_with_a_voice_note_is_the_answer(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "1")
    assert speak(world, text="Le expliqué el motivo") == "answer"
    assert world.responses()[1] == ("historia", "Le expliqué el motivo", None, "ok", False)
    assert cases(world) == []


def test_a_voice_note_is_not_heard_at_a_closed_question_which_stays_open(world: World) -> None:
    world.begin(world.alma)
    assert [speak(world) for _ in range(3)] == ["set_aside"] * 3
    assert world.rows(OutboundMessage, "body", "options")[2:] == [
        (UNHEARD, '[{"number":1,"label":"Sí"},{"number":2,"label":"No"}]')
    ]
    assert world.say(ALMA, "1") == ["answer"]
    assert world.rows(Response, "attempt") == [(1,)]


def test_a_voice_note_never_consents(world: World) -> None:
    world.begin(world.alma, "permiso")
    assert speak(world) == "set_aside"
    assert world.responses() == []


def test_a_second_voice_note_goes_to_the_question_of_the_first(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, CLOSING)
        world.begin(world.alma)
        world.say(ALMA, "1")
        assert speak(world) == "answer"
        assert unseen(world, "", **VOICE) == "detail"
        assert unseen(world, "fue en la colonia Centro") == "detail"
        assert world.responses()[1:] == [
            HEARD,
            ("historia", "", None, "extra", True),
            ("historia", "fue en la colonia Centro", None, "extra", True),
        ]
        assert world.sent(world.alma)[-1] == "¿Le sirvió?"
        assert cases(world) == [(world.alma, "audio")]


def test_a_voice_note_after_the_question_expired_is_late_and_thanked(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "1")
    world.clock.advance(hours=49)
    wake_due(world.tx, world.library, world.clock())
    world.clock.advance(hours=1)
    assert speak(world) == "late"
    assert world.responses()[1] == ("historia", "", None, "ok", True)
    assert world.sent(world.alma)[-1] == "Gracias, anotamos su respuesta."
    assert cases(world) == [(world.alma, "audio")]


def test_a_voice_note_after_a_closed_question_expired_is_no_answer(world: World) -> None:
    world.begin(world.alma)
    world.clock.advance(hours=49)
    wake_due(world.tx, world.library, world.clock())
    assert speak(world) == "nothing_open"
    assert world.responses() == []


@pytest.mark.parametrize(("decision", "words"), [("redact", "Le expliqué el motivo"), ("withhold", "")])
def test_a_person_types_what_a_voice_note_says(world: World, decision: str, words: str) -> None:
    world.begin(world.alma)
    world.say(ALMA, "1")
    speak(world)
    (text,) = texts(world.tx)
    (row,) = free_text.sheet_rows(world.tx)
    assert row[4] == text.raw == "(audio)"
    with pytest.raises(free_text.Refused, match="voice note"):
        free_text.review(world.tx, text.id, free_text.mark(text), "ok", "", "Sara", world.clock())
    assert free_text.review(world.tx, text.id, free_text.mark(text), decision, words, "Sara", world.clock())
    assert texts(world.tx)[0].readable == (words or None)
