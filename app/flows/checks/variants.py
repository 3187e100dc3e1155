"""The parts that an officer gets at random or in turn: the variants of a flow, measurements that are crossed over, openings. There are
several, and they differ."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import all_questions, conditions, option_lists, sent_flows, steps
from app.flows.engine.compiled import VARIANT, options_of
from app.flows.language import definition as d
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path
from app.wording import Sentence


@check("variants", Severity.error)
def variants(context: Context) -> Iterator[Finding]:
    """The `variants` of a flow are no choice, or a condition on `variant` names one that the flow does not have."""
    for code, flow in context.programme.flows.items():
        path = ("flows", code, "variants")
        if flow.variants and len(set(flow.variants)) < 2:
            yield Finding(
                path,
                Sentence("one variant is no choice"),
                Sentence("Name at least two, or take variants out"),
                key=True,
            )
        for index, name in enumerate(flow.variants):
            if name in flow.variants[:index]:
                yield Finding((*path, index), Sentence("{name} is there twice", name=name))
    for code, place, condition in _on_variant(context):
        known = context.programme.flows[code].variants
        for compared in condition.in_ or ([] if condition.is_ is None else [condition.is_]):
            if known and compared not in known:
                key = "in" if condition.in_ else "is"
                yield Finding(
                    (*place, key),
                    Sentence("{code} has no variant {compared}", code=code, compared=compared),
                    did_you_mean(compared, known),
                )


@check("variant-unused", Severity.warning)
def variant_unused(context: Context) -> Iterator[Finding]:
    """A flow has `variants`, and nothing in it depends on which one it is: every officer gets the same."""
    used = {flow for flow, _, _ in _on_variant(context)}
    for code, flow in context.programme.flows.items():
        handed = any(VARIANT in str(step.with_) for step in flow.steps if isinstance(step, d.Call))
        if flow.variants and code not in used and not handed:
            hint = Sentence(
                "Give a step a condition, such as when: {{var: variant, is: {variant}}}", variant=flow.variants[0]
            )
            yield Finding(("flows", code, "variants"), Sentence("no step depends on the variant"), hint, key=True)


def _on_variant(context: Context) -> Iterator[tuple[str, Path, d.Condition]]:
    for flow, path, condition in conditions(context):
        if condition.var == VARIANT:
            yield flow, path, condition


@check("crossover", Severity.error)
def crossover(context: Context) -> Iterator[Finding]:
    """A flow with `crossover` has no `variants`, or others than the flows that it is crossed over with, or no wave sends it."""
    listed: dict[str, tuple[str, list[str]]] = {}
    waves = {sent.flow for sent in sent_flows(context) if sent.part == "waves"}
    for code, flow in context.programme.flows.items():
        path: Path = ("flows", code, "crossover")
        if flow.crossover is None:
            continue
        if not flow.variants:
            yield Finding(
                path,
                Sentence("there is nothing to cross over without variants"),
                Sentence("Add variants: [a, b]"),
                key=True,
            )
            continue
        other, names = listed.setdefault(flow.crossover, (code, flow.variants))
        if names != flow.variants:
            text = Sentence(
                "{other}, with the same crossover, has the variants {names}", other=other, names=", ".join(names)
            )
            yield Finding(
                ("flows", code, "variants"), text, Sentence("List the same variants in the same order"), key=True
            )
        if code not in waves:
            yield Finding(
                path,
                Sentence("no wave measures with this flow"),
                Sentence("List it in waves, or take crossover out"),
                key=True,
            )


@check("opening", Severity.error)
def opening(context: Context) -> Iterator[Finding]:
    """`opening` names no list of `openings`, stands beside `template` or `variables`, or is a second list in one flow."""
    known = context.written("openings")
    first: dict[str, str] = {}
    for flow, path, step in steps(context):
        if not isinstance(step, d.Ask) or step.opening is None:
            continue
        if step.opening not in known:
            text = Sentence("no list of openings is called {opening}", opening=step.opening)
            yield Finding((*path, "opening"), text, did_you_mean(step.opening, known))
        for key in ("template", "variables"):
            if getattr(step, key):
                yield Finding(
                    (*path, key),
                    Sentence("each opening has its own {key}", key=key),
                    Sentence("Move {key} to the openings", key=key),
                    key=True,
                )
        if first.setdefault(flow, step.opening) != step.opening:
            text = Sentence("this flow begins with the openings {other} already", other=first[flow])
            yield Finding((*path, "opening"), text, Sentence("Use one list of openings in a flow"))


@check("unknown-misconception", Severity.error)
def unknown_misconception(context: Context) -> Iterator[Finding]:
    """An option has a `misconception` that is not under `misconceptions`, or the right option has one."""
    known = context.written("misconceptions")
    for path, options in option_lists(context):
        for key, option in options.items():
            if option.misconception is not None and option.misconception not in known:
                text = Sentence("no misconception is called {misconception}", misconception=option.misconception)
                yield Finding((*path, key, "misconception"), text, did_you_mean(option.misconception, known))
    for question in all_questions(context):
        answer = answer_of_or_none(context, question)
        options = {} if answer is None or question.ask.correct is None else options_of(context.programme, answer)
        right = options.get(question.ask.correct or "")
        if right is not None and right.misconception is not None:
            yield Finding(
                (*question.path, "correct"),
                Sentence("the right option shows no misconception"),
                Sentence("Take one of them out"),
            )


VARIANTS: tuple[Check, ...] = (variants, variant_unused, crossover, opening, unknown_misconception)
