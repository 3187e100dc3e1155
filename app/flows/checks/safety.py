"""A programme's own wordings of crises, incidents and leaving."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import option_lists
from app.flows.language.problems import Severity
from app.flows.replies.own_patterns import fault
from app.flows.yaml.source import Path
from app.wording import Sentence


@check("own-pattern", Severity.error)
def own_pattern(context: Context) -> Iterator[Finding]:
    """A pattern under `safety` or `leave` cannot be read, or would find an ordinary reply or an option of the programme."""
    programme = context.programme
    answers = tuple(_written_answers(context))
    listed: tuple[tuple[Path, list[str]], ...] = (
        (("safety", "crisis"), programme.safety.crisis),
        (("safety", "serious"), programme.safety.serious),
        (("leave",), programme.leave),
    )
    for path, patterns in listed:
        for index, pattern in enumerate(patterns):
            if wrong := fault(pattern, answers):
                hint = (
                    Sentence("Add words to it")
                    if "broad" in wrong
                    else Sentence("`trato check --explain own-pattern` explains the notation")
                )
                yield Finding((*path, index), Sentence("{pattern}: {fault}", pattern=pattern, fault=wrong), hint)


def _written_answers(context: Context) -> Iterator[str]:
    """Everything that an option may be written as."""
    for _, options in option_lists(context):
        for option in options.values():
            yield from [option.label] if isinstance(option.label, str) else option.label.values()
            yield from option.also


SAFETY: tuple[Check, ...] = (own_pattern,)
