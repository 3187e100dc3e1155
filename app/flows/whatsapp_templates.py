"""The WhatsApp templates that a programme's flows name: the steps that use each, and the text to submit for approval,
with its values as {{1}}, {{2}}. Pure; approval is up to Twilio."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.flows.engine.buttons import Shape, shape, title
from app.flows.engine.compiled import answer_of, expand, one_is_chosen, options_of, step_name
from app.flows.engine.render import numbered
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text

_VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_PLACE = re.compile(r"\{\{\d+\}\}")


@dataclass(frozen=True, slots=True)
class Use:
    """A step that may be sent as a template. `text` is as it would be submitted, `variables` the values in order.
    `options` are (key, label); `buttons` means that they fit on buttons. `options` is None where the template may
    have any buttons: those of a reminder are the open question's. `spare`: without it the message goes by SMS, as it should."""

    template: str
    programme: str
    flow: str
    step: str
    language: str
    text: str
    variables: tuple[str, ...]
    options: tuple[tuple[str, str], ...] | None = ()
    buttons: bool = False
    spare: bool = False

    @property
    def bodies(self) -> tuple[str, ...]:
        """The texts that the template may have: the text, with its options appended if they are not buttons."""
        lines = list(enumerate([label for _, label in self.options or ()], 1))
        return (self.text, numbered(self.text, lines)) if lines else (self.text,)

    @property
    def comparable(self) -> bool:
        """Whether the text can be compared: every variable is among the values, and no value is fixed."""
        places = [f"{{{{{place}}}}}" for place in range(1, len(self.variables) + 1)]
        return "{{" not in _PLACE.sub("", self.text) and all(place in self.text for place in places)


def uses(programme: d.Programme) -> Iterator[Use]:
    """Every use of a template in a programme."""
    for code, flow in programme.flows.items():
        if (reminder := flow.reminder) is not None and reminder.template is not None:
            text = _submitted(programme, reminder.text, reminder.variables)
            yield Use(
                reminder.template,
                programme.programme,
                code,
                "reminder",
                programme.language,
                text,
                tuple(reminder.variables),
                None,
            )
        for step in expand(flow):
            if isinstance(step, d.Say | d.Ask) and step.template is not None:
                text = _submitted(programme, step.text, step.variables)
                yield _use(programme, code, step, step.template, text, step.variables)
            if isinstance(step, d.Ask) and step.opening is not None:
                yield from _openings(programme, code, step, step.opening)


def _openings(programme: d.Programme, flow: str, step: d.Ask, name: str) -> Iterator[Use]:
    """The templates of a question with openings: each has the opening and the question."""
    for one in programme.openings.get(name, ()):
        if one.template is not None:
            text = "\n".join(_submitted(programme, part, one.variables) for part in (one.text, step.text))
            yield _use(programme, flow, step, one.template, text, one.variables)


def _use(programme: d.Programme, flow: str, step: d.Say | d.Ask, template: str, text: str, variables: list[str]) -> Use:
    options = shown_options(programme, step) if isinstance(step, d.Ask) else []
    labels = [label for _, label in options]
    buttons = isinstance(step, d.Ask) and _pressable(programme, step) and shape(text, labels) is Shape.buttons
    return Use(
        template,
        programme.programme,
        flow,
        step_name(step),
        programme.language,
        text,
        tuple(variables),
        tuple(options),
        buttons,
    )


def shown_options(programme: d.Programme, ask: d.Ask) -> list[tuple[str, str]]:
    """The options sent with a question, as (key, label), in the programme's own language."""
    if ask.options_in_text:
        return []
    options = options_of(programme, answer_of(programme, ask.answer))
    return [(key, title(wording(option.label, programme.language))) for key, option in options.items()]


def _pressable(programme: d.Programme, ask: d.Ask) -> bool:
    return one_is_chosen(answer_of(programme, ask.answer))


def presented(programme: d.Programme) -> Iterator[tuple[Shape | None, int]]:
    """How each question with options is shown on WhatsApp, and how many options it has."""
    for flow in programme.flows.values():
        for step in expand(flow):
            if isinstance(step, d.Ask) and (options := shown_options(programme, step)):
                found = shape(wording(step.text, programme.language), [label for _, label in options])
                yield found if _pressable(programme, step) else None, len(options)


def wording(text: Text, language: str) -> str:
    """A text in a language, in its family, or else the first it has."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get(language.partition("-")[0]) or next(iter(text.values()))


def _submitted(programme: d.Programme, text: Text, variables: list[str]) -> str:
    """The text with the template's values in their places. Any other variable stays."""
    written = _tidy(wording(text, programme.language).strip())
    for place, value in enumerate(variables, 1):
        if _VARIABLE.search(value):
            written = written.replace(_tidy(value.strip()), f"{{{{{place}}}}}")
    return written


def _tidy(text: str) -> str:
    return _VARIABLE.sub(lambda mark: f"{{{{ {mark[1]} }}}}", text)
