"""Corrections that name the question they are about, also one before the last, while the conversation lasts and just after its end. On
both databases."""

from collections.abc import Iterator

import pytest

from app.flows.replies.bubbles import refers
from app.store.database import Database
from app.store.tables import InboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME

TRES = PROGRAMME.replace(
    "flows:\n",
    """flows:
  tres:
    title: Tres preguntas
    kind: report
    steps:
      - ask: contacto
        text: ¿Tuvo contacto con ciudadanía?
        answer: si_no
        records: contact
      - ask: motivo
        text: ¿Explicó el motivo?
        answer: si_no
        records: reason
      - ask: veces
        text: ¿Cuántas veces?
        answer: {number: {min: 0, max: 5}}
        records: times
      - say: hubo
        when: {step: contacto, is: si}
        text: Hubo contacto.
        go: end
      - say: nadie
        text: No hubo contacto.
""",
    1,
)


@pytest.fixture
def asked(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    """A world with a conversation of three questions."""
    with database.transaction() as tx:
        world = World(tx, vault, clock, TRES)
        world.begin(world.alma, "tres")
        yield world


def counting(world: World) -> dict[str, str | None]:
    return {step: key or raw for step, raw, key, status, _ in world.responses() if status == "ok"}


@pytest.mark.parametrize(
    "text",
    [
        "perdón, la primera era no",
        "la primera era no",
        "me equivoqué en la primera, es no",
        "corrijo la pregunta 1: no",
        "perdón, lo del contacto era no",
    ],
)
def test_the_first_answer_is_corrected_after_the_second_was_given(asked: World, text: str) -> None:
    asked.talk(ALMA, "sí", "sí")
    asked.clock.advance(minutes=1)
    assert asked.say(ALMA, text) == ["corrected"]
    assert counting(asked) == {"contacto": "no", "motivo": "si"}
    assert asked.sent(asked.alma)[-1] == "Corregido: No."
    assert asked.rows(InboundMessage, "step", "act", "needs_person")[-1] == ("contacto", "correction", False)
    assert asked.talk(ALMA, "3") == ["answer"], "the third question is open as before"
    assert asked.sent(asked.alma)[-1] == "No hubo contacto.", "what follows knows of the correction"


@pytest.mark.parametrize(("minutes", "outcome", "key"), [(1, "corrected", "no"), (11, "nothing_open", "si")])
def test_it_is_corrected_after_the_end_too_for_some_minutes(asked: World, minutes: int, outcome: str, key: str) -> None:
    asked.talk(ALMA, "sí", "sí", "3")
    asked.clock.advance(minutes=minutes)
    assert asked.say(ALMA, "perdón, la primera era no") == [outcome]
    assert counting(asked) == {"contacto": key, "motivo": "si", "veces": "3"}


def test_the_one_before_is_corrected_and_the_open_one_stays(asked: World) -> None:
    asked.talk(ALMA, "sí", "no")
    asked.clock.advance(minutes=1)
    assert asked.say(ALMA, "perdón, la anterior es sí") == ["corrected"]
    assert counting(asked) == {"contacto": "si", "motivo": "si"}


def test_the_same_again_changes_nothing(asked: World) -> None:
    asked.talk(ALMA, "no", "sí")
    asked.clock.advance(minutes=1)
    assert asked.say(ALMA, "perdón, la primera era no") == ["detail"]
    assert [status for *_, status, _ in asked.responses()] == ["ok", "ok", "extra"]


def test_a_correction_in_the_batch_of_its_answers(asked: World) -> None:
    asked.say(ALMA, "sí")
    assert asked.say(ALMA, "sí", "perdón, la primera era no") == ["answer", "corrected"]
    assert counting(asked) == {"contacto": "no", "motivo": "si"}


@pytest.mark.parametrize(
    "text",
    ["perdón, la segunda", "perdón, la tercera era no", "perdón, lo del arma era no", "la primera vez era de noche"],
)
def test_what_names_no_answer_corrects_none(asked: World, text: str) -> None:
    asked.talk(ALMA, "sí")
    asked.clock.advance(minutes=1)
    asked.say(ALMA, text)
    assert counting(asked) == {"contacto": "si"}


@pytest.mark.parametrize(
    ("text", "place", "word", "rest"),
    [
        ("Perdón, en la 1ra es que sí tuve", 0, "", "si tuve"),
        ("la anterior era 4", -1, "", "4"),
        ("mi respuesta anterior es sí, perdón", -1, "", "si"),
        ("en lo del motivo me equivoqué, sí le expliqué", None, "motivo", "si le explique"),
        ("me equivoqué en la de antes, son 4", -1, "", "4"),
    ],
)
def test_the_question_that_a_correction_names(text: str, place: int | None, word: str, rest: str) -> None:
    found = refers(text)
    assert found is not None
    assert (found.place, found.word, found.rest) == (place, word, rest)


@pytest.mark.parametrize(
    ("text", "instead", "rest"),
    [
        ("perdón, no fue ayer, fue el viernes", "ayer", "el viernes"),
        ("oiga, salí a las 9 am, no a las 7", "a las 7", "sali a las 9 am"),
        ("fueron 3, no 2", "2", "fueron 3"),
    ],
)
def test_the_answer_of_which_another_counts_instead(text: str, instead: str, rest: str) -> None:
    found = refers(text)
    assert found is not None
    assert (found.place, found.word, found.instead, found.rest) == (None, "", instead, rest)


@pytest.mark.parametrize(
    "text",
    [
        "la primera",
        "la anterior",
        "perdón, la segunda",
        "no, perdón, la primera",
        "en la primera sí",
        "antes era 2",
        "fue antes",
    ],
)
def test_no_question_is_named(text: str) -> None:
    assert refers(text) is None
