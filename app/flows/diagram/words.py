"""The Spanish words of a diagram for a step and the ways out of it, with the labels that officers read. The
counterpart of `graph.condition_text`, which is for authors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.flows.engine.compiled import VARIANT, Unresolved, answer_of, options_of, plain
from app.flows.engine.graph import SKIPPED, condition_text
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text
from app.flows.replies.forms import AnswerKind

_MISSING = {d.Missing.dont_know: "no sé", d.Missing.not_applicable: "no aplica", d.Missing.refused: "prefiero no decir"}
_MEDIA = {"image": "una foto", "audio": "un audio", "video": "un video", "document": "un documento"}

ANY = "cualquier respuesta"
SKIPS = "no se cumple la condición"
"""The label of the way past a step whose condition is false."""


@dataclass(frozen=True, slots=True)
class FlowWords:
    """The words for one flow of a programme. `steps` are its steps by name, with every `repeat` written out."""

    programme: d.Programme
    steps: Mapping[str, d.Step]

    def text(self, text: Text) -> str:
        """A wording in the programme's language."""
        return plain(text, self.programme.language)

    # -- ways -------------------------------------------------------------------------------------------------------

    def ways(self, step: d.Step, ways: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of an edge of the graph: `Sí`, `no se entendió`, `veces es 1 o más`. Empty if none is needed."""
        match step:
            case d.Ask():
                return tuple(self._of_ask(step, ways))
            case d.Branch():
                told = {condition_text(case.when): self.condition(case.when) for case in step.cases}
                return tuple(told.get(way, "en otro caso") for way in ways)
            case d.Say() | d.Set() | d.Call() | d.End() | d.Repeat():
                return tuple(SKIPS if way == SKIPPED else way for way in ways)

    def _of_ask(self, ask: d.Ask, ways: tuple[str, ...]) -> Iterator[str]:
        if not ways:
            yield ANY + (f", o ninguna en {duration(ask.timeout)}" if ask.timeout else "")
            return
        labels = self.options(ask)
        answer = self.answer(ask)
        missing = " / ".join(_MISSING[code] for code in answer.missing) if answer else ""
        special = {
            "else": "otra respuesta" if labels else ANY,
            "unclear": "no se entendió",
            "timeout": f"sin respuesta en {duration(ask.timeout)}" if ask.timeout else "sin respuesta",
            "missing": missing,
            SKIPPED: SKIPS,
        }
        for way in ways:
            if way != "else" or len(ways) == 1 or not self._all_named(answer, labels):
                yield labels.get(way) or special.get(way, way)

    @staticmethod
    def _all_named(answer: d.Answer | None, labels: Mapping[str, str]) -> bool:
        """Whether every point of a scale has a label, so that nothing is left for another answer."""
        scale = answer.scale if answer else None
        return scale is not None and len(labels) == scale.max - scale.min + 1

    # -- answers ----------------------------------------------------------------------------------------------------

    def answer(self, ask: d.Ask) -> d.Answer | None:
        """The answer of a question; None if its name refers to nothing."""
        try:
            return answer_of(self.programme, ask.answer)
        except Unresolved:
            return None

    def options(self, ask: d.Ask) -> dict[str, str]:
        """The labels of a question's options, by key; the points of a scale with their numbers."""
        answer = self.answer(ask)
        try:
            options = options_of(self.programme, answer) if answer else {}
        except Unresolved:
            return {}
        number = answer is not None and answer.scale is not None
        return {key: f"{key} {self.text(o.label)}" if number else self.text(o.label) for key, o in options.items()}

    def expected(self, ask: d.Ask) -> str:
        """The possible answers: `Sí · No`, `un número de 0 a 5`."""
        answer = self.answer(ask)
        if answer is None:
            return ""
        if answer.scale is not None:
            points = " · ".join(self.options(ask).values())
            return f"del {answer.scale.min} al {answer.scale.max}" + (f": {points}" if points else "")
        if options := self.options(ask):
            return ("varias de: " if answer.multi is not None else "") + " · ".join(options.values())
        return _open(answer)

    # -- conditions -------------------------------------------------------------------------------------------------

    def condition(self, condition: d.Condition) -> str:
        """A condition in words: `explico es «Sí»`, `veces es 1 o más`."""
        for word, parts in ((" y ", condition.all), (" o ", condition.any)):
            if parts is not None:
                return word.join(self._grouped(part, alone=len(parts) == 1) for part in parts)
        if condition.not_ is not None:
            return f"no se cumple que {self._grouped(condition.not_, alone=False)}"
        subject = condition.step or condition.var or condition.field or ""
        subject = "la versión" if condition.var == VARIANT else subject
        return f"{subject} {' y '.join(self._tests(condition))}"

    def _grouped(self, condition: d.Condition, *, alone: bool) -> str:
        told = self.condition(condition)
        return f"({told})" if not alone and (condition.all or condition.any) else told

    def _tests(self, condition: d.Condition) -> Iterator[str]:
        low, high = condition.at_least, condition.at_most
        wanted = condition.in_ if condition.in_ is not None else [] if condition.is_ is None else [condition.is_]
        if wanted:
            yield "es " + " o ".join(self._value(condition, value) for value in wanted)
        if low is not None and high is not None:
            yield f"va de {low:g} a {high:g}"
        elif low is not None:
            yield f"es {low:g} o más"
        elif high is not None:
            yield f"es {high:g} o menos"
        if condition.answered is not None:
            yield "tiene respuesta" if condition.answered else "no tiene respuesta"

    def _value(self, condition: d.Condition, value: str | float | bool) -> str:
        """The label, if the value is an option of the step, found by its key or its value as in the engine."""
        ask = self.steps.get(condition.step or "")
        answer = self.answer(ask) if isinstance(ask, d.Ask) else None
        try:
            options = options_of(self.programme, answer) if answer else {}
        except Unresolved:
            options = {}
        for key, option in options.items():
            if value in (key, option.value):
                return f"«{self.text(option.label)}»"
        if answer is not None and value in answer.missing:
            return f"«{_MISSING[d.Missing(value)]}»"
        return value_text(value)


def value_text(value: str | float | bool) -> str:
    """A value that is not an option, in words."""
    return {True: "sí", False: "no"}[value] if isinstance(value, bool) else str(value)


def _open(answer: d.Answer) -> str:
    """The answer of a question without options, in words."""
    match answer.kind:
        case AnswerKind.media:
            return " o ".join(_MEDIA[kind] for kind in (answer.media or d.Media()).types)
        case AnswerKind.number:
            return _number(answer.number or d.Number())
        case AnswerKind.text:
            return "texto libre"
        case AnswerKind.date:
            return "una fecha"
        case AnswerKind.time:
            return "una hora"
        case AnswerKind.yes_no | AnswerKind.choice | AnswerKind.multi | AnswerKind.scale:
            return ""  # their options cannot be found


def _number(number: d.Number) -> str:
    low, high = number.min, number.max
    bounds = (f" desde {low:g}" if low is not None else "") + (f" hasta {high:g}" if high is not None else "")
    return f"un número de {low:g} a {high:g}" if low is not None and high is not None else f"un número{bounds}"


def duration(span: timedelta) -> str:
    """A duration in words: `24 horas`, `7 días`."""
    minutes = span // timedelta(minutes=1)
    if minutes % 60:
        return f"{minutes} minuto{'s' if minutes > 1 else ''}"
    hours = minutes // 60
    if hours % 24 or hours < 72:
        return f"{hours} hora{'s' if hours > 1 else ''}"
    return f"{hours // 24} días"
