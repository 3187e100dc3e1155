"""Values whose meaning depends on who reads them."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.language.problems import UNSEEN, Severity


@check("yaml-date", Severity.error)
def yaml_date(context: Context) -> Iterator[Finding]:
    """A date without quotes. Other programs that read YAML make something else of it; in quotes it is always a text."""
    for path in context.source.dates:
        yield Finding(path, f"a date needs quotes, got {(value := context.source.value(path))}", f'Write "{value}"')


@check("yaml-leading-zero", Severity.error)
def yaml_leading_zero(context: Context) -> Iterator[Finding]:
    """A number that begins with zero, without quotes. It would lose its zero, or be read as octal; codes need quotes."""
    for path in context.source.zeros:
        value = context.source.value(path)
        yield Finding(path, f"a number cannot begin with zero, got {value}", f'Write "{value}", or leave the zero out')


@check("unseen-character", Severity.error)
def unseen_character(context: Context) -> Iterator[Finding]:
    r"""A value has an escape for a character that nobody sees, such as `\0` or `\u200b`."""
    for path in context.source.unseen:
        value = context.source.value(path)
        if found := UNSEEN.search(str(value)):
            yield Finding(path, f"there is an invisible character in it, U+{ord(found[0]):04X}", "Take its escape out")


NOTATION: tuple[Check, ...] = (yaml_date, yaml_leading_zero, unseen_character)
