"""Checks that only a real launch needs: `trato check --for-launch`. Without the texts that an officer in trouble needs, no campaign
begins with a real carrier."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.reviews import unconfirmed
from app.flows.engine.compiled import CONTACT, HELP_LINES, READING_HOURS
from app.flows.engine.render import TextVariable, braces
from app.flows.language.problems import Severity
from app.flows.language.safety import is_placeholder
from app.flows.language.vocabulary import Text
from app.flows.yaml.source import Path
from app.wording import Sentence, all_of


@check("launch-help-lines", Severity.error)
def help_lines(context: Context) -> Iterator[Finding]:
    """`help_lines` is missing or empty, or has a placeholder."""
    lines = context.programme.help_lines
    if not lines:
        yield Finding(
            ("help_lines",),
            Sentence("there is no help line"),
            Sentence("Add help_lines, with name, telephone and hours"),
        )
    for index, line in enumerate(lines):
        for key, text in (("name", line.name), ("telephone", line.telephone), ("hours", line.hours)):
            yield from _placeholders(("help_lines", index, key), text)


@check("launch-contact", Severity.error)
def contact(context: Context) -> Iterator[Finding]:
    """`contact` is missing, names no `person`, or has a placeholder."""
    found = context.programme.contact
    if found is None:
        yield Finding(
            ("contact",),
            Sentence("there is nobody whom an officer can call"),
            Sentence("Add contact, with name and telephone"),
        )
        return
    if found.person is None:
        yield Finding(
            ("contact",),
            Sentence("nobody is named as responsible"),
            Sentence("Add person, with first and last name"),
            key=True,
        )
    parts = (("person", found.person), ("name", found.name), ("telephone", found.telephone), ("email", found.email))
    for key, text in parts:
        if text is not None:
            yield from _placeholders(("contact", key), text)


@check("launch-reading-hours", Severity.error)
def reading_hours(context: Context) -> Iterator[Finding]:
    """`reading_hours` is missing, or a placeholder."""
    found = context.programme.reading_hours
    if found is None:
        yield Finding(("reading_hours",), Sentence("nothing says when a person reads"), Sentence("Add reading_hours"))
    else:
        yield from _placeholders(("reading_hours",), found)


@check("launch-reply-time", Severity.error)
def reply_time(context: Context) -> Iterator[Finding]:
    """`reply_time` is missing, or a placeholder."""
    found = context.programme.reply_time
    if found is None:
        yield Finding(("reply_time",), Sentence("nothing says how soon a person replies"), Sentence("Add reply_time"))
    else:
        yield from _placeholders(("reply_time",), found)


@check("launch-notices", Severity.error)
def notices(context: Context) -> Iterator[Finding]:
    """`help` does not name the contact, or `support` not the help lines and the reading hours, or one of them, or a fact, has a
    placeholder. An empty fact is none: what uses it is left out."""
    for name, text in context.programme.facts.items():
        if text is not None:
            yield from _placeholders(("facts", name), text)
    found = context.programme.notices
    yield from _notice("help", found.help, (CONTACT,))
    if "support" in found.model_fields_set:
        yield from _notice("support", found.support, (HELP_LINES, READING_HOURS))
    else:
        yield Finding(
            ("notices",),
            Sentence("support is missing"),
            Sentence("Add support, with {names}", names=_all((HELP_LINES, READING_HOURS))),
            key=True,
        )


def _notice(name: str, text: Text, needed: tuple[str, ...]) -> Iterator[Finding]:
    for path, wording in _wordings(("notices", name), text):
        used = {found.name for found in braces(wording) if isinstance(found, TextVariable)}
        if missing := tuple(each for each in needed if each not in used):
            yield Finding(
                path,
                Sentence("{name} does not say {names}", name=name, names=_all(missing)),
                Sentence("Add it to the text"),
            )
    yield from _placeholders(("notices", name), text)


def _all(names: tuple[str, ...]) -> str:
    return all_of(f"{{{{ {name} }}}}" for name in names)


def _wordings(path: Path, text: Text) -> Iterator[tuple[Path, str]]:
    if isinstance(text, str):
        yield path, text
    else:
        yield from (((*path, language), wording) for language, wording in text.items())


def _placeholders(path: Path, text: Text) -> Iterator[Finding]:
    for place, wording in _wordings(path, text):
        if is_placeholder(wording):
            yield Finding(
                place,
                Sentence("there is still a placeholder"),
                Sentence("Write the real text, without parentheses or XXX"),
            )


@check("launch-alerts", Severity.error)
def alerts(context: Context) -> Iterator[Finding]:
    """`alerts` names nobody: a crisis would wait until somebody looks at `trato status`."""
    found = context.programme.alerts
    if not found.email and found.webhook is None:
        yield Finding(
            ("alerts",), Sentence("nobody is alerted of a crisis"), Sentence("Add alerts, with email or webhook")
        )


LAUNCH: tuple[Check, ...] = (help_lines, contact, reading_hours, reply_time, notices)
"""Without these, no campaign begins with a real carrier."""
FOR_LAUNCH: tuple[Check, ...] = (*LAUNCH, alerts, unconfirmed)
"""All that `trato check --for-launch` looks for besides."""
