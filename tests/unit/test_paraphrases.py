"""Answers in other words: paraphrases of known options, facts that answer, and what is never taken from them."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.reply import form_of
from app.flows.replies import reader
from app.flows.replies.asked import said_again
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Parsed

AT = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("America/Mexico_City"))


def _scale(labels: str, question: str) -> Form:
    points = dict(enumerate(labels.split(","), 1))
    return form_of(AnswerKind.scale, [], points, minimum=1, maximum=5, asked=phrase(question))


def _listed(labels: str, question: str = "", kind: AnswerKind = AnswerKind.choice) -> Form:
    return form_of(kind, labels.split(","), {}, asked=phrase(question))


FORMS = {
    "contact": form_of(AnswerKind.yes_no, [], {}, asked=phrase("En su último turno, ¿tuvo contacto con ciudadanía?")),
    "tip": form_of(AnswerKind.yes_no, [], {}, asked=phrase("¿Quiere recibir un consejo breve esta semana?")),
    "plain": form_of(AnswerKind.yes_no, [], {}),
    "heard": _listed("Sí,No,No venía al caso", "¿Dejó que la persona contara su versión antes de decidir?"),
    "call": _listed("Auxilio o queja,Infracción o revisión,Conflicto vecinal,Detención,Otro", "¿Qué fue?"),
    "asked": _listed("Sí,No,No se pudo,No hacía falta", "¿Le preguntó qué había pasado?"),
    "filmed": _listed("Pedirle de usted que deje de grabar,Saludarlo de usted y seguir su trabajo,Grabarlo también", "¿Qué conviene?"),
    "task": _listed("Auxilio o queja,Conflicto,Detención,Orientación,No tuve contacto", "¿Qué atendió?"),
    "barrier": _listed("Tiempo,Riesgo,Órdenes,Actitud de la persona,Nada,Otro", "¿Qué lo dificultó?"),
    "reaction": _listed("Se calmó,Igual,Se molestó más", "¿Cómo reaccionó la persona?"),
    "principles": _listed(
        "Dar voz,Mostrar neutralidad,Tratar con respeto,Generar confianza", "¿Qué aplicó?", AnswerKind.multi
    ),
    "happened": _listed("Ya me ha tocado,No me ha tocado,Prefiero no contar"),
    "done": _listed("Saludé,Escuché,Expliqué el motivo,Dije qué sigue", "¿Qué hizo?", AnswerKind.multi),
    "sure": _scale("Nada,Poco,Regular,Bastante,Totalmente", "Del 1 al 5, ¿qué tan seguro o segura se siente?"),
    "agree": _scale("Muy en desacuerdo,En desacuerdo,Ni acuerdo ni desacuerdo,De acuerdo,Muy de acuerdo", "Escuchar ayuda."),
    "five": form_of(AnswerKind.number, [], {}, minimum=0, maximum=5),
    "minutes": form_of(AnswerKind.number, [], {}, minimum=0, maximum=600, units=("minutos",)),
    "ended": form_of(AnswerKind.time, [], {}, asked=phrase("¿A qué hora terminó su turno?")),
    "began": form_of(AnswerKind.time, [], {}, asked=phrase("¿A qué hora entró a su turno?")),
    "day": form_of(AnswerKind.date, [], {}, asked=phrase("¿Qué día fue su último turno?")),
    "next": form_of(AnswerKind.date, [], {}, asked=phrase("¿Qué día entra a su próximo turno?")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "value", "texts"),
    [
        ("contact", 1, "atendimos a varias personas|platiqué con una señora del mercado|como tres personas nomás|mucha gente"),
        ("contact", 0, "puro papeleo, sin gente|con nadie jefe|ni un alma|nadie se acercó en toda la noche|no salí de la base|no trato con la gente|no hubo nada, nadie se me arrimó"),
        ("contact", 1, "todo el turno|nomás le di orientación a un turista|siempre hay contacto con la gente|solo con una señora por una calle"),
        ("tip", 1, "mándelo|nunca está de más|siempre es bueno aprender"),
        ("tip", 0, "así déjelo|no necesito|mejor así"),
        ("heard", "si", "lo dejé hablar|le di chance de explicarse|la escuché completa|se le escuchó|le pedí que me contara qué pasó"),
        ("heard", "no", "no lo dejé hablar|lo interrumpí|ni tiempo le di|decidí antes de que hablara|primero lo infraccioné"),
        ("heard", "no_venia_al_caso", "no hacía falta|estaba inconsciente|nomás me preguntó por una calle|fue un saludo, no había nada que decidir"),
        ("principles", "dar_voz tratar_con_respeto", "voz y respeto|di voz y traté con respeto|los de voz, respeto"),
        ("happened", "ya_me_ha_tocado", "ya me tocó|sí me ha pasado igualito"),
        ("happened", "no_me_ha_tocado", "nunca me ha tocado|no me ha pasado"),
        ("heard", "no", "no le di chance"),
        ("call", "auxilio_o_queja", "auxiliamos a un señor que chocó|apoyé a una señora con una llanta"),
        ("call", "infraccion_o_revision", "le pusimos una multa|un retén|revisamos una camioneta"),
        ("call", "conflicto_vecinal", "un pleito de vecinas|una riña entre vecinos"),
        ("call", "detencion", "se lo llevaron detenido|lo remitimos al juez|lo pusimos a disposición"),
        ("barrier", "tiempo", "andábamos con prisa|no me dio tiempo|teníamos otro servicio pendiente"),
        ("barrier", "riesgo", "traía un cuchillo|nos rodearon"),
        ("barrier", "ordenes", "orden del mando|mi comandante ordenó que lo remitiera"),
        ("barrier", "actitud_de_la_persona", "no quería cooperar|andaba ebrio y necio"),
        ("barrier", "actitud_de_la_persona", "que no me hacía caso"),
        ("barrier", "nada", "ninguna cosa|no hubo ninguna dificultad|nada lo dificultó, gracias"),
        ("reaction", "se_molesto_mas", "se puso al brinco|nos mentó la madre|empezó a gritar"),
        ("reaction", "se_calmo", "le bajó al enojo|ya no gritaba|me dio las gracias"),
        ("reaction", "igual", "siguió en las mismas|no cambió nada|igual de molesto que como llegó"),
        ("sure", 5, "100% seguro|al cien|5 jefe, al cien|sin ninguna duda"),
        ("sure", 3, "un 3 porque depende de la persona|más o menos|ni mucho ni poco"),
        ("sure", 2, "casi nada|poca segura|pues yo me pondría un 2, siendo honesta|no muy seguro"),
        ("sure", 3, "3, depende|del uno al cinco, tres"),
        ("sure", 1, "1, no me sale"),
        ("sure", 4, "antes era 2 ahora ya es 4|bastante segura"),
        ("agree", 4, "algo de acuerdo|más de acuerdo que en desacuerdo"),
        ("agree", 3, "a veces sí y a veces no"),
        ("agree", 2, "no estoy de acuerdo"),
        ("agree", 1, "en total desacuerdo|para nada estoy de acuerdo"),
        ("asked", "si", "le pregunté qué pasó y me contó todo|fue lo primero que hice"),
        ("asked", "no", "se me pasó preguntarle|me fui directo a la revisión|ni se me ocurrió|no se le preguntó|se me pasó"),
        ("asked", "no_se_pudo", "nel, no hubo modo|no quiso contestarme nada|venía muy borracho y no se le entendía"),
        ("asked", "no_hacia_falta", "nomás quería saber dónde hay un banco|no lo vi necesario"),
        ("asked", "si", "le pregunté pero no me quiso decir|a veces no, pero esta vez sí"),
        ("contact", 1, "un montón|poca pero sí|no mucho pero sí|hablé con media colonia|puro contacto"),
        ("contact", 0, "solo con mis compañeros|todo el turno en las cámaras"),
        ("barrier", "nada", "no se me dificultó|nada, todo leve"),
        ("barrier", "ordenes", "la orden era no hablar con nadie"),
        ("five", 3, "en 3, porque en los otros dos llevaba prisa"),
        ("minutes", 75, "1:15 hrs"),
        ("done", "salude escuche", "1 y 2 porque ya se iba"),
        ("reaction", "se_calmo", "se cal mo"),
        ("asked", "no_se_pudo", "no pude|no hubo chance|estaba desmayado|salió corriendo"),
        ("asked", "no_hacia_falta", "no fue necesario|solita me dijo todo|para qué le preguntaba"),
        ("filmed", "pedirle_de_usted_que_deje_de_grabar", "decirle que ya no grabe|pedirle que guarde el celular"),
        ("filmed", "saludarlo_de_usted_y_seguir_su_trabajo", "un saludo y sigo en lo mío|que grabe, yo sigo con mi servicio"),
        ("filmed", "grabarlo_tambien", "yo también lo grabo|saco mi celular y grabo"),
        ("task", "conflicto", "una riña|un pleito por un terreno|estaban agarrados a golpes"),
        ("task", "orientacion", "me preguntó dónde queda el hospital"),
        ("task", "no_tuve_contacto", "nadie|no atendí a nadie"),
        ("barrier", "nada", "nada, de lujo|no batallé"),
        ("five", 4, "en todos menos uno|4 porque uno no quiso"),
        ("minutes", 60, "1h|1 h"),
        ("minutes", 90, "1.5 horas|hora y media|hora y media con todo y papeleo"),
        ("minutes", 80, "una hora con veinte por el trámite"),
        ("minutes", 45, "tres cuartos de hora"),
        ("minutes", 35, "eran 2 personas y tardamos 35 minutos con las dos"),
        ("ended", "20:00", "entré a las 8 de la mañana y salí a las 8 de la noche|salí hasta las 8 pm por una puesta a disposición"),
        ("began", "08:00", "entré a las 8 de la mañana y salí a las 8 de la noche"),
        ("day", "2026-03-02", "ayer salí de guardia|trabajé ayer|descansé el sábado, o sea que ayer fue"),
        ("next", "2026-03-05", "el jueves"),
    ],
)  # fmt: skip
def test_what_is_said_in_other_words_is_the_answer(form: str, value: object, texts: str) -> None:
    for text in texts.split("|"):
        found = reader(FORMS[form]).read(text, AT)
        assert isinstance(found, Parsed), text
        assert found.value == value, text


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("le di las buenas tardes y le dije por qué lo paraba", "salude explique_el_motivo"),
        ("no saludé, pero sí escuché", "escuche"),
        ("le expliqué el motivo y lo que procedía", "explique_el_motivo dije_que_sigue"),
        ("no saludé pero sí expliqué el motivo", "explique_el_motivo"),
        ("todas menos saludar", "escuche explique_el_motivo dije_que_sigue"),
        ("saludo, escucha, motivo y qué sigue", "salude escuche explique_el_motivo dije_que_sigue"),
        ("todo eso", "salude escuche explique_el_motivo dije_que_sigue"),
        ("hice las 4 como en el taller", "salude escuche explique_el_motivo dije_que_sigue"),
        ("las tres primeras nada más", "salude escuche explique_el_motivo"),
    ],
)
def test_several_in_other_words(text: str, keys: str) -> None:
    found = reader(FORMS["done"]).read(text, AT)
    assert isinstance(found, Parsed)
    assert found.key == keys


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("contact", "casi no hubo gente|no hubo turno sin gente|atendimos a varias personas pero no platicamos con nadie|estaba franco pero el turno de antes sí|en la oficina"),
        ("plain", "atendimos a varias personas|puro papeleo"),
        ("heard", "lo escuché a medias|nunca lo interrumpí|lo interrumpí y luego lo dejé hablar"),
        ("call", "evitamos una riña entre vecinos|no lo remitimos|casi lo detuvimos|un choque y detuvimos a uno|quizá una infracción"),
        ("barrier", "no traía prisa|con prisa y el jefe ordenó que ya|nos dieron dinero para la prisa"),
        ("reaction", "para nada se puso agresivo|nada tranquila|poco tranquila|se hubiera calmado si hubiera tiempo|no se puso al brinco|se calmó o se puso al brinco|uno se calmó y el otro se puso al brinco"),
        ("agree", "poco de acuerdo|depende"),
        ("principles", "no hubo respeto|voz o respeto"),
        ("asked", "se me olvidó|no se pudo abrir|quizá le pregunté"),
        ("filmed", "primero puse la 1 pero ya viendo es la 2"),
        ("task", "en 5"),
        ("happened", "casi me toca|quizá ya me tocó"),
        ("sure", "3, o 4|4, digo 3|un 3 o 4 porque depende|1 muy seguro|entre 3 y 4|un 5 de mayo|casi 5|ni 5"),
        ("five", "casi todos|todos menos varios"),
        ("minutes", "no fue media hora|2 semanas|casi hora y media"),
        ("ended", "entré a las 8 de la mañana|salí a las 7 o 8 pm|no salí a las 8 pm"),
        ("day", "descansé ayer|ayer o antier salí|mañana trabajo"),
        ("done", "quise saludar pero no|me saludó él|ni saludé|saludé o escuché|no saludé|hice las 3 como en el taller|no hice las 4"),
    ],
)  # fmt: skip
def test_a_denial_a_doubt_or_a_second_thing_takes_nothing(form: str, texts: str) -> None:
    read = reader(FORMS[form])
    assert [text for text in texts.split("|") if isinstance(read.read(text, AT), Parsed)] == []


def test_a_story_is_proposed_by_how_it_ended() -> None:
    found = reader(FORMS["reaction"]).probable("al principio gritaba, después se calmó")
    assert found is not None
    assert found.key == "se_calmo"
    assert reader(FORMS["reaction"]).probable("gritaba y estaba tranquila") is None


def test_what_is_named_surely_and_first_is_proposed() -> None:
    found = reader(FORMS["call"]).probable("detuvimos a un chavo por robo")
    assert found is not None
    assert found.key == "detencion"


@pytest.mark.parametrize("text", ["buenas noches, a sus órdenes", "ando saliendo del turno"])
def test_courtesy_and_work_propose_nothing(text: str) -> None:
    assert reader(FORMS["barrier"]).probable(text) is None
    assert reader(_listed("Los callo,Escucho por turnos,Le creo a uno")).probable(text) is None


@pytest.mark.parametrize("text", ["a las 8", "como a las 7 y media", "12", "a la 1", "a las 4"])
def test_an_hour_without_its_half_of_the_day_is_no_proposal(text: str) -> None:
    """The question is asked again, of the morning or of the afternoon: a proposal of one half leads the officer to it."""
    assert reader(FORMS["ended"]).probable(text) is None


@pytest.mark.parametrize("text", ["7 u 8", "entre 7 y 8", "no fue a las 8", "tengo 3 hijos", "a las 8 y pico"])
def test_no_single_hour_is_no_proposal(text: str) -> None:
    assert reader(FORMS["ended"]).probable(text) is None


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("minutes", 30, "de las 10 a las 10:30"),
        ("minutes", 25, "empezamos 4:10 y acabamos 4:35"),
        ("minutes", 8, "menos de diez, ponle ocho"),
        ("five", 4, "nomás a uno no lo dejé porque venía armado"),
        ("five", 4, "casi todos"),
        ("five", 4, "4 y el otro no quiso hablar"),
        ("five", 4, "casi todos, cuatro"),
        ("five", 4, "4 de 5, uno se me fue"),
        ("five", 5, "en el 100% de los casos"),
        ("minutes", 40, "no traía reloj pero le calculo unos cuarenta"),
        ("minutes", 180, "entre que llegó la ambulancia, como tres horas"),
        ("five", 3, "en los últimos 5, en 3"),
        ("minutes", 5, "no más de 5"),
        ("minutes", 40, "40 y tantos"),
        ("five", 2, "puse 3 pero bien contados son 2"),
    ],
)
def test_a_number_is_worked_out_and_proposed(form: str, value: int, text: str) -> None:
    found = reader(FORMS[form]).probable(text)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    [
        "más de 3",
        "hasta 4",
        "entre 3 y 4",
        "3 o 4",
        "3 por turno",
        "2 y media",
        "uno hace lo que puede",
        "ni 5 minutos",
        "casi una hora",
    ],
)
def test_a_bounded_or_a_second_number_is_no_proposal(text: str) -> None:
    assert reader(FORMS["five"]).probable(text) is None
    assert reader(FORMS["minutes"]).probable(text) is None


@pytest.mark.parametrize(
    "text", ["ni idea, me tuve que ir a otro servicio", "no supe, se la llevó la ambulancia", "no me fijé la verdad"]
)
def test_not_knowing_with_a_reason_is_its_code(text: str) -> None:
    form = replace(FORMS["reaction"], missing=frozenset("d"))
    found = reader(form).read(text, AT)
    assert isinstance(found, Parsed)
    assert found.missing == "d"
    again = reader(form).read("ni idea, se puso al brinco", AT)
    assert not isinstance(again, Parsed) or again.missing is None


def test_words_of_a_question_are_said_again_unless_they_mean_something() -> None:
    again = said_again(phrase("¿A qué hora terminó su primer servicio, nunca o en 5 minutos?"))
    assert {"termino", "termine", "terminamos"} <= again
    assert not {"nunca", "minutos", "primer", "hora", "servicio"} & again


_WORDS = "no si se puso al brinco calmó prisa orden del mando uno 5 hora y media salí a las 8 pm ayer descansé , pero luego todas menos saludé"


@given(text=st.text(max_size=60) | st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join))
def test_no_text_raises(text: str) -> None:
    for form in FORMS.values():
        assert not isinstance(reader(form).read("...", AT), Parsed)
        found = reader(form).read(text, AT)
        assert not isinstance(found, Parsed) or 0 < found.score <= 1
