"""The JSON Schema of a flow file, made from the models for editors: it completes, explains in Spanish and marks mistakes
while a coordinator types. What it cannot say (names that point nowhere) `trato check` does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from app.flows.definition import FlowKind, Level, Missing, Programme
from app.flows.replies.forms import Kind

ID = "https://trato.invalid/schema/flows.schema.json"
"""A name only: nothing is served there. Flow files point to the schema by its path."""

_Schema = dict[str, Any]

_VALUES: dict[str, tuple[str, dict[Any, str]]] = {
    "Level": ("Nivel de evaluación.", {
        Level.knowledge: "Conocimiento: lo que sabe.",
        Level.internal: "Cambio interno: lo que piensa y valora.",
        Level.behaviour: "Conducta: lo que cuenta que hizo.",
    }),
    "FlowKind": ("Para qué sirve una conversación. `quiz` y `survey` miden; las demás son parte del tratamiento.", {
        FlowKind.consent: "Pide el consentimiento.",
        FlowKind.tip: "Un consejo.",
        FlowKind.vignette: "Un caso con retroalimentación.",
        FlowKind.plan: "Un plan: «Si…, entonces…».",
        FlowKind.report: "El reporte de una aplicación en campo.",
        FlowKind.reflection: "Una reflexión.",
        FlowKind.story: "La historia de un colega.",
        FlowKind.quiz: "Mide conocimientos, sin retroalimentación.",
        FlowKind.survey: "Mide actitudes o conductas, sin retroalimentación.",
    }),
    "Missing": ("Qué se acepta en lugar de una respuesta.", {
        Missing.dont_know: "No sé.",
        Missing.not_applicable: "No aplica.",
        Missing.refused: "Prefiero no decir.",
    }),
}  # fmt: skip

_EXAMPLES: dict[str, list[Any]] = {
    "programme": ["pj_cdmx"], "title": ["Interacciones productivas con la ciudadanía"], "language": ["es-MX"],
    "languages": [["en"]], "timezone": ["America/Mexico_City", "America/Cancun", "America/Tijuana"],
    "authority": ["Secretaría de Seguridad Ciudadana"], "fields": [["corporacion", "sector"]],
    "sms": [{"plain": True}], "plain": [True],
    "help": ["Somos el equipo del taller. Para dejar de recibir mensajes escriba BAJA."],
    "opted_out": ["Listo: ya no le escribiremos. Para volver, escriba ALTA."],
    "opted_in": ["Bienvenido de nuevo."], "paused": ["Haremos una pausa de {{ dias }} días."],
    "nothing_open": ["Gracias por escribir. Ahora no hay ninguna pregunta pendiente."],
    "unclear": ["Responda con el número de una opción, por favor."],
    "shift": ["Su turno es de {{ turno }} y entra el {{ entra }}. Para cambiarlo: TURNO 24x48 hoy 7:00"],
    "shift_none": ["No tenemos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "shift_unclear": ["No entendimos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "shift_impossible": ["Un turno de {{ turno }} no se puede anotar. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "language_choice": ["Puede elegir entre {{ idiomas }}. Escriba IDIOMA y el que prefiera."],
    "support": ["Si necesita hablar con alguien ahora, llame a la línea de ayuda."],
    "notices": [{"help": "Escriba BAJA para dejar de recibir mensajes."}],
    "principles": [{"voz": {"label": "Dar voz"}}], "answers": [{"reaccion": {"calma": "Se calmó", "igual": "Igual"}}],
    "flows": [{"consejo_voz": {"title": "Consejo: dar voz", "kind": "tip"}}],
    "campaigns": [{"seguimiento": {"title": "Seguimiento", "anchor": "workshop_date"}}],
    "label": ["Se calmó"], "meaning": ["La persona cuenta su versión antes de la decisión."], "value": [1],
    "also": [["simón", "claro que sí"]],
    "yes_no": [{}], "choice": ["reaccion", {"calma": "Se calmó", "igual": "Igual"}],
    "multi": ["barreras", {"tiempo": "Tiempo", "riesgo": "Riesgo"}], "number": [{"min": 0, "max": 5}],
    "scale": [{"min": 1, "max": 5, "labels": {"1": "Nada seguro", "5": "Muy seguro"}}], "date": [{"past": True}],
    "time": [{}], "media": [{"types": ["image"]}], "types": [["image", "audio"]], "missing": [["d", "n"]],
    "labels": [{"1": "Muy en desacuerdo", "5": "Muy de acuerdo"}], "min": [0], "max": [5],
    "step": ["contacto"], "var": ["turno"], "field": ["corporacion"], "is": ["si"], "in": [["si", "no"]],
    "at_least": [3], "at_most": [5], "answered": [True], "all": [[{"step": "contacto", "is": "si"}]],
    "any": [[{"step": "contacto", "is": "si"}]], "not": [{"step": "contacto", "is": "no"}],
    "say": ["bienvenida"], "ask": ["contacto"], "branch": ["segun_contacto"], "set": ["guarda_turno"],
    "call": ["pide_turno"], "end": ["despedida"], "repeat": ["actitud"],
    "text": ["En su último turno, ¿tuvo contacto con ciudadanía?"], "template": ["reporte_apertura"],
    "variables": [["{{ nombre }}"]], "when": [{"step": "contacto", "is": "si"}], "go": ["despedida", "end"],
    "records": ["contact_any"], "level": ["behaviour"], "principle": ["voz"], "correct": ["escucho"],
    "answer": ["yes_no", "reaccion", {"choice": {"si": "Sí", "no": "No"}}],
    "tries": [2], "feedback": [{"escucho": "Bien: primero se escucha.", "else": "Conviene escuchar primero."}],
    "consent": ["aviso_2025_1"], "timeout": ["24h"], "cases": [[{"when": {"step": "contacto", "is": "no"}, "go": "end"}]],
    "else": ["despedida"], "values": [{"turno": "noche"}], "flow": ["pide_turno"], "with": [{"turno": "noche"}],
    "items": [{"escuchar": {"text": "Vale la pena escuchar a la persona."}}], "kind": ["report"], "expires": ["48h"],
    "reminder": [{"after": "24h", "text": "Le quedó una pregunta pendiente."}], "after": ["24h"], "takes": [["turno"]],
    "steps": [[{"say": "hola", "text": "Buen día."}]], "anchor": ["workshop_date"],
    "window": [{"from": "10:00", "to": "20:00"}], "from": ["10:00"], "to": ["20:00"], "spread": ["2h"],
    "cap": [{"flows": 3, "per": "7d"}], "per": ["7d"], "gap": ["24h"], "pause_after": [3], "late": ["48h"],
    "slots": [[{"weeks": "1-4", "per_week": 2, "from": ["consejo_voz", "reporte_voz"]}]],
    "waves": [{"inicial": {"suffix": "bl", "day": -7, "flows": ["conocimientos"]}}],
    "weeks": ["1-4"], "per_week": [2], "every": ["2w"], "suffix": ["bl"], "day": [-7, 45], "closes": ["7d"],
}  # fmt: skip
_EXAMPLES_OF: dict[str, list[Any]] = {
    "Ask.go": ["despedida", {"no": "sin_contacto", "timeout": "end"}], "Say.media": ["https://example.org/cartel.jpg"],
    "Slot.from": [["consejo_voz", "reporte_voz"]], "Wave.flows": [["conocimientos", "actitudes"]],
    "Cap.flows": [3], "Campaign.consent": ["consentimiento"], "Answer.text": [{"max": 500}], "Answer.at_least": [1],
    "Answer.at_most": [3], "Scale.min": [1], "OpenText.max": [500], "Say.text": ["Buen día, {{ nombre }}. Bien hecho."],
    "Repeat.text": ["¿Qué tan de acuerdo está? {{ item }}"], "Item.text": ["Vale la pena escuchar a la persona."],
    "End.text": ["Gracias por su tiempo."], "Reminder.text": ["Le quedó una pregunta pendiente."],
}  # fmt: skip


def schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of a flow file."""
    made = Programme.model_json_schema(by_alias=True)
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **made}
    _tidy(root)
    for name, definition in _models(root):
        for key, value in definition.get("properties", {}).items():
            _describe(name, key, value)
    for name, (about, values) in _VALUES.items():
        root["$defs"][name] |= {"description": about, "enumDescriptions": [values[one] for one in values]}
    root["$defs"]["Answer"]["oneOf"] = [{"required": [kind]} for kind in Kind]
    return root


def to_json() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _models(root: _Schema) -> Iterator[tuple[str, _Schema]]:
    yield "Programme", root
    yield from root["$defs"].items()


def _tidy(value: object) -> None:
    """Take out what pydantic adds for machines (titles, defaults of null), and close mappings whose keys have a pattern."""
    for item in list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        _tidy(item)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("title"), str):
        del value["title"]
    if "default" in value and value["default"] is None:
        del value["default"]
    if "patternProperties" in value:
        value.setdefault("additionalProperties", False)


def _describe(model: str, key: str, value: _Schema) -> None:
    """Examples for a key, the kinds of answers by name, and durations as they are written."""
    examples = _EXAMPLES_OF.get(f"{model}.{key}") or _EXAMPLES.get(key)
    if examples is not None:
        value["examples"] = examples
    if key == "answer":
        simple = [kind.value for kind in Kind if kind not in (Kind.choice, Kind.multi)]
        named = {"type": "string", "anyOf": [{"enum": simple}, {"description": "Una respuesta compartida, de `answers`."}]}
        value["oneOf"] = [named, *(one for one in value["oneOf"] if one.get("type") != "string")]
    if isinstance(default := value.get("default"), str) and default.startswith(("P", "-P")):
        value["default"] = _written(TypeAdapter(timedelta).validate_python(default))


def _written(duration: timedelta) -> str:
    """A duration as an author writes it: in days from a week on, else in hours."""
    hours = int(duration.total_seconds() // 3600)
    return f"{hours // 24}d" if hours >= 168 and hours % 24 == 0 else f"{hours}h"
