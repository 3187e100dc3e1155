"""What a campaign in a flow file may say: when which flow is due, and what holds it back. `scheduler/planning.py`
turns it into planned nudges."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from app.flows.vocabulary import Code, Duration, Hour, Model, Reference, Short

_WEEKS = re.compile(r"(\d{1,3})(?:\s*-\s*(\d{1,3}))?")


def _weeks(value: object) -> object:
    if isinstance(value, tuple | list):
        return value
    match = _WEEKS.fullmatch(str(value).strip())
    if match is None or int(match[1]) < 1 or int(match[2] or match[1]) < int(match[1]):
        raise PydanticCustomError("weeks", "must be a week or a range of weeks such as 1-4, counted from 1")
    return (int(match[1]), int(match[2] or match[1]))


Weeks = Annotated[
    tuple[int, int],
    BeforeValidator(_weeks),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9]{1,3}(-[0-9]{1,3})?$", "examples": ["1-4", "5-12"]}),
]
"""First and last week after the anchor, both included; week 1 begins at the anchor."""


class Window(Model):
    """Las horas locales en que se puede escribir."""

    start: Hour = Field(alias="from", description="Desde esta hora.")
    end: Hour = Field(alias="to", description="Hasta esta hora.")

    @model_validator(mode="after")
    def _forward(self) -> "Window":
        if self.start >= self.end:
            raise PydanticCustomError("window", "from must be before to")
        return self


class Cap(Model):
    """Cuántas conversaciones como máximo en un periodo."""

    flows: int = Field(3, ge=1, description="Cuántas conversaciones.")
    per: Duration = Field(timedelta(days=7), validate_default=True, description="En cuánto tiempo.")


class Slot(Model):
    """Un tramo de semanas con su ritmo. Las conversaciones de `from` se turnan en su orden."""

    weeks: Weeks = Field(description="De qué semana a qué semana después del inicio.")
    per_week: int | None = Field(None, ge=1, le=7, description="Cuántas por semana.")
    every: Duration | None = Field(None, description="O bien, una cada tanto tiempo, por ejemplo 2w.")
    flows: list[Reference] = Field(alias="from", min_length=1, max_length=200, description="Conversaciones que se turnan.")

    @model_validator(mode="after")
    def _one_pace(self) -> "Slot":
        if (self.per_week is None) == (self.every is None):
            raise PydanticCustomError("pace", "must have either per_week or every")
        return self


class Wave(Model):
    """Una ola de medición."""

    suffix: Code = Field(description="Sufijo de las variables: bl, md, el.", examples=["bl"])
    day: int = Field(ge=-365, le=1500, description="Día en que empieza, contado desde el inicio (puede ser negativo).")
    closes: Duration = Field(timedelta(days=7), validate_default=True, description="Cuánto tiempo queda abierta.")
    flows: list[Reference] = Field(min_length=1, max_length=50, description="Conversaciones de la ola, una por día.")


class Campaign(Model):
    """Un plan de seguimiento: cuándo se manda qué."""

    title: Short = Field(description="El nombre de la campaña.")
    anchor: Code = Field(description="La fecha desde la que se cuenta, por ejemplo workshop_date.")
    consent: Reference | None = Field(None, description="La conversación de consentimiento, que va antes que todo.")
    window: Window = Field(description="Las horas en que se escribe.")
    spread: Duration | None = Field(None, description="Cuánto se reparten los envíos dentro de la ventana.")
    cap: Cap = Field(default_factory=Cap, description="El máximo de conversaciones en un periodo.")
    gap: Duration = Field(timedelta(hours=24), validate_default=True, description="Tiempo mínimo entre una y otra.")
    pause_after: int = Field(3, ge=1, le=20, description="Tras cuántas sin contestar se hace una pausa.")
    open_session: Literal["wait", "skip"] = Field(
        "wait", description="Qué hacer si todavía hay una conversación abierta: esperar o saltar."
    )
    late: Duration = Field(
        timedelta(hours=48), validate_default=True, description="Cuánto puede atrasarse un envío antes de saltarlo."
    )
    slots: list[Slot] = Field(default_factory=list, max_length=100, description="El ritmo, por tramos de semanas.")
    waves: dict[Code, Wave] = Field(default_factory=dict, description="Las olas de medición.")
