"""`app.flows.texts`: no text that people read is left out, and each is named, and explained, for who does not see the file."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.flows.language.definition import Programme
from app.flows.language.shape import fields
from app.flows.language.vocabulary import Model, Text
from app.flows.loader import LoadedFile, load
from app.flows.texts import FlowText, entries, languages
from tests.world import PROGRAMME

PRINCIPLES = Path(__file__).parents[2] / "flows" / "principles.yaml"

EVERYTHING = PROGRAMME.replace("languages: [en]", "languages: [nah]\nauthority: La coordinación").replace(
    "campaigns:", """\
  todo:
    title: De todo
    kind: vignette
    reminder: {after: 24h, text: ¿Sigue ahí?, template: recordatorio, variables: ["{{ nombre }}"]}
    steps:
      - ask: tema
        text: {es-MX: ¿Qué tema?, nah: ¿Tlein?, es: ¿Qué?}
        template: tema
        variables: [uno, "{{ nombre }}"]
        answer:
          choice:
            label: Etiqueta
            choice: {label: Opción}
            otro: {label: {es-MX: Otro, nah: Occe}}
        unclear: Responda 1, 2 o 3.
        feedback: {label: Bien., else: Gracias.}
      - repeat: frase
        text: "Diga si está de acuerdo: {{ item }}"
        items: {a: {text: Escucho.}, b: {text: Explico.}}
        answer:
          scale: {min: 1, max: 5, labels: {1: Nada, 5: Mucho}}
      - ask: escala
        text: ¿Cuánto?
        answer: si_no
        records: cuanto
      - end: adios
        text: Hasta luego.
campaigns:""",
)  # fmt: skip


def _loaded(text: str) -> LoadedFile:
    loaded = load(text, "prueba.yaml")
    assert loaded.problems == ()
    return loaded


def _entries(text: str) -> dict[str, FlowText]:
    loaded = _loaded(text)
    assert loaded.context is not None
    return {entry.place: entry for entry in entries(loaded.context)}


@pytest.fixture(scope="module")
def found() -> dict[str, FlowText]:
    return _entries(EVERYTHING)


@pytest.mark.parametrize("text", [EVERYTHING, PRINCIPLES.read_text(encoding="utf-8")])
def test_no_text_is_left_out(text: str) -> None:
    programme = _loaded(text).programme
    assert programme is not None
    listed = Counter(
        wording for entry in _entries(text).values() if not entry.fixed for wording in entry.texts.values()
    )
    assert listed == Counter(_texts_of(programme))


def _texts_of(value: object) -> Iterator[str]:
    """Every string in a field that the language says is a text, and that the file has."""
    if isinstance(value, Model):
        for name, info in type(value).model_fields.items():
            if name not in value.model_fields_set:
                continue
            of_field = getattr(value, name)
            yield from _strings(of_field) if _is_text(fields(type(value))[info.alias or name]) else _texts_of(of_field)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts_of(item)


def _is_text(kind: object) -> bool:
    return str(Text) in str(kind)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def test_each_is_where_it_says(found: dict[str, FlowText]) -> None:
    source = _loaded(EVERYTHING).source
    for entry in found.values():
        written = source.value(entry.path)
        assert written == (next(iter(entry.texts.values())) if entry.plain else entry.texts), entry.place
    assert [source.place(entry.path) for entry in found.values()] == sorted(
        source.place(entry.path) for entry in found.values()
    )


@pytest.mark.parametrize(
    ("place", "kind", "context"),
    [
        ("title", "título", "Nombre del programa, para el equipo"),
        ("authority", "responsable", "Responsable de los datos personales"),
        ("notices.help", "texto fijo", "Respuesta a AYUDA; {{ contacto }} es la persona a la que se puede llamar."),
        ("principles.voz.label", "principio", "Nombre del principio «voz»"),
        ("answers.si_no.si.label", "opción", "Respuesta compartida «si_no»: «¿Tuvo contacto con ciudadanía?» y 1 más"),
        ("flows.todo.reminder.text", "recordatorio",
         "De todo. A quien no ha contestado. Es la plantilla de WhatsApp «recordatorio»: si cambia, debe aprobarse de nuevo"),
        ("flows.todo.reminder.variables.1", "valor de plantilla", "De todo. Valor 1 de la plantilla de WhatsApp «recordatorio»"),
        ("flows.reporte.steps.hola.text", "mensaje", "Reporte"),
        ("flows.reporte.steps.contacto.text", "pregunta", "Reporte. Antes: «{{ nombre }}, una pregunta.»"),
        ("flows.todo.steps.tema.text", "pregunta", "De todo. Es la plantilla de WhatsApp «tema»: si cambia, debe aprobarse de nuevo"),
        ("flows.todo.steps.tema.variables.2", "valor de plantilla", "De todo. Valor 2 de la plantilla de WhatsApp «tema»"),
        ("flows.todo.steps.tema.answer.choice.label.label", "opción", "De todo. Pregunta: «¿Qué tema?»"),
        ("flows.todo.steps.tema.answer.choice.choice.label", "opción", "De todo. Pregunta: «¿Qué tema?»"),
        ("flows.todo.steps.tema.unclear", "aclaración", "De todo. Pregunta: «¿Qué tema?». Si no se entendió la respuesta"),
        ("flows.todo.steps.tema.feedback.label", "retroalimentación", "De todo. Pregunta: «¿Qué tema?». A quien contesta «Etiqueta»"),
        ("flows.todo.steps.tema.feedback.else", "retroalimentación", "De todo. Pregunta: «¿Qué tema?». A quien contesta otra cosa"),
        ("flows.todo.steps.frase.text", "pregunta", "De todo. Antes: «¿Qué tema?»"),
        ("flows.todo.steps.frase.items.b.text", "reactivo", "De todo. Pregunta: «Diga si está de acuerdo: {{ item }}»"),
        ("flows.todo.steps.frase.answer.scale.labels.5", "punto de escala",
         "De todo. Pregunta: «Diga si está de acuerdo: {{ item }}»"),
        ("flows.todo.steps.adios.text", "mensaje final", "De todo. Antes: «¿Cuánto?»"),
        ("campaigns.seguimiento.title", "título", "Nombre de la campaña, para el equipo"),
    ],
)  # fmt: skip
def test_each_has_a_kind_and_a_context(found: dict[str, FlowText], place: str, kind: str, context: str) -> None:
    assert (found[place].kind, found[place].context) == (kind, context)


def test_an_option_written_short_is_told_from_one_with_a_label(found: dict[str, FlowText]) -> None:
    options = "flows.todo.steps.tema.answer.choice"
    assert [found[f"{options}.{key}.label"].bare for key in ("label", "choice", "otro")] == [True, False, False]


def test_languages(found: dict[str, FlowText]) -> None:
    programme = _loaded(EVERYTHING).programme
    assert isinstance(programme, Programme)
    assert languages(programme, tuple(found.values())) == ("es-MX", "nah", "es")
