"""The variants of a flow, of which each officer gets one at random: there are several, and they differ."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import conditions
from app.flows.engine.compiled import VARIANT
from app.flows.language import definition as d
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path


@check("variants", Severity.error)
def variants(context: Context) -> Iterator[Finding]:
    """The `variants` of a flow are no choice, or a condition on `variant` names one that the flow does not have."""
    for code, flow in context.programme.flows.items():
        path = ("flows", code, "variants")
        if flow.variants and len(set(flow.variants)) < 2:
            yield Finding(path, "one variant is no choice", "Name at least two, or take variants out", key=True)
        for index, name in enumerate(flow.variants):
            if name in flow.variants[:index]:
                yield Finding((*path, index), f"{name} is there twice")
    for code, place, condition in _on_variant(context):
        known = context.programme.flows[code].variants
        for compared in condition.in_ or ([] if condition.is_ is None else [condition.is_]):
            if known and compared not in known:
                key = "in" if condition.in_ else "is"
                yield Finding((*place, key), f"{code} has no variant {compared}", did_you_mean(compared, known))


@check("variant-unused", Severity.warning)
def variant_unused(context: Context) -> Iterator[Finding]:
    """A flow has `variants`, and nothing in it depends on which one it is: every officer gets the same."""
    used = {flow for flow, _, _ in _on_variant(context)}
    for code, flow in context.programme.flows.items():
        handed = any(VARIANT in str(step.with_) for step in flow.steps if isinstance(step, d.Call))
        if flow.variants and code not in used and not handed:
            hint = "Give a step a condition, such as when: {var: variant, is: " + flow.variants[0] + "}"
            yield Finding(("flows", code, "variants"), "no step depends on the variant", hint, key=True)


def _on_variant(context: Context) -> Iterator[tuple[str, Path, d.Condition]]:
    for flow, path, condition in conditions(context):
        if condition.var == VARIANT:
            yield flow, path, condition


VARIANTS: tuple[Check, ...] = (variants, variant_unused)
