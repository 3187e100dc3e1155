"""The models of self-reports and scores in a flow file. `self_reports.py` and `scoring.py` compute them,
`checks/reports_scores.py` compares them with the questions."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.flows.language.vocabulary import Code, Model, Reference, Short


class ScoreKind(StrEnum):
    """The formula of a score."""

    share_right = "share_right"
    mean = "mean"
    share_applied = "share_applied"
    acquiescence = "acquiescence"
    straight_line = "straight_line"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Variables = Annotated[
    list[Code], Field(min_length=1, max_length=100), BeforeValidator(_listed, json_schema_input_type=Code | list[Code])
]
"""One variable or several; a conversation records those that it asks."""


class Columns(Model):
    """De qué variables sale cada dato de un reporte. Lo que no se pregunta no se escribe."""

    contact_any: Variables | None = Field(
        None, description="Si hubo contacto con ciudadanía: sí o no.", examples=["rep_voz_contact"]
    )
    applied: Variables | None = Field(
        None,
        description="Si se aplicó el principio: 1, 0, n (no se pudo, no venía al caso) o u (no hacía falta).",
        examples=["rep_voz_applied", ["beh_motivo", "beh_sigue"]],
    )
    times: Variables | None = Field(
        None, description="En cuántos de los últimos contactos se aplicó.", examples=["rep_voz_last5"]
    )
    situation: Variables | None = Field(None, description="Qué situación fue.", examples=["rep_voz_situation"])
    action_text: Variables | None = Field(
        None,
        description="Qué se hizo, en texto libre. No se exporta mientras nadie lo revise.",
        examples=["refl_voz_story"],
    )
    reaction: Variables | None = Field(None, description="Cómo reaccionó la persona.", examples=["rep_voz_reaction"])
    barrier: Variables | None = Field(None, description="Qué lo dificultó.", examples=["rep_voz_barrier"])
    confidence: Variables | None = Field(
        None, description="Qué tan seguro se siente de repetirlo.", examples=["rep_voz_confidence"]
    )

    def by_variable(self) -> dict[str, str]:
        """The column of each variable, in the order of the file."""
        return {name: column for column in type(self).model_fields for name in getattr(self, column) or ()}


class Report(Model):
    """El reporte de una aplicación en campo: de qué conversaciones sale, y de qué respuestas."""

    title: Short = Field(description="El nombre del reporte.", examples=["Interacciones productivas con la ciudadanía"])
    from_: list[Reference] = Field(
        alias="from",
        min_length=1,
        max_length=100,
        description="Las conversaciones en que se pregunta.",
        examples=[["reporte_voz", "ocasion_voz"]],
    )
    columns: Columns = Field(
        description="De qué variables sale cada dato.",
        examples=[{"contact_any": "rep_voz_contact", "applied": "rep_voz_applied", "barrier": "rep_voz_barrier"}],
    )


class Score(Model):
    """Un puntaje: los reactivos de un solo nivel que se cuentan juntos en cada ola de medición."""

    title: Short = Field(description="El nombre del puntaje.", examples=["Interacciones productivas con la ciudadanía"])
    level: Literal["knowledge", "internal", "behaviour"] = Field(
        description="Su nivel de evaluación. Nunca se mezclan dos.", examples=["internal"]
    )
    kind: ScoreKind = Field(description="Cómo se calcula.", examples=["mean"])
    items: list[Code] = Field(
        min_length=1,
        max_length=200,
        description="Las variables de sus reactivos.",
        examples=[["att_escuchar", "att_juzgar"]],
    )
    minimum: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Qué parte de los reactivos debe tener respuesta; con menos, no hay puntaje.",
        examples=[0.8],
    )
    principle: Reference | None = Field(
        None, description="El principio al que se refiere, si es uno solo.", examples=["voz"]
    )
