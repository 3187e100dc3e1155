"""The parts of a programme that checks examine, in order, each with its place in the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.flows.checks.base import Context
from app.flows.language import definition as d
from app.flows.language.campaign import Happening
from app.flows.language.notices import Notices
from app.flows.language.vocabulary import Text
from app.flows.yaml.source import Path

Options = Mapping[str, d.Option] | Mapping[int, d.Option]
"""Options by their keys, or the points of a scale by their numbers."""

VARIABLE = re.compile(r"\{\{[^{}]*\}\}")
"""A variable in a text, with its braces."""

_OF_NOTICES = {
    "paused": frozenset({"dias"}),
    "shift": frozenset({"turno", "entra"}),
    "shift_impossible": frozenset({"turno"}),
    "language_choice": frozenset({"idiomas"}),
    "corrected": frozenset({"respuesta"}),
    "noted": frozenset({"respuesta"}),
    "offer_option": frozenset({"numero", "respuesta"}),
    "offer_number": frozenset({"respuesta"}),
    "offer_time": frozenset({"respuesta"}),
}
"""Variables of notices."""
_PLAIN = ("principles", "help_lines", "reading_hours", "reply_time", "facts")
"""Parts whose texts are taken as they are."""


@dataclass(frozen=True, slots=True)
class LocatedWording:
    """A text in one language. `extra` are variables that exist only in this text."""

    path: Path
    text: str
    language: str | None = None
    flow: str | None = None
    extra: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LocatedQuestion:
    """A question, with every `repeat` replaced by its questions. `path` is that of the step, or of the item."""

    flow: str
    path: Path
    ask: d.Ask
    answer: Path = field(default=())

    @property
    def variable(self) -> str:
        """The variable that the answer is recorded under."""
        return d.variable_name(self.flow, self.ask)


def steps(context: Context) -> Iterator[tuple[str, Path, d.Step]]:
    """Every step as written, with its flow."""
    for code, flow in context.programme.flows.items():
        for index, step in enumerate(flow.steps):
            yield code, ("flows", code, "steps", index), step


def questions(context: Context, flow: str) -> Iterator[LocatedQuestion]:
    """The questions of a flow."""
    for path, step in context.expanded[flow]:
        if isinstance(step, d.Ask):
            repeated = len(path) > 4
            yield LocatedQuestion(flow, path, step, (*(path[:4] if repeated else path), "answer"))


def all_questions(context: Context) -> Iterator[LocatedQuestion]:
    """The questions of every flow."""
    for code in context.programme.flows:
        yield from questions(context, code)


def conditions(context: Context) -> Iterator[tuple[str, Path, d.Condition]]:
    """Every condition that looks at something, inside `all`, `any` and `not` too."""
    for flow, path, step in steps(context):
        if isinstance(step, d.Branch):
            for index, case in enumerate(step.cases):
                yield from _leaves(flow, (*path, "cases", index, "when"), case.when)
        elif step.when is not None:
            yield from _leaves(flow, (*path, "when"), step.when)


def _leaves(flow: str, path: Path, condition: d.Condition) -> Iterator[tuple[str, Path, d.Condition]]:
    for name, parts in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(parts or ()):
            yield from _leaves(flow, (*path, name, index), part)
    if condition.not_ is not None:
        yield from _leaves(flow, (*path, "not"), condition.not_)
    if condition.step or condition.var or condition.field:
        yield flow, path, condition


def answers(context: Context) -> Iterator[tuple[Path, d.Answer]]:
    """Every answer with settings: the shared ones and those written in place."""
    for name, shared in context.programme.answers.items():
        if isinstance(shared, d.Answer):
            yield ("answers", name), shared
    for _, path, step in steps(context):
        if isinstance(step, d.Ask | d.Repeat) and isinstance(step.answer, d.Answer):
            yield (*path, "answer"), step.answer


def option_lists(context: Context) -> Iterator[tuple[Path, dict[str, d.Option]]]:
    """Every list of options, where it is written."""
    for name, shared in context.programme.answers.items():
        if not isinstance(shared, d.Answer):
            yield ("answers", name), shared
    for path, answer in answers(context):
        for kind in ("choice", "multi"):
            if isinstance(listed := getattr(answer, kind), dict):
                yield (*path, kind), listed


def texts(context: Context) -> Iterator[tuple[Path, Text]]:
    """Every text that may be translated, as written."""
    programme = context.programme
    yield from _constant_texts(programme)
    for name in Notices.model_fields:
        written = name in programme.notices.model_fields_set  # the others are ours, and have no place in the file
        if written and (text := getattr(programme.notices, name)) is not None:
            yield ("notices", name), text
    for code, principle in programme.principles.items():
        yield ("principles", code, "label"), principle.label
        if principle.meaning is not None:
            yield ("principles", code, "meaning"), principle.meaning
    for name, openings in programme.openings.items():
        yield from ((("openings", name, place, "text"), one.text) for place, one in enumerate(openings))
    yield from labels(context)
    for code, flow in programme.flows.items():
        if flow.reminder is not None:
            yield ("flows", code, "reminder", "text"), flow.reminder.text
    for _, path, step in steps(context):
        yield from _step_texts(path, step)


def _constant_texts(programme: d.Programme) -> Iterator[tuple[Path, Text]]:
    """Texts that are the same for every officer, wherever they are said."""
    for index, line in enumerate(programme.help_lines):
        yield from ((("help_lines", index, key), text) for key, text in (("name", line.name), ("hours", line.hours)))
    if programme.reading_hours is not None:
        yield ("reading_hours",), programme.reading_hours
    if programme.reply_time is not None:
        yield ("reply_time",), programme.reply_time
    yield from ((("facts", name), text) for name, text in programme.facts.items() if text is not None)


def labels(context: Context) -> Iterator[tuple[Path, Text]]:
    """The labels of options and of the points of scales. They are shown as they are: no variable is filled in."""
    for path, options in option_lists(context):
        for key, option in options.items():
            short = isinstance(context.source.value((*path, key)), str)
            yield (*path, key) if short else (*path, key, "label"), option.label
    for path, answer in answers(context):
        for point, label in answer.scale.labels.items() if answer.scale else ():
            yield (*path, "scale", "labels", point), label


def _step_texts(path: Path, step: d.Step) -> Iterator[tuple[Path, Text]]:
    match step:
        case d.Say():
            yield (*path, "text"), step.text
        case d.Ask():
            yield (*path, "text"), step.text
            if step.unclear is not None:
                yield (*path, "unclear"), step.unclear
            yield from (((*path, "feedback", key), text) for key, text in step.feedback.items())
        case d.Repeat():
            if step.text is not None:
                yield (*path, "text"), step.text
            if step.unclear is not None:
                yield (*path, "unclear"), step.unclear
            yield from (((*path, "items", code, "text"), item.text) for code, item in step.items.items())
        case d.End():
            if step.text is not None:
                yield (*path, "text"), step.text
        case d.Branch() | d.Set() | d.Call():
            pass


def wordings(context: Context) -> Iterator[LocatedWording]:
    """Every text in which variables are filled in, in each of its languages."""
    shown = {path for path, _ in labels(context)}
    for path, text in texts(context):
        if path not in shown and path[0] not in _PLAIN:
            yield from _languages(context, path, text)
    for path, value in _values(context):
        yield LocatedWording(path, value, None, _flow_of(path))


def _languages(context: Context, path: Path, text: Text) -> Iterator[LocatedWording]:
    flow, extra = _flow_of(path), frozenset[str]()
    if path[0] == "notices":
        extra = _OF_NOTICES.get(str(path[1]), extra)
    elif isinstance(context.source.value((*path[:4], "items")), dict) and path[4:] == ("text",):
        extra = frozenset({"item"})
    if isinstance(text, str):
        yield LocatedWording(path, text, None, flow, extra)
    else:
        for language, plain in text.items():
            yield LocatedWording((*path, language), plain, language, flow, extra)


def _values(context: Context) -> Iterator[tuple[Path, str]]:
    """Values that are templates: those of WhatsApp templates, of `set` and of `with`."""
    for name, openings in context.programme.openings.items():
        for place, one in enumerate(openings):
            yield from _listed(("openings", name, place), one.variables)
    for code, flow in context.programme.flows.items():
        if flow.reminder is not None:
            yield from _listed(("flows", code, "reminder"), flow.reminder.variables)
    for _, path, step in steps(context):
        match step:
            case d.Say() | d.Ask():
                yield from _listed(path, step.variables)
            case d.Set():
                yield from _named((*path, "values"), step.values)
            case d.Call():
                yield from _named((*path, "with"), step.with_)
            case d.Branch() | d.End() | d.Repeat():
                pass


def _listed(path: Path, values: list[str]) -> Iterator[tuple[Path, str]]:
    yield from (((*path, "variables", index), value) for index, value in enumerate(values))


def _named(path: Path, values: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    yield from (((*path, name), value) for name, value in values.items() if isinstance(value, str))


def _flow_of(path: Path) -> str | None:
    return str(path[1]) if path[0] == "flows" else None


def option_labels(context: Context, path: Path, options: Options) -> Iterator[tuple[Path, str, str]]:
    """The label of each option, or of each point of a scale, in each language, with its place."""
    for key, option in options.items():
        place: Path = (*path, key)
        written = context.source.value(place)
        label: Path = (*place, "label") if isinstance(written, dict) and "label" in written else place
        if isinstance(option.label, str):
            yield label, str(key), option.label
        else:
            yield from (((*label, language), str(key), text) for language, text in option.label.items())


def sound_questions(context: Context) -> Iterator[LocatedQuestion]:
    """The questions of the flows in which nothing was damaged."""
    for code in context.sound:
        yield from questions(context, code)


@dataclass(frozen=True, slots=True)
class SentFlow:
    """A flow that a campaign sends, with its place. `part` is consent, slots, waves or followups."""

    campaign: str
    part: str
    path: Path
    flow: str


def sent_flows(context: Context) -> Iterator[SentFlow]:
    """Every flow that campaigns send."""
    for code, campaign in context.programme.campaigns.items():
        path: Path = ("campaigns", code)
        if campaign.consent is not None:
            yield SentFlow(code, "consent", (*path, "consent"), campaign.consent)
        lists: list[tuple[Path, list[str]]] = []
        for index, slot in enumerate(campaign.slots):
            lists.append(((*path, "slots", index, "from"), slot.flows))
            lists += [
                ((*path, "slots", index, "draw", name, "from"), choice.flows) for name, choice in slot.draw.items()
            ]
        lists += [((*path, "waves", name, "flows"), wave.flows) for name, wave in campaign.waves.items()]
        lists += [((*path, "followups", name, "from"), followup.flows) for name, followup in campaign.followups.items()]
        for place, flows in lists:
            yield from (SentFlow(code, str(place[2]), (*place, at), flow) for at, flow in enumerate(flows))


def happenings(context: Context) -> Iterator[tuple[str, Path, Happening]]:
    """The events that follow-ups wait for, with the campaign."""
    for code, campaign in context.programme.campaigns.items():
        for name, followup in campaign.followups.items():
            yield code, ("campaigns", code, "followups", name, "when"), followup.when
