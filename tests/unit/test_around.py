"""The words around an answer: courtesy and a story before it never change it, a denial never keeps it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.reply import form_of
from app.flows.replies import reader
from app.flows.replies.forms import AnswerKind, Parsed
from app.flows.replies.message import ActKind
from app.flows.replies.understanding import understand
from tests.unit.test_acts import AT, READERS

SEEN = reader(form_of(AnswerKind.choice, ["Ya me ha tocado", "No me ha tocado"], {}))
FORMS = READERS | {"seen": SEEN}
PLAIN = {
    "yes_no": ("sí", "no", "si", "simón", "nel", "claro que no", "sí tuve contacto", "no, estuve en oficina"),
    "choice": ("Tiempo", "2", "la 3", "Nada", "falta de tiempo", "otro"),
    "number": ("3", "cinco", "ninguna", "fueron 4"),
    "scale": ("4", "Mucho", "nada", "la 2"),
}
BEFORE = (
    "buenas tardes, ", "Hola. ", "la verdad ", "pues mire, ", "perdón la tardanza, ", "disculpe apenas veo el mensaje, ", "de hecho ",
    "le soy sincero, ", "jefa ", "",
)  # fmt: skip
AFTER = (
    ", gracias",
    " jefa",
    ". Saludos",
    ", que tenga buen turno",
    " licenciada, quedo a sus órdenes",
    " gracias a Dios",
    "",
)


def value(form: str, text: str) -> object:
    found = understand(FORMS[form], text, AT)
    return found.outcome.value if found.is_answer and isinstance(found.outcome, Parsed) else None


ANSWERS = st.sampled_from([(form, text) for form, texts in PLAIN.items() for text in texts])


@given(ANSWERS, st.sampled_from(BEFORE), st.sampled_from(AFTER))
def test_courtesy_never_changes_an_answer(answer: tuple[str, str], before: str, after: str) -> None:
    form, text = answer
    assert value(form, before + text + after) in (value(form, text), None)


@given(ANSWERS, st.sampled_from(("no es cierto que ", "no es verdad que ", "no diga que ", "no digo que ")))
def test_a_denial_never_keeps_an_answer(answer: tuple[str, str], denial: str) -> None:
    form, text = answer
    kept = value(form, text)
    assert kept == 0 or value(form, denial + text) != kept


@pytest.mark.parametrize(
    ("form", "text", "wanted"),
    [
        ("yes_no", "nadie se acercó, así que no", 0),
        ("yes_no", "me tocó un choque así que sí", 1),
        ("yes_no", "anduve de recorrido y platiqué con la gente, sí", 1),
        ("yes_no", "si. perdón por la hora", 1),
        ("yes_no", "no, ni siquiera me fijo", 0),
        ("yes_no", "si tube contacto", 1),
        ("yes_no", "si con un señor que andaba perdido", 1),
        ("yes_no", "no con nadie", 0),
        ("yes_no", "sí, en la central no le dejan a uno ni sentarse", 1),
        ("yes_no", "sí, nada grave", 1),
        ("yes_no", "si jefe por aquí andamos en el centro", 1),
        ("yes_no", "10-4, sí", 1),
        ("yes_no", "¿con la gente? sí", 1),
        ("choice", "nos urgía llegar a un llamado, tiempo", "tiempo"),
        ("number", "deje hago cuentas... fueron 3", 3),
        ("seen", "sí", "ya_me_ha_tocado"),
        ("seen", "todavía no me ha tocado, no", "no_me_ha_tocado"),
    ],
)
def test_an_answer_in_a_story_is_read(form: str, text: str, wanted: object) -> None:
    assert value(form, text) == wanted


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("yes_no", "no pude hablar con él, sí"),
        ("yes_no", "si hay tiempo, sí"),
        ("yes_no", "cuando pueda, sí"),
        ("yes_no", "no a todos"),
        ("yes_no", "sí, pero no"),
        ("yes_no", "sí, digo no"),
        ("yes_no", "sí, la verdad no"),
        ("yes_no", "sí y no"),
        ("yes_no", "ñ"),
        ("yes_no", "no quiero problemas con nadie"),
        ("yes_no", "yo no estuve en el taller"),
        ("yes_no", "yo no di mi número"),
        ("choice", "riesgo no había, tiempo"),
        ("number", "entraron 4 y salieron, 3"),
    ],
)
def test_a_story_with_another_meaning_is_asked_about(form: str, text: str) -> None:
    assert value(form, text) is None


@pytest.mark.parametrize(
    "text", ["okk va, sin problema", "sale gracias buen turno", "con gusto pero al rato", "está bien jefa"]
)
def test_an_agreement_answers_no_question_for_a_fact(text: str) -> None:
    assert value("yes_no", text) is None
    assert understand(FORMS["yes_no"], text, AT).act.kind in (ActKind.ack, ActKind.deferral, ActKind.other)
