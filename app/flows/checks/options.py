"""The options of questions: distinct, not keywords, none forgotten, none unused."""

from collections.abc import Iterator
from functools import cache

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import WAYS, answer_of_or_none
from app.flows.checks.walk import all_questions, answers, option_labels, option_lists, steps
from app.flows.engine.compiled import options_of
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import Text
from app.flows.replies.choices import Choices
from app.flows.replies.fold import fold, phrase
from app.flows.replies.forms import AnswerKind, Form, Option, Parsed
from app.flows.replies.keywords import keyword
from app.flows.yaml.source import Path
from app.wording import Sentence

_IN_ORDER = Sentence("Use other words, or put the options in the order of their numbers")


@check("option-without-branch", Severity.warning)
def option_without_branch(context: Context) -> Iterator[Finding]:
    """`go` or `feedback` names several options of a question and forgets others."""
    for question in all_questions(context):
        answer = answer_of_or_none(context, question)
        options = list(options_of(context.programme, answer)) if answer else []
        go = question.ask.go if isinstance(question.ask.go, dict) else {}
        if "else" not in go and len(go.keys() - WAYS) > 1:
            yield from _forgotten(go, options, (*question.path, "go"), Sentence("leads on to the next step"))
        if "else" not in question.ask.feedback and len(question.ask.feedback) > 1:
            yield from _forgotten(
                question.ask.feedback, options, (*question.path, "feedback"), Sentence("gets no answer")
            )


def _forgotten(named: dict[str, str] | dict[str, Text], options: list[str], path: Path, so: str) -> Iterator[Finding]:
    if missing := [option for option in options if option not in named]:
        text = Sentence("the option {option} is not named and {so}", option=missing[0], so=so)
        if len(missing) > 1:
            text = Sentence("the options {names} are not named; each {so}", names=", ".join(missing), so=so)
        yield Finding(path, text, Sentence("Name it, or write else"), key=True)


@check("overlapping-aliases", Severity.error)
def overlapping_aliases(context: Context) -> Iterator[Finding]:
    """Two options of a list can be written in the same way, so that a reply would mean both."""
    for wordings in _lists(context):
        seen: dict[tuple[str, ...], str] = {}
        for place, key, text in wordings:
            if (words := phrase(text)) and seen.setdefault(words, key) != key:
                yield Finding(
                    place,
                    Sentence('"{text}" means {other} too', text=text, other=seen[words]),
                    Sentence("Let each wording mean one option"),
                )
    for path, options in option_lists(context):
        numbers = _numbers(len(options))
        for place, key, text in _wordings(context, path, options):
            meant = numbers.read(fold(text))
            if isinstance(meant, Parsed) and (other := list(options)[int(meant.key or 0)]) != key:
                yield Finding(
                    place,
                    Sentence('"{text}" also chooses {other}, by its number or letter', text=text, other=other),
                    _IN_ORDER,
                )


def _lists(context: Context) -> Iterator[Iterator[tuple[Path, str, str]]]:
    """The wordings of each list of options, and of the labelled points of each scale."""
    yield from (_wordings(context, path, options) for path, options in option_lists(context))
    yield from (_points(path, answer.scale) for path, answer in answers(context) if answer.scale)


def _wordings(context: Context, path: Path, options: dict[str, d.Option]) -> Iterator[tuple[Path, str, str]]:
    """Every way to write each option, with its place."""
    yield from option_labels(context, path, options)
    for key, option in options.items():
        yield from (((*path, key, "also", index), key, text) for index, text in enumerate(option.also))


def _points(path: Path, scale: d.Scale) -> Iterator[tuple[Path, str, str]]:
    for point, label in scale.labels.items():
        place: Path = (*path, "scale", "labels", point)
        if isinstance(label, str):
            yield place, str(point), label
        else:
            yield from (((*place, language), str(point), text) for language, text in label.items())


@cache
def _numbers(count: int) -> Choices:
    """Reads a reply to a list of so many options that have no words: only by number, ordinal or letter."""
    form = Form(AnswerKind.choice, tuple(Option(str(index), "⁂", index) for index in range(count)))
    return Choices(form, form.options, {number: number - 1 for number in range(1, count + 1)})


@check("keyword-option", Severity.error)
def keyword_option(context: Context) -> Iterator[Finding]:
    """An option can be written with a keyword of the service, such as BAJA, ALTO, STOP, AYUDA or PAUSA."""
    for wordings in _lists(context):
        for place, _, text in wordings:
            if keyword(text):
                yield Finding(
                    place,
                    Sentence('"{text}" is a keyword and would not be taken as an answer', text=text),
                    Sentence("Use other words"),
                )


@check("carrier-word", Severity.warning)
def carrier_word(context: Context) -> Iterator[Finding]:
    """An option can be written YES, which carriers of SMS take for a wish to get messages again."""
    for wordings in _lists(context):
        for place, _, text in wordings:
            if phrase(text) == ("yes",):
                yield Finding(
                    place, Sentence('"{text}" means something to carriers too', text=text), Sentence("Use more words")
                )


@check("value-twice", Severity.warning)
def value_twice(context: Context) -> Iterator[Finding]:
    """Two options of a list have the same `value`, so that the data cannot tell which one was chosen."""
    for path, options in option_lists(context):
        first: dict[str, str] = {}
        for key, option in options.items():
            value = str(key if option.value is None else option.value)
            if first.setdefault(value, key) != key:
                text = Sentence(
                    "{key} has the value {value}, and so has {other}", key=key, value=value, other=first[value]
                )
                yield Finding((*path, key, "value"), text, Sentence("Give each option a value of its own"))


@check("unused-answer", Severity.warning)
def unused_answer(context: Context) -> Iterator[Finding]:
    """A shared answer that no question uses: left over, or a question names another by mistake."""
    if not context.whole:
        return
    named = [step.answer for _, _, step in steps(context) if isinstance(step, d.Ask | d.Repeat)]
    inner = [name for _, answer in answers(context) for name in (answer.choice, answer.multi)]
    used = {name for name in [*named, *inner] if isinstance(name, str)}
    for name in context.programme.answers:
        if name not in used:
            yield Finding(
                ("answers", name),
                Sentence("no question uses {name}", name=name),
                Sentence("Remove it, or name it in a question"),
                key=True,
            )


OPTIONS: tuple[Check, ...] = (
    option_without_branch,
    overlapping_aliases,
    keyword_option,
    carrier_word,
    value_twice,
    unused_answer,
)
