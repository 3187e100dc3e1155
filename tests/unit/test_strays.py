"""Replies that share nothing with the question: the first one to a question uses no try."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.cli.reply import form_of
from app.flows.engine.compiled import bind
from app.flows.engine.engine import Contact, Reply, resume, start
from app.flows.engine.render import placeholders
from app.flows.engine.state import State
from app.flows.loader import load
from app.flows.replies import reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind
from tests.world import PROGRAMME

AT = datetime(2026, 3, 3, 16, tzinfo=UTC)
QUESTION = phrase("¿Dónde fue su contacto con la persona?")
PLACE = replace(form_of(AnswerKind.choice, ["Calle", "Comercio", "Otro"], {}), asked=QUESTION)


@pytest.mark.parametrize("text", ["ya nos cambiaron el uniforme", "puro papel y papel", "quién ganó el clásico"])
def test_shares_nothing(text: str) -> None:
    assert reader(PLACE).is_stray(text)


@pytest.mark.parametrize(
    "text",
    [
        "en un callejón oscuro",
        "por allá",
        "fueron como cuatro lugares",
        "todos andan igual",
        "con una persona mayor",
        "ni idea fíjese",
    ],
)
def test_may_be_an_attempt(text: str) -> None:
    assert not reader(PLACE).is_stray(text)


def test_an_open_question_has_none() -> None:
    assert not reader(form_of(AnswerKind.text, [], {})).is_stray("ya nos cambiaron el uniforme")


def test_the_first_uses_no_try_and_the_next_ones_do() -> None:
    programme = load(PROGRAMME, "prueba.yaml").programme
    assert programme is not None
    compiled, contact = bind(programme, 1), Contact("es-MX", "America/Mexico_City", placeholders())
    state = start(compiled, "reporte", contact, AT).state
    attempts = []
    for text in ("ya nos cambiaron el uniforme", "otro aguacero por acá", "qué calor hace por acá"):
        assert state is not None
        state = resume(compiled, State.from_json(state.to_json()), contact, Reply(text), AT).state
        attempts.append(None if state is None else state.attempts)
    assert attempts == [0, 1, 0], "the third is the last, and the next question is asked"
