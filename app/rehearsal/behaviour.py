"""Behaviour of invented officers over a whole programme: whether, when and how they answer. It is a few probabilities that a YAML
file may set, so that a rehearsal can be as kind or as harsh as the coordinator fears. Pure but for the `Random` that is passed
in. Makes no claim about real officers: the data have a realistic shape, not realistic values."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import sqrt
from random import Random
from statistics import NormalDist
from typing import Annotated

from pydantic import Field

from app.flows.engine.compiled import Ask, CompiledProgramme, Flow, expand
from app.flows.language import definition as d
from app.flows.language.vocabulary import Code, Duration, Model
from app.flows.replies.forms import AnswerKind, Form
from app.rehearsal.origins import Origin

Chance = Annotated[float, Field(ge=0, le=1)]
_NORMAL = NormalDist()

TAUGHT = 12
"""Teaching conversations after which an officer has learnt everything."""

UNCLEAR = ("mmm", "al rato le digo", "?", "depende")
STORIES = (
    "Le expliqué el motivo de la revisión y se calmó.",
    "Dejé que me contara todo antes de decidir.",
    "Si la persona me alza la voz, entonces le hablo más despacio.",
    "Le dije qué seguía y me dio las gracias.",
)

_MEASURES = frozenset({"quiz", "survey", "consent"})
_RIGHT_WORDS = {"si": ("Sí", "si", "simón", "sip", "claro"), "no": ("No", "no", "nel")}


class ItemTraits(Model):
    """Un reactivo con valores conocidos, para probar las cuentas del reporte. La respuesta sale de lo que el oficial sabe o piensa, que
    sigue una curva normal, y del azar."""

    p: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="Qué parte acierta; en una escala, qué parte queda arriba del centro."
    )
    loading: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.6, description="Cuánto pesa lo que el oficial sabe o piensa, de 0 a 1; lo demás es azar."
    )

    def answered(self, trait: float, noise: float) -> float:
        """The answer on a normal curve, above 0 with probability `p` over all officers. `trait` and `noise` are standard normal."""
        return _NORMAL.inv_cdf(self.p) + self.loading * trait + sqrt(1 - self.loading**2) * noise


class Behaviour(Model):
    """Cómo se portan los oficiales inventados. Todo es una probabilidad de 0 a 1, menos `delay`."""

    consents: Chance = Field(0.92, description="Que acepte participar.")
    answers: Chance = Field(0.75, description="Que conteste la primera pregunta de una conversación.")
    goes_on: Chance = Field(0.94, description="Que conteste la siguiente quien ya contestó una.")
    differs: Chance = Field(0.15, description="Cuánto difieren entre sí los oficiales (desviación estándar).")
    fatigue: Chance = Field(0.01, description="Cuánto baja cada semana la probabilidad de contestar.")
    reminded: Chance = Field(0.35, description="Que conteste al recordatorio quien no contestó a la pregunta.")
    unclear: Chance = Field(0.05, description="Que conteste algo que no se entiende.")
    late: Chance = Field(0.03, description="Que conteste días después, citando la pregunta.")
    leaves: Chance = Field(0.03, description="Que se dé de baja en algún momento.")
    delay: Duration = Field(
        timedelta(minutes=25), validate_default=True, description="Cuánto tarda, por lo general, una respuesta."
    )
    knows: Chance = Field(0.5, description="Que acierte en lo que se pregunta, al principio.")
    agrees: Chance = Field(0.6, description="Qué tan de acuerdo está con los principios, al principio.")
    applies: Chance = Field(0.55, description="Que haya aplicado un principio, al principio.")
    learns: Chance = Field(0.4, description="Qué parte de lo que falta se gana con los mensajes.")
    items: dict[Code, ItemTraits] = Field(
        default_factory=dict,
        description="Reactivos con valores conocidos, por su variable; los demás salen de `knows` y `agrees`.",
    )
    gain: float = Field(
        0,
        ge=-3,
        le=3,
        description="Cuánto suben con los mensajes lo que se sabe y lo que se piensa en esos reactivos, en desviaciones estándar.",
    )
    acquiesces: float = Field(
        0, ge=0, le=3, description="Cuánto difieren los oficiales en decir que sí a todo (desviación estándar)."
    )
    straight_lines: Chance = Field(0, description="Que conteste lo mismo en todas las escalas.")
    no_whatsapp: Chance = Field(0.06, description="Que no tenga WhatsApp.")
    unreachable: Chance = Field(0.02, description="Que su número no exista.")


def traits_from(behaviour: Behaviour, chance: Random) -> "Traits":
    """Draw one officer."""

    def around(mean: float) -> float:
        return min(0.99, max(0.01, chance.gauss(mean, behaviour.differs)))

    return Traits(
        answers=around(behaviour.answers),
        knows=around(behaviour.knows),
        agrees=around(behaviour.agrees),
        applies=around(behaviour.applies),
        learns=behaviour.learns,
        delay=behaviour.delay * chance.lognormvariate(0, 0.6),
        leaves_after=chance.randint(1, 60) if chance.random() < behaviour.leaves else None,
        has_whatsapp=chance.random() >= behaviour.no_whatsapp,
        exists=chance.random() >= behaviour.unreachable,
        ability=chance.gauss(0, 1),
        attitude=chance.gauss(0, 1),
        says_yes=chance.gauss(0, 1) * behaviour.acquiesces,
        always=chance.random() if chance.random() < behaviour.straight_lines else None,
    )


@dataclass(slots=True)
class Traits:
    """One officer: probabilities at the start, the usual delay, and the number of messages after which they opt out, if ever.
    `ability` and `attitude` are standard normal, and decide on items of known values; `says_yes` is added to what is answered on a
    scale, and `always` is the place on it that never changes. `taught` counts conversations that taught something, `heard`
    messages. `effect` is added to what the officer knows, thinks and does: to a probability, or in standard deviations to an item of
    known values."""

    answers: float
    knows: float
    agrees: float
    applies: float
    learns: float
    delay: timedelta
    leaves_after: int | None
    has_whatsapp: bool
    exists: bool
    ability: float = 0.0
    attitude: float = 0.0
    says_yes: float = 0.0
    always: float | None = None
    taught: int = 0
    heard: int = 0
    effect: float = 0.0

    def now(self, start: float) -> float:
        """A probability after the learning so far, and with the effect put in, from its value at the start."""
        return min(1.0, max(0.0, start + (1 - start) * self.learns * self.learnt + self.effect))

    @property
    def learnt(self) -> float:
        """The share of the teaching that the officer has had."""
        return min(1.0, self.taught / TAUGHT)


@dataclass(frozen=True, slots=True)
class Reply:
    """An officer's text, and how long after the question it comes. `quoting`: it quotes the question."""

    text: str
    after: timedelta
    quoting: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its flow's kind. `reverse`: a reverse-coded item; `first`: the flow's first question."""

    asked: Ask
    purpose: str
    reverse: bool
    first: bool


@dataclass(slots=True)
class Crowd:
    """All officers of a rehearsal, by number. Fatigue counts from the day it `began`, and so does the `effect` on those who are `treated`."""

    behaviour: Behaviour
    chance: Random
    began: date
    effect: float = 0.0
    treated: frozenset[str] = frozenset()
    traits: dict[str, Traits] = field(default_factory=dict)
    _reversed: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def traits_of(self, number: str) -> Traits:
        """The officer at this number, drawn at the first message."""
        if number not in self.traits:
            self.traits[number] = traits_from(self.behaviour, self.chance)
        return self.traits[number]

    def reply_to(self, number: str, origin: Origin | None, today: date) -> Reply | None:
        """The reply of the officer at this number to a message, None if there is none. `origin`: of a flow's message."""
        one = self.traits_of(number)
        one.effect = self.effect if number in self.treated and today >= self.began else 0.0
        one.heard += 1
        if one.leaves_after is not None and one.heard >= one.leaves_after:
            one.leaves_after = None
            return Reply("BAJA", self._delay(one))
        if origin is None or origin.step is None:
            return None
        compiled, kind = origin.compiled, origin.kind
        flow = compiled.flows[origin.flow]
        asked = flow.steps[flow.index[origin.step]] if origin.step in flow.index else None
        if kind == "feedback":  # on an answer: it has the question's step, and asks nothing
            return None
        if not isinstance(asked, Ask):
            if kind == "say" and flow.kind not in _MEASURES:
                one.taught += 1
            return None
        is_reverse = (origin.flow, origin.step) in self._reverse(compiled)
        return self._reply(one, Question(asked, flow.kind, is_reverse, _first(flow) is asked), kind, today)

    def _reverse(self, compiled: CompiledProgramme) -> frozenset[tuple[str, str]]:
        """The reverse-coded items of a programme, as (flow, step)."""
        if compiled.version not in self._reversed:
            self._reversed[compiled.version] = frozenset(
                (code, step.ask)
                for code, flow in compiled.definition.flows.items()
                for step in expand(flow)
                if isinstance(step, d.Ask) and step.reverse
            )
        return self._reversed[compiled.version]

    def _reply(self, one: Traits, question: Question, kind: str, today: date) -> Reply | None:
        asked = question.asked
        weeks = max(0, (today - self.began).days // 7)
        willing = max(0.0, one.answers - self.behaviour.fatigue * weeks) if question.first else self.behaviour.goes_on
        drawn = self.chance.random()
        if kind == "reminder":
            willing = self.behaviour.reminded
        if asked.consent is not None:
            willing = max(willing, 0.9)
        if drawn >= willing:
            return None
        text = self._answer(one, question)
        if kind in ("ask", "clarification") and self.chance.random() < self.behaviour.late and asked.consent is None:
            return Reply(text, timedelta(days=self.chance.uniform(2.5, 5)), quoting=True)
        if kind == "ask" and self.chance.random() < self.behaviour.unclear:
            text = self.chance.choice(UNCLEAR)
        return Reply(text, self._delay(one))

    def _delay(self, one: Traits) -> timedelta:
        return max(timedelta(seconds=15), min(timedelta(hours=20), one.delay * self.chance.lognormvariate(0, 0.8)))

    # -- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, one: Traits, question: Question) -> str:
        form = question.asked.form
        match form.kind:
            case AnswerKind.yes_no | AnswerKind.choice:
                return self._worded(form, self._chosen(one, question))
            case AnswerKind.multi:
                most = min(int(form.maximum or 3), 3, len(form.options))
                picked = self.chance.sample(range(1, len(form.options) + 1), self.chance.randint(1, max(1, most)))
                return " y ".join(map(str, sorted(picked)))
            case AnswerKind.scale:
                return str(self._point(one, question))
            case AnswerKind.number:
                low, high = int(form.minimum or 0), int(form.maximum if form.maximum is not None else 10)
                return str(
                    min(
                        high,
                        max(low, round(low + (high - low) * self.chance.betavariate(1 + 3 * one.now(one.applies), 2))),
                    )
                )
            case AnswerKind.date:
                return self.chance.choice(("ayer", "hoy", "anteayer"))
            case AnswerKind.time:
                return f"{self.chance.randint(7, 20)}:{self.chance.choice(('00', '30'))}"
            case AnswerKind.text | AnswerKind.media:
                return self.chance.choice(STORIES)

    def _chosen(self, one: Traits, question: Question) -> int:
        """The position of the chosen option, from 0."""
        asked = question.asked
        keys = [option.key for option in asked.form.options]
        if asked.consent is not None:
            return 0 if self.chance.random() < self.behaviour.consents else len(keys) - 1
        if asked.correct in keys:
            right = keys.index(asked.correct)
            wrong = [place for place in range(len(keys)) if place != right]
            return right if self._knows(one, asked) else self.chance.choice(wrong)
        if asked.form.kind is AnswerKind.yes_no or (
            keys[:2] == ["si", "no"] and question.purpose in ("report", "survey")
        ):
            if self.chance.random() < one.now(one.applies):
                return 0
            return self.chance.randrange(1, len(keys))
        return self.chance.randrange(len(keys))

    def _knows(self, one: Traits, asked: Ask) -> bool:
        item = self.behaviour.items.get(asked.variable)
        if item is None:
            return self.chance.random() < one.now(one.knows)
        return item.answered(one.ability, self.chance.gauss(0, 1)) + self.behaviour.gain * one.learnt + one.effect > 0

    def _point(self, one: Traits, question: Question) -> int:
        form = question.asked.form
        low, high = int(form.minimum or 1), int(form.maximum or 5)
        if one.always is not None:
            return low + int(one.always * (high - low + 1))
        item = self.behaviour.items.get(question.asked.variable)
        if item is not None:
            favour = (
                item.answered(one.attitude, self.chance.gauss(0, 1)) + self.behaviour.gain * one.learnt + one.effect
            )
            agrees = _NORMAL.cdf((-favour if question.reverse else favour) + one.says_yes)
            return low + min(high - low, int(agrees * (high - low + 1)))
        favour = one.now(one.agrees)
        share = self.chance.betavariate(1 + 4 * favour, 1 + 4 * (1 - favour))
        point = low + min(high - low, int(share * (high - low + 1)))
        return low + high - point if question.reverse else point

    def _worded(self, form: Form, place: int) -> str:
        """An option as people type it: mostly its number, sometimes its label."""
        option = form.options[place]
        if option.key in _RIGHT_WORDS and form.kind is AnswerKind.yes_no and self.chance.random() < 0.4:
            return self.chance.choice(_RIGHT_WORDS[option.key])
        return str(place + 1) if self.chance.random() < 0.8 else option.label


def _first(flow: Flow) -> Ask | None:
    return next((step for step in flow.steps if isinstance(step, Ask)), None)
