"""Offers: where one reading of an unclear reply is likely, the officer is asked once whether it was meant. State goes through JSON."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.engine.engine import Back, Reply, Wake, hear, resume
from app.flows.engine.events import (
    Event,
    MessageCreated,
    OfferedOption,
    ReplyUnclear,
    ResponseRecorded,
    SessionEnded,
)
from app.flows.engine.state import State
from app.flows.replies.message import ActKind
from tests.unit.test_engine import ALMA, AT, Talk, compiled, responses, texts

MADE = compiled("""
  lugar:
    title: Lugar
    kind: survey
    expires: 48h
    reminder: {after: 24h, text: ¿Sigue ahí?}
    steps:
      - ask: sitio
        text: ¿Dónde fue?
        answer: {choice: {calle: Calle, casa: Casa, escuela: Escuela, comercio: {label: Comercio, value: 4}, otro: Otro}}
      - ask: minutos
        text: ¿Cuántos minutos duró?
        answer: {number: {min: 0, max: 600}}
      - ask: hora
        text: ¿A qué hora entra?
        answer: {time: {}}
      - ask: hubo
        text: ¿Tuvo contacto?
        answer: si_no
      - ask: acuerdo
        text: ¿Qué opina?
        answer: acuerdo
      - say: fin
        text: Gracias.
""")
OFFER = "¿Quiso decir 4, Comercio? Responda 4, o el número que sea."
AGAIN = "No entendí. Para salir, escriba BAJA."


def talk(*before: str) -> Talk:
    found = Talk(MADE, "lugar")
    for text in before:
        found.say(text)
    return found


def rules(events: tuple[Event, ...]) -> list[tuple[object, str, int]]:
    return [(one.value, one.rule, one.attempt) for one in events if isinstance(one, ResponseRecorded)]


def test_a_probable_option_is_named_in_one_message_with_its_button() -> None:
    spoken = talk()
    unclear, message = spoken.say("fue afuera de un oxxo")
    assert isinstance(unclear, ReplyUnclear)
    assert (unclear.reason, unclear.attempt) == ("no_match", 1)
    assert isinstance(message, MessageCreated)
    assert (message.kind, message.text, message.pressable) == ("offer", OFFER, True)
    assert message.options == (OfferedOption(4, "comercio", "Comercio"),)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("sí", "confirmed: probable"), ("Si, ese", "confirmed: probable"), ("ese", "confirmed: probable"), ("👍", "confirmed: probable"),
        ("ok", "confirmed: probable"), ("así es jefe", "confirmed: probable"), ("exacto", "confirmed: probable"),
        ("sí, afuera del oxxo", "confirmed: probable"), ("afuera de un oxxo", "confirmed: probable"), ("4", "confirmed: number"), ("la 4", "confirmed: number"),
        ("sí, 4", "confirmed: number"), ("comercio", "confirmed: label"), ("sí, comercio", "confirmed: label"),
    ],
)  # fmt: skip
def test_confirmed(text: str, rule: str) -> None:
    spoken = talk("fue afuera de un oxxo")
    assert rules(spoken.say(text)) == [(4, rule, 2)]


def test_the_button_takes_it() -> None:
    spoken = talk("fue afuera de un oxxo")
    assert rules(spoken.give(Reply("Comercio", button="comercio"))) == [(4, "button", 2)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "calle"),
        ("no, en la calle", "calle"),
        ("no, 2", "casa"),
        ("no, quise decir la 2", "casa"),
        ("escuela", "escuela"),
    ],
)
def test_whatever_else_reads_as_an_answer_is_that_answer(text: str, value: str) -> None:
    found = rules(talk("fue afuera de un oxxo").say(text))
    assert [value for value, _, _ in found] == [value]
    assert not found[0][1].startswith("confirmed")


def test_a_no_is_asked_again_without_a_try_and_nothing_is_offered_again() -> None:
    spoken = talk("fue afuera de un oxxo")
    declined, message = spoken.say("no")
    assert isinstance(declined, ReplyUnclear)
    assert declined.reason == "declined"
    assert isinstance(message, MessageCreated)
    assert (message.kind, message.text, len(message.options)) == ("clarification", AGAIN, 5)
    events = spoken.say("cerca de una farmacia")
    assert responses(events) == [("lugar_sitio", None, "unclear")]
    assert not any(isinstance(one, MessageCreated) and one.kind == "offer" for one in events)


def test_an_offer_uses_one_try_and_may_come_on_the_last_one() -> None:
    assert responses(talk("fue afuera de un oxxo").say("tal vez")) == [("lugar_sitio", None, "unclear")]
    late = talk("a saber")
    assert texts(late.say("fue afuera de un oxxo")) == [OFFER]
    assert rules(late.say("sí")) == [(4, "confirmed: probable", 3)]
    last = talk("a saber", "fue afuera de un oxxo")
    assert responses(last.say("tal vez")) == [("lugar_sitio", None, "unclear")]


def test_numbers_and_hours() -> None:
    spoken = talk("1")
    assert texts(spoken.say("hora y cuarto platicando")) == ["¿Quiso decir 75? Responda 75, o el número que sea."]
    assert rules(spoken.say("sí")) == [(75, "confirmed: probable", 2)]
    assert texts(spoken.say("me citan tipo 7 de la noche")) == [
        "¿Quiso decir a las 19:00? Responda sí, o escriba la hora."
    ]
    assert rules(spoken.say("sí")) == [("19:00", "confirmed: probable", 2)]
    pressed = talk("1", "hora y cuarto platicando")
    assert rules(pressed.give(Reply("75", button="75"))) == [(75, "number", 2)]


@pytest.mark.parametrize("text", ["sí pero depende del día", "a veces sí a veces quién sabe"])
def test_yes_and_no_and_attitudes_are_repeated_and_never_offered(text: str) -> None:
    spoken = talk("1", "5", "19:00")
    assert texts(spoken.say(text)) == [AGAIN]
    spoken.say("sí")
    assert [one.kind for one in spoken.say("según el caso, de acuerdo y no") if isinstance(one, MessageCreated)] == [
        "clarification"
    ]


def test_a_greeting_closes_the_offer_and_an_answer_still_counts() -> None:
    spoken = talk("fue afuera de un oxxo")
    spoken.say("buenas tardes")
    assert spoken.sprint.state is not None
    assert spoken.sprint.state.offer is None
    assert rules(spoken.say("4")) == [(4, "number", 2)]


def test_a_reminder_repeats_the_question_and_closes_the_offer() -> None:
    spoken = talk("fue afuera de un oxxo")
    spoken.at += timedelta(hours=24)
    (message,) = spoken.give(Wake())
    assert isinstance(message, MessageCreated)
    assert (message.kind, len(message.options)) == ("reminder", 5)
    assert responses(spoken.say("sí")) == [("lugar_sitio", None, "unclear")]


def test_back_and_expiry_while_an_offer_is_open() -> None:
    spoken = talk("1", "hora y cuarto platicando")
    assert texts(spoken.give(Back())) == ["¿Dónde fue?"]
    assert texts(spoken.say("afuera de un oxxo")) == [OFFER], "the question is asked anew"
    spoken.at += timedelta(hours=48)
    assert isinstance(spoken.give(Wake())[-1], SessionEnded)


def test_a_yes_that_was_written_before_the_offer_is_no_yes_to_it() -> None:
    spoken = talk("fue afuera de un oxxo")
    spoken.at += timedelta(seconds=20)
    early = spoken.sprint.state
    assert early is not None
    sprint = resume(MADE, early, ALMA, Reply("sí", at=AT - timedelta(seconds=2)), spoken.at)
    assert responses(sprint.events) == [("lugar_sitio", None, "unclear")]


def test_a_question_to_us_or_a_deferral_is_not_about_the_offer() -> None:
    spoken = talk("fue afuera de un oxxo")
    for text in ("¿quién es?", "al rato le contesto", "al rato le contesto, ando en el oxxo"):
        assert responses(spoken.say(text)) == []
        assert spoken.sprint.state is not None


def test_a_state_from_before_there_were_offers_is_read() -> None:
    state = talk("fue afuera de un oxxo").sprint.state
    assert state is not None
    written = state.to_json()
    assert '"offer":["comercio",4,"Comercio",null],"offered":true' in written
    older = State.from_json(written.replace(',"offer":["comercio",4,"Comercio",null],"offered":true', ""))
    assert (older.offer, older.offered) == (None, False)


_SAID = st.one_of(
    st.sampled_from(
        ["fue afuera de un oxxo", "cerca de una farmacia", "sí", "no", "ese", "4", "1", "👍", "ok", "hora y cuarto platicando", "75", "hola", "tal vez", "a las 7 pm jefe", ""]
    ),
    st.text(max_size=20),
).map(Reply)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.one_of(_SAID, _SAID, _SAID, st.just(Back()), st.just(Wake())), max_size=14))
def test_one_offer_a_question_and_nothing_is_confirmed_that_was_not_offered(inputs: list[Reply | Back | Wake]) -> None:
    spoken = Talk(MADE, "lugar")
    offers: dict[str, set[str]] = {}
    for one in inputs:
        spoken.at += timedelta(minutes=7)
        if spoken.sprint.state is None:
            return
        for event in spoken.give(one):
            match event:
                case MessageCreated(kind="ask"):
                    offers[event.step] = set()
                case MessageCreated(kind="offer"):
                    assert event.step in ("sitio", "minutos", "hora")
                    assert not offers.get(event.step), "a second offer"
                    offers[event.step] = {event.options[0].label}
                case ResponseRecorded() if event.rule.startswith("confirmed"):
                    assert event.label in offers[event.step]
                    assert event.status == "ok"
                case _:
                    pass


def test_the_act_of_a_confirmation_is_an_answer() -> None:
    state = talk("fue afuera de un oxxo").sprint.state
    assert state is not None
    heard = hear(MADE, state, ALMA, Reply("sí"), AT + timedelta(minutes=1))
    assert heard is not None
    assert (heard.act.kind, heard.act.rule) == (ActKind.answer, "confirmed: probable")
