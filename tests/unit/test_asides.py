"""Messages that are no attempt to answer: the question stays open as it was, and each kind is answered once in a while."""

from datetime import timedelta

import pytest

from app.flows.engine.asides import TOLD_AGAIN, needs_person, notice_of, unasked
from app.flows.engine.events import ConsentRecorded, Failure, MessageCreated, PersonNeeded, ReplySetAside, ReplyUnclear
from app.flows.language.notices import Notices
from app.flows.replies.acts import act_of
from app.flows.replies.message import Act, ActKind
from app.flows.replies.topics import topic_of
from tests.unit.test_engine import REPORT, Talk, compiled, responses, texts, unchecked

CONSENT = compiled("""
  permiso:
    title: Permiso
    kind: consent
    steps:
      - ask: acepta
        text: ¿Acepta participar?
        answer: yes_no
        consent: aviso_1
        records: consent_given
        go: {unclear: fin}
      - say: fin
        text: Gracias.
""")
INVITED = compiled("""
  invita:
    title: Invita
    kind: survey
    steps:
      - ask: puede
        text: ¿Puede contestar unas preguntas?
        answer: yes_no
        invitation: true
        records: can
        go: {no: end}
      - ask: contacto
        text: ¿Tuvo contacto?
        answer: {yes_no: {}, missing: [r]}
        records: contact_any
""")
ASIDES = [
    ("Hola", "Saludos. La pregunta anterior sigue abierta."),
    ("buenas tardes", "Saludos. La pregunta anterior sigue abierta."),
    ("ok", "Gracias. Falta su respuesta. La pregunta anterior sigue abierta."),
    ("👍", "Gracias. Falta su respuesta. La pregunta anterior sigue abierta."),
    ("al rato le contesto", "Claro, conteste cuando pueda."),
    ("no, estoy manejando", "Claro, conteste cuando pueda."),
    ("prefiero no decir", "Está bien, no tiene que contestar si no quiere. La pregunta anterior sigue abierta."),
    ("aguanta, hay balacera", "Claro, conteste cuando pueda."),
    (
        "no entendí la pregunta",
        "Gracias por avisar. Lo va a leer una persona del equipo. La pregunta anterior sigue abierta.",
    ),
    ("no me llegó", "Gracias por avisar. Lo va a leer una persona del equipo."),
    ("me equivoqué", "Para corregir su respuesta anterior, escriba ATRAS."),
    ("fin", "¿Quiere dejar de recibir mensajes? Responda BAJA."),
    ("", "Por aquí solo se puede leer texto. La pregunta anterior sigue abierta."),
]


@pytest.mark.parametrize(("text", "said"), ASIDES)
def test_what_is_no_answer_uses_no_try_and_is_answered_once(text: str, said: str) -> None:
    talk = Talk(REPORT, "reporte")
    first, *others = [talk.say(text) for _ in range(4)]
    assert all(isinstance(events[0], ReplySetAside) and not responses(events) for events in (first, *others))
    assert texts(first) == [said]
    assert [texts(events) for events in others] == [[], [], []]
    assert talk.sprint.state is not None
    assert talk.sprint.state.attempts == 0
    assert responses(talk.say("1")) == [("contact_any", 1, "ok")]


def test_an_answer_in_a_while_may_be_given_again() -> None:
    talk = Talk(REPORT, "reporte")
    talk.say("hola")
    talk.at += TOLD_AGAIN - timedelta(minutes=1)
    assert texts(talk.say("hola")) == []
    talk.at += timedelta(minutes=1)
    assert len(texts(talk.say("hola"))) == 1


def test_a_yes_to_leaving_is_no_answer_to_the_question() -> None:
    """«¿Quiere dejar de recibir mensajes?» — «sí»: it may mean either, so the way out and the question are put once more."""
    talk = Talk(REPORT, "reporte")
    talk.say("fin")
    events = talk.say("sí")
    assert texts(events) == ["Para salir, escriba BAJA. La pregunta anterior sigue abierta."]
    assert any(isinstance(event, PersonNeeded) for event in events)
    assert responses(events) == []
    assert responses(talk.say("sí")) != []


def test_the_number_of_an_option_answers_the_question_above_leaving() -> None:
    talk = Talk(REPORT, "reporte")
    talk.say("fin")
    assert responses(talk.say("1")) != []


def test_an_automatic_reply_gets_none() -> None:
    events = Talk(REPORT, "reporte").say("Este es un mensaje automático, estoy fuera de la oficina")
    assert [type(event) for event in events] == [ReplySetAside]


def test_the_options_stand_below_what_reminds_of_the_question() -> None:
    (message,) = [event for event in Talk(REPORT, "reporte").say("hola") if isinstance(event, MessageCreated)]
    assert [option.label for option in message.options] == ["Sí", "No"]
    assert message.kind == "aside"


def test_an_ok_answers_an_invitation_and_no_fact() -> None:
    talk = Talk(INVITED, "invita")
    assert responses(talk.say("ok")) == [("can", 1, "ok")]
    assert responses(talk.say("ok")) == []
    assert responses(talk.say("vale")) == []


def test_a_refusal_is_an_answer_where_the_question_allows_it() -> None:
    talk = Talk(INVITED, "invita")
    talk.say("sí")
    (event,) = [event for event in talk.say("eso no se lo voy a decir, es personal") if hasattr(event, "missing")]
    assert (event.missing, event.status) == ("r", "ok")  # type: ignore[union-attr]


def test_many_words_are_told_back_with_the_way_back_while_there_is_one() -> None:
    talk = Talk(INVITED, "invita")
    assert texts(talk.say("sí jefe con todo gusto muchas gracias, buenas tardes"))[0] == (
        "Anoté: Sí. Si no es así, escriba ATRAS."
    )
    assert texts(talk.say("no jefe, fíjese que ese día no tuve contacto")) == ["Anoté: No."]
    assert texts(Talk(INVITED, "invita").say("sí")) == ["¿Tuvo contacto?"]


def test_the_first_clarification_says_how_to_leave() -> None:
    talk = Talk(INVITED, "invita")
    assert texts(talk.say("depende")) == ["No entendí. Para salir, escriba BAJA."]
    talk.say("sí")
    assert texts(talk.say("depende")) == ["No entendí."]


@pytest.mark.parametrize(
    "text",
    [
        "me obligan",
        "sí, por obligación",
        "si usted lo ordena",
        "sí, porque me lo ordenaron",
        "sí, mi comandante me dijo que aceptara",
        "sí, siempre y cuando sea anónimo",
        "si no me queda de otra sí",
        "acepto si no afecta mi servicio",
        "sí pero no me hablen en la noche",
        "acepto pero que no se entere mi jefe",
        "acepto nada más si me pagan",
    ],
)
def test_a_yes_that_is_not_free_goes_to_a_person_and_is_no_consent(text: str) -> None:
    talk = Talk(CONSENT, "permiso")
    events = talk.say(text)
    assert any(isinstance(event, PersonNeeded) for event in events)
    assert not any(isinstance(event, ConsentRecorded | ReplyUnclear) for event in events)
    assert len(texts(events)) == 1
    assert not any(isinstance(event, ConsentRecorded) for event in talk.say("ok"))  # an answer to what we said
    (given,) = [event for event in talk.say("acepto") if isinstance(event, ConsentRecorded)]
    assert given.granted


@pytest.mark.parametrize(
    "text",
    [
        "quiero hablar con una persona",
        "¿Quién lee lo que contesto? Quisiera hablar con una persona",
        "necesito hablar con ustedes porfa",
        "¿hay alguien con quien pueda hablar?",
        "disculpe me pueden marcar por favor",
    ],
)
def test_who_asks_for_a_person_gets_no_answer_of_a_machine_alone(text: str) -> None:
    assert topic_of(text) is None
    assert act_of(text).kind is ActKind.question


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("¿Quién es?", "who"),
        ("de parte de quién", "who"),
        ("¿De dónde sacaron mi número?", "number"),
        ("¿quién les dio mi teléfono?", "number"),
        ("¿Es obligatorio?", "voluntary"),
        ("¿y si no contesto qué pasa si no contesto?", "voluntary"),
        ("¿Quién ve mis respuestas?", "privacy"),
        ("¿mis jefes van a ver esto?", "privacy"),
        ("¿Para qué es?", "purpose"),
        ("¿de qué se trata esto?", "purpose"),
    ],
)
def test_questions_about_the_programme_have_their_own_answers(text: str, topic: str) -> None:
    assert topic_of(text) == topic
    talk = Talk(CONSENT, "permiso")
    default = str(Notices.model_fields[f"question_{topic}"].default)
    assert texts(talk.say(text)) == [f"{default} La pregunta anterior sigue abierta."]
    assert unasked(act_of(text), text) == (f"question_{topic}", False)


def test_every_act_has_its_notice_or_none() -> None:
    for kind in ActKind:
        name = notice_of(Act(kind, "test"), "")
        assert name is None or name in REPORT.notices
        assert isinstance(needs_person(Act(kind, "test")), bool)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("gracias", (None, False)),
        ("ok", (None, False)),
        ("hola", ("nothing_open", False)),
        ("fin", ("leave_maybe", True)),
        ("¿cuánto dura el taller?", ("question", True)),
        ("quiero un caballo", ("nothing_open", True)),
    ],
)
def test_while_nothing_is_open(text: str, answer: tuple[str | None, bool]) -> None:
    assert unasked(act_of(text), text) == answer


def test_a_flow_that_fails_tells_nothing_back() -> None:
    broken = unchecked("""
  roto:
    title: Roto
    kind: survey
    steps:
      - {ask: puede, text: "¿Puede?", answer: yes_no, records: can}
      - {say: fin, text: "{{ nadie }}"}
""")
    events = Talk(broken, "roto").say("sí jefe con todo gusto muchas gracias, buenas tardes")
    assert any(isinstance(event, Failure) for event in events)
    assert texts(events) == []
