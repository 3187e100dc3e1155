"""Names that must exist: steps, flows, answers, options, principles, fields, time zones."""

from collections.abc import Iterable, Iterator
from zoneinfo import available_timezones

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import WAYS, answer_of_or_none, choices
from app.flows.checks.walk import LocatedQuestion, all_questions, answers, conditions, happenings, sent_flows, steps
from app.flows.engine.compiled import END, options_of
from app.flows.engine.render import IDENTITY
from app.flows.language import definition as d
from app.flows.language.campaign import Happening
from app.flows.language.nearby import did_you_mean, slug
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import Text, is_zone
from app.flows.replies.forms import AnswerKind
from app.flows.yaml.source import Path
from app.wording import Sentence

_MEXICO = [
    f"America/{city}"
    for city in (
        "Mexico_City",
        "Monterrey",
        "Merida",
        "Cancun",
        "Chihuahua",
        "Ciudad_Juarez",
        "Ojinaga",
        "Matamoros",
        "Mazatlan",
        "Hermosillo",
        "Bahia_Banderas",
        "Tijuana",
    )
]
_KINDS = set(AnswerKind) - {AnswerKind.choice, AnswerKind.multi}
COHORT = "cohort"
"""Fields that draws may use besides `fields`."""


@check("unknown-step", Severity.error)
def unknown_step(context: Context) -> Iterator[Finding]:
    """A `go`, a `case`, an `else`, a condition or a follow-up names a step that the flow does not have."""
    for flow, path, target in targets(context):
        known = context.steps(flow)
        if target != END and target not in known:
            yield Finding(path, Sentence("no step is called {name}", name=target), did_you_mean(target, [*known, END]))
    for flow, path, condition in conditions(context):
        if condition.step is not None and condition.step not in context.steps(flow):
            hint = did_you_mean(condition.step, context.steps(flow))
            yield Finding((*path, "step"), Sentence("no step is called {name}", name=condition.step), hint)
    for _, path, when in happenings(context):
        steps_there = context.steps(when.flow)
        if when.step is not None and when.flow in context.written("flows") and when.step not in steps_there:
            yield Finding(
                (*path, "step"),
                Sentence("{flow} has no step called {step}", flow=when.flow, step=when.step),
                did_you_mean(when.step, steps_there),
            )


def targets(context: Context) -> Iterator[tuple[str, Path, str]]:
    """The steps to which steps lead on: flow, place and name of each."""
    for flow, path, step in steps(context):
        match step:
            case d.Branch():
                for index, case in enumerate(step.cases):
                    yield flow, (*path, "cases", index, "go"), case.go
                if step.else_ is not None:
                    yield flow, (*path, "else"), step.else_
            case d.Ask(go=dict() as ways):
                yield from ((flow, (*path, "go", key), target) for key, target in ways.items())
            case d.Say() | d.Ask() | d.Set() | d.Call():
                if step.go is not None:
                    yield flow, (*path, "go"), str(step.go)
            case d.End() | d.Repeat():
                pass


@check("unknown-flow", Severity.error)
def unknown_flow(context: Context) -> Iterator[Finding]:
    """A `call`, a campaign or a report names a flow that the file does not have."""
    known = context.written("flows")
    for path, name in _flow_names(context):
        if name not in known:
            yield Finding(path, Sentence("no flow is called {name}", name=name), did_you_mean(name, known))


def _flow_names(context: Context) -> Iterator[tuple[Path, str]]:
    for _, path, step in steps(context):
        if isinstance(step, d.Call):
            yield (*path, "flow"), step.flow
    yield from ((sent.path, sent.flow) for sent in sent_flows(context))
    yield from (((*path, "flow"), when.flow) for _, path, when in happenings(context))
    for code, report in context.programme.reports.items():
        yield from ((("reports", code, "from", place), name) for place, name in enumerate(report.from_))


@check("unknown-answer", Severity.error)
def unknown_answer(context: Context) -> Iterator[Finding]:
    """`answer`, `choice` or `multi` names a shared answer that is not under `answers`."""
    known = context.written("answers")
    for _, path, step in steps(context):
        name = step.answer if isinstance(step, d.Ask | d.Repeat) else None
        if isinstance(name, str) and name not in known and name not in _KINDS:
            hint = did_you_mean(name, [*known, *_KINDS], else_list=16)
            yield Finding((*path, "answer"), Sentence("no shared answer is called {name}", name=name), hint)
    lists = {name for name in known if not _has_no_options(context, name)}
    for path, answer in answers(context):
        for kind in ("choice", "multi"):
            name = getattr(answer, kind)
            if isinstance(name, str) and name not in lists:
                hint = did_you_mean(name, lists)
                yield Finding((*path, kind), Sentence("no shared list of options is called {name}", name=name), hint)


def _has_no_options(context: Context, name: str) -> bool:
    shared = context.programme.answers.get(name)
    return isinstance(shared, d.Answer) and not isinstance(shared.choice or shared.multi, dict)


@check("unknown-option", Severity.error)
def unknown_option(context: Context) -> Iterator[Finding]:
    """`go`, `feedback`, `correct` or a condition names an option that the question does not have."""
    for question in all_questions(context):
        options = choices(context, question)
        if options is None:
            continue
        extra = question.ask.go if isinstance(question.ask.go, dict) else {}
        yield from _strange(extra, options | WAYS, (*question.path, "go"))
        yield from _strange(question.ask.feedback, options | {"else"}, (*question.path, "feedback"))
        if question.ask.correct is not None and question.ask.correct not in options:
            yield _no_option((*question.path, "correct"), question.ask.correct, options)
    asked = {(item.flow, item.ask.ask): item for item in all_questions(context)}
    for flow, path, condition in conditions(context):
        if (asked_for := asked.get((flow, condition.step or ""))) is not None:
            yield from _compared(context, asked_for, path, condition)
    for _, path, when in happenings(context):
        if (asked_for := asked.get((when.flow, when.step or ""))) is not None:
            yield from _compared(context, asked_for, path, when)


def _strange(keys: Iterable[str], known: set[str], path: Path) -> Iterator[Finding]:
    yield from (_no_option((*path, key), key, known, key=True) for key in keys if key not in known)


def _no_option(path: Path, name: object, known: set[str], *, key: bool = False) -> Finding:
    return Finding(path, Sentence("the question has no option {name}", name=name), did_you_mean(name, known), key)


def _compared(
    context: Context, question: LocatedQuestion, path: Path, condition: d.Condition | Happening
) -> Iterator[Finding]:
    answer = answer_of_or_none(context, question)
    if answer is None or not (answer.yes_no or answer.choice or answer.multi or answer.scale):
        return
    keys = choices(context, question) or set()
    values = {option.value for option in options_of(context.programme, answer).values()}
    points = {int(key) for key in keys} if answer.scale else set()
    known: set[object] = {*keys, *values, *points, *map(str, answer.missing)}
    if condition.is_ is not None and condition.is_ not in known:
        yield _no_option((*path, "is"), condition.is_, keys)
    for index, item in enumerate(condition.in_ or ()):
        if item not in known:
            yield _no_option((*path, "in", index), item, keys)


@check("unknown-principle", Severity.error)
def unknown_principle(context: Context) -> Iterator[Finding]:
    """A flow, a question or a score names a principle that is not under `principles`."""
    known = context.written("principles")
    labels = {slug(text): code for code, item in context.programme.principles.items() for text in _wordings(item.label)}
    for path, name in _principles(context):
        if name not in known:
            meant = labels.get(slug(name))
            hint = Sentence("Did you mean {name}?", name=meant) if meant else did_you_mean(name, known)
            yield Finding(path, Sentence("no principle is called {name}", name=name), hint)


def _wordings(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def _principles(context: Context) -> Iterator[tuple[Path, str]]:
    for code, score in context.programme.scores.items():
        if score.principle is not None:
            yield ("scores", code, "principle"), score.principle
    for code, flow in context.programme.flows.items():
        if flow.principle is not None:
            yield ("flows", code, "principle"), flow.principle
    for _, path, step in steps(context):
        if isinstance(step, d.Ask | d.Repeat) and step.principle is not None:
            yield (*path, "principle"), step.principle
        for item, asked in step.items.items() if isinstance(step, d.Repeat) else ():
            if asked.principle is not None:
                yield (*path, "items", item, "principle"), asked.principle


@check("unknown-timezone", Severity.error)
def unknown_timezone(context: Context) -> Iterator[Finding]:
    """`timezone` is not a zone of the IANA list, such as `America/Mexico_City`, `America/Cancun`, `America/Tijuana`."""
    name = context.programme.timezone
    if not is_zone(name):
        known = {zone for zone in available_timezones() if zone.startswith("America/")}
        hint = did_you_mean(name, known, close=80) or Sentence("In Mexico there are {names}", names=", ".join(_MEXICO))
        yield Finding(("timezone",), Sentence("no time zone is called {name}", name=name), hint)


@check("unknown-field", Severity.error)
def unknown_field(context: Context) -> Iterator[Finding]:
    """A condition, a draw or the study looks at a datum of the officer that is not under `fields`."""
    known = context.written("fields")
    facts = context.written("facts")
    for _, path, condition in conditions(context):
        if condition.field in IDENTITY:
            yield Finding((*path, "field"), Sentence("{field} cannot be used in a condition", field=condition.field))
        elif condition.field is not None and condition.field not in known | facts:
            text = Sentence("{name} is not under fields", name=condition.field)
            yield Finding((*path, "field"), text, did_you_mean(condition.field, known | facts))
    for path, name, key in _of_roster(context):
        if name not in known and name != COHORT:
            yield Finding(
                path, Sentence("{name} is not under fields", name=name), did_you_mean(name, [*known, COHORT]), key
            )


def _of_roster(context: Context) -> Iterator[tuple[Path, str, bool]]:
    """Columns of the roster by which draws are made, and whether it is the key that names one."""
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            for name, choice in slot.draw.items():
                yield from (
                    (("campaigns", code, "slots", index, "draw", name, "only", field), field, True)
                    for field in choice.only
                )
    if (study := context.programme.study) is not None:
        for part in ("strata", "balance"):
            yield from ((("study", part, at), field, False) for at, field in enumerate(getattr(study, part)))
        if study.cluster is not None:
            yield ("study", "cluster"), study.cluster, False


REFERENCES: tuple[Check, ...] = (
    unknown_step,
    unknown_flow,
    unknown_answer,
    unknown_option,
    unknown_principle,
    unknown_timezone,
    unknown_field,
)
