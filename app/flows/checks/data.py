"""The names of variables: valid in statistics programs, and unambiguous."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import LocatedQuestion, all_questions, questions, sound_questions
from app.flows.engine.compiled import options_of
from app.flows.engine.graph import reachable
from app.flows.labels import LONGEST_LABEL, cut, question_label
from app.flows.language.problems import Severity
from app.flows.replies.forms import OPEN_KINDS, AnswerKind
from app.flows.variables import variables_of
from app.wording import Sentence

NAME = 32
"""The longest name of a variable in Stata."""

_RESERVED = {
    "Stata": "byte double float if in int long using with",
    "SPSS": "all and by eq ge gt le lt ne not or to with",
    "R": "break else for function if in next repeat while",
    Sentence("every exported table"): "cohort flow programme step study_id variable wave wave_number",
}
"""Words that are not free, by whose they are. Those with capitals or a leading _ are no names here anyway."""

_STATA_TYPE = re.compile(r"str[0-9]+")


@check("variable-name", Severity.error)
def variable_name(context: Context) -> Iterator[Finding]:
    """A variable cannot have this name in Stata, R or SPSS once the data are exported."""
    suffixes = _suffixes(context)
    for question in all_questions(context):
        name = question.variable
        path = (*question.path, "records") if question.ask.records else question.path
        if whose := owner(name):
            yield Finding(
                path,
                Sentence("a variable cannot be called {name}: {whose}", name=name, whose=whose),
                Sentence("Choose another name with records"),
            )
        elif text := _too_long(name, suffixes.get(name, ()), _beside(context, question)):
            yield Finding(path, text, Sentence("Give it a shorter name with records"))
    for code, score in context.programme.scores.items():
        if text := _too_long(code, {suffix for item in score.items for suffix in suffixes.get(item, ())}):
            yield Finding(("scores", code), text, Sentence("Give it a shorter name"))


def _beside(context: Context, question: LocatedQuestion) -> int:
    """Characters of the longest ending of the columns beside the variable's own: a missing code's, or an option's."""
    answer = answer_of_or_none(context, question)
    return len("_missing") if answer is not None and answer.kind in {AnswerKind.multi, *OPEN_KINDS} else 0


def _too_long(name: str, suffixes: Iterable[str], beside: int = 0) -> str | None:
    longest = max((len(suffix) + 1 for suffix in suffixes), default=0)
    if len(name) + longest + (beside if longest else 0) <= NAME:
        return None
    if longest and beside:
        return Sentence(
            "the name {name} has {length} characters, and {whole} in the column of its missing codes in a wave; {most} are allowed",
            name=name,
            length=len(name),
            whole=len(name) + longest + beside,
            most=NAME,
        )
    if longest:
        return Sentence(
            "the name {name} has {length} characters with the suffix of its wave, {whole}; {most} are allowed",
            name=name,
            length=len(name),
            whole=len(name) + longest,
            most=NAME,
        )
    return Sentence(
        "the name {name} has {length} characters; {most} are allowed", name=name, length=len(name), most=NAME
    )


def owner(name: str) -> str | None:
    """Why a variable cannot have a name; None if it can."""
    if name == "id":
        return Sentence("it does not say of what")
    whose = (
        "Stata"
        if _STATA_TYPE.fullmatch(name)
        else next((one for one, words in _RESERVED.items() if name in words.split()), None)
    )
    return Sentence("the word belongs to {whose}", whose=whose) if whose else None


def _suffixes(context: Context) -> dict[str, set[str]]:
    """The suffixes of the waves in which each variable is asked, also by a flow that another calls."""
    found: dict[str, set[str]] = {}
    for campaign in context.programme.campaigns.values():
        for wave in campaign.waves.values():
            for flow in wave.flows:
                for name in variables_of(context.programme, flow):
                    found.setdefault(name, set()).add(wave.suffix)
    return found


@check("variable-twice", Severity.warning)
def variable_twice(context: Context) -> Iterator[Finding]:
    """One conversation records two answers under the same name, so that the second hides the first."""
    for code, graph in context.graphs.items():
        first: dict[str, list[str]] = {}
        after = cache(lambda step, ways=graph.successors: reachable(ways, [step]))
        for question in questions(context, code):
            name, here = question.variable, question.ask.ask
            for other in first.get(name, ()):
                if here in after(other) or other in after(here):
                    path = (*question.path, "records") if question.ask.records else question.path
                    yield Finding(
                        path,
                        Sentence("{other} records {name} too", other=other, name=name),
                        Sentence("Choose another name"),
                    )
                    break
            first.setdefault(name, []).append(here)


@check("variable-differs", Severity.warning)
def variable_differs(context: Context) -> Iterator[Finding]:
    """Two flows record different kinds of answers, or different values, under the same name."""
    first: dict[str, tuple[LocatedQuestion, object]] = {}
    for question in sound_questions(context):
        answer = answer_of_or_none(context, question)
        if answer is None or question.ask.records is None:
            continue
        options = options_of(context.programme, answer)
        values = frozenset((key, str(option.value)) for key, option in options.items())
        earlier, seen = first.setdefault(question.ask.records, (question, (answer.kind, values)))
        if seen != (answer.kind, values):
            text = Sentence(
                "{records} has other answers in {flow}, step {ask}",
                records=question.ask.records,
                flow=earlier.flow,
                ask=earlier.ask.ask,
            )
            yield Finding((*question.path, "records"), text, Sentence("Choose another name, or share the answer"))


@check("label-twice", Severity.warning)
def label_twice(context: Context) -> Iterator[Finding]:
    """Two variables have the same label in the data: the same `label`, or questions that are cut before they differ."""
    suffixes = _suffixes(context)
    first: dict[str, LocatedQuestion] = {}
    for question in sound_questions(context):
        name, own = question.variable, question.ask.label
        if own is None and name not in suffixes:
            continue
        longest = max((len(suffix) for suffix in suffixes.get(name, ())), default=0)
        label = own or question_label(context.programme, context.programme.flows[question.flow], question.ask)
        earlier = first.setdefault(cut(label, LONGEST_LABEL - longest - len(" ()")), question)
        if earlier.variable != name:
            yield Finding(
                (*question.path, "label") if own else question.path,
                Sentence("{name} has the same label in the data as {other}", name=name, other=earlier.variable),
                Sentence("Give each of them a label of its own, of {most} characters at most", most=LONGEST_LABEL),
            )


DATA: tuple[Check, ...] = (label_twice, variable_name, variable_twice, variable_differs)
