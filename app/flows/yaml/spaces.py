"""Spaces that YAML does not take for spaces where it reads notation: those of a word processor, and tabs. Within texts they are left
alone. Looks at the lines alone, before the parser does or after it has stopped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError

from app.flows.language.problems import Problem
from app.wording import Sentence

STRANGE = re.compile(r"[^\S \t\r\n]")
"""A space that is not a plain one, such as the no-break space U+00A0."""

_MOST = 20
"""Limit of such problems in a file."""
_PARTS = re.compile(r"(?P<indent>\s*)(?P<dashes>(?:-(?:\s+|$))*)(?P<key>[\w.]+:(?=\s|$))?(?P<behind>\s*)")
_BLOCK = re.compile(r"(?:^|\s)[|>][-+0-9]*\s*(?:#.*)?$")
_TEXT_OR_COMMENT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?:^|(?<=\s))#.*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not empty: its offset in the text and its number from 1. `above` is the column, from 0, of the key that it may
    go on from; `block`: that key has a block of text."""

    start: int
    number: int
    text: str
    above: int
    block: bool

    @property
    def parts(self) -> re.Match[str]:
        """Indentation, dashes, key, and the blanks behind it."""
        return next(_PARTS.finditer(self.text))

    @property
    def is_notation(self) -> bool:
        """Whether YAML reads the line as notation, and not as the rest of a text above."""
        if len(self.text) - len(self.text.lstrip(" ")) <= self.above:
            return True
        rest = self.text[self.parts.end("indent") :]
        return not self.block and bool(self.parts["dashes"] or self.parts["key"] or rest[:1] in ("", "#"))


def without_strange_spaces(text: str, file: str) -> tuple[str, list[Problem]]:
    """The text with plain spaces where YAML wants them, so that the rest can be read, and a problem for each of the first lines that
    have others there."""
    if not STRANGE.search(text):
        return text, []
    found = [(line, places) for line in _lines(text) if (places := list(_strange(line)))]
    characters = list(text)
    for line, places in found:
        for place in places:
            characters[line.start + place] = " "
    return "".join(characters), [_strange_problem(file, line, places) for line, places in found[:_MOST]]


def _strange(line: _Line) -> Iterator[int]:
    """Where spaces that are not plain stand in the notation of a line."""
    parts = line.parts
    if not line.is_notation:
        return
    spans = [parts.span("indent"), parts.span("dashes")]
    if parts["key"] and STRANGE.match(parts["behind"]):
        spans.append(parts.span("behind"))
    yield from (place for start, end in spans for place in range(start, end) if STRANGE.match(line.text[place]))


def _strange_problem(file: str, line: _Line, places: list[int]) -> Problem:
    text = Sentence("there is a space here that is not a plain one, U+{code:04X}", code=ord(line.text[places[0]]))
    hint = Sentence("Delete it, and type a space")
    if len(places) > 1:
        hint = Sentence(
            "A word processor made it and {others} more before the words of this line: delete them, and type a space for each",
            others=len(places) - 1,
        )
    return Problem(file, line.number, places[0] + 1, "yaml-syntax", "", text, hint)


def tabs(text: str, file: str, error: MarkedYAMLError) -> list[Problem]:
    """If the parser stopped at a tab, a problem for that line and for each one below on which it would stop; else nothing."""
    if (mark := error.problem_mark or error.context_mark) is None:
        return []
    lines = (line for line in _lines(text) if line.number > mark.line)
    found = [(line, place) for line in lines if (place := _tab(line)) is not None]
    if (
        not found
        or found[0][0].number != mark.line + 1
        or found[0][1] not in (mark.column, *range(_indent(found[0][0])))
    ):
        return []
    return [_tab_problem(file, line, place) for line, place in found[:_MOST]]


def _tab(line: _Line) -> int | None:
    if line.block and not line.is_notation:
        return None
    bare = _TEXT_OR_COMMENT.sub(lambda part: " " * len(part[0]), line.text)
    return place if (place := bare.find("\t")) >= 0 else None


def _indent(line: _Line) -> int:
    return line.parts.end("indent")


def _tab_problem(file: str, line: _Line, place: int) -> Problem:
    if place < _indent(line):
        text, hint = Sentence("there is a tab in the indentation"), Sentence("Use spaces")
    elif not line.text[place:].strip():
        text, hint = Sentence("there is a tab at the end of the line"), Sentence("Delete it")
    else:
        text, hint = Sentence("there is a tab here"), Sentence("Use a space")
    return Problem(file, line.number, place + 1, "yaml-syntax", "", text, hint)


def _lines(text: str) -> Iterator[_Line]:
    above, block = -1, False
    for number, (start, written) in enumerate(_numbered(text), 1):
        if not written:
            continue
        line = _Line(start, number, written, above, block)
        yield line
        parts = line.parts
        if not written.strip() or (block and len(parts["indent"]) > above):
            continue
        block = False
        if line.is_notation:
            above = parts.end("dashes") if parts["key"] else parts.end("indent")
            block = bool(_BLOCK.search(written))


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for found in re.finditer(r"\r\n|\r|\n|$", text):
        yield start, text[start : found.start()]
        start = found.end()
