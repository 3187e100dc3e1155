"""What keeps a file from being read as YAML, in words for the person who wrote it."""

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.reader import ReaderError

from app.flows.problems import Problem

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")


def limit(file: str, text: str, event: Event | None = None) -> Problem:
    """One of the bounds was passed; `event` is where."""
    line, column = (event.start_mark.line + 1, event.start_mark.column + 1) if event else (1, 1)
    return Problem(file, line, column, "yaml-limit", "", text, "A flow file is written by hand: divide it")


def undecodable(text: bytes, file: str, error: UnicodeDecodeError) -> Problem:
    """Bytes that are not UTF-8."""
    before = text[: error.start]
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    return Problem(
        file, before.count(b"\n") + 1, column, "yaml-encoding", "", "the file is not UTF-8 here",
        "Save it again with the encoding UTF-8",
    )


def unprintable(text: str, file: str, error: ReaderError) -> Problem:
    """A character that YAML does not allow."""
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    code = f"U+{error.character:04X}" if isinstance(error.character, int) else "which cannot be read"
    return Problem(
        file, line, column, "yaml-encoding", "", f"there is an invisible character here, {code}", "Delete it"
    )


def syntax(error: MarkedYAMLError, file: str, lines: tuple[str, ...]) -> Problem:
    """What the parser could not read, in words that fit what stands on the line."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    shown = lines[line - 1] if line <= len(lines) else ""
    context = error.context_mark
    opened = lines[context.line][context.column : context.column + 1] if context and context.line < len(lines) else ""
    text, hint = "this is not valid YAML", f"{error.problem or error.context}".split("\n")[0]
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        text, hint = "there is a tab in the indentation", "Use spaces"
    elif opened and opened in "\"'" and context is not None:
        line, column = context.line + 1, context.column + 1
        text, hint = "a text in quotes does not end", f"Write {opened} at its end, and quotes inside it twice"
    elif opened and opened in "[{" and context is not None:
        line, column = context.line + 1, context.column + 1
        text, hint = f"{opened} is not closed", f"Write {'}' if opened == '{' else ']'} at the end"
    elif _QUOTED.sub("", shown).count(": ") > 1:
        text, hint = "a text with a colon needs quotes", 'Write the whole text in "quotes"'
    return Problem(file, line, column, "yaml-syntax", "", text, hint)
