"""The flow language as pydantic models, without its execution.

Keys are English and few; every field's description is Spanish, for the coordinator whose editor shows it (the JSON
Schema is made from these models). Values of a wrong type and unknown keys are refused here; names that refer to
nothing are for `engine/compiled.py` and `checks/`.
"""

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticKnownError

from app.flows.language.announcing import Announcements
from app.flows.language.campaign import Campaign
from app.flows.language.ending import Ending, after
from app.flows.language.notices import Notices
from app.flows.language.reports_and_scores import Report, Score
from app.flows.language.retention import Retention
from app.flows.language.reviews import Review
from app.flows.language.safety import AlertReceivers, Contact, HelpLine, Safety, Wordings
from app.flows.language.vocabulary import (
    Code,
    DataLabel,
    Duration,
    Language,
    Model,
    Plain,
    Reference,
    Short,
    Text,
    fault,
)
from app.flows.replies.forms import AnswerKind
from app.wording import Sentence


class Level(StrEnum):
    """The three levels on which the programme is evaluated."""

    knowledge = "knowledge"
    internal = "internal"
    behaviour = "behaviour"


class FlowKind(StrEnum):
    """The purpose of a flow. `quiz` and `survey` measure; all others are part of the treatment."""

    consent = "consent"
    tip = "tip"
    vignette = "vignette"
    plan = "plan"
    report = "report"
    reflection = "reflection"
    story = "story"
    quiz = "quiz"
    survey = "survey"


class Missing(StrEnum):
    """Extended missing codes that an officer may give as an answer."""

    dont_know = "d"
    not_applicable = "n"
    refused = "r"


class Option(Model):
    """Una opción de respuesta."""

    label: Text = Field(description="Lo que lee el oficial.", examples=["Se calmó"])
    value: Short | int | float | None = Field(
        None, description="Valor en la base de datos; si falta, es la clave de la opción.", examples=[1]
    )
    also: list[Short] = Field(
        default_factory=list,
        max_length=100,
        description="Otras formas de escribir esta respuesta.",
        examples=[["simón", "claro que sí"]],
    )
    misconception: Reference | None = Field(
        None,
        description="La idea equivocada que muestra quien la elige, de las de `misconceptions`. Llega a los datos.",
        examples=["apariencia"],
    )


def _option(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


Options = Annotated[
    dict[Code, Annotated[Option, BeforeValidator(_option, json_schema_input_type=str | Option)]],
    Field(min_length=1, max_length=26),
]


class YesNo(Model):
    """Sí o no, con todas las formas en que se escriben."""


class Number(Model):
    """Un número."""

    min: float | None = Field(None, description="El menor que se acepta.", examples=[0])
    max: float | None = Field(None, description="El mayor que se acepta.", examples=[5])
    decimals: bool = Field(False, description="Si se aceptan decimales.")


class Scale(Model):
    """Una escala de acuerdo, de frecuencia o de seguridad."""

    min: int = Field(1, ge=0, le=10, description="El extremo bajo.", examples=[1])
    max: int = Field(5, ge=1, le=10, description="El extremo alto.", examples=[5])
    labels: dict[int, Text] = Field(
        default_factory=dict,
        description="El nombre de cada punto que lo tenga.",
        examples=[{"1": "Muy en desacuerdo", "5": "Muy de acuerdo"}],
    )

    @model_validator(mode="after")
    def _ordered(self) -> "Scale":
        if self.min >= self.max:
            raise fault("scale-range", Sentence("min must be below max"))
        if outside := [point for point in self.labels if not self.min <= point <= self.max]:
            raise fault("scale-range", Sentence("label {point} lies outside the scale", point=outside[0]))
        return self


class OpenText(Model):
    """Texto libre. Se trata como dato personal hasta que alguien lo revise."""

    max: int = Field(1600, ge=1, le=1600, description="Largo máximo, en caracteres.", examples=[500])


class Date(Model):
    """Una fecha: «ayer», «el lunes», «5/3»."""

    past: bool = Field(False, description="Si la fecha no puede ser futura.")


class Time(Model):
    """Una hora del día: «7 de la noche», «19:00»."""


class Media(Model):
    """Una foto, un audio, un video o un documento."""

    types: list[Literal["image", "audio", "video", "document"]] = Field(
        default=["image", "audio", "video", "document"],
        min_length=1,
        description="Qué tipos de archivo se aceptan.",
        examples=[["image", "audio"]],
    )


class Answer(Model):
    """Qué clase de respuesta se espera: una sola de estas claves, más `missing` si se permite no contestar."""

    yes_no: YesNo | None = Field(None, description="Sí o no.", examples=[{}])
    choice: Reference | Options | None = Field(
        None,
        description="Una opción de una lista, escrita aquí o compartida.",
        examples=["reaccion", {"calma": "Se calmó", "igual": "Igual"}],
    )
    multi: Reference | Options | None = Field(
        None,
        description="Varias opciones de una lista.",
        examples=["barreras", {"tiempo": "Tiempo", "riesgo": "Riesgo"}],
    )
    number: Number | None = Field(None, description="Un número.", examples=[{"min": 0, "max": 5}])
    scale: Scale | None = Field(
        None,
        description="Un punto de una escala.",
        examples=[{"min": 1, "max": 5, "labels": {"1": "Nada seguro", "5": "Muy seguro"}}],
    )
    text: OpenText | None = Field(None, description="Texto libre.", examples=[{"max": 500}])
    date: Date | None = Field(None, description="Una fecha.", examples=[{"past": True}])
    time: Time | None = Field(None, description="Una hora del día.", examples=[{}])
    media: Media | None = Field(
        None, description="Una foto, un audio, un video o un documento.", examples=[{"types": ["image"]}]
    )
    at_least: int = Field(1, ge=1, description="En `multi`, cuántas opciones como mínimo.", examples=[1])
    at_most: int | None = Field(None, ge=1, description="En `multi`, cuántas opciones como máximo.", examples=[3])
    missing: list[Missing] = Field(
        default_factory=list,
        description="Qué se acepta en lugar de una respuesta: d (no sé), n (no aplica), r (prefiero no decir).",
        examples=[["d", "n"]],
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "Answer":
        if len(self.kinds()) != 1:
            raise fault("answer-kind", Sentence("must have exactly one of {kinds}", kinds=", ".join(AnswerKind)))
        return self

    def kinds(self) -> list[AnswerKind]:
        """The kinds that were given; exactly one in a valid answer."""
        return [kind for kind in AnswerKind if getattr(self, kind) is not None]

    @property
    def kind(self) -> AnswerKind:
        """The kind of answer asked for."""
        return self.kinds()[0]


def _answer(value: object) -> object:
    if isinstance(value, dict):
        return {key: {} if item is None and key in list(AnswerKind) else item for key, item in value.items()}
    return value


AnswerInline = Annotated[Answer, BeforeValidator(_answer)]
AnswerReference = Annotated[
    Annotated[Reference, Tag("name")] | Annotated[AnswerInline, Tag("inline")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "inline"),
]
"""A kind without settings (`yes_no`, `text`), the name of a shared answer, or an answer written in place."""


def _shared_kind(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else set()
    return "answer" if isinstance(value, Answer) or keys & set(AnswerKind) else "options"


SharedAnswer = Annotated[
    Annotated[Options, Tag("options")] | Annotated[AnswerInline, Tag("answer")], Discriminator(_shared_kind)
]

_SUBJECTS = ("step", "var", "field")
_GROUPS = ("all", "any", "not_")


class Condition(Model):
    """Una condición: sobre la respuesta a un paso, sobre una variable o sobre un dato del oficial."""

    step: Reference | None = Field(None, description="El paso cuya respuesta se mira.", examples=["contacto"])
    var: Reference | None = Field(None, description="La variable que se mira.", examples=["turno"])
    field: Reference | None = Field(None, description="El dato del oficial que se mira.", examples=["corporacion"])
    is_: Short | int | float | bool | None = Field(None, alias="is", description="Es igual a esto.", examples=["si"])
    in_: list[Short | int | float] | None = Field(
        None, alias="in", min_length=1, max_length=50, description="Es uno de estos.", examples=[["si", "no"]]
    )
    at_least: float | None = Field(None, description="Es por lo menos esto.", examples=[3])
    at_most: float | None = Field(None, description="Es a lo más esto.", examples=[5])
    answered: bool | None = Field(None, description="Si hubo respuesta.", examples=[True])
    all: "list[Condition] | None" = Field(
        None,
        min_length=1,
        max_length=20,
        description="Se cumplen todas.",
        examples=[[{"step": "contacto", "is": "si"}]],
    )
    any: "list[Condition] | None" = Field(
        None,
        min_length=1,
        max_length=20,
        description="Se cumple alguna.",
        examples=[[{"step": "contacto", "is": "si"}]],
    )
    not_: "Condition | None" = Field(
        None, alias="not", description="No se cumple.", examples=[{"step": "contacto", "is": "no"}]
    )

    @model_validator(mode="after")
    def _one_subject(self) -> "Condition":
        subjects = [name for name in _SUBJECTS + _GROUPS if getattr(self, name) is not None]
        if len(subjects) != 1:
            raise fault("condition", Sentence("must have exactly one of step, var, field, all, any, not"))
        tests = [name for name in ("is_", "in_", "at_least", "at_most", "answered") if getattr(self, name) is not None]
        if subjects[0] in _GROUPS and tests:
            raise fault("condition", Sentence("all, any and not stand alone"))
        if subjects[0] in _SUBJECTS and not tests:
            raise fault("condition", Sentence("needs is, in, at_least, at_most or answered"))
        return self


StepName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_WHEN = Field(
    None, description="El paso sólo ocurre si se cumple esta condición.", examples=[{"step": "contacto", "is": "si"}]
)
_GO = Field(None, description="El paso que sigue; `end` termina la conversación.", examples=["despedida", "end"])


class Say(Model):
    """Un mensaje que no espera respuesta."""

    say: StepName = Field(description="El nombre del paso.", examples=["bienvenida"])
    text: Text = Field(
        description="El mensaje. Puede llevar {{ nombre }} y otras variables.",
        examples=["Buen día, {{ nombre }}. Bien hecho."],
    )
    template: Code | None = Field(
        None, description="Plantilla aprobada de WhatsApp, para fuera de las 24 horas.", examples=["reporte_apertura"]
    )
    variables: list[Plain] = Field(
        default_factory=list,
        max_length=20,
        description="Valores de la plantilla, en orden.",
        examples=[["{{ nombre }}"]],
    )
    media: str | None = Field(
        None,
        pattern=r"^https://",
        max_length=2000,
        description="Dirección https de una imagen o un audio.",
        examples=["https://example.org/cartel.jpg"],
    )
    when: Condition | None = _WHEN
    go: Reference | None = _GO


class QuestionFields(Model):
    """Fields that `ask` and the items of `repeat` share."""

    records: Code | None = Field(
        None, description="Nombre de la variable en la base de datos.", examples=["contact_any"]
    )
    label: DataLabel | None = Field(
        None,
        description="Etiqueta corta de la variable en los datos, de 80 caracteres a lo más; si falta, es el principio de la pregunta.",
        examples=["Tuvo contacto con ciudadanía en su último turno"],
    )
    level: Level | None = Field(
        None, description="Nivel de evaluación: knowledge, internal o behaviour.", examples=["behaviour"]
    )
    principle: Reference | None = Field(
        None, description="El principio al que se refiere, si no es el de toda la conversación.", examples=["voz"]
    )
    correct: Reference | None = Field(
        None, description="La opción correcta, en preguntas de conocimiento.", examples=["escucho"]
    )
    reverse: bool = Field(False, description="Si la escala se califica al revés.")


class Ask(QuestionFields):
    """Una pregunta que espera respuesta."""

    ask: StepName = Field(description="El nombre del paso.", examples=["contacto"])
    text: Text = Field(
        description="La pregunta. Las opciones se agregan solas, numeradas.",
        examples=["En su último turno, ¿tuvo contacto con ciudadanía?"],
    )
    answer: AnswerReference = Field(
        description="Qué clase de respuesta se espera.",
        examples=["yes_no", "reaccion", {"choice": {"si": "Sí", "no": "No"}}],
    )
    options_in_text: bool = Field(False, description="Si el texto ya trae las opciones y no hay que agregarlas.")
    unclear: Text | None = Field(
        None,
        description="Qué se dice si no se entendió la respuesta.",
        examples=["Responda con el número de una opción, por favor."],
    )
    tries: int = Field(
        2, ge=1, le=5, description="Cuántas respuestas se esperan antes de seguir sin entender.", examples=[2]
    )
    feedback: dict[Code, Text] = Field(
        default_factory=dict,
        description="Qué se contesta a cada opción; `else` para las demás.",
        examples=[{"escucho": "Bien: primero se escucha.", "else": "Conviene escuchar primero."}],
    )
    consent: Code | None = Field(
        None,
        description="La versión del aviso de privacidad que se acepta al contestar que sí.",
        examples=["aviso_2025_1"],
    )
    opening: Reference | None = Field(
        None,
        description="La lista de `openings` con que empieza la pregunta: cada vez, el oficial lee la siguiente, y luego `text`.",
        examples=["reporte"],
    )
    invitation: bool = Field(
        False,
        description="Si la pregunta invita a algo, como «¿Puede contestar ahora?»: entonces «ok», «sale» o «va» es un sí. En las "
        "demás, «ok» no contesta nada.",
    )
    template: Code | None = Field(
        None, description="Plantilla aprobada de WhatsApp, para fuera de las 24 horas.", examples=["reporte_apertura"]
    )
    variables: list[Plain] = Field(
        default_factory=list,
        max_length=20,
        description="Valores de la plantilla, en orden.",
        examples=[["{{ nombre }}"]],
    )
    timeout: Duration | None = Field(
        None, description="Cuánto se espera la respuesta antes de seguir.", examples=["24h"]
    )
    when: Condition | None = _WHEN
    go: Reference | dict[Reference, Reference] | None = Field(
        None,
        description="El paso que sigue, o uno para cada opción; también `unclear`, `timeout`, `missing` y `else`.",
        examples=["despedida", {"no": "sin_contacto", "timeout": "end"}],
    )


def variable_name(flow: str, ask: Ask) -> str:
    """The variable that a question records. `trato check` refuses a name of more than 32 characters."""
    return ask.records or f"{flow}_{ask.ask}"


class Case(Model):
    """Un camino de una bifurcación."""

    when: Condition = Field(description="Cuándo se toma este camino.", examples=[{"step": "contacto", "is": "si"}])
    go: Reference = Field(description="A qué paso lleva.", examples=["despedida", "end"])


class Branch(Model):
    """Una bifurcación: el primer camino cuya condición se cumple."""

    branch: StepName = Field(description="El nombre del paso.", examples=["segun_contacto"])
    cases: list[Case] = Field(
        min_length=1,
        max_length=50,
        description="Los caminos, en orden.",
        examples=[[{"when": {"step": "contacto", "is": "no"}, "go": "end"}]],
    )
    else_: Reference | None = Field(
        None, alias="else", description="A dónde se va si ninguno se cumple.", examples=["despedida"]
    )


class Set(Model):
    """Guarda valores en variables de la conversación."""

    set: StepName = Field(description="El nombre del paso.", examples=["guarda_turno"])
    values: dict[Code, str | int | float | bool] = Field(
        min_length=1,
        max_length=50,
        description="Variables y valores; un texto puede llevar {{ otras }}.",
        examples=[{"turno": "noche"}],
    )
    when: Condition | None = _WHEN
    go: Reference | None = _GO


class Call(Model):
    """Pasa por otra conversación y regresa."""

    call: StepName = Field(description="El nombre del paso.", examples=["pide_turno"])
    flow: Reference = Field(description="La otra conversación.", examples=["pide_turno"])
    with_: dict[Code, str | int | float | bool] = Field(
        default_factory=dict,
        alias="with",
        max_length=50,
        description="Valores que se le entregan.",
        examples=[{"turno": "noche"}],
    )
    when: Condition | None = _WHEN
    go: Reference | None = _GO


class End(Model):
    """Termina la conversación."""

    end: StepName = Field(description="El nombre del paso.", examples=["despedida"])
    text: Text | None = Field(None, description="Un último mensaje.", examples=["Gracias por su tiempo."])
    when: Condition | None = _WHEN


class Item(QuestionFields):
    """Un reactivo de una lista que se pregunta con la misma escala."""

    text: Text = Field(description="El reactivo.", examples=["Vale la pena escuchar a la persona."])


class Repeat(Model):
    """La misma pregunta para varios reactivos. El paso de cada uno se llama `repeat` + `_` + reactivo."""

    repeat: StepName = Field(description="El nombre con que empiezan los pasos.", examples=["actitud"])
    items: dict[Code, Item] = Field(
        min_length=1,
        max_length=50,
        description="Los reactivos, en orden.",
        examples=[{"escuchar": {"text": "Vale la pena escuchar a la persona."}}],
    )
    text: Text | None = Field(
        None,
        description="La pregunta, con {{ item }} donde va el reactivo.",
        examples=["¿Qué tan de acuerdo está? {{ item }}"],
    )
    answer: AnswerReference = Field(
        description="Qué clase de respuesta se espera en todos.",
        examples=["yes_no", "reaccion", {"choice": {"si": "Sí", "no": "No"}}],
    )
    level: Level | None = Field(None, description="Nivel de evaluación de todos.", examples=["behaviour"])
    principle: Reference | None = Field(
        None, description="El principio de todos, si cada uno no dice otro.", examples=["voz"]
    )
    options_in_text: bool = Field(False, description="Si el texto ya trae las opciones.")
    unclear: Text | None = Field(
        None,
        description="Qué se dice si no se entendió la respuesta.",
        examples=["Responda con el número de una opción, por favor."],
    )
    tries: int = Field(
        2, ge=1, le=5, description="Cuántas respuestas se esperan antes de seguir sin entender.", examples=[2]
    )
    timeout: Duration | None = Field(None, description="Cuánto se espera cada respuesta.", examples=["24h"])
    when: Condition | None = _WHEN


STEP_KINDS = ("say", "ask", "branch", "set", "call", "end", "repeat")


def _step_kind(value: Any) -> str | None:  # noqa: ANN401 - pydantic hands over whatever was in the file
    if isinstance(value, dict):
        kinds = [kind for kind in STEP_KINDS if kind in value]
        return kinds[0] if len(kinds) == 1 else None
    return next((kind for kind in STEP_KINDS if hasattr(value, kind)), None)


Step = Annotated[
    Annotated[Say, Tag("say")]
    | Annotated[Ask, Tag("ask")]
    | Annotated[Branch, Tag("branch")]
    | Annotated[Set, Tag("set")]
    | Annotated[Call, Tag("call")]
    | Annotated[End, Tag("end")]
    | Annotated[Repeat, Tag("repeat")],
    Discriminator(
        _step_kind,
        custom_error_type="step-kind",
        custom_error_message="a step needs exactly one of say, ask, branch, set, call, end, repeat",
    ),
]


class Reminder(Model):
    """Un solo recordatorio a quien dejó una pregunta sin contestar."""

    after: Duration = Field(description="Cuánto después de la pregunta.", examples=["24h"])
    text: Text = Field(
        description="El recordatorio. Después va la pregunta abierta otra vez, breve, con sus opciones; la de consentimiento no se repite, "
        "y una plantilla va sola.",
        examples=["Le quedó una pregunta pendiente."],
    )
    template: Code | None = Field(
        None, description="Plantilla aprobada de WhatsApp, para fuera de las 24 horas.", examples=["reporte_apertura"]
    )
    variables: list[Plain] = Field(
        default_factory=list,
        max_length=20,
        description="Valores de la plantilla, en orden.",
        examples=[["{{ nombre }}"]],
    )


class Flow(Model):
    """Una conversación."""

    title: Short = Field(
        description="Cómo se llama, para el equipo.", examples=["Interacciones productivas con la ciudadanía"]
    )
    kind: FlowKind = Field(description="Para qué sirve.", examples=["report"])
    principle: Reference | None = Field(None, description="El principio que trabaja.", examples=["voz"])
    expires: Duration = Field(
        timedelta(hours=48), validate_default=True, description="Cuándo se da por terminada.", examples=["48h"]
    )
    reminder: Reminder | None = Field(
        None, description="Un recordatorio.", examples=[{"after": "24h", "text": "Le quedó una pregunta pendiente."}]
    )
    takes: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description="Valores que recibe cuando otra la llama.",
        examples=[["turno"]],
    )
    variants: list[Code] = Field(
        default_factory=list,
        max_length=12,
        examples=[["directo", "historia"]],
        description="Versiones de la conversación: a cada oficial le toca una al azar. La condición "
        "`{var: variant, is: historia}` dice qué pasos son de cuál.",
    )
    crossover: Code | None = Field(
        None,
        description="El nombre de un cruce: en una ola de medición, a cada oficial le toca la misma versión en todas las conversaciones "
        "con este nombre; en la ola siguiente, otra.",
        examples=["forma"],
    )
    steps: list[Step] = Field(
        min_length=1,
        max_length=500,
        description="Los pasos, de arriba abajo.",
        examples=[[{"say": "hola", "text": "Buen día."}]],
    )


class Opening(Model):
    """Una de las aperturas de una pregunta. El oficial lee la apertura y, en otro renglón, la pregunta."""

    text: Text = Field(description="La apertura.", examples=["Una de calle: ¿qué fue lo último que atendió?"])
    template: Code | None = Field(
        None,
        description="Plantilla aprobada de WhatsApp, con la apertura y la pregunta, para fuera de las 24 horas.",
        examples=["reporte_apertura"],
    )
    variables: list[Plain] = Field(
        default_factory=list,
        max_length=20,
        description="Valores de la plantilla, en orden.",
        examples=[["{{ nombre }}"]],
    )


class Principle(Model):
    """Uno de los principios de la justicia procedimental."""

    label: Text = Field(description="Su nombre.", examples=["Se calmó"])
    meaning: Text | None = Field(
        None, description="Qué quiere decir.", examples=["La persona cuenta su versión antes de la decisión."]
    )


class Sms(Model):
    """Cómo se escriben los mensajes que salen por SMS."""

    plain: bool = Field(
        False,
        description="Si á, í, ó y ú van sin acento, comillas y guiones se simplifican y los emojis se quitan. Con una sola de esas "
        "letras un SMS lleva 70 caracteres; sin ellas, 160. WhatsApp no cambia.",
        examples=[True],
    )


class Limit(Model):
    """Lo más que se puede gastar en un día o en un mes. Lo que no se dice no tiene límite."""

    segments: int | None = Field(
        None, ge=1, description="Segmentos: un SMS largo lleva varios; un mensaje de WhatsApp, uno.", examples=[3000]
    )
    price: float | None = Field(
        None,
        gt=0,
        description="Dinero, según la operadora. Lo que ella aún no cobra se estima con el precio medio de las últimas semanas.",
        examples=[40],
    )


class Budget(Model):
    """El presupuesto de los mensajes. Cuando se acaba, los recordatorios y las conversaciones nuevas esperan al día o mes
    siguiente; las respuestas a los oficiales siguen. Trato avisa al 80 % y al 100 %."""

    day: Limit = Field(default_factory=Limit, description="Por día.", examples=[{"segments": 3000}])
    month: Limit = Field(default_factory=Limit, description="Por mes.", examples=[{"price": 900}])
    currency: str = Field(
        "USD", pattern="^[A-Z]{3}$", description="La moneda en que cobra la operadora.", examples=["USD"]
    )


class Arm(Model):
    """Uno de los grupos de un estudio."""

    label: Short | None = Field(None, description="Su nombre.", examples=["Se calmó"])
    share: int = Field(1, ge=1, le=100, description="Cuántas partes le tocan; 1 y 1 son mitades.", examples=[1])
    campaign: Reference | None = Field(
        None, description="La campaña que sigue; ninguna: no se le manda nada.", examples=["seguimiento"]
    )


class Study(Model):
    """El diseño de un estudio: a qué grupo va cada oficial, por sorteo. `trato randomize` lo hace."""

    title: Short = Field(description="El nombre del estudio.", examples=["Interacciones productivas con la ciudadanía"])
    seed: int = Field(
        ge=0, le=2**31, description="El número del que sale el sorteo: con el mismo sale lo mismo.", examples=[20260302]
    )
    arms: dict[Code, Arm] = Field(
        min_length=2,
        max_length=12,
        description="Los grupos.",
        examples=[{"control": {"share": 1}, "mensajes": {"share": 1, "campaign": "seguimiento"}}],
    )
    strata: list[Code] = Field(
        default_factory=list,
        max_length=5,
        description="Datos del padrón dentro de los que se sortea, por ejemplo sector; también cohort.",
        examples=[["sector"]],
    )
    cluster: Code | None = Field(
        None,
        description="Dato del padrón que se sortea entero, por ejemplo sector: todos van al mismo grupo.",
        examples=["sector"],
    )
    balance: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description="Datos que compara la tabla de balance; ninguno: los del padrón.",
        examples=[["sector", "antiguedad"]],
    )

    @property
    def campaigns(self) -> frozenset[str]:
        """The campaigns of its arms: officers get them by randomisation only."""
        return frozenset(arm.campaign for arm in self.arms.values() if arm.campaign is not None)


class Coding(Model):
    """Una variable que se codifica a partir de textos libres: dos personas, cada una por su lado, con el mismo libro de códigos."""

    title: Short = Field(
        description="De qué trata, para quien codifica.", examples=["Interacciones productivas con la ciudadanía"]
    )
    of: list[Reference] = Field(
        min_length=1,
        max_length=50,
        description="Qué textos se codifican: el nombre de la variable o del paso de cada pregunta.",
        examples=[["historia"]],
    )
    codes: dict[Code, Short] = Field(
        min_length=2,
        max_length=60,
        description="Los códigos y cuándo se usa cada uno.",
        examples=[{"tiempo": "Dice que no alcanzó el tiempo", "riesgo": "Dice que era peligroso"}],
    )
    multiple: bool = Field(False, description="Si un texto puede llevar varios códigos.")


class OfficerField(Model):
    """Un dato del oficial, con lo que los datos dicen de él."""

    label: DataLabel | None = Field(
        None, description="Su etiqueta en los datos, de 80 caracteres a lo más.", examples=["Sector de adscripción"]
    )
    codes: dict[Short, int] = Field(
        default_factory=dict,
        max_length=200,
        description="El número de cada valor en los datos, con el valor como lo escribe el padrón. El padrón no acepta otros.",
        examples=[{"Norte": 1, "Sur": 2}],
    )

    @model_validator(mode="after")
    def _each_its_own(self) -> "OfficerField":
        if twice := [number for number, times in Counter(self.codes.values()).items() if times > 1]:
            raise fault("code-twice", Sentence("two values have the number {number}", number=twice[0]))
        return self


def _fields(value: object) -> object:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if about is None else about for name, about in value.items()}
    if isinstance(value, str | int | float):
        raise PydanticKnownError("list_type")
    return value


Fields = Annotated[
    dict[Code, OfficerField],
    BeforeValidator(_fields, json_schema_input_type=list[Code] | dict[Code, OfficerField | None]),
]
"""The data of officers by name; a list has their names only."""


class Programme(Model):
    """Un programa: sus principios, respuestas, conversaciones y campañas. Un archivo es un programa."""

    programme: Code = Field(description="La clave del programa.", examples=["pj_cdmx"])
    title: Short = Field(
        description="El nombre del programa.", examples=["Interacciones productivas con la ciudadanía"]
    )
    language: Language = Field("es-MX", description="El idioma de los textos que no dicen otro.", examples=["es-MX"])
    languages: list[Language] = Field(
        default_factory=list, max_length=20, description="Otros idiomas en que hay textos.", examples=[["en"]]
    )
    timezone: Reference = Field(
        description="Zona horaria, por ejemplo America/Mexico_City.",
        examples=["America/Mexico_City", "America/Cancun", "America/Tijuana"],
    )
    authority: Short | None = Field(
        None, description="La autoridad responsable de los datos.", examples=["Secretaría de Seguridad Ciudadana"]
    )
    fields: Fields = Field(
        default_factory=dict,
        max_length=100,
        description="Datos del oficial que los textos y condiciones pueden usar, además de nombre: sus nombres, o cada uno con su "
        "etiqueta y sus códigos en los datos.",
        examples=[
            ["corporacion", "sector"],
            {"sector": {"label": "Sector de adscripción", "codes": {"Norte": 1, "Sur": 2}}},
        ],
    )
    identity: list[Code] = Field(
        default_factory=list,
        max_length=20,
        description="Datos del padrón que dicen quién es el oficial, además de nombre y teléfono: se guardan cifrados con ellos, no salen en "
        "ninguna descarga y ningún texto los usa.",
        examples=[["num_placa", "curp"]],
    )
    late_answers: Duration = Field(
        timedelta(hours=72),
        validate_default=True,
        description="Hasta cuándo, desde que venció la pregunta, se anota como tardía una respuesta que llega sin otra pregunta abierta.",
        examples=["72h"],
    )
    sms: Sms = Field(default_factory=Sms, description="La redacción de los SMS.", examples=[{"plain": True}])
    budget: Budget = Field(
        default_factory=Budget,
        description="Lo más que se puede gastar en mensajes.",
        examples=[{"day": {"segments": 3000}, "month": {"price": 900}}],
    )
    help_lines: list[HelpLine] = Field(
        default_factory=list,
        max_length=20,
        description="Las líneas de ayuda, las más generales primero; {{ lineas_ayuda }} las escribe en los textos.",
        examples=[[{"name": "Línea de la Vida", "telephone": "800 911 2000", "hours": "24 horas"}]],
    )
    contact: Contact | None = Field(
        None,
        description="La persona responsable y la oficina a las que un oficial puede llamar; {{ contacto }} las escribe en los textos.",
        examples=[{"person": "Alma Rivera", "name": "Coordinación del taller", "telephone": "55 0000 0000"}],
    )
    reading_hours: Text | None = Field(
        None,
        description="Las horas en que una persona lee los mensajes; {{ horario_lectura }} las escribe en los textos.",
        examples=["de lunes a viernes, de 9 a 18 horas"],
    )
    reply_time: Text | None = Field(
        None,
        description="En cuánto tiempo una persona lee lo que alguien escribió y le contesta; {{ plazo }} lo escribe en los textos. "
        "Que sea cierto.",
        examples=["dos días hábiles"],
    )
    facts: dict[Code, Text | None] = Field(
        default_factory=dict,
        max_length=100,
        description="Datos del programa que los textos usan, como {{ institucion }}, y que llena la coordinación. Si uno está vacío, "
        "el mensaje que lo usa no se manda.",
        examples=[{"institucion": "Universidad Inventada", "resumen_mandos": None}],
    )
    safety: Safety = Field(
        default_factory=Safety,
        description="Otras formas de pedir auxilio, además de las que Trato conoce.",
        examples=[{"crisis": ["ya me (canse|harte) de todo"]}],
    )
    leave: Wordings = Field(
        default_factory=list,
        description="Otras formas de pedir que ya no se escriba, además de las que Trato conoce.",
        examples=[["me bajo del barco"]],
    )
    alerts: AlertReceivers = Field(
        default_factory=AlertReceivers,
        description="A quién se avisa de lo que necesita a una persona: personal de la investigación, nunca mandos.",
        examples=[{"email": ["guardia@example.org"]}],
    )
    announcements: Announcements = Field(
        default_factory=Announcements,
        description="Avisos que una persona manda a muchos oficiales a la vez.",
        examples=[{"second_person_above": 50}],
    )
    retention: Retention = Field(
        default_factory=Retention,
        description="Cuánto tiempo se guarda lo que escriben los oficiales.",
        examples=[{"forms": "4w", "files": "90d", "carrier": "30d"}],
    )
    ends: Ending | None = Field(
        None,
        description="El fin del programa; sin él no termina.",
        examples=[
            {"last_day": "2027-03-31", "answers_until": "2027-04-14", "afterwards": ["guardia@example.org"]},
        ],
    )
    notices: Notices = Field(
        description="Los textos fijos.", examples=[{"help": "Escriba BAJA para dejar de recibir mensajes."}]
    )
    principles: dict[Code, Principle] = Field(
        default_factory=dict, description="Los principios.", examples=[{"voz": {"label": "Dar voz"}}]
    )
    misconceptions: dict[Code, Short] = Field(
        default_factory=dict,
        max_length=100,
        description="Las ideas equivocadas que las opciones de una pregunta de conocimiento distinguen.",
        examples=[{"apariencia": "Los nervios o la apariencia dicen quién es"}],
    )
    openings: dict[Code, Annotated[list[Opening], Field(min_length=2, max_length=40)]] = Field(
        default_factory=dict,
        max_length=50,
        description="Aperturas que se turnan: cada vez que un oficial recibe una pregunta con esa lista, lee la siguiente.",
        examples=[{"reporte": [{"text": "Una de calle:"}, {"text": "Antes de descansar:"}]}],
    )
    answers: dict[Code, SharedAnswer] = Field(
        default_factory=dict,
        description="Respuestas que varias preguntas comparten.",
        examples=[{"reaccion": {"calma": "Se calmó", "igual": "Igual"}}],
    )
    flows: dict[Code, Flow] = Field(
        min_length=1,
        description="Las conversaciones.",
        examples=[{"consejo_voz": {"title": "Consejo: dar voz", "kind": "tip"}}],
    )
    campaigns: dict[Code, Campaign] = Field(
        default_factory=dict,
        description="Cuándo se manda qué.",
        examples=[{"seguimiento": {"title": "Seguimiento", "anchor": "workshop_date"}}],
    )
    codes: dict[Code, Coding] = Field(
        default_factory=dict,
        max_length=50,
        description="El libro de códigos de los textos libres, por variable. `trato text` lo usa.",
        examples=[
            {
                "barrera_tipo": {
                    "title": "Qué se lo impidió",
                    "of": ["historia"],
                    "codes": {"tiempo": "Tiempo", "riesgo": "Riesgo"},
                }
            }
        ],
    )
    study: Study | None = Field(
        None,
        description="El estudio, si los oficiales se sortean en grupos.",
        examples=[
            {"title": "Piloto", "seed": 20260302, "arms": {"control": {}, "mensajes": {"campaign": "seguimiento"}}}
        ],
    )
    reports: dict[Code, Report] = Field(
        default_factory=dict,
        description="Qué respuestas juntas son el reporte de una aplicación en campo.",
        examples=[
            {
                "aplicacion_voz": {
                    "title": "Aplicación, voz",
                    "from": ["reporte_voz"],
                    "columns": {"applied": "rep_voz_applied"},
                }
            }
        ],
    )
    scores: dict[Code, Score] = Field(
        default_factory=dict,
        description="Los puntajes de las olas de medición.",
        examples=[
            {
                "actitud": {
                    "title": "Actitud",
                    "level": "internal",
                    "kind": "mean",
                    "items": ["att_escuchar", "att_juzgar"],
                }
            }
        ],
    )
    reviews: dict[Reference, Review] = Field(
        default_factory=dict,
        max_length=1000,
        description="Para quien revisa: para qué es cada texto, de dónde sale, qué debe confirmar un abogado y quién lo confirmó. Por lugar, "
        "como en `trato flows export`; lo que se dice de un lugar vale para todo lo que hay adentro.",
        examples=[{"flows.caso_voz": {"purpose": "Practicar la escucha.", "lawyer": "Quién puede multar."}}],
    )

    @property
    def begins_nothing_from(self) -> datetime | None:
        """The moment from which no conversation begins: the end of the last day. None if the programme has no end."""
        return None if self.ends is None else after(self.ends.last_day, self.timezone)

    @property
    def takes_no_answer_from(self) -> datetime | None:
        """The moment from which nothing is taken for an answer. None if the programme has no end."""
        return None if self.ends is None else after(self.ends.answers_until, self.timezone)

    @property
    def open_campaigns(self) -> list[str]:
        """Campaigns open to every officer: those of a study's arms are assigned by randomisation only."""
        return [code for code in self.campaigns if self.study is None or code not in self.study.campaigns]
