"""The act of a message, kind by kind, beside the questions that are asked most."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.reply import form_of
from app.flows.replies import Reader, reader
from app.flows.replies.acts import act_of
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Parsed
from app.flows.replies.message import ActKind, Purpose
from app.flows.replies.understanding import Understood, understand

AT = datetime(2026, 3, 11, 16, tzinfo=UTC)
BARRIERS = ["Tiempo", "Riesgo", "Órdenes", "Nada", "Otro"]
READERS = {
    "yes_no": reader(form_of(AnswerKind.yes_no, [], {})),
    "choice": reader(form_of(AnswerKind.choice, BARRIERS, {})),
    "number": reader(form_of(AnswerKind.number, [], {}, minimum=0, maximum=5)),
    "scale": reader(
        form_of(AnswerKind.scale, [], dict(enumerate(["Nada", "Poco", "Regular", "Bastante", "Mucho"], 1)))
    ),
    "text": reader(form_of(AnswerKind.text, [], {})),
    "multi": reader(form_of(AnswerKind.multi, ["Saludé", "Escuché", "Agradecí"], {})),
}
CLOSED = ("yes_no", "choice", "number", "scale")

TABLE = {
    ActKind.leave: """
        BAJA | baja por favor | hasta aquí | ya no quiero | Bajaa | vaja | ALTO | salir | STOP | stop thank you | cancelar | ya no quiero participar
        ya no quiero seguir con esto | por favor ya no me escriban | denme de baja | quiero que me den de baja | solicito mi baja
        bórrenme de su lista | sáquenme de este grupo | eliminen mi número | dejen de molestar | no me manden más mensajes
        revoco mi consentimiento | les pido que no me escriban | favor de no molestar | prefiero no seguir participando
        retiro mi autorización | ya no me interesa | no quiero más preguntas | jefe, ya no quiero recibir mensajes, gracias
        terminar | ya no voy a contestar más | los voy a bloquear | me hartaron, fuera de mi whatsapp
        tres veces les he dicho que ya no me manden nada
        cómo me salgo de esto | renuncio al seguimiento | pido la cancelación de mis datos | ni una más. baja
        Buenas tardes, agradezco mucho las atenciones que han tenido con un servidor durante estos meses, pero por mi carga de trabajo ya no deseo seguir recibiendo sus preguntas, les agradecería que me dieran de baja. Dios los bendiga
    """,
    ActKind.leave_maybe: """
        para | fin | detener | ya estuvo | salgo
    """,
    ActKind.greeting: """
        hola | Buenas tardes | buen día licenciada | hola buenas noches | cómo está | saludos comandante | sí hola | sí bueno
    """,
    ActKind.ack: """
        ok | ok gracias | enterado | muchas gracias | de nada | perfecto | quedo pendiente | 👍 | 👌🏽 | va | sale | sí mándeme las preguntas
        igual gracias | gracias igualmente
    """,
    ActKind.deferral: """
        al rato | ok, al rato le contesto | no, estoy manejando | un segundo | 1 seg | dame 2 minutos | mañana a las 4 | espéreme 1 min
        ahorita sí | no todavía | en 3 horas salgo | cuando salga le contesto | estoy en un operativo | sí, en cuanto pueda | ok en 5
        estoy bien cansado | hoy no fue buen día | ahorita no, al rato | no tengo tiempo ahorita | permítame tantito | deje llego a mi casa | el lunes le digo
    """,
    ActKind.question: """
        quién es usted | ¿De dónde sacaron mi número? | es obligatorio? | quién ve mis respuestas | para qué es esto | de parte de quién
        mis jefes van a ver esto? | qué opción es la 2 | de qué se trata | ¿?
    """,
    ActKind.refusal: """
        prefiero no contestar | eso es personal | no tengo por qué decirle | siguiente pregunta | no es de su incumbencia | no quiero contestar
    """,
    ActKind.about_message: """
        no me llegó | no recibí el mensaje | no entendí | no es mi número | número equivocado | no fui al taller | no se ve la imagen
        ya contesté esa pregunta | este celular ya no es de él | no tengo saldo | no vi su mensaje | no estoy en turno
    """,
    ActKind.complaint: """
        qué pregunta tan tonta | pinche encuesta | esto es pérdida de tiempo | no confío en ustedes | no sea metiche | vayan a trabajar
    """,
    ActKind.correction: """
        digo no | me equivoqué, es no | perdón, quise decir 2 | corrección: 3 | puse mal, era 4 | no digo sí
    """,
    ActKind.auto_reply: """
        Este es un mensaje automático. En este momento no puedo atender. | respuesta automática: fuera de la oficina
        Hola, gracias por contactarnos, un asesor le atenderá | Horario de atención de 9 a 18 hrs
    """,
    ActKind.other: """
        tal vez | asdf | los del otro turno
    """,
}
ROWS = [
    (kind, text.strip())
    for kind, lines in TABLE.items()
    for line in lines.splitlines()
    for text in line.split("|")
    if text.strip()
]


def said(text: str, form: str = "yes_no", purpose: Purpose = Purpose.fact) -> Understood:
    return understand(READERS[form], text, AT, purpose=purpose)


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_each_kind_beside_a_yes_no_question(kind: ActKind, text: str) -> None:
    found = said(text)
    assert (found.act.kind, found.is_answer) == (kind, False)


@pytest.mark.parametrize("form", ["choice", "number", "scale"])
@pytest.mark.parametrize(("kind", "text"), [row for row in ROWS if row[0] is not ActKind.other])
def test_none_of_them_answers_another_question(kind: ActKind, text: str, form: str) -> None:
    assert not said(text, form).is_answer


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("yes_no", "Buenas tardes, sí", 1),
        ("yes_no", "sí, gracias", 1),
        ("yes_no", "sí, con una señora", 1),
        ("yes_no", "no porque estuve en base", 0),
        ("yes_no", "no gracias a Dios", 0),
        ("yes_no", "si tuve, dos", 1),
        ("yes_no", "obviamente no", 0),
        ("yes_no", "que yo recuerde sí", 1),
        ("yes_no", "siempre", 1),
        ("yes_no", "todos los días", 1),
        ("choice", "2", "riesgo"),
        ("choice", "nada", "nada"),
        ("choice", "la falta de tiempo", "tiempo"),
        ("choice", "no hubo tiempo", "tiempo"),
        ("choice", "mi comandante", "ordenes"),
        ("choice", "el jefe", "ordenes"),
        ("choice", "peligro", "riesgo"),
        ("number", "en 2", 2),
        ("number", "3 veces de 5", 3),
        ("number", "como 3 contactos", 3),
        ("scale", "4 bastante", 4),
        ("multi", "1 y 3", "salude agradeci"),
        ("text", "le dije que esperara un momento y le expliqué", None),
        ("text", "la señora me pidió que la dejara en paz y ya no quiso seguir", None),
    ],
)
def test_an_answer_with_courtesy_or_detail_is_one(form: str, text: str, value: object) -> None:
    found = said(text, form)
    assert found.is_answer
    assert isinstance(found.outcome, Parsed)
    assert found.outcome.value == (text if form == "text" else value)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("yes_no", "no nomás escuché, hasta tomé nota"),
        ("yes_no", "no dejé de atender gente"),
        ("choice", "nada que ver"),
        ("choice", "nada de esas"),
        ("choice", "nada, el clima"),
        ("number", "5 min"),
        ("number", "2 semanas"),
        ("multi", "todas menos una"),
        ("multi", "solo hice una"),
        ("multi", "el señor agradeció"),
        ("yes_no", "sí o no"),
        ("yes_no", "sí, si es obligatorio y no"),
    ],
)
def test_a_doubt_a_second_value_or_another_measure_is_no_answer(form: str, text: str) -> None:
    assert not said(text, form).is_answer


@pytest.mark.parametrize(
    "text",
    [
        "con gusto",
        "está bien, gracias",
        "sale",
        "👍",
        "ok",
        "Sí, acepto",
        "claro que sí jefe",
        "acepto participar",
        "1",
        "Acepto, soy de los del turno de noche",
        "acepto, me gustó mucho el taller",
        "Acepto, quedo a sus órdenes. Pol. 3ro.",
        "acepyo",
    ],
)
def test_a_plain_yes_consents(text: str) -> None:
    found = said(text, purpose=Purpose.consent)
    assert found.is_answer
    assert isinstance(found.outcome, Parsed)
    assert found.outcome.key == "si"


@pytest.mark.parametrize(
    "text",
    """
    me obligan | ok pero no entendí | si me obligan | si no me queda de otra sí | si pero después | si usted lo ordena | sí me obligan
    sí obligado | sí, luego lo leo | sí, mi comandante me dijo que aceptara | sí, pero quiero saber quién es | sí, porque me lo ordenaron
    sí, si es obligatorio | sí, siempre y cuando sea anónimo | sí por obligación | sí, ni modo | sí para que no me castiguen | a huevo | sí?
    acepto si no afecta mi servicio | sí, aunque no quiera | ya qué, sí | acepto, soy del grupo y nos formaron para esto
    acepto, es bueno no quedar mal con el mando | acepta | acepto, soy el encargado, ponga a todos mis elementos | acepto, ando en turno y solo hoy
    """.replace("\n", "|").split("|"),
)
def test_a_condition_an_order_or_a_question_never_consents(text: str) -> None:
    assert not said(text.strip(), purpose=Purpose.consent).is_answer


@pytest.mark.parametrize(
    "text", ["ok gracias", "va, muchas gracias", "vale, gracias jefe", "gracias", "enterado, gracias"]
)
def test_an_ok_with_thanks_does_not_consent_and_costs_no_try(text: str) -> None:
    found = said(text, purpose=Purpose.consent)
    assert found.act.kind is ActKind.ack
    assert not found.is_attempt


@pytest.mark.parametrize(
    "text",
    ["ok", "está bien, gracias", "sí, gracias", "ok 1 gracias", "si, 1", "de acuerdo, gracias", "ok, acepto, gracias"],
)
def test_a_yes_with_thanks_consents(text: str) -> None:
    assert said(text, purpose=Purpose.consent).is_answer


def test_no_to_an_invitation_is_an_answer_and_to_a_fact_a_wish_to_leave() -> None:
    for text in ("no quiero participar", "no acepto participar", "no deseo participar"):
        for purpose in (Purpose.invitation, Purpose.consent):
            found = said(text, purpose=purpose)
            assert found.is_answer
            assert isinstance(found.outcome, Parsed)
            assert found.outcome.key == "no"
        assert said(text).act.kind is ActKind.leave
    assert said("ya no quiero participar", purpose=Purpose.invitation).act.kind is ActKind.leave
    assert said("ok", purpose=Purpose.invitation).is_answer


def test_an_option_worded_like_a_stock_phrase_is_only_itself() -> None:
    options = reader(form_of(AnswerKind.choice, ["Falta de personal", "No hubo tiempo", "Otro"], {}))
    assert {understand(options, text, AT).is_answer for text in ("no", "nada", "nunca")} == {False}
    found = understand(options, "no hubo tiempo", AT)
    assert found.is_answer
    assert isinstance(found.outcome, Parsed)
    assert found.outcome.key == "no_hubo_tiempo"
    several = reader(form_of(AnswerKind.multi, ["Falta de personal", "No hubo tiempo", "Otro"], {}))
    assert understand(several, "1 y 2", AT).is_answer


def test_an_option_s_own_words_are_an_answer_whatever_they_do_elsewhere() -> None:
    options = reader(form_of(AnswerKind.choice, ["Después", "No entendí", "Terminar"], {}))
    assert all(understand(options, text, AT).is_answer for text in ("después", "No entendí", "terminar"))


def test_stories_in_an_open_answer_are_answers() -> None:
    for text in (
        "le pedí que saliera del carro y no quiso salir",
        "me dijo que ya no quería participar en el pleito",
        "no entendí su enojo pero lo dejé hablar y al final se calmó",
        "el señor dejó de gritar cuando le dije el motivo",
    ):
        assert said(text, "text").is_answer


def test_without_a_question_the_act_is_named_too() -> None:
    assert act_of("hola").kind is ActKind.greeting
    assert act_of("ya no quiero participar").kind is ActKind.leave
    assert act_of("sí").kind is ActKind.other


@given(st.text(max_size=400), st.sampled_from(sorted(READERS)), st.sampled_from(Purpose))
def test_no_text_raises_and_the_same_text_does_the_same(text: str, form: str, purpose: Purpose) -> None:
    assert said(text, form, purpose) == said(text, form, purpose)


@given(
    st.lists(
        st.sampled_from(
            ["no", "sí", "me", "jefe", "quiero", "matar", "mi", "2", ",", "?", "ok", "que", "ya", "vivir", "baja", "el"]
        ),
        max_size=300,
    )
)
def test_no_order_of_words_raises(words: list[str]) -> None:
    text = " ".join(words)
    assert {act_of(text).kind for _ in range(2)} <= set(ActKind)


def test_readers_are_shared() -> None:
    assert isinstance(READERS["yes_no"], Reader)


@pytest.mark.parametrize(
    "text",
    [
        "más",
        "quiero participar",
        "deseo participar",
        "pienso que sí",
        "pienso que no",
        "arma",
        "balazo",
        "hacer",
        "seguir",
    ],
)
def test_a_word_or_a_stock_answer_is_no_wish_to_leave_and_no_crisis(text: str) -> None:
    assert act_of(text).kind is ActKind.other


@pytest.mark.parametrize(
    "text",
    [
        "no me den de baja, ando sin señal",
        "no quiero salirme, solo ando ocupado",
        "no dejen de mandarme",
        "¿y si me quiero salir?",
        "un día de estos me salgo de esto",
        "me quiero dar de baja del grupo de motos",
        "el conductor nos gritó déjenme en paz",
        "¿cómo le hago si algún día me quiero salir?",
        "estoy pensando en dejar el seguimiento",
        "ya me quiero salir de este sector",
    ],
)
def test_who_stays_or_only_asks_does_not_leave(text: str) -> None:
    assert act_of(text).kind is not ActKind.leave


@pytest.mark.parametrize("text", ["no, y no me manden más", "no, no nos escriban nunca", "please stop messaging me"])
@pytest.mark.parametrize("purpose", [Purpose.fact, Purpose.invitation])
def test_a_no_does_not_hide_a_wish_to_leave(text: str, purpose: Purpose) -> None:
    found = understand(reader(form_of(AnswerKind.yes_no, [], {})), text, AT, purpose=purpose)
    assert found.act.kind is ActKind.leave


@pytest.mark.parametrize(
    "text", ["Baja. Atte. Of. Tercero", "baja por favor, atentamente el de la moto 4", "Baja pol 3ro"]
)
def test_a_signature_behind_the_keyword_takes_nothing_from_it(text: str) -> None:
    assert act_of(text).kind is ActKind.leave


def test_a_yes_to_consent_beside_a_wish_for_no_messages_is_asked_about() -> None:
    found = said("acepto pero ya no quiero que me manden mensajes", purpose=Purpose.consent)
    assert found.act.kind in (ActKind.leave_maybe, ActKind.other)


def test_a_leave_behind_what_stays_is_a_leave() -> None:
    assert act_of("no me den de baja a mí, pero a este otro número ya no le escriban").kind is ActKind.leave


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("por ahora no", Purpose.invitation),
        ("paso, gracias", Purpose.invitation),
        ("prefiero no participar", Purpose.consent),
    ],
)
def test_a_no_to_what_is_offered_is_its_answer(text: str, purpose: Purpose) -> None:
    form = form_of(AnswerKind.yes_no, [], {}, asked=phrase("¿Quiere recibir un consejo breve esta semana?"))
    found = understand(reader(form), text, AT, purpose=purpose)
    assert found.is_answer
    assert isinstance(found.outcome, Parsed)
    assert found.outcome.key == "no"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a mí no me tocó el taller", ActKind.about_message),
        ("de acuerdo, mañana le contesto", ActKind.deferral),
        ("esto no sirve para nada", ActKind.complaint),
        ("buen día a todos, bonito inicio de semana", ActKind.greeting),
        ("me acaban de dar este chip", ActKind.about_message),
        ("más tarde por favor, estoy en un filtro", ActKind.deferral),
        ("en media hora, ando en prácticas", ActKind.deferral),
        ("no hubo nada, al rato le respondo voy en la unidad", ActKind.deferral),
        ("el sueño que me quitan ustedes", ActKind.complaint),
        ("qué terquedad con preguntar por el riesgo", ActKind.complaint),
        ("Son las 2 de la madrugada oiga", ActKind.complaint),
        ("oí el audio pero no se entiende nada", ActKind.about_message),
        ("lo de ayer fue por el tiempo, corríjanlo", ActKind.correction),
        ("Sí contamos con servicio las 24 horas, envíe su dirección", ActKind.auto_reply),
        ("nada, gracias a ustedes", ActKind.ack),
        ("no, luego", ActKind.deferral),
        ("igual al rato le aviso", ActKind.deferral),
        ("hoy en la tarde le contesto", ActKind.deferral),
        ("no, permítame, me llaman por radio", ActKind.deferral),
        ("dígame la razón de esta pregunta", ActKind.question),
        ("3 minutitos por favor", ActKind.deferral),
        ("eso que pasó en cuál va", ActKind.question),
        ("lo que le dije ayer del riesgo no era de ese turno", ActKind.correction),
    ],
)
@pytest.mark.parametrize("form", CLOSED)
def test_a_word_of_an_answer_in_it_records_nothing(text: str, kind: ActKind, form: str) -> None:
    assert understand(READERS[form], text, AT).act.kind is kind


def test_a_greeting_of_everybody_chooses_nothing() -> None:
    found = understand(READERS["multi"], "buenas tardes, saludos a todos", AT)
    assert found.act.kind is ActKind.greeting
    assert not found.is_answer


def test_no_time_for_it_denies_it() -> None:
    found = understand(READERS["multi"], "escuché nada más, no me dio chance de saludar", AT)
    assert not found.is_answer or (isinstance(found.outcome, Parsed) and found.outcome.label == "Escuché")


def test_tomorrow_is_no_day_that_has_been() -> None:
    past = reader(form_of(AnswerKind.date, [], {}, asked=phrase("¿Qué día fue su último turno?")))
    coming = reader(form_of(AnswerKind.date, [], {}, asked=phrase("¿Qué día descansa?")))
    assert understand(past, "mañana", AT).act.kind is ActKind.deferral
    assert understand(coming, "mañana", AT).is_answer
