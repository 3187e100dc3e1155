"""What texts and conditions may use: variables that exist, in templates that are allowed."""

from collections.abc import Iterator

from app.flows import definition as d
from app.flows.book import VARIANT, step_name
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import all_questions, conditions, steps, wordings
from app.flows.nearby import did_you_mean
from app.flows.problems import Severity
from app.flows.render import IDENTITY, TemplateProblem
from app.flows.render import check as names_in


@check("undefined-variable", Severity.error, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "Buen día, {{ nombr }}."
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "Buen día, {{ nombre }}."
""")
def undefined_variable(context: Context) -> Iterator[Finding]:
    """A text or a condition uses a variable that nothing fills in.

    There are: `nombre` and the `fields` of the programme; the answer to a question, by the name that it `records`; what a
    `set` step keeps; what the flow `takes`; `variant` in a flow that has `variants`; `item` in the text of a `repeat`; in
    notices `dias` (`paused`), `turno` and `entra` (`shift`, `shift_impossible`), `idiomas` (`language_choice`).
    """
    shared = _shared(context)
    for wording in wordings(context):
        known = shared | wording.extra | _taken(context, wording.flow)
        for name in _names(wording.text):
            if name not in known:
                yield Finding(wording.path, f"no variable is called {name}", did_you_mean(name, known), word=name)
    for flow, path, condition in conditions(context):
        known = shared | _taken(context, flow)
        if condition.var is not None and condition.var not in known - IDENTITY:
            text = f"no variable is called {condition.var}"
            yield Finding((*path, "var"), text, did_you_mean(condition.var, known))


def _shared(context: Context) -> set[str]:
    """Variables that the whole programme may use."""
    kept = {name for _, _, step in steps(context) if isinstance(step, d.Set) for name in step.values}
    recorded = {item.ask.records or f"{item.flow}_{step_name(item.ask)}"[:32] for item in all_questions(context)}
    return {*IDENTITY, *context.programme.fields} | kept | recorded


def _taken(context: Context, flow: str | None) -> set[str]:
    definition = context.programme.flows.get(flow) if flow else None
    return {*definition.takes, *([VARIANT] if definition.variants else [])} if definition else set()


def _names(text: str) -> list[str]:
    try:
        return list(dict.fromkeys(names_in(text)))
    except TemplateProblem:
        return []


@check("bad-template", Severity.error, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "Buen día, {{ nombre.upper() }}."
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "Buen día, {{ nombre }}."
""")
def bad_template(context: Context) -> Iterator[Finding]:
    """A text has braces that cannot be filled in. Only `{{ variable }}` is allowed, and a few filters after a `|`.

    Conditions, loops, calls and anything with a dot are not: use `when`, `branch` or `repeat`.
    """
    for wording in wordings(context):
        try:
            names_in(wording.text)
        except TemplateProblem as error:
            yield Finding(wording.path, str(error), word="{{" if "{{" in wording.text else "{")


VARIABLES: tuple[Check, ...] = (undefined_variable, bad_template)
