"""Names that steps and options may have, and the arguments of a call."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check, step_names
from app.flows.checks.lookup import WAYS
from app.flows.checks.references import targets
from app.flows.checks.walk import all_questions, option_lists, steps
from app.flows.engine.compiled import (
    CONTACT,
    END,
    HELP_LINES,
    OPENING,
    READING_HOURS,
    REPLY_TIME,
    VARIANT,
    constants,
    step_name,
)
from app.flows.engine.render import IDENTITY
from app.flows.language import definition as d
from app.flows.language.identifying import identifies
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path
from app.wording import Sentence


@check("call-arguments", Severity.error)
def call_arguments(context: Context) -> Iterator[Finding]:
    """A `call` hands over, under `with`, something that the other flow does not take, or leaves out what it takes."""
    for _, path, step in steps(context):
        called = context.programme.flows.get(step.flow) if isinstance(step, d.Call) else None
        if not isinstance(step, d.Call) or called is None:
            continue
        for name in step.with_.keys() - set(called.takes):
            text = Sentence("{flow} does not take {name}", flow=step.flow, name=name)
            yield Finding((*path, "with", name), text, did_you_mean(name, called.takes), key=True)
        for name in [name for name in called.takes if name not in step.with_]:
            yield Finding(
                (*path, "flow"),
                Sentence("{flow} takes {name}, which is not given", flow=step.flow, name=name),
                Sentence("Add {name} under with", name=name),
            )


@check("duplicate-step", Severity.error)
def duplicate_step(context: Context) -> Iterator[Finding]:
    """Two steps of a flow have the same name, so that nobody could tell which one a `go` or a response means."""
    wanted = [(flow, name) for flow, _, name in targets(context)]
    for flow in context.written("flows"):
        first = context.steps(flow)
        missing = [name for of, name in wanted if of == flow and name not in {*first, END}]
        for name, path in step_names(context.source.value(("flows", flow, "steps")), flow):
            if path != first[name]:
                line = context.source.place(first[name])[0]
                yield Finding(
                    path,
                    Sentence("the step on line {line} is called {name} too", line=line, name=name),
                    Sentence("Give one of them another name, such as {name}, to which a go leads", name=missing[0])
                    if missing
                    else Sentence("Give one of them another name"),
                )


@check("reserved-name", Severity.error)
def reserved_name(context: Context) -> Iterator[Finding]:
    """A step is called `end`, a list has an option called `unclear`, `timeout`, `missing` or `else`, or a variable has the name of
    a constant of the programme, such as `contacto`."""
    for steps_of_flow in context.expanded.values():
        for path, step in steps_of_flow:
            if step_name(step) == END:
                kind = next((kind for kind in d.STEP_KINDS if hasattr(step, kind)), "ask")
                yield Finding(
                    (*path, kind),
                    Sentence("{end} is the end of the conversation, not a step", end=END),
                    Sentence("Choose another name"),
                )
    for path, options in option_lists(context):
        for key in [key for key in options if key in WAYS]:
            yield Finding(
                (*path, key),
                Sentence("an option cannot be called {key}", key=key),
                Sentence("Choose another name"),
                key=True,
            )
    fixed = {CONTACT, HELP_LINES, READING_HOURS, REPLY_TIME, VARIANT, OPENING, *IDENTITY}
    for name in context.programme.facts:
        if name in fixed:
            yield Finding(
                ("facts", name),
                Sentence("{name} is a variable of Trato", name=name),
                Sentence("Choose another name"),
                key=True,
            )
    taken = {*constants(context.programme, context.programme.language), *context.programme.facts, OPENING}
    for path, name in _variables(context):
        if name in taken:
            yield Finding(
                path,
                Sentence("{name} is a variable of the whole programme already", name=name),
                Sentence("Choose another name"),
            )


def _fields(context: Context) -> Iterator[tuple[Path, str]]:
    """The places of the data of officers, in a list of names or below them."""
    is_list = isinstance(context.source.value(("fields",)), list)
    yield from ((("fields", index if is_list else name), name) for index, name in enumerate(context.programme.fields))


def _variables(context: Context) -> Iterator[tuple[Path, str]]:
    yield from _fields(context)
    for _, path, step in steps(context):
        if isinstance(step, d.Set):
            yield from (((*path, "values", name), name) for name in step.values)
    yield from (((*question.path, "records"), question.variable) for question in all_questions(context))


@check("identifying-field", Severity.warning)
def identifying_field(context: Context) -> Iterator[Finding]:
    """A datum under `fields` tells who an officer is: it would be stored in clear and exported, and rosters are refused with it."""
    for path, name in _fields(context):
        if identifies(name):
            yield Finding(
                path,
                Sentence("{name} identifies an officer", name=name),
                Sentence("Put it under identity, where it is sealed, or leave it out, here and in the roster"),
            )


@check("identity-twice", Severity.error)
def identity_twice(context: Context) -> Iterator[Finding]:
    """A datum under `identity` is under `fields` too, where it would be exported, or is the name, which Trato has already."""
    for index, name in enumerate(context.programme.identity):
        if name in {*IDENTITY, *context.programme.fields}:
            yield Finding(
                ("identity", index),
                Sentence("{name} is a datum of the officer already", name=name),
                Sentence("Take one of them out"),
            )


NAMES: tuple[Check, ...] = (call_arguments, duplicate_step, identifying_field, identity_twice, reserved_name)
