"""Values whose meaning depends on who reads them."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.language.problems import UNSEEN, Severity
from app.wording import Sentence


@check("yaml-date", Severity.error)
def yaml_date(context: Context) -> Iterator[Finding]:
    """A date without quotes. Other programs that read YAML make something else of it; in quotes it is always a text."""
    for path in context.source.dates:
        if context.is_damaged(path):  # it is no date that is meant there
            continue
        yield Finding(
            path,
            Sentence("a date needs quotes, got {value}", value=(value := context.source.value(path))),
            Sentence('Write "{value}"', value=value),
        )


@check("yaml-leading-zero", Severity.error)
def yaml_leading_zero(context: Context) -> Iterator[Finding]:
    """A number that begins with zero, without quotes. It would lose its zero, or be read as octal; codes need quotes."""
    for path in context.source.zeros:
        value = context.source.value(path)
        yield Finding(
            path,
            Sentence("a number cannot begin with zero, got {value}", value=value),
            Sentence('Write "{value}", or leave the zero out', value=value),
        )


@check("unseen-character", Severity.error)
def unseen_character(context: Context) -> Iterator[Finding]:
    r"""A value has an escape for a character that nobody sees, such as `\0` or `\u200b`."""
    for path in context.source.unseen:
        value = context.source.value(path)
        if found := UNSEEN.search(str(value)):
            yield Finding(
                path,
                Sentence("there is an invisible character in it, U+{code:04X}", code=ord(found[0])),
                Sentence("Take its escape out"),
            )


NOTATION: tuple[Check, ...] = (yaml_date, yaml_leading_zero, unseen_character)
