"""How synthetic officers behave over a whole programme: who they are, whether and when they answer, and what. Behaviour is a
few chances that a YAML file may set, so that a rehearsal can be as kind or as harsh as the coordinator fears. Pure but for
the `Random` it is handed. No claim about real officers is made: what comes out has the shape of data, not its truth."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Annotated

from pydantic import Field

from app.flows.engine.compiled import Ask, CompiledProgramme, Flow, expand
from app.flows.language import definition as d
from app.flows.language.vocabulary import Duration, Model
from app.flows.replies.forms import Form, Kind
from app.rehearsal.synth import STORIES, UNCLEAR

Chance = Annotated[float, Field(ge=0, le=1)]

TAUGHT = 12
"""After so many conversations that teach, an officer has learnt what there is to learn."""

_MEASURES = frozenset({"quiz", "survey", "consent"})
_RIGHT_WORDS = {"si": ("Sí", "si", "simón", "sip", "claro"), "no": ("No", "no", "nel")}


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
    )


@dataclass(slots=True)
class Traits:
    """One officer: chances from 0 to 1 at the start, the usual delay, and after how many messages they leave, if ever.
    `taught` counts the conversations that taught something."""

    answers: float
    knows: float
    agrees: float
    applies: float
    learns: float
    delay: timedelta
    leaves_after: int | None
    has_whatsapp: bool
    exists: bool
    taught: int = 0
    heard: int = 0

    def now(self, start: float) -> float:
        """A chance as it has become by what was learnt."""
        return start + (1 - start) * self.learns * min(1.0, self.taught / TAUGHT)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is written, how long after the question. `quoting`: as an answer to that very message."""

    text: str
    after: timedelta
    quoting: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what its flow is for, whether it is worded the other way round, and whether it is the flow's first."""

    asked: Ask
    purpose: str
    reverse: bool
    first: bool


@dataclass(slots=True)
class Crowd:
    """All officers of a rehearsal, by number. `began` is the first day, from which fatigue counts."""

    behaviour: Behaviour
    chance: Random
    began: date
    traits: dict[str, Traits] = field(default_factory=dict)
    _reversed: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def traits_of(self, number: str) -> Traits:
        """The officer at this number, drawn when first met."""
        if number not in self.traits:
            self.traits[number] = traits_from(self.behaviour, self.chance)
        return self.traits[number]

    def hears(
        self,
        number: str,
        compiled: CompiledProgramme | None,
        flow: str | None,
        step: str | None,
        kind: str,
        today: date,
    ) -> Reply | None:
        """A message has come to this number: what its officer does about it, None for nothing."""
        one = self.traits_of(number)
        one.heard += 1
        if one.leaves_after is not None and one.heard >= one.leaves_after:
            one.leaves_after = None
            return Reply("BAJA", self._delay(one))
        if compiled is None or flow is None or step is None:
            return None
        found = compiled.flows[flow]
        asked = found.steps[found.index[step]] if step in found.index else None
        if not isinstance(asked, Ask):
            if kind == "say" and found.kind not in _MEASURES:
                one.taught += 1
            return None
        return self._reply(
            one,
            Question(asked, found.kind, (flow, step) in self._reverse(compiled), _first(found) is asked),
            kind,
            today,
        )

    def _reverse(self, compiled: CompiledProgramme) -> frozenset[tuple[str, str]]:
        """The items that are worded the other way round: of one flow after the other, (flow, step)."""
        if compiled.version not in self._reversed:
            self._reversed[compiled.version] = frozenset(
                (code, step.ask)
                for code, flow in compiled.definition.flows.items()
                for step in expand(flow)
                if isinstance(step, d.Ask) and step.reverse
            )
        return self._reversed[compiled.version]

    def _reply(self, one: Traits, question: "Question", kind: str, today: date) -> Reply | None:
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

    # -- what is answered ---------------------------------------------------------------------------------------------

    def _answer(self, one: Traits, question: "Question") -> str:
        form = question.asked.form
        match form.kind:
            case Kind.yes_no | Kind.choice:
                return self._worded(form, self._chosen(one, question))
            case Kind.multi:
                most = min(int(form.maximum or 3), 3, len(form.options))
                picked = self.chance.sample(range(1, len(form.options) + 1), self.chance.randint(1, max(1, most)))
                return " y ".join(map(str, sorted(picked)))
            case Kind.scale:
                return str(self._point(one, question))
            case Kind.number:
                low, high = int(form.minimum or 0), int(form.maximum if form.maximum is not None else 10)
                return str(
                    min(
                        high,
                        max(low, round(low + (high - low) * self.chance.betavariate(1 + 3 * one.now(one.applies), 2))),
                    )
                )
            case Kind.date:
                return self.chance.choice(("ayer", "hoy", "anteayer"))
            case Kind.time:
                return f"{self.chance.randint(7, 20)}:{self.chance.choice(('00', '30'))}"
            case Kind.text | Kind.media:
                return self.chance.choice(STORIES)

    def _chosen(self, one: Traits, question: "Question") -> int:
        """The place of the option, from 0."""
        asked = question.asked
        keys = [option.key for option in asked.form.options]
        if asked.consent is not None:
            return 0 if self.chance.random() < self.behaviour.consents else len(keys) - 1
        if asked.correct in keys:
            right = keys.index(asked.correct)
            wrong = [place for place in range(len(keys)) if place != right]
            return right if self.chance.random() < one.now(one.knows) else self.chance.choice(wrong)
        if asked.form.kind is Kind.yes_no or (keys[:2] == ["si", "no"] and question.purpose in ("report", "survey")):
            if self.chance.random() < one.now(one.applies):
                return 0
            return self.chance.randrange(1, len(keys))
        return self.chance.randrange(len(keys))

    def _point(self, one: Traits, question: "Question") -> int:
        form = question.asked.form
        low, high = int(form.minimum or 1), int(form.maximum or 5)
        favour = one.now(one.agrees)
        share = self.chance.betavariate(1 + 4 * favour, 1 + 4 * (1 - favour))
        point = low + min(high - low, int(share * (high - low + 1)))
        return low + high - point if question.reverse else point

    def _worded(self, form: Form, place: int) -> str:
        """An option as people type it: mostly its number, sometimes its words."""
        option = form.options[place]
        if option.key in _RIGHT_WORDS and form.kind is Kind.yes_no and self.chance.random() < 0.4:
            return self.chance.choice(_RIGHT_WORDS[option.key])
        return str(place + 1) if self.chance.random() < 0.8 else option.label


def _first(flow: Flow) -> Ask | None:
    return next((step for step in flow.steps if isinstance(step, Ask)), None)
