"""The JSON Schema of a flow file, made from the models for editors: it completes, explains in Spanish and marks
mistakes while a coordinator types. `trato check` does the rest (names that refer to nothing)."""

import json
import re
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from app.flows.language.definition import FlowKind, Level, Missing, Programme
from app.flows.language.reports_and_scores import ScoreKind
from app.flows.replies.forms import AnswerKind

ID = "flows.schema.json"
"""Relative: the schema is where its file is, as flow files point to it. It is served nowhere else."""

_Schema = dict[str, Any]
_DURATION = re.compile(r"-?P[\dT]")
"""The prefix of a duration in the JSON Schema that pydantic makes."""

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
    "ScoreKind": ("Cómo se calcula un puntaje.", {
        ScoreKind.share_right: "Parte de respuestas correctas; «no sé» cuenta como error.",
        ScoreKind.mean: "Promedio de una escala; los reactivos `reverse` se califican al revés.",
        ScoreKind.share_applied: "Parte de las veces en que se aplicó, de las que venían al caso.",
        ScoreKind.acquiescence: "Tendencia a decir que sí: promedio de lo contestado, sin calificar nada al revés. La mitad de los "
        "reactivos debe ser `reverse`.",
        ScoreKind.straight_line: "1 si contestó lo mismo en todos los reactivos; 0 si no.",
    }),
}  # fmt: skip


class _Generator(GenerateJsonSchema):
    """Sorts keys as pydantic does, but keeps those of examples in the order of the author."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        keys = value if parent_key in ("properties", "default") else sorted(value)
        return {key: value[key] if key == "examples" else self._sorted(value[key], key) for key in keys}

    def _sorted(self, value: object, key: str) -> object:
        match value:
            case dict():
                return self.sort(value, key)
            case list():
                return [self._sorted(item, key) for item in value]
            case _:
                return value


def schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of a flow file."""
    made = Programme.model_json_schema(by_alias=True, schema_generator=_Generator)
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **made}
    _tidy(root)
    for definition in (root, *root["$defs"].values()):
        for key, value in definition.get("properties", {}).items():
            _describe(key, value)
    for name, (about, values) in _VALUES.items():
        root["$defs"][name] |= {"description": about, "enumDescriptions": [values[one] for one in values]}
    root["$defs"]["Answer"]["oneOf"] = [{"required": [kind]} for kind in AnswerKind]
    return root


def to_json() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _tidy(value: object) -> None:
    """Remove titles and defaults of null, which pydantic adds, and close mappings whose keys have a pattern."""
    if isinstance(value, list):
        for item in value:
            _tidy(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key != "examples":
            _tidy(item)
    if isinstance(value.get("title"), str):
        del value["title"]
    if "default" in value and value["default"] is None:
        del value["default"]
    if "patternProperties" in value:
        value.setdefault("additionalProperties", False)


def _describe(key: str, value: _Schema) -> None:
    """Name the kinds of answers, and write durations as an author does."""
    if key == "answer":
        simple = [kind.value for kind in AnswerKind if kind not in (AnswerKind.choice, AnswerKind.multi)]
        named = {
            "type": "string",
            "anyOf": [{"enum": simple}, {"description": "Una respuesta compartida, de `answers`."}],
        }
        value["oneOf"] = [named, *(one for one in value["oneOf"] if one.get("type") != "string")]
    if isinstance(default := value.get("default"), str) and _DURATION.match(default):
        value["default"] = _written(TypeAdapter(timedelta).validate_python(default))


def _written(duration: timedelta) -> str:
    """A duration as an author writes it: in days from a week on, else in hours."""
    hours = int(duration.total_seconds() // 3600)
    return f"{hours // 24}d" if hours >= 168 and hours % 24 == 0 else f"{hours}h"
