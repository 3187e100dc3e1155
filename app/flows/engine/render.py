"""Texts with variables. Jinja2 renders them in its sandbox, and only ever sees `{{ name }}` and a few filters:
everything else in braces is refused beforehand, in one pass, so that a text cannot reach anything or run for long.
Compiled once, with the programme."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.exceptions import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.flows.language.nearby import did_you_mean
from app.wording import Sentence

IDENTITY = frozenset({"nombre"})
"""Variables that are filled in only when a message is handed to the carrier, so that no name is ever stored in a
message or a session. The engine sees `{{nombre}}` itself as their value; see `fill`."""

OFFER = "offer"
"""The kind of a message that asks whether one reading was meant."""

FILTERS = ("capitalize", "lower", "title", "trim", "upper")

_BRACES = re.compile(r"\{\{(?!\{)[^{}]*\}?\}?|\{{3,}[^{}]*\}*|\{[%#]")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*((?:\|\s*\w+\s*)*)\}\}")
_WORDS = frozenset({"and", "else", "false", "if", "in", "is", "none", "not", "or", "true", "False", "None", "True"})
"""Reserved words of Jinja2, which cannot be names."""

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


class TextError(ValueError):
    """The text has something in braces that texts may not have. The message is for the author."""


class MissingValue(LookupError):
    """A variable has no value for this officer."""


@dataclass(frozen=True, slots=True)
class TextVariable:
    """A variable in a text. `written` is its source, with braces and filters."""

    written: str
    name: str


@dataclass(frozen=True, slots=True)
class InvalidBraces:
    """Something in braces that is not a valid variable."""

    written: str
    text: str
    hint: str = ""


def braces(source: str) -> Iterator[TextVariable | InvalidBraces]:
    """The variables and invalid parts in double braces, in order."""
    if "{" in source:
        for found in _BRACES.finditer(source):
            yield _read(found[0])


def _read(written: str) -> TextVariable | InvalidBraces:
    if written in ("{%", "{#"):
        return InvalidBraces(
            written,
            Sentence("{written} is not allowed in a text, only {{{{ variable }}}}", written=written),
            Sentence("Use when, branch or repeat"),
        )
    if written.startswith("{{{"):
        return InvalidBraces(
            written,
            Sentence("a variable has two braces on each side"),
            Sentence("Write {right}", right=_meant(written)),
        )
    if not written.endswith("}}"):
        return InvalidBraces(
            written, Sentence("{{{{ is not closed by }}}}"), Sentence("Write {right}", right=_meant(written))
        )
    found = _VARIABLE.fullmatch(written)
    if found is None or not found[1].isidentifier() or found[1] in _WORDS:
        text = Sentence(
            "between {{{{ and }}}} must stand the name of one variable, got {value}",
            value=" ".join(written[2:-2].split())[:40] or Sentence("nothing"),
        )
        return InvalidBraces(
            written, text, Sentence("Such as {{{{ nombre }}}}; behind a | one of {names}", names=", ".join(FILTERS))
        )
    filters = found[2].replace("|", " ").split()
    if unknown := [name for name in filters if name not in FILTERS]:
        return InvalidBraces(
            written, Sentence("there is no filter {name}", name=unknown[0]), did_you_mean(unknown[0], FILTERS)
        )
    if filters and found[1] in IDENTITY:
        text = Sentence("{name} takes no filter: it is filled in when the message is sent", name=found[1])
        return InvalidBraces(written, text, Sentence("Write {{{{ {name} }}}}", name=found[1]))
    return TextVariable(written, found[1])


def _meant(written: str) -> str:
    name = re.search(r"\w+", written)
    return f"{{{{ {name[0] if name else 'nombre'} }}}}"


def variables_in(source: str) -> list[str]:
    """The names of the variables used, in order. Raises TextError."""
    names = []
    for found in braces(source):
        if isinstance(found, InvalidBraces):
            raise TextError(f"{found.text}. {found.hint}")
        names.append(found.name)
    return names


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text ready to render. `constant` is the whole text if it has no variables."""

    constant: str | None
    compiled: Template | None = None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values. Raises MissingValue."""
        if self.compiled is None:
            return self.constant or ""
        try:
            return self.compiled.render(values)
        except UndefinedError as error:
            raise MissingValue(str(error.message)) from None


def compile_text(source: str, constants: Mapping[str, str] | None = None) -> CompiledText:
    """Compile one text. `constants` are values that are the same for every officer. Raises TextError."""
    source = source.strip()
    if not variables_in(source):
        return CompiledText(source)
    return CompiledText(None, _environment.from_string(source, dict(constants or {})))


def placeholders(names: frozenset[str] = IDENTITY) -> dict[str, str]:
    """The values that the engine gets for identity variables: placeholders, filled in when the message is sent."""
    return {name: f"{{{{{name}}}}}" for name in names}


def fill(text: str, identity: Mapping[str, str]) -> str:
    """Put an officer's identity into a stored text, just before it is sent. A missing part is removed with the comma
    or space after it."""
    for name in IDENTITY:
        mark = f"{{{{{name}}}}}"
        if mark in text:
            value = identity.get(name, "")
            text = text.replace(mark, value) if value else _without(text, mark)
    return text


def _without(text: str, mark: str) -> str:
    for tail in (", ", ": ", " ", ""):
        text = text.replace(mark + tail, "")
    text = text.strip()
    first = next((place for place, character in enumerate(text) if character.isalnum()), 0)
    return text[:first] + text[first : first + 1].upper() + text[first + 1 :]


def numbered(text: str, options: Sequence[tuple[int, str]]) -> str:
    """A question with its options as numbered lines, for channels without buttons."""
    return "\n".join([text, *(f"{number} {label}" for number, label in options)])


def written(kind: str, text: str, options: Sequence[tuple[int, str]]) -> str:
    """A message as it is written where nothing can be pressed. An offer names its option in its text."""
    return numbered(text, options) if options and kind != OFFER else text
