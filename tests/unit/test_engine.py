"""The engine: by example, and for random replies over the whole programme. The state goes through JSON between turns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.engine.engine import (
    MOST_CALLS,
    MOST_STEPS,
    Back,
    Contact,
    Input,
    Reply,
    Wake,
    late_response,
    resume,
    start,
)
from app.flows.engine.events import (
    ConsentRecorded,
    Event,
    Failure,
    MessageCreated,
    PersonNeeded,
    ReplyUnclear,
    ResponseRecorded,
    ResponseSuperseded,
    SessionEnded,
    SessionOutcome,
    Sprint,
)
from app.flows.engine.render import fill, placeholders
from app.flows.engine.state import State
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.flows.yaml.source import read
from tests.shares import asserted, mostly

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
ALMA = Contact("es-MX", "America/Mexico_City", {"nombre": "Alma", "sector": "norte"})
HEAD = """
programme: prueba
title: Prueba
timezone: America/Mexico_City
languages: [en]
fields: [sector]
notices: {help: a, opted_out: b, opted_in: c, paused: d, nothing_open: e, unclear: No entendí.}
principles: {voz: {label: Dar voz}}
answers:
  si_no: {si: {label: Sí, value: 1}, no: {label: No, value: 0}}
  acuerdo: {scale: {min: 1, max: 5, labels: {1: Muy en desacuerdo, 5: Muy de acuerdo}}}
flows:
"""


def compiled(flows: str) -> CompiledProgramme:
    loaded = load(HEAD + flows, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    return bind(loaded.programme, "v1")


def unchecked(flows: str) -> CompiledProgramme:
    """A compiled programme that the checks would refuse: what the engine does if one slips through."""
    return bind(Programme.model_validate(read(HEAD + flows, "prueba.yaml").data), "v1")


class Talk:
    """One conversation, with every state read back from its JSON."""

    def __init__(self, made: CompiledProgramme, flow: str, contact: Contact = ALMA) -> None:
        self.compiled, self.contact, self.at = made, contact, AT
        self.sprint: Sprint = start(made, flow, contact, AT)

    def give(self, given: Input) -> tuple[Event, ...]:
        state = self.sprint.state
        assert state is not None, "the conversation is over"
        reloaded = State.from_json(state.to_json())
        assert reloaded == state
        before = state.to_json()
        self.sprint = resume(self.compiled, reloaded, self.contact, given, self.at)
        assert reloaded.to_json() == before, "resume changed the state it was given"
        return self.sprint.events

    def say(self, text: str) -> tuple[Event, ...]:
        return self.give(Reply(text))

    def wake(self, **later: float) -> tuple[Event, ...]:
        self.at += timedelta(**later)
        return self.give(Wake())


def texts(events: tuple[Event, ...]) -> list[str]:
    return [event.text for event in events if isinstance(event, MessageCreated)]


def responses(events: tuple[Event, ...]) -> list[tuple[str, object, str]]:
    return [(event.variable, event.value, event.status) for event in events if isinstance(event, ResponseRecorded)]


REPORT = compiled("""
  reporte:
    title: Reporte
    kind: report
    principle: voz
    expires: 48h
    reminder: {after: 24h, text: "{{ nombre }}, ¿nos contesta?"}
    steps:
      - say: hola
        text: "{{ nombre }}, una pregunta."
      - ask: contacto
        text: ¿Tuvo contacto?
        answer: si_no
        records: contact_any
        go: {no: fin, unclear: fin}
        feedback: {no: "Está bien."}
      - ask: veces
        text: ¿Cuántas veces?
        answer: {number: {min: 0, max: 5}, missing: [d]}
        records: times
        timeout: 6h
        go: {timeout: fin, missing: fin}
      - say: varias
        when: {step: veces, at_least: 3}
        text: Son varias.
      - say: pocas
        when: {not: {step: veces, at_least: 3}}
        text: Son pocas.
      - say: fin
        text: Gracias.
""")


TWICE = compiled("""
  reporte:
    title: Reporte
    kind: report
    principle: voz
    expires: 48h
    reminder: {after: 24h, text: "{{ nombre }}, ¿nos contesta?"}
    steps:
      - ask: contacto
        text: ¿Tuvo contacto?
        answer: si_no
        records: contact_any
      - ask: veces
        text: ¿Cuántas veces?
        answer: {number: {min: 0, max: 5}}
        records: times
""")


def test_the_first_sprint_goes_up_to_the_first_question() -> None:
    sprint = Talk(REPORT, "reporte").sprint
    assert texts(sprint.events) == ["Alma, una pregunta.", "¿Tuvo contacto?"]
    assert sprint.path == ("reporte.hola", "reporte.contacto")
    assert sprint.state is not None
    assert (sprint.state.step, sprint.state.wake_at) == ("contacto", AT + timedelta(hours=24))


def test_an_answer_leads_on() -> None:
    talk = Talk(REPORT, "reporte")
    assert responses(talk.say("simón")) == [("contact_any", 1, "ok")]
    events = talk.say("4")
    assert texts(events) == ["Son varias.", "Gracias."]
    assert events[-1] == SessionEnded(SessionOutcome.completed)
    assert talk.sprint.state is None


def test_answers_in_two_messages_are_read_in_their_order() -> None:
    talk = Talk(REPORT, "reporte")
    assert responses(talk.say("Sí")) == [("contact_any", 1, "ok")]
    events = talk.say("bueno, dos veces")
    assert responses(events) == [("times", 2, "ok")]
    assert texts(events) == ["Son pocas.", "Gracias."]


def test_feedback_and_a_branch() -> None:
    assert texts(Talk(REPORT, "reporte").say("no")) == ["Está bien.", "Gracias."]


def test_one_clarification_then_a_person() -> None:
    talk = Talk(REPORT, "reporte")
    first = talk.say("depende")
    assert isinstance(first[0], ReplyUnclear)
    assert texts(first) == ["No entendí. Para salir, escriba BAJA."]
    assert [choice.label for choice in first[1].options] == ["Sí", "No"]  # type: ignore[union-attr]
    second = talk.say("quién sabe")
    assert responses(second) == [("contact_any", None, "unclear")]
    assert any(isinstance(event, PersonNeeded) for event in second)
    assert texts(second) == ["Gracias."]


SILENT = """
  reporte:
    title: Reporte
    kind: report
    principle: voz
    steps:
      - ask: contacto
        text: ¿Tuvo contacto?
        answer: si_no
        records: contact_any
      - end: fin
"""


@pytest.mark.parametrize("closing", ["      - end: fin\n", "", "      - end: fin\n        text: Hasta luego.\n"])
def test_no_conversation_ends_on_an_unclear_reply_without_a_word(closing: str) -> None:
    talk = Talk(compiled(SILENT.replace("      - end: fin\n", closing)), "reporte")
    talk.say("depende")
    events = talk.say("quién sabe")
    said = "No le entendimos, pero no hay problema. Alguien del equipo va a leer su mensaje. Gracias."
    assert texts(events) == ["Hasta luego." if "Hasta" in closing else said]
    assert isinstance(events[-1], SessionEnded)


def test_a_missing_code_where_the_question_allows_it() -> None:
    talk = Talk(REPORT, "reporte")
    talk.say("sí")
    events = talk.say("no sé")
    assert isinstance(events[0], ResponseRecorded)
    assert (events[0].missing, events[0].value) == ("d", None)
    assert texts(events) == ["Gracias."]


def test_a_reminder_once_then_expiry() -> None:
    talk = Talk(REPORT, "reporte")
    assert texts(talk.wake(hours=23)) == []
    assert texts(talk.wake(hours=1)) == ["Alma, ¿nos contesta?\n¿Tuvo contacto?"]
    assert texts(talk.wake(hours=1)) == []
    assert talk.wake(hours=23)[-1] == SessionEnded(SessionOutcome.expired)


def test_a_conversation_has_one_reminder_whatever_is_asked_after_it() -> None:
    talk = Talk(TWICE, "reporte")
    assert texts(talk.wake(hours=24)) == ["Alma, ¿nos contesta?\n¿Tuvo contacto?"]
    talk.say("sí")
    assert talk.sprint.state is not None
    assert talk.sprint.state.wake_at == AT + timedelta(hours=24 + 48)
    assert texts(talk.wake(hours=24)) == []
    assert texts(talk.give(Back())) == ["¿Tuvo contacto?"]
    assert texts(talk.wake(hours=24)) == []
    assert talk.wake(hours=24)[-1] == SessionEnded(SessionOutcome.expired)


def test_a_timeout_takes_its_own_way() -> None:
    talk = Talk(REPORT, "reporte")
    talk.say("sí")
    assert talk.sprint.state is not None
    assert talk.sprint.state.wake_at == AT + timedelta(hours=6)
    assert texts(talk.wake(hours=6)) == ["Gracias."]


def test_going_back_asks_again_and_supersedes() -> None:
    talk = Talk(REPORT, "reporte")
    talk.say("sí")
    events = talk.give(Back())
    assert events[0] == ResponseSuperseded("reporte", "contacto")
    assert texts(events) == ["¿Tuvo contacto?"]
    assert texts(talk.give(Back())) == ["¿Tuvo contacto?"], "before the first question there is nothing to go back to"
    assert texts(talk.say("no")) == ["Está bien.", "Gracias."]


def test_a_button_is_its_option_whatever_its_title() -> None:
    events = Talk(REPORT, "reporte").give(Reply("¡Claro!", button="no"))
    assert isinstance(events[0], ResponseRecorded)
    assert (events[0].key, events[0].rule) == ("no", "button")


def test_a_button_that_is_no_option_is_read_as_text() -> None:
    assert responses(Talk(REPORT, "reporte").give(Reply("sí", button="otra"))) == [("contact_any", 1, "ok")]


def test_late_answers_are_understood_without_a_state() -> None:
    found = late_response(REPORT, "reporte", "veces", ALMA, Reply("dos"), AT, AT + timedelta(days=3))
    assert found is not None
    assert (found.value, found.status) == (2, "ok")
    assert late_response(REPORT, "reporte", "hola", ALMA, Reply("dos"), AT, AT) is None
    assert late_response(REPORT, "otro", "veces", ALMA, Reply("dos"), AT, AT) is None


def test_sub_flows_have_arguments_and_return() -> None:
    made = compiled("""
  madre:
    title: Madre
    kind: tip
    steps:
      - ask: uno
        text: ¿Qué tema?
        answer: text
        records: tema_dicho
      - call: hija
        flow: hija
        with: {tema: "{{ tema_dicho }}", vuelta: 2}
      - say: fin
        text: "De regreso."
  hija:
    title: Hija
    kind: tip
    takes: [tema, vuelta]
    steps:
      - ask: dos
        text: "De {{ tema }}, vuelta {{ vuelta }}: ¿algo?"
        answer: text
""")
    talk = Talk(made, "madre")
    assert texts(talk.say("voz")) == ["De voz, vuelta 2: ¿algo?"]
    assert talk.sprint.state is not None
    assert [frame.flow for frame in talk.sprint.state.frames] == ["madre", "hija"]
    assert texts(talk.say("sí")) == ["De regreso."]


CALLING = """
  madre:
    title: Madre
    kind: survey
    steps:
      - {ask: uno, text: "¿Uno?", answer: yes_no}
      - {call: hija, flow: hija}
      - {ask: cuatro, text: "¿Cuatro?", answer: yes_no}
      - {say: fin, text: Gracias.}
  hija:
    title: Hija
    kind: survey
    steps:
      - {ask: dos, text: "¿Dos?", answer: yes_no}
      - {call: nieta, flow: nieta}
  nieta:
    title: Nieta
    kind: survey
    steps:
      - {ask: tres, text: "¿Tres?", answer: yes_no}
"""


def test_going_back_enters_the_called_flows_that_have_returned_and_leaves_them_again() -> None:
    talk = Talk(compiled(CALLING), "madre")
    for asked in ("¿Dos?", "¿Tres?", "¿Cuatro?"):
        assert texts(talk.say("sí")) == [asked]
    for flow, step, asked in (("nieta", "tres", "¿Tres?"), ("hija", "dos", "¿Dos?"), ("madre", "uno", "¿Uno?")):
        events = talk.give(Back())
        assert (events[0], texts(events)) == (ResponseSuperseded(flow, step), [asked])
    assert texts(talk.give(Back())) == ["¿Uno?"], "before the first question there is nothing to go back to"
    assert [texts(talk.say("no")) for _ in range(4)] == [["¿Dos?"], ["¿Tres?"], ["¿Cuatro?"], ["Gracias."]]


def test_after_going_back_into_a_called_flow_it_returns_to_its_call() -> None:
    talk = Talk(compiled(CALLING), "madre")
    for _ in range(3):
        talk.say("sí")
    talk.give(Back())
    assert talk.sprint.state is not None
    assert [(frame.flow, frame.step) for frame in talk.sprint.state.frames] == [
        ("madre", "hija"),
        ("hija", "nieta"),
        ("nieta", "tres"),
    ]
    assert responses(talk.say("no")) == [("nieta_tres", 0, "ok")]
    assert talk.sprint.state is not None
    assert (talk.sprint.state.flow, talk.sprint.state.step) == ("madre", "cuatro")
    assert texts(talk.say("sí")) == ["Gracias."]


def test_a_called_flow_in_which_nothing_was_asked_is_not_gone_back_to() -> None:
    made = compiled("""
  madre:
    title: Madre
    kind: tip
    steps:
      - {ask: uno, text: "¿Uno?", answer: yes_no}
      - {call: hija, flow: hija}
      - {ask: dos, text: "¿Dos?", answer: yes_no}
  hija:
    title: Hija
    kind: tip
    steps:
      - {say: dicho, text: Un dicho.}
""")
    talk = Talk(made, "madre")
    assert texts(talk.say("sí")) == ["Un dicho.", "¿Dos?"]
    assert texts(talk.give(Back())) == ["¿Uno?"]


def test_a_question_to_go_back_to_that_this_version_has_no_more_ends_the_session() -> None:
    talk = Talk(compiled(CALLING), "madre")
    for _ in range(3):
        talk.say("sí")
    assert talk.sprint.state is not None
    other = compiled(CALLING.replace("nieta", "sobrina"))
    events = resume(other, talk.sprint.state, ALMA, Back(), AT).events
    assert [event.code for event in events if isinstance(event, Failure)] == ["step-gone"]


def test_a_repeat_is_written_out_and_reads_its_scale() -> None:
    made = compiled("""
  encuesta:
    title: Encuesta
    kind: survey
    steps:
      - repeat: act
        text: "Diga qué tan de acuerdo está: {{ item }}"
        answer: acuerdo
        level: internal
        items:
          escuchar: {text: Vale la pena escuchar.}
          explicar: {text: Explicar resta autoridad., reverse: true, records: att_explicar}
""")
    talk = Talk(made, "encuesta")
    assert texts(talk.sprint.events) == ["Diga qué tan de acuerdo está: Vale la pena escuchar."]
    assert responses(talk.say("muy de acuerdo")) == [("act_escuchar", 5, "ok")]
    assert responses(talk.say("2")) == [("att_explicar", 2, "ok")]


def test_branches_and_variables() -> None:
    made = compiled("""
  rama:
    title: Rama
    kind: tip
    steps:
      - set: guarda
        values: {vuelta: 1, saludo: "Hola {{ nombre }}"}
      - branch: donde
        cases:
          - when: {all: [{field: sector, is: norte}, {var: vuelta, at_most: 1}]}
            go: norte
          - when: {any: [{field: sector, in: [sur, centro]}]}
            go: otro
        else: fin
      - say: otro
        text: Otro.
        go: fin
      - say: norte
        text: "{{ saludo }}, del norte."
      - end: fin
        text: Fin.
""")
    assert texts(start(made, "rama", ALMA, AT).events) == ["Hola Alma, del norte.", "Fin."]
    south = replace(ALMA, fields={"nombre": "Alma", "sector": "sur"})
    assert texts(start(made, "rama", south, AT).events) == ["Otro.", "Fin."]
    nowhere = replace(ALMA, fields={"nombre": "Alma"})
    assert texts(start(made, "rama", nowhere, AT).events) == ["Fin."]


def test_a_loop_without_a_wait_is_a_failure_and_says_nothing() -> None:
    made = unchecked("""
  bucle:
    title: Bucle
    kind: tip
    steps:
      - say: uno
        text: Otra vez.
        go: uno
""")
    sprint = start(made, "bucle", ALMA, AT)
    assert isinstance(sprint.events[-2], Failure)
    assert sprint.events[-2].code == "too-many-steps"
    assert sprint.events[-1] == SessionEnded(SessionOutcome.failed)
    assert texts(sprint.events) == []
    assert len(sprint.path) == MOST_STEPS


def test_flows_that_call_each_other_forever_fail() -> None:
    made = unchecked("""
  uno:
    title: Uno
    kind: tip
    steps: [{call: otra, flow: dos}]
  dos:
    title: Dos
    kind: tip
    steps: [{call: otra, flow: uno}]
""")
    events = start(made, "uno", ALMA, AT).events
    assert isinstance(events[0], Failure)
    assert events[0].code == "too-many-calls"


@pytest.mark.parametrize(("deep", "fails"), [(MOST_CALLS, False), (MOST_CALLS + 1, True)])
def test_as_many_flows_may_be_open_within_one_another_as_may_be_and_no_more(deep: int, fails: bool) -> None:
    calls = "".join(
        f"  f{number}:\n    title: F\n    kind: tip\n    steps: [{{call: otra, flow: f{number + 1}}}]\n"
        for number in range(1, deep)
    )
    made = unchecked(
        f"\n{calls}  f{deep}:\n    title: F\n    kind: tip\n    steps:\n      - say: fin\n        text: Al fondo.\n"
    )
    events = start(made, "f1", ALMA, AT).events
    assert any(isinstance(event, Failure) for event in events) == fails
    assert texts(events) == ([] if fails else ["Al fondo."])


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("{{nombre}}, una pregunta.", "Una pregunta."), ("Gracias, {{nombre}}", "Gracias,"), ("¿{{nombre}}: sí?", "¿Sí?"),
        (" {{nombre}} ", ""), ("Hola", "Hola"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_goes_with_what_joins_it(text: str, without: str) -> None:
    assert fill(text, {}) == without


def test_a_value_that_is_missing_fails_rather_than_reach_the_officer() -> None:
    made = compiled("""
  falta:
    title: Falta
    kind: tip
    steps:
      - ask: uno
        text: ¿Algo?
        answer: text
        records: dicho
        when: {field: sector, is: sur}
      - say: dos
        text: "Usted dijo {{ dicho }}."
""")
    events = start(made, "falta", ALMA, AT).events
    assert isinstance(events[0], Failure)
    assert events[0].code == "missing-value"
    assert texts(events) == []


def test_a_question_that_is_gone_from_the_book_fails_the_session() -> None:
    state = Talk(REPORT, "reporte").sprint.state
    assert state is not None
    other = compiled("""
  reporte:
    title: Reporte
    kind: report
    principle: voz
    steps: [{say: hola, text: Hola.}]
""")
    events = resume(other, state, ALMA, Reply("sí"), AT).events
    assert isinstance(events[0], Failure)
    assert events[0].code == "step-gone"


def test_another_language_with_fall_back() -> None:
    made = compiled("""
  lenguas:
    title: Lenguas
    kind: tip
    steps:
      - ask: uno
        text: {es-MX: ¿Tuvo contacto?, en: Any contact?}
        answer: si_no
      - say: dos
        text: Gracias.
""")
    english = replace(ALMA, language="en")
    talk = Talk(made, "lenguas", english)
    assert texts(talk.sprint.events) == ["Any contact?"]
    assert texts(talk.say("sí")) == ["Gracias."]


def test_consent_names_its_version_and_what_was_shown() -> None:
    made = compiled("""
  permiso:
    title: Permiso
    kind: consent
    steps:
      - ask: acepta
        text: ¿Acepta?
        answer: yes_no
        consent: aviso_1
""")
    assert Talk(made, "permiso").say("Sí")[1] == ConsentRecorded("aviso_1", granted=True, text="¿Acepta?")
    assert Talk(made, "permiso").say("nel")[1] == ConsentRecorded("aviso_1", granted=False, text="¿Acepta?")


def test_a_state_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        State.from_json('{"v": 99}')


PROGRAMME = Path(__file__).parents[2] / "flows" / "principles.yaml"
PRINCIPLES = load(PROGRAMME.read_bytes(), "principles.yaml")
assert PRINCIPLES.programme is not None
WHOLE = bind(PRINCIPLES.programme, "v1")
NOBODY = Contact("es-MX", "America/Mexico_City", placeholders())
REPLIES = st.one_of(
    st.sampled_from(["1", "2", "3", "4", "sí", "no", "no sé", "a", "tal vez", "le expliqué el motivo", ""]),
    st.text(max_size=40),
)
INPUTS = st.one_of(
    REPLIES.map(Reply),
    REPLIES.map(Reply),
    REPLIES.map(Reply),
    st.just(Back()),
    st.just(Wake()),
    st.builds(Reply, REPLIES, button=st.sampled_from(["si", "no", "x"])),
)


@mostly(0.2)
@given(st.sampled_from(sorted(WHOLE.flows)), st.lists(st.tuples(INPUTS, st.integers(0, 30)), min_size=4, max_size=25))
@settings(max_examples=200, deadline=None)
def test_whatever_officers_type_the_programme_goes_on(flow: str, inputs: list[tuple[Input, int]]) -> None:
    talk = Talk(WHOLE, flow, NOBODY)
    for turn, (given_, hours) in enumerate(inputs):
        if talk.sprint.state is None:
            break
        talk.at += timedelta(hours=hours)
        events = talk.give(given_)
        assert not [event for event in events if isinstance(event, Failure)]
        assert all(text.strip() for text in texts(events))
        if turn == 2:
            asserted()  # of three inputs at least
    if talk.sprint.state is not None:
        assert talk.wake(days=30)[-1] == SessionEnded(SessionOutcome.expired)


def test_a_reminder_of_consent_does_not_repeat_a_part_of_its_notice() -> None:
    made = compiled("""
  permiso:
    title: Permiso
    kind: consent
    reminder: {after: 24h, text: Falta su respuesta.}
    steps:
      - ask: acepta
        text: ¿Acepta?
        answer: yes_no
        consent: v1
""")
    (event,) = Talk(made, "permiso").wake(hours=24)
    assert isinstance(event, MessageCreated)
    assert (event.text, [option.label for option in event.options]) == ("Falta su respuesta.", ["Sí", "No"])
