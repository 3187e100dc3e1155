"""The models of campaigns in a flow file: when each flow is due, and the limits on sending. `scheduler/planning.py`
turns them into planned nudges."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from app.flows.language.vocabulary import Code, Duration, Hour, Model, Reference, Short, duration, fault
from app.wording import Sentence

_WEEKS = re.compile(r"(\d{1,3})(?:\s*-\s*(\d{1,3}))?")


def _weeks(value: object) -> object:
    if isinstance(value, tuple):
        return value
    match = _WEEKS.fullmatch(str(value).strip())
    if match is None or int(match[1]) < 1 or int(match[2] or match[1]) < int(match[1]):
        raise fault("weeks", Sentence("must be a week or a range of weeks such as 1-4, counted from 1"))
    return (int(match[1]), int(match[2] or match[1]))


Weeks = Annotated[
    tuple[int, int],
    BeforeValidator(_weeks),
    WithJsonSchema(
        {"type": ["string", "integer"], "pattern": "^[0-9]{1,3}(-[0-9]{1,3})?$", "examples": ["1-4", "5-12"]}
    ),
]
"""First and last week after the anchor, both included; week 1 begins at the anchor."""


_BETWEEN = re.compile(r"(.+?)\s*-\s*(.+)")


def _between(value: object) -> object:
    if isinstance(value, tuple):
        return value
    match = _BETWEEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise fault("between", Sentence("must be two durations such as 1h-3h"))
    return tuple(sorted((duration(match[1]), duration(match[2]))))


Between = Annotated[
    tuple[timedelta, timedelta],
    BeforeValidator(_between),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]{1,4}(m|h|d|w) ?- ?[0-9]{1,4}(m|h|d|w)$", "examples": ["1h-3h"]}
    ),
]
"""A span between two durations, the shorter one first."""


class Window(Model):
    """Las horas locales en que se puede escribir."""

    start: Hour = Field(alias="from", description="Desde esta hora.", examples=["10:00"])
    end: Hour = Field(alias="to", description="Hasta esta hora.", examples=["20:00"])

    @model_validator(mode="after")
    def _forward(self) -> "Window":
        if self.start >= self.end:
            raise fault("window", Sentence("from must be before to"))
        return self


class Cap(Model):
    """Cuántas conversaciones como máximo en un periodo."""

    flows: int = Field(3, ge=1, description="Cuántas conversaciones.", examples=[3])
    per: Duration = Field(timedelta(days=7), validate_default=True, description="En cuánto tiempo.", examples=["7d"])


class Moment(Model):
    """Una hora que se cuenta desde el turno del oficial. A quien no tiene turno anotado se le escribe a la hora de siempre."""

    after_shift: Between | None = Field(
        None, description="Entre cuánto y cuánto después de que sale, por ejemplo 1h-3h.", examples=["1h-3h"]
    )
    before_shift: Between | None = Field(
        None, description="Entre cuánto y cuánto antes de que entra, por ejemplo 3h-1h.", examples=["3h-1h"]
    )

    @model_validator(mode="after")
    def _one_side(self) -> "Moment":
        if (self.after_shift is None) == (self.before_shift is None):
            raise fault("moment", Sentence("must have either after_shift or before_shift"))
        return self


class Rest(Model):
    """El descanso después de un turno largo: en ese rato no se escribe."""

    after: Duration = Field(
        timedelta(hours=24),
        validate_default=True,
        description="Tras un turno de cuántas horas o más.",
        examples=["24h"],
    )
    between: Between = Field(
        (timedelta(hours=3), timedelta(hours=10)),
        validate_default=True,
        description="Entre cuánto y cuánto después de que sale, por ejemplo 3h-10h.",
        examples=["3h-10h"],
    )


Days = Annotated[list[Annotated[int, Field(ge=1, le=1500)]], Field(min_length=1, max_length=400)]
CronField = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) else value),
    StringConstraints(pattern=r"^[a-z0-9*/,\- ]{1,64}$"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^[a-z0-9*/,\- ]{1,64}$"}),
]


class Recurrence(Model):
    """Los días del calendario en que toca, como en cron. La hora la pone la ventana."""

    month: CronField | None = Field(None, description="Meses, de 1 a 12.", examples=["3-6"])
    day: CronField | None = Field(None, description="Días del mes: 1-15, last, 2nd tue.", examples=["1,15", "last fri"])
    week: CronField | None = Field(None, description="Semanas del año, de 1 a 53.", examples=["*/2"])
    day_of_week: CronField | None = Field(
        None, description="Días de la semana: mon, tue, wed, thu, fri, sat, sun.", examples=["mon,thu"]
    )

    @model_validator(mode="after")
    def _some(self) -> "Recurrence":
        if not any((self.month, self.day, self.week, self.day_of_week)):
            raise fault("recurrence", Sentence("must have at least one of month, day, week, day_of_week"))
        return self


class Choice(Model):
    """Una de las opciones de un sorteo."""

    p: float = Field(
        gt=0, le=1, description="Con qué probabilidad sale, si todas las opciones se pueden.", examples=[0.5]
    )
    flows: list[Reference] = Field(
        default_factory=list,
        alias="from",
        max_length=200,
        description="Conversaciones que se turnan; ninguna: no se manda nada.",
        examples=[["consejo_voz", "consejo_respeto"]],
    )
    only: dict[Code, list[Short | int]] = Field(
        default_factory=dict,
        max_length=10,
        description="Sólo para oficiales cuyo dato tiene uno de estos valores.",
        examples=[{"sector": ["norte", "sur"]}],
    )


class Outcome(Model):
    """Lo que se mira después de cada sorteo, para saber si sirvió."""

    within: Duration = Field(description="En cuánto tiempo después del sorteo.", examples=["48h"])
    records: list[Code] = Field(
        default_factory=list,
        max_length=20,
        description="Las variables cuyas respuestas cuentan, con su promedio; ninguna: si contestó algo, 1 o 0.",
        examples=[["contact_any"]],
    )


class Slot(Model):
    """Un tramo con su ritmo: `per_week` o `every` en unas semanas, `days` contados desde el inicio, o `on` según el calendario.
    Las conversaciones de `from` se turnan en su orden."""

    weeks: Weeks | None = Field(None, description="De qué semana a qué semana después del inicio.", examples=["1-4"])
    per_week: int | None = Field(None, ge=1, le=7, description="Cuántas por semana.", examples=[2])
    every: Duration | None = Field(None, description="O bien, una cada tanto tiempo, por ejemplo 2w.", examples=["2w"])
    days: Days | None = Field(
        None, description="O bien, en estos días, contados desde el inicio.", examples=[[1, 3, 7, 14, 30]]
    )
    on: Recurrence | None = Field(
        None, description="O bien, en estos días del calendario.", examples=[{"day_of_week": "mon,thu"}]
    )
    flows: list[Reference] = Field(
        default_factory=list,
        alias="from",
        max_length=200,
        description="Conversaciones que se turnan.",
        examples=[["consejo_voz", "reporte_voz"]],
    )
    draw: dict[Code, Choice] = Field(
        default_factory=dict,
        max_length=12,
        description="O bien, un sorteo en cada ocasión entre estas opciones.",
        examples=[{"consejo": {"p": 0.5, "from": ["consejo_voz"]}, "nada": {"p": 0.5}}],
    )
    outcome: Outcome | None = Field(
        None,
        description="Con `draw`: lo que se mira después de cada sorteo; queda en la tabla mrt.",
        examples=[{"within": "48h", "records": ["contact_any"]}],
    )
    pick: Literal["in_turn", "due"] = Field(
        "in_turn", description="Cuál sigue: por turno, o la del principio que al oficial más le conviene repasar."
    )
    at: Moment | None = Field(
        None, description="A qué hora, contada desde el turno.", examples=[{"after_shift": "1h-3h"}]
    )
    window: Window | None = Field(
        None,
        description="Las horas de este tramo, si no son las de la campaña.",
        examples=[{"from": "10:00", "to": "20:00"}],
    )
    cap: Cap | None = Field(
        None,
        description="El máximo para este tramo, si no es el de la campaña: por ejemplo lo que va en medio de una ola.",
        examples=[{"flows": 4, "per": "7d"}],
    )

    @model_validator(mode="after")
    def _one_pace(self) -> "Slot":
        if sum(pace is not None for pace in (self.per_week, self.every, self.days, self.on)) != 1:
            raise fault("pace", Sentence("must have exactly one of per_week, every, days, on"))
        if (self.weeks is None) == (self.days is None):
            raise fault("pace", Sentence("weeks goes with per_week, every and on, and not with days"))
        if self.every is not None and self.every % timedelta(days=1):
            raise fault("pace", Sentence("every is whole days or weeks, such as 3d or 2w: the hour is the window's"))
        if bool(self.flows) == bool(self.draw):
            raise fault("slot-flows", Sentence("must have either from or draw"))
        if self.outcome is not None and not self.draw:
            raise fault("slot-flows", Sentence("outcome goes with draw"))
        if self.draw and self.pick != "in_turn":
            raise fault("slot-flows", Sentence("pick goes with from: a draw picks by itself"))
        return self


class Happening(Model):
    """Algo que pasa en una conversación: que termina, que se contesta algo, que se contesta mal."""

    flow: Reference = Field(description="La conversación.", examples=["pide_turno"])
    step: Reference | None = Field(
        None, description="La pregunta; sin ella, toda la conversación.", examples=["contacto"]
    )
    is_: Short | int | float | None = Field(None, alias="is", description="Se contestó esto.", examples=["si"])
    in_: list[Short | int | float] | None = Field(
        None, alias="in", min_length=1, max_length=50, description="Se contestó uno de estos.", examples=[["si", "no"]]
    )
    wrong: bool = Field(False, description="Se contestó mal.")

    @model_validator(mode="after")
    def _one_test(self) -> "Happening":
        tests = [self.is_ is not None, self.in_ is not None, self.wrong]
        if sum(tests) > 1:
            raise fault("happening", Sentence("must have at most one of is, in, wrong"))
        if self.step is None and any(tests[:2]):
            raise fault("happening", Sentence("is and in need a step"))
        if self.step is not None and not any(tests):
            raise fault("happening", Sentence("a step needs is, in or wrong"))
        return self


class Followup(Model):
    """Una conversación que sigue a algo que pasó."""

    when: Happening = Field(
        description="Qué tiene que pasar.", examples=[{"flow": "reporte_voz", "step": "barrera", "is": "tiempo"}]
    )
    after: Duration = Field(description="Cuánto después.", examples=["24h"])
    flows: list[Reference] = Field(
        alias="from",
        min_length=1,
        max_length=50,
        description="Conversaciones que se turnan.",
        examples=[["consejo_voz"]],
    )
    at: Moment | None = Field(
        None, description="A qué hora, contada desde el turno.", examples=[{"after_shift": "1h-3h"}]
    )
    most: Cap = Field(
        default_factory=lambda: Cap(flows=1, per=timedelta(days=7)),
        description="Cuántas como máximo en un periodo.",
        examples=[{"flows": 1, "per": "7d"}],
    )


class Wave(Model):
    """Una ola de medición."""

    suffix: Code = Field(description="Sufijo de las variables: bl, md, el.", examples=["bl"])
    day: int = Field(
        ge=-365,
        le=1500,
        description="Día en que empieza, contado desde el inicio (puede ser negativo).",
        examples=[-7, 45],
    )
    closes: Duration = Field(
        timedelta(days=7), validate_default=True, description="Cuánto tiempo queda abierta.", examples=["7d"]
    )
    flows: list[Reference] = Field(
        min_length=1,
        max_length=50,
        description="Conversaciones de la ola, una por día.",
        examples=[["conocimientos", "actitudes"]],
    )
    days: list[Annotated[int, Field(ge=0, le=365)]] = Field(
        default_factory=list,
        description="Desde qué día de la ola toca cada una, si no es una por día: así queda lugar para algo que no mide. El primero es 0.",
        examples=[[0, 1, 8, 9, 10]],
    )
    window: Window | None = Field(
        None,
        description="Las horas de esta ola, si no son las de la campaña.",
        examples=[{"from": "10:00", "to": "20:00"}],
    )
    cap: Cap | None = Field(
        None,
        description="El máximo para esta ola, si no es el de la campaña: así se termina pronto.",
        examples=[{"flows": 4, "per": "7d"}],
    )
    at: Moment | None = Field(
        None, description="A qué hora, contada desde el turno.", examples=[{"after_shift": "1h-3h"}]
    )

    first_at: Moment | None = Field(
        None,
        description="A qué hora va la primera, si no es la de las demás: por ejemplo la que pregunta por el último turno.",
        examples=[{"after_shift": "1h-3h"}],
    )

    @model_validator(mode="after")
    def _a_day_each(self) -> "Wave":
        if self.days and (len(self.days) != len(self.flows) or self.days != sorted(set(self.days))):
            raise fault(
                "pace", Sentence("days of a wave has one day for each of its flows, each later than the one before")
            )
        return self

    def first_day(self, place: int) -> int:
        """The first day, counted from the wave's own, on which its flow at this place may be due."""
        return self.days[place] if self.days else place

    def moment(self, place: int) -> Moment | None:
        """The hour of its flow at this place, counted from the shift; None for the usual hours."""
        return self.first_at if place == 0 and self.first_at is not None else self.at


class Campaign(Model):
    """Un plan de seguimiento: cuándo se manda qué."""

    title: Short = Field(
        description="El nombre de la campaña.", examples=["Interacciones productivas con la ciudadanía"]
    )
    anchor: Code = Field(
        description="La fecha desde la que se cuenta, por ejemplo workshop_date.", examples=["workshop_date"]
    )
    consent: Reference | None = Field(
        None, description="La conversación de consentimiento, que va antes que todo.", examples=["consentimiento"]
    )
    window: Window = Field(description="Las horas en que se escribe.", examples=[{"from": "10:00", "to": "20:00"}])
    spread: Duration | None = Field(
        None, description="Cuánto se reparten los envíos dentro de la ventana.", examples=["2h"]
    )
    cap: Cap = Field(
        default_factory=Cap,
        description="El máximo de conversaciones en un periodo.",
        examples=[{"flows": 3, "per": "7d"}],
    )
    gap: Duration = Field(
        timedelta(hours=24), validate_default=True, description="Tiempo mínimo entre una y otra.", examples=["24h"]
    )
    pause_after: int = Field(3, ge=1, le=20, description="Tras cuántas sin contestar se hace una pausa.", examples=[3])
    open_session: Literal["wait", "replace", "skip"] = Field(
        "wait", description="Qué hacer si todavía hay una conversación abierta: esperar, terminarla o saltar."
    )
    late: Duration = Field(
        timedelta(hours=48),
        validate_default=True,
        description="Cuánto puede atrasarse un envío antes de saltarlo.",
        examples=["48h"],
    )
    enrolled_late: Literal["skip", "restart"] = Field(
        "skip",
        description="Con quien entra después del inicio: saltar lo que ya pasó, o contar desde el día en que entró.",
    )
    on_duty: Literal["wait", "write"] = Field(
        "wait", description="Qué hacer mientras el oficial está de servicio, si se conoce su turno: esperar o escribir."
    )
    rest: Rest | None = Field(
        default_factory=Rest,
        description="El descanso después de un turno largo; null: ninguno.",
        examples=[{"after": "24h", "between": "3h-10h"}],
    )
    holidays: Literal["write", "wait"] = Field(
        "write",
        description="Qué hacer en los días de descanso obligatorio de México: escribir o esperar al día siguiente.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**31,
        description="El número del que salen los sorteos de la campaña. No se cambia al estar en marcha.",
        examples=[20260302],
    )
    slots: list[Slot] = Field(
        default_factory=list,
        max_length=100,
        description="El ritmo, por tramos.",
        examples=[[{"weeks": "1-4", "per_week": 2, "from": ["consejo_voz", "reporte_voz"]}]],
    )
    waves: dict[Code, Wave] = Field(
        default_factory=dict,
        description="Las olas de medición.",
        examples=[{"inicial": {"suffix": "bl", "day": -7, "flows": ["conocimientos"]}}],
    )
    followups: dict[Code, Followup] = Field(
        default_factory=dict,
        max_length=50,
        description="Lo que sigue a algo que pasó: una respuesta equivocada, un obstáculo, un reporte.",
        examples=[{"repaso": {"when": {"flow": "caso_voz", "wrong": True}, "after": "1d", "from": ["consejo_voz"]}}],
    )

    @property
    def caps(self) -> list[Cap]:
        """Its cap, and those of slots and waves of their own."""
        own = [*(slot.cap for slot in self.slots), *(wave.cap for wave in self.waves.values())]
        return [self.cap, *(cap for cap in own if cap is not None)]
