"""Probable slips of writing, which would be sent as they are."""

import re
from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import option_lists, texts, wordings
from app.flows.engine.render import IDENTITY
from app.flows.language.explain import only_comment
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path
from app.wording import Sentence

_DOUBLE = re.compile(r"\{\{[^{}]*\}\}")
_SINGLE = re.compile(r"(?<!\{)\{{1,3}\s*(\w{1,32})\s*\}{1,3}")
_OTHER_SIGNS = re.compile(r"[\[<]\s*(\w{1,32})\s*[\]>]")
_TYPOGRAPHIC = {"“": "”", "‘": "’", "„": "“”"}


@check("single-brace", Severity.warning)
def single_brace(context: Context) -> Iterator[Finding]:
    """A text has a name between single braces, or a variable between other signs: `{nombre}`, `[nombre]`, `<nombre>`."""
    known = IDENTITY | context.written("fields")
    for wording in wordings(context):
        text = _DOUBLE.sub(lambda found: " " * len(found[0]), wording.text)
        meant = [found for found in _SINGLE.finditer(text) if not found[0].startswith("{{")]
        meant += [found for found in _OTHER_SIGNS.finditer(text) if found[1].lower() in known]
        for found in meant:
            hint = Sentence("Write {{{{ {name} }}}}", name=found[1].lower() if found[1].lower() in known else found[1])
            yield Finding(
                wording.path, Sentence("{written} would go out as it is", written=found[0]), hint, word=found[0]
            )


@check("text-cut", Severity.warning)
def text_cut(context: Context) -> Iterator[Finding]:
    """A text without quotes ends at a `#`, or a value begins with it: what follows is a remark, and would not go out."""
    lines = context.source.lines
    for path in _places(context):
        if context.is_damaged(path):
            continue
        (line, column), (last, end) = context.source.place(path), context.source.end(path)
        rest = lines[last - 1][end - 1 :] if last <= len(lines) else ""
        if lines[line - 1][column - 1 : column] not in ("'", '"', "|", ">") and (remark := re.match(r"\s+#", rest)):
            text = Sentence("the text ends before the #: {rest} would not go out", rest=rest.strip()[:30])
            yield Finding(
                path,
                text,
                Sentence("Put the text in quotes, or the remark on a line of its own"),
                at=(last, end + remark.end() - 1),
            )
    yield from _nothing_but_comments(context, context.source.data, ())


def _nothing_but_comments(context: Context, data: object, path: Path) -> Iterator[Finding]:
    """`template: #consejo` is no value, and no error where the key may be left out."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in parts:
        yield from _nothing_but_comments(context, value, (*path, part))
    comment = context.source.comment(path) if data is None and path else ""
    if comment[1:] and not comment[1].isspace() and not context.is_damaged(path):
        yield Finding(path, *only_comment(comment))


@check("typographic-quotes", Severity.warning)
def typographic_quotes(context: Context) -> Iterator[Finding]:
    """A text stands between “ and ”, as a word processor writes quotes. For YAML they are letters, and would go out."""
    for path in _places(context):
        text = context.source.value(path)
        if isinstance(text, str) and len(text) > 1 and text[-1] in _TYPOGRAPHIC.get(text[0], ()):
            yield Finding(
                path,
                Sentence("{first} and {last} would go out with the text", first=text[0], last=text[-1]),
                Sentence('Type plain quotes, "'),
            )


def _places(context: Context) -> Iterator[Path]:
    """Where everything stands that officers read, or are understood by."""
    for path, text in texts(context):
        yield from [path] if isinstance(text, str) else ((*path, language) for language in text)
    for path, options in option_lists(context):
        for key, option in options.items():
            yield from ((*path, key, "also", index) for index in range(len(option.also)))


WRITING: tuple[Check, ...] = (single_brace, text_cut, typographic_quotes)
