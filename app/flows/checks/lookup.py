"""The possible answers of a question, as far as they are known."""

from app.flows.checks.base import Context
from app.flows.checks.walk import LocatedQuestion
from app.flows.engine.compiled import Unresolved, answer_of, options_of
from app.flows.language import definition as d
from app.flows.yaml.source import Path

WAYS = frozenset({"unclear", "timeout", "missing", "else"})
"""Names that `go` of a question may have besides options."""


def choices(context: Context, question: LocatedQuestion) -> set[str] | None:
    """The keys of a question's possible answers; None if unknown."""
    answer = answer_of_or_none(context, question)
    if answer is None:
        return None
    if answer.scale is not None:
        return {str(point) for point in range(answer.scale.min, answer.scale.max + 1)}
    return set(options_of(context.programme, answer))


def answer_of_or_none(context: Context, question: LocatedQuestion) -> d.Answer | None:
    """A question's answer; None if its name refers to nothing, or if it is damaged: both are reported elsewhere."""
    reference = question.ask.answer
    try:
        answer = answer_of(context.programme, reference)
        options_of(context.programme, answer)
    except Unresolved:
        return None
    named = [name for name in (reference, answer.choice, answer.multi) if isinstance(name, str)]
    places: list[Path] = [question.answer, *(("answers", name) for name in named)]
    return None if any(context.is_damaged(place) for place in places) else answer
