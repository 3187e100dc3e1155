"""Probable readings: what an officer is asked about («¿Quiso decir 4, Comercio?»), and what is never proposed."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.reply import form_of
from app.flows.replies import reader
from app.flows.replies.forms import AnswerKind, Form, Parsed, Unparsed

AT = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("America/Mexico_City"))
PLACES = ["Calle", "Casa", "Escuela", "Comercio", "Otro"]
CALLS = ["Auxilio o queja", "Infracción o revisión", "Conflicto vecinal", "Detención", "Otro"]
DEEDS = ["Los callo y decido", "Escucho a cada uno, por turnos", "Le creo a quien me pide apoyo"]
BARRIERS = ["Tiempo", "Riesgo", "Órdenes", "Actitud de la persona", "Nada", "Otro"]


def _number(lowest: int, highest: int, unit: str = "", *, whole: bool = True) -> Form:
    form = form_of(AnswerKind.number, [], {}, minimum=lowest, maximum=highest, whole=whole)
    return replace(form, units=(unit,) if unit else ())


FORMS = {
    "place": form_of(AnswerKind.choice, PLACES, {}),
    "call": form_of(AnswerKind.choice, CALLS, {}),
    "barrier": form_of(AnswerKind.choice, BARRIERS, {}),
    "deed": form_of(AnswerKind.choice, DEEDS, {}),
    "minutes": _number(0, 600, "minutos"),
    "hours": _number(0, 24, "horas", whole=False),
    "of ten": _number(0, 10),
    "time": form_of(AnswerKind.time, [], {}),
}
NEVER = {
    "yes or no": form_of(AnswerKind.yes_no, [], {}),
    "yes, no, not applicable": form_of(AnswerKind.choice, ["Sí", "No", "No venía al caso"], {}),
    "two": form_of(AnswerKind.choice, ["Calle", "Casa"], {}),
    "agreement": form_of(AnswerKind.scale, [], {1: "En desacuerdo", 2: "Regular", 3: "De acuerdo"}, minimum=1, maximum=3),
    "several": form_of(AnswerKind.multi, PLACES, {}),
    "date": form_of(AnswerKind.date, [], {}),
    "text": form_of(AnswerKind.text, [], {}),
    "media": form_of(AnswerKind.media, [], {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "value", "texts"),
    [
        ("place", "comercio", "afuera de un oxxo|cerca de una farmacia|afuera del banco|afuera del oxxo de la esquina"),
        ("place", "calle", "nos vimos en una avenida|por debajo de la banqueta|cerca del semáforo"),
        ("place", "casa", "afuera de un domicilio particular|enfrente de un departamento"),
        ("call", "auxilio_o_queja", "robaron una moto|un herido"),
        ("call", "conflicto_vecinal", "una fiesta con mucho ruido|discutían dos señoras"),
        ("call", "detencion", "lo agarramos en flagrancia|sometimos a dos"),
        ("call", "infraccion_o_revision", "iba a exceso de velocidad|sin casco|traía los vidrios polarizados"),
        ("barrier", "ordenes", "el mando nos traía cortos"),
        ("barrier", "actitud_de_la_persona", "venían grabando todo|gritos"),
        ("deed", "escucho_a_cada_uno_por_turnos", "los separo y escucho bien"),
        ("minutes", 75, "hora y cuarto platicando"),
        ("minutes", 40, "40 minutos desde que llegamos"),
        ("minutes", 120, "2 horas en el mp"),
        ("hours", 6.5, "6 horas y media de rondín"),
        ("of ten", 5, "la mitad|pues la mitad|en la mitad de las veces"),
        ("of ten", 10, "siempre|siempre lo hago"),
        ("of ten", 3, "según yo fueron 3 que me acuerde|a 3 señores les expliqué bien"),
        ("time", "19:00", "salgo tipo 7 de la noche|mi turno empieza 7 pm|nos citan a las 19:00"),
    ],
)  # fmt: skip
def test_probable(form: str, value: object, texts: str) -> None:
    read = reader(FORMS[form])
    for text in texts.split("|"):
        assert isinstance(read.read(text, AT), Unparsed), f"{text} is an answer"
        found = read.probable(text)
        assert found is not None, text
        assert (found.value, found.rule) == (value, "probable"), text
        assert found.score < 0.8, "surer than what is recorded"


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("place", "en la calle o en la casa|no fue en la escuela|ni casa ni calle|afuera de la casa en la calle|en el monte|¿en la tienda?|buenas"),
        ("call", "no hubo detención|un choque y detuvimos a uno|pura rutina|2 detenciones y 1 auxilio"),
        ("barrier", "gracias jefe|no era mi comandante|qué le digo comandante"),
        ("deed", "pedir apoyo a otra unidad|me asaltan los del banco con los intereses|quien escribió esto no sabe nada de policía"),
        ("minutes", "deme 20 minutos y le contesto|duró como 10 minutos en cargar y no abrió|R-15 con lesionado"),
        ("of ten", "ando en el c4 y no trato con gente|nomás con la señora, los otros cuatro pues no se pudo|me llegó 4 veces la misma pregunta"),
        ("minutes", "entre una y dos horas|casi una hora|más de una hora|un rato|horas|2 horas y 3 horas|no fue una hora"),
        ("of ten", "la mayoría|casi la mitad|más de la mitad|casi siempre|varias|más de 3|3 o 4|no fueron 3|unidad 7|a las 5|5 min|casi 3|3 por turno"),
        ("time", "a las 7|las 7 o las 8 pm|entre 7 y 8 pm|de 7 am a 7 pm|no sé, 12 horas|antes de las 7 pm"),
    ],
)  # fmt: skip
def test_not_probable(form: str, texts: str) -> None:
    read = reader(FORMS[form])
    assert [text for text in texts.split("|") if read.probable(text) is not None] == []


_WORDS = (
    "no la el de en un una oxxo calle casa hora horas y media cuarto 2 3 15 mitad siempre a las 7 pm noche , ; ? o detuvimos ruido"
    " comandante mi vecinos tiempo minutos 7:30 12:99 99999999999999"
)
_TEXTS = st.text(max_size=80) | st.lists(st.sampled_from(_WORDS.split()), max_size=12).map(" ".join)


@given(text=_TEXTS)
def test_no_text_raises_and_only_answers_of_the_question_are_proposed(text: str) -> None:
    for form in FORMS.values():
        found = reader(form).probable(text)
        if found is None:
            continue
        assert found.missing is None
        match form.kind:
            case AnswerKind.choice:
                assert (found.key, found.value) in [(option.key, option.value) for option in form.options]
            case AnswerKind.number:
                assert form.minimum is not None
                assert form.maximum is not None
                assert isinstance(found.value, int | float)
                assert form.minimum <= found.value <= form.maximum
                assert not form.whole or found.value == int(found.value)
            case _:
                again = reader(form).read(str(found.value), AT)
                assert isinstance(again, Parsed)
                assert again.value == found.value


@given(text=_TEXTS)
def test_nothing_is_proposed_where_it_would_lead(text: str) -> None:
    for form in NEVER.values():
        assert reader(form).probable(text) is None
