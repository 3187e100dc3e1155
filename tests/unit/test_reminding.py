"""The question that a reminder repeats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.engine.reminding import LONGEST_QUESTION, shortened, with_question

LEAD = (
    "Queremos saber cómo le fue con lo que vio en el taller sobre explicar los motivos de una decisión a las personas."
)


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("¿Tuvo contacto?\n", "¿Tuvo contacto?"),
        ("Buen día, Alma. En su turno, ¿tuvo contacto?", "En su turno, ¿tuvo contacto?"),
        ("Hola, Alma, ¿tuvo contacto?", "Hola, Alma, ¿tuvo contacto?"),
        ("Buenas tardes.", "Buenas tardes."),
        (f"{LEAD} {LEAD} Piense en ayer. ¿Explicó?", f"… {LEAD} Piense en ayer. ¿Explicó?"),
        (
            f"{LEAD} {LEAD} ¿Cuántas veces explicó ayer en su turno? Responda de 0 a 5.",
            "… ¿Cuántas veces explicó ayer en su turno? Responda de 0 a 5.",
        ),
        (f"¿Explicó? {LEAD} {LEAD}", f"¿Explicó? {LEAD} Queremos saber cómo le fue con lo…"),
        (f"¿Cuál?\n1 {LEAD}\n2 {LEAD}", f"¿Cuál?\n1 {LEAD}\n2 {LEAD}"),
    ],
)
def test_what_asks_is_kept(question: str, short: str) -> None:
    assert shortened(question) == short


@given(st.text(st.sampled_from("abc ¿?.…!áé"), max_size=400))
def test_a_repeated_question_is_never_too_long(question: str) -> None:
    assert len(shortened(question)) <= LONGEST_QUESTION
    assert with_question("Falta.", question).startswith("Falta.\n")
