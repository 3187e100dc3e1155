"""The code book: the texts it covers, and the names of its variables."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.data import owner
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import all_questions
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.replies.forms import AnswerKind
from app.wording import Sentence

_OF_SHEETS = frozenset({"response_id", "question", "text", "said", "mark"})


@check("coded-question", Severity.error)
def coded_question(context: Context) -> Iterator[Finding]:
    """The code book names a question that the file does not have. Questions go by their variable or by their step."""
    if context.damaged:
        return
    known = sorted({name for question in all_questions(context) for name in (question.ask.ask, question.variable)})
    for code, coding in context.programme.codes.items():
        for place, name in enumerate(coding.of):
            if name not in known:
                yield Finding(
                    ("codes", code, "of", place),
                    Sentence("no question or variable is called {name}", name=name),
                    did_you_mean(name, known),
                )


@check("coded-closed", Severity.warning)
def coded_closed(context: Context) -> Iterator[Finding]:
    """The code book is to be used on a question that is not answered in an officer's own words. There is nothing to code."""
    closed = {
        name
        for question in all_questions(context)
        if (answer := answer_of_or_none(context, question)) is not None
        and answer.kind not in (AnswerKind.text, AnswerKind.media)
        for name in (question.ask.ask, question.variable)
    }
    for code, coding in context.programme.codes.items():
        for place, name in enumerate(coding.of):
            if name in closed:
                yield Finding(
                    ("codes", code, "of", place),
                    Sentence("{name} is not answered by a text", name=name),
                    Sentence("Name a question with answer: text"),
                )


@check("coded-name", Severity.error)
def coded_name(context: Context) -> Iterator[Finding]:
    """A variable of the code book has the name of one that a question records, or one that Stata, R or SPSS do not take."""
    recorded = {question.variable for question in all_questions(context)}
    for code in context.programme.codes:
        if code in recorded:
            yield Finding(
                ("codes", code),
                Sentence("a question records {code} already", code=code),
                Sentence("Choose another name"),
                key=True,
            )
        elif whose := Sentence("coders' sheets have a column of this name") if code in _OF_SHEETS else owner(code):
            yield Finding(
                ("codes", code),
                Sentence("a variable cannot be called {name}: {whose}", name=code, whose=whose),
                Sentence("Choose another name"),
                key=True,
            )


CODING: tuple[Check, ...] = (coded_question, coded_closed, coded_name)
