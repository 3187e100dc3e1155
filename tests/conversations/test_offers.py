"""An offer in a conversation: stored like any message, taken by a word, a number or its button, on both databases."""

import json

import pytest
from sqlalchemy import select

from app.store.tables import OUTBOUND, InboundMessage, Response, Session
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME, published

PLACE = """
  lugar:
    title: Lugar
    kind: survey
    steps:
      - ask: sitio
        text: ¿Dónde fue?
        answer: {choice: {calle: Calle, casa: Casa, comercio: Comercio}}
        level: behaviour
      - ask: minutos
        text: ¿Cuántos minutos duró?
        answer: {number: {min: 0, max: 600}}
        level: behaviour
"""
ASKED = "¿Quiso decir 3, Comercio? Responda 3, o el número que sea."


@pytest.fixture
def asked(world: World) -> World:
    world.library = published(world.tx, world.clock(), PROGRAMME.replace("campaigns:", PLACE[1:] + "campaigns:"))
    world.begin(world.alma, "lugar")
    world.clock.advance(minutes=1)
    assert world.say(ALMA, "fue afuera de un oxxo") == ["unclear"]
    world.clock.advance(minutes=1)
    return world


def test_it_is_sent_with_its_option_and_confirmed_by_a_word(asked: World) -> None:
    assert asked.sent(asked.alma)[-1] == ASKED
    row = asked.tx.execute(select(OUTBOUND).order_by(OUTBOUND.c.id.desc())).first()
    assert row is not None
    assert (row.kind, json.loads(row.options)) == ("offer", [{"number": 3, "label": "Comercio", "key": "comercio"}])
    assert asked.say(ALMA, "sí, ese") == ["answer"]
    assert asked.rows(Response, "raw", "key", "value", "rule", "status", "attempt") == [
        ("sí, ese", "comercio", "comercio", "confirmed: probable", "ok", 2)
    ]
    assert asked.rows(InboundMessage, "act", "act_rule")[-1] == ("answer", "confirmed: probable")


def test_its_button_is_its_option(asked: World) -> None:
    ((session,),) = asked.rows(Session, "id")
    assert asked.say(ALMA, "Comercio", button=f"t1:{session}:sitio:comercio") == ["answer"]
    assert asked.rows(Response, "key", "rule") == [("comercio", "button")]


def test_the_button_of_a_number_is_its_number_and_of_an_old_question_late(asked: World) -> None:
    asked.say(ALMA, "1")
    asked.clock.advance(minutes=1)
    assert asked.say(ALMA, "la mitad") == ["unclear"]
    asked.clock.advance(minutes=1)
    ((session,),) = asked.rows(Session, "id")
    assert asked.say(ALMA, "300", button=f"t1:{session}:minutos:300") == ["answer"]
    assert asked.rows(Response, "value", "late") == [("calle", False), ("300", False)]
    assert asked.say(ALMA, "Comercio", button=f"t1:{session}:sitio:comercio") == ["late"]
    assert asked.rows(Response, "value", "status")[-1] == ("comercio", "extra")


def test_a_reply_that_quotes_the_offer_answers_the_question(asked: World) -> None:
    assert asked.say(ALMA, "sí", quoted_sid=asked.sid("sitio", "offer")) == ["answer"]
    assert asked.rows(Response, "key", "rule") == [("comercio", "confirmed: probable")]


@pytest.mark.parametrize(("text", "outcome"), [("ya no quiero vivir", "crisis"), ("sáquenme de la lista", "keyword")])
def test_safety_and_leaving_come_before_the_offer(asked: World, text: str, outcome: str) -> None:
    assert asked.say(ALMA, text) == [outcome]
    assert asked.rows(Response, "id") == []
