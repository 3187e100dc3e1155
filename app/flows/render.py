"""Texts with variables. Jinja2 in its sandbox, and of Jinja2 only `{{ name }}` and a few filters: no attributes, calls,
blocks or tests, so that a template cannot reach anything or run for long. Compiled once, when a book is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.exceptions import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

IDENTITY = frozenset({"nombre"})
"""Variables that are filled in only when a message is handed to the carrier, so that no name is ever stored in a
message or a session. The engine sees `{{nombre}}` itself as their value; see `fill`."""

FILTERS = frozenset({"capitalize", "lower", "upper", "title", "trim"})
_NODES = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Filter)

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


class TemplateProblem(ValueError):
    """The template uses something that texts may not use. The text is for the author."""


class MissingValue(LookupError):
    """A variable has no value for this officer."""


def check(source: str) -> list[str]:
    """The names of the variables used, in order. Raises TemplateProblem."""
    if "{" not in source:
        return []
    try:
        tree = _environment.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"the text cannot be read as a template: {error.message}") from None
    except RecursionError:
        raise TemplateProblem("the text is nested too deeply") from None
    return _names(tree)


def _names(tree: nodes.Template) -> list[str]:
    names: list[str] = []
    pending: list[nodes.Node] = [tree]
    while pending:
        node = pending.pop(0)
        if not isinstance(node, _NODES):
            raise TemplateProblem("only {{ variable }} is allowed in a text, with the filters " + ", ".join(sorted(FILTERS)))
        if isinstance(node, nodes.Filter):
            _check_filter(node)
        if isinstance(node, nodes.Name):
            names.append(node.name)
        pending = [*node.iter_child_nodes(), *pending]
    return names


def _check_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise TemplateProblem(f"the filter {node.name} is not allowed; use one of {', '.join(sorted(FILTERS))}")
    if isinstance(node.node, nodes.Name) and node.node.name in IDENTITY:
        raise TemplateProblem(f"{node.node.name} takes no filter: it is filled in when the message is sent")


@dataclass(frozen=True, slots=True)
class Template:
    """A text ready to render. `constant` is the whole text where there is nothing to fill in."""

    constant: str | None
    compiled: JinjaTemplate | None = None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its values. Raises MissingValue."""
        if self.compiled is None:
            return self.constant or ""
        try:
            return self.compiled.render(values)
        except UndefinedError as error:
            raise MissingValue(str(error.message)) from None


def template(source: str) -> Template:
    """Compile one text. Raises TemplateProblem."""
    source = source.strip()
    if not check(source) and "{{" not in source and "{%" not in source and "{#" not in source:
        return Template(source)
    return Template(None, _environment.from_string(source))


def placeholders(names: frozenset[str] = IDENTITY) -> dict[str, str]:
    """The values the engine gets for identity variables: themselves, to be filled in at send time."""
    return {name: f"{{{{{name}}}}}" for name in names}


def fill(text: str, identity: Mapping[str, str]) -> str:
    """Put an officer's identity into a stored text, just before it is handed to the carrier. A missing part becomes
    nothing, together with the comma or space that follows it."""
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
