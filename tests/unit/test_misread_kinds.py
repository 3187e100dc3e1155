"""Kinds of replies that were misread, or asked again although they are clear: what each must be taken for."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.reply import form_of
from app.flows.replies import reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Parsed
from app.flows.replies.message import Purpose
from app.flows.replies.understanding import understand

AT = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("America/Mexico_City"))


def _form(kind: AnswerKind, *labels: str, lowest: float | None = None, highest: float | None = None) -> Form:
    return form_of(kind, list(labels), {}, minimum=lowest, maximum=highest)


YES_NO = _form(AnswerKind.yes_no)
REASONS = ("Tiempo", "Riesgo", "Órdenes", "Otro")
BLAMED = ("Falta de personal", "No hubo tiempo", "Otro")
CALLS = ("Auxilio", "Detención", "Revisión", "Queja")
FORMS = {
    "yes or no": YES_NO,
    "contact": form_of(AnswerKind.yes_no, [], {}, asked=phrase("¿Tuvo contacto con ciudadanía?")),
    "reason": _form(AnswerKind.choice, *REASONS),
    "reason or none": _form(AnswerKind.choice, "Tiempo", "Riesgo", "Nada"),
    "reason, none, other": _form(AnswerKind.choice, "Tiempo", "Otro", "Nada"),
    "reason, none of these": _form(AnswerKind.choice, "Tiempo", "Ninguna de las anteriores"),
    "reasons": _form(AnswerKind.multi, *REASONS),
    "blamed": _form(AnswerKind.choice, *BLAMED),
    "all blamed": _form(AnswerKind.multi, *BLAMED),
    "who": _form(AnswerKind.choice, "Jefe", "Compañero", "Familia"),
    "told": _form(AnswerKind.choice, "Nadie me dijo", "Faltó tiempo", "Todo el turno"),
    "change": _form(AnswerKind.choice, "Menos", "Igual", "Más"),
    "helped": _form(AnswerKind.choice, "Mi jefa directa", "Un vecino", "Otra dependencia", "Nadie, lo hice solo"),
    "told first": _form(AnswerKind.choice, "Sí, al inicio", "Sí, al final", "No le avisé"),
    "ended": _form(AnswerKind.choice, "Mejor que al llegar", "Igual que al llegar", "Peor que al llegar"),
    "advised": _form(
        AnswerKind.choice, "Le pide que baje la voz", "Espera a que acabe y le resume lo que oyó", "Le lee el bando"
    ),
    "where": _form(AnswerKind.choice, "Vía pública", "Negocio", "Vivienda", "Plantel escolar", "Otro lugar"),
    "often": _form(AnswerKind.choice, "Siempre", "A veces", "Casi nunca", "Nunca"),
    "carried": _form(AnswerKind.multi, "Mi radio", "Mi compañera", "Los apuntes", "Ninguno"),
    "calls": _form(AnswerKind.multi, *CALLS),
    "of five": _form(AnswerKind.number, lowest=0, highest=5),
    "count": _form(AnswerKind.number, lowest=0, highest=100),
    "measured": form_of(AnswerKind.number, [], {}, minimum=0, maximum=100_000, whole=False),
    "time": _form(AnswerKind.time),
    "date": _form(AnswerKind.date),
}


def _read(form: str, text: str) -> object:
    found = understand(reader(FORMS[form]), text, AT, purpose=Purpose.fact)
    return found.outcome.value if found.is_answer and isinstance(found.outcome, Parsed) else None


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        # Two negations in one clause, or a negation of the negation.
        ("yes or no", "no hubo día sin contacto|no hubo turno que no|nunca dejé de escuchar|nunca dejo de explicar|no tuve turno sin contacto"),
        ("yes or no", "no nomás escuché, hasta tomé nota|no dejé de atender gente|siempre y cuando pueda|siempre que haya tiempo"),
        # What somebody else did not want, and a denial that tells of somebody where contact is asked about.
        ("yes or no", "el joven no quiso darme su nombre|ya no quiso seguir con la denuncia la víctima"),
        ("contact", "no la dejé sola hasta que llegó su hermana|ya no le dije nada y se calmó solo"),
        ("reason or none", "ninguna de esas|ninguna de las anteriores|de nada|nada que ver|nada de eso"),
        ("reason, none, other", "ninguna de esas|ninguna de las opciones"),
        ("blamed", "no|nada|nunca|nadie|jamás|tampoco|ninguna|no sé|para nada|hubo tiempo"),
        ("yes or no", "con dos|nomás dos|como 2|unos dos|dos nada más|no fue buen turno"),
        ("all blamed", "no|nada|nunca|nadie|hubo tiempo"),
        ("told", "nadie|todo|no"),
        ("reason", "hubo tiempo|sí tuve tiempo|no hubo riesgo|no era peligroso|ok jefe"),
        ("who", "me lo ordenaron"),
        ("where", "ando en la calle|mañana en la calle|un oxxo no, ni una casa|la farmacia me cobró de más"),
        ("ended", "mejor al rato|mejor mañana con calma"),
        ("advised", "pedirle apoyo a otra unidad"),
        ("change", "por lo menos|de menos|a lo más|más tarde|más o menos|gracias, igual|igual gracias a usted|buen día igual"),
        ("calls", "solo una|nomás dos|dos solamente|dos de esas|todas menos una|solo una o dos"),
        ("count", "el 5|son las 5|km 5|metro 3|5 minutos|5 km"),
        ("of five", "siempre"),
        ("time", "12 horas|por 12 horas|las 12 horas|las 24 horas"),
        ("date", "un martes|algún martes|cualquier lunes|un martes del mes pasado"),
    ],
)  # fmt: skip
def test_asked_again(form: str, texts: str) -> None:
    assert {text: value for text in texts.split("|") if (value := _read(form, text)) is not None} == {}


@pytest.mark.parametrize(
    ("form", "value", "texts"),
    [
        ("yes or no", 1, "siempre|siempre lo hago|siempre les explico|todas las veces|todos los días|que yo recuerde sí"),
        ("yes or no", 0, "nunca lo hago|ningún día|ninguna vez|obviamente no|no lo hago|no, sin novedad|no tuve, todo sin novedad"),
        ("reason", "tiempo", "no nos dio tiempo|no alcanzó el tiempo|ya no dio tiempo|no hay tiempo|andaba sin tiempo|poco tiempo"),
        ("reason", "ordenes", "comandante|jefe|órdenes superiores|por orden del comandante|instrucciones del jefe|orden del mando"),
        ("reason", "riesgo", "era peligroso|por peligro|había peligro|zona peligrosa|por seguridad"),
        ("reason", "otro", "ninguna de esas"),
        ("reason, none of these", "ninguna_de_las_anteriores", "ninguna|nada|ninguna de esas"),
        ("reasons", "tiempo ordenes", "tiempo, órdenes del mando|no tuve tiempo y me lo ordenaron|1 y 3, jefe|solo 1 y 3"),
        ("reasons", "tiempo", "1, jefe|tiempo, comandante|no tuvimos tiempo"),
        ("helped", "nadie_lo_hice_solo", "nadie|nadie, gracias"),
        ("helped", "un_vecino", "una vecina|un vecinito|una vecina de la otra cuadra"),
        ("helped", "otra_dependencia", "los bomberos|protección civil"),
        ("told first", "si_al_inicio", "al inicio|sí, al inicio, así lo marca el protocolo"),
        ("told first", "no_le_avise", "nunca le avisé|no le avisé nada"),
        ("ended", "peor_que_al_llegar", "peor|pero que al llegar|worse"),
        ("advised", "le_pide_que_baje_la_voz", "le pido que baje la voz|que baje la voz"),
        ("advised", "espera_a_que_acabe_y_le_resume_lo_que_oyo", "espero que acabe y le resumo lo que oí|la espero y le resumo lo que oí"),
        ("where", "negocio", "en una farmacia|adentro de una ferretería del centro|un oxxo"),
        ("where", "via_publica", "en la avenida|en plena calle, frente a la prepa|calle"),
        ("often", "a_veces", "de vez en cuando|en ocasiones"),
        ("often", "casi_nunca", "rara vez|muy pocas veces"),
        ("carried", "mi_radio los_apuntes", "el radio y los apuntes. Muchas gracias.|radio y apuntes, los leo antes de salir"),
        ("carried", "mi_companera", "mi compañero|mi pareja de patrulla"),
        ("blamed", "no_hubo_tiempo", "no hubo tiempo|tiempo|no me dio tiempo|falta de tiempo|2"),
        ("blamed", "falta_de_personal", "personal|poco personal|no había personal|sin personal"),
        ("all blamed", "falta_de_personal no_hubo_tiempo", "1 y 2|12|personal y tiempo|falta de personal y tiempo"),
        ("all blamed", "falta_de_personal no_hubo_tiempo otro", "todas|todas las anteriores"),
        ("change", "igual", "igual|pues igual|igual que antes|igual, gracias"),
        ("calls", "auxilio revision", "solo 1 y 3|nomás la 1 y la 3|únicamente 1, 3"),
        ("calls", "detencion", "solo la 2|la 2 solamente|2 nada más"),
        ("count", 5, "5 detenidos|5 infracciones|hoy 5|5 señoras"),
        ("of five", 3, "3 veces de 5|3 personas de 5|3 casos de los 5"),
        ("of five", 5, "en cada uno|siempre, los 5"),
        ("measured", 1234.5, "1.234,5|1,234.5|1,234.50"),
        ("measured", 2.5, "dos punto cinco|2 1/2|dos coma cinco"),
        ("time", "12:00", "a las 12 horas|mediodía"),
        ("date", "2026-03-10", "el martes|martes"),
    ],
)  # fmt: skip
def test_taken(form: str, value: object, texts: str) -> None:
    read = {text: _read(form, text) for text in texts.split("|")}
    assert read == dict.fromkeys(read, value)


@pytest.mark.parametrize(
    ("asked", "said", "day"),
    [
        ("¿Qué día descansa?", "viernes", "2026-03-13"),
        ("¿Qué día le toca curso?", "el lunes", "2026-03-16"),
        ("¿Qué día entrega el informe esta semana?", "viernes", "2026-03-13"),
        ("¿Qué día entrega el informe esta semana?", "el lunes", "2026-03-09"),
        ("¿Qué día entrega el informe esta semana?", "el viernes pasado", "2026-03-06"),
        ("¿Qué día entregó el informe esta semana?", "el lunes", "2026-03-09"),
        ("¿Qué día entregó el informe?", "viernes", "2026-03-06"),
        ("¿Qué día descansaba antes?", "viernes", "2026-03-06"),
    ],
)
def test_a_bare_weekday_is_past_or_to_come_as_the_question_is(asked: str, said: str, day: str) -> None:
    form = form_of(AnswerKind.date, [], {}, asked=phrase(asked))
    read = understand(reader(form), said, AT).outcome
    assert isinstance(read, Parsed)
    assert read.value == day
