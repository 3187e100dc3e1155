"""What a question may be answered with, where that can be found out."""


from app.flows import definition as d
from app.flows.book import Unresolved, answer_of, options_of
from app.flows.checks.base import Context

WAYS = frozenset({"unclear", "timeout", "missing", "else"})
"""What `go` of a question may name besides options."""


def choices(context: Context, ask: d.Ask) -> set[str] | None:
    """The keys that an answer to a question may have; None if the question could not be resolved."""
    try:
        answer = answer_of(context.programme, ask.answer)
        options = set(options_of(context.programme, answer))
    except Unresolved:
        return None
    if answer.scale is not None:
        return {str(point) for point in range(answer.scale.min, answer.scale.max + 1)}
    return options


def answer_of_or_none(context: Context, ask: d.Ask) -> d.Answer | None:
    """A question's answer; None if what it names does not exist, which `unknown-answer` reports."""
    try:
        answer = answer_of(context.programme, ask.answer)
        options_of(context.programme, answer)
    except Unresolved:
        return None
    return answer
