"""Variables of texts and conditions: they exist, and texts use only the allowed notation."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import all_questions, conditions, steps, texts, wordings
from app.flows.engine.compiled import CONTACT, HELP_LINES, READING_HOURS, REPLY_TIME, VARIANT, empty_facts
from app.flows.engine.render import IDENTITY, InvalidBraces, TextVariable, braces
from app.flows.language import definition as d
from app.flows.language import mend
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import Text
from app.wording import Sentence


@check("undefined-variable", Severity.error)
def undefined_variable(context: Context) -> Iterator[Finding]:
    """A text or a condition uses a variable that nothing fills in."""
    shared = _shared(context)
    for wording in wordings(context):
        own = wording.extra | _taken(context, wording.flow)
        used = {found.name: found.written for found in braces(wording.text) if isinstance(found, TextVariable)}
        for name, written in used.items():
            if name not in shared and name not in own:
                text, hint = Sentence("no variable is called {name}", name=name), _meant(name, shared | own)
                yield Finding(wording.path, text, hint, word=written, shift=written.index(name))
    for flow, path, condition in conditions(context):
        known = shared | _taken(context, flow)
        known -= IDENTITY | _CONSTANTS.keys() | context.written("facts")
        if condition.var is not None and condition.var not in known:
            hint = _meant(condition.var, known)
            yield Finding((*path, "var"), Sentence("no variable is called {name}", name=condition.var), hint)


def _meant(name: str, known: set[str] | frozenset[str]) -> str:
    if name in _CONSTANTS:
        return Sentence("It comes from {key}, which the programme does not have", key=_CONSTANTS[name])
    guess = did_you_mean(name, known, close=80)
    column = Sentence("A column of the roster must be listed under fields")
    return (
        guess if guess.endswith("?") else Sentence("{guess}. {column}", guess=guess, column=column) if guess else column
    )


def _shared(context: Context) -> set[str]:
    """Variables that the whole programme may use."""
    kept = {
        name for _, path, step in steps(context) if isinstance(step, d.Set) for name in context.written(*path, "values")
    }
    recorded = {item.variable for item in all_questions(context)}
    fixed = {*IDENTITY, *context.written("fields"), *context.written("facts"), *_constant(context)}
    return fixed | kept | recorded | set(_damaged(context))


_CONSTANTS = {
    CONTACT: "contact",
    HELP_LINES: "help_lines",
    READING_HOURS: "reading_hours",
    REPLY_TIME: "reply_time",
}
"""The key of the programme that each constant comes from."""


def _constant(context: Context) -> set[str]:
    return {name for name, key in _CONSTANTS.items() if context.source.value((key,)) is not None}


def _damaged(context: Context) -> Iterator[str]:
    """The variables of damaged questions: it is still a variable, however it is written."""
    for _, path, _ in steps(context):
        if context.is_damaged(path):
            items = context.source.value((*path, "items"))
            for place in (path, *((*path, "items", item) for item in (items if isinstance(items, dict) else ()))):
                name = str(context.source.value((*place, "records")))
                yield from (name, mend.name(name))


def _taken(context: Context, flow: str | None) -> set[str]:
    variant = {VARIANT} if context.source.value(("flows", flow, "variants")) else set()
    return context.written("flows", flow, "takes") | variant if flow else set()


@check("bad-template", Severity.error)
def bad_template(context: Context) -> Iterator[Finding]:
    """A text has braces that cannot be filled in. Only `{{ variable }}` is allowed, and a few filters after a `|`."""
    for wording in wordings(context):
        for found in braces(wording.text):
            if isinstance(found, InvalidBraces):
                yield Finding(wording.path, found.text, found.hint, word=found.written)


@check("empty-fact", Severity.error)
def empty_fact(context: Context) -> Iterator[Finding]:
    """A text that is never left out uses a fact that is empty. Only a `say` and the text of an `end` are left out."""
    optional = {path for _, path, step in steps(context) if isinstance(step, d.Say | d.End)}
    for path, text in texts(context):
        if path[:-1] in optional or any(path[: len(part)] == part for part in optional):
            continue
        if isinstance(text, str | dict) and all(isinstance(one, TextVariable) for one in _braces(text)):
            for name in empty_facts(context.programme, text):
                yield Finding(
                    path,
                    Sentence("the fact {name} is empty", name=name),
                    Sentence("Fill it in, or say it in a message of its own"),
                )


def _braces(text: Text) -> Iterator[TextVariable | InvalidBraces]:
    for wording in [text] if isinstance(text, str) else text.values():
        yield from braces(wording)


VARIABLES: tuple[Check, ...] = (undefined_variable, bad_template, empty_fact)
