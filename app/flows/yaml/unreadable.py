"""Problems of a file's name, encoding and size, which keep it from being read as YAML, in words for its author."""

import re
from itertools import islice
from pathlib import PurePath

from ruamel.yaml.events import Event

from app.flows.language.problems import UNSEEN, Problem
from app.wording import Sentence

_BREAK = re.compile(r"\r\n|\r|\n")
MISNAMED = re.compile(r"(?<=\.yaml|..yml)\.(?:txt|text)$", re.IGNORECASE)
"""The ending behind that of a flow file."""
_MOST = 20
_SAVE = Sentence("Save it again with the encoding UTF-8")


def limit(file: str, text: str, event: Event | None = None) -> Problem:
    """A limit of size was exceeded at `event`."""
    line, column = (event.start_mark.line + 1, event.start_mark.column + 1) if event else (1, 1)
    return Problem(file, line, column, "yaml-limit", "", text, Sentence("A flow file is written by hand: divide it"))


def misnamed(file: str) -> Problem | None:
    """A name such as `seguimiento.yaml.txt`, as Notepad makes it: no command would look for the file."""
    if (found := MISNAMED.search(file)) is None:
        return None
    text = Sentence("the name of this file ends in {ending}, so Trato does not use it", ending=found[0])
    hint = Sentence(
        "Rename it to {name}; in Notepad, save it with the type All files",
        name=PurePath(file.removesuffix(found[0])).name,
    )
    return Problem(file, 1, 1, "file-name", "", text, hint)


def undecodable(text: bytes, file: str, error: UnicodeDecodeError) -> Problem:
    """Bytes that are not UTF-8."""
    line, column = _place(text[: error.start].decode("utf-8", "replace"))
    return Problem(file, line, column, "yaml-encoding", "", Sentence("the file is not UTF-8 here"), _SAVE)


def utf_16(text: bytes, file: str) -> Problem | None:
    """The encoding that some editors call Unicode: every other byte of a plain text is a zero."""
    if not text.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in text[:2]:
        return None
    return Problem(file, 1, 1, "yaml-encoding", "", Sentence("the file is UTF-16, not UTF-8"), _SAVE)


def without_invisible(text: str, file: str) -> tuple[str, list[Problem]]:
    """The text with spaces for invisible characters, so that the rest can be read, and a problem for each of the
    first of them."""
    problems = []
    for found in islice(UNSEEN.finditer(text), _MOST):
        line, column = _place(text[: found.start()])
        problems.append(Problem(file, line, column, "yaml-encoding", "", *unseen(found[0])))
    return (UNSEEN.sub(" ", text) if problems else text), problems


def unseen(character: str) -> tuple[str, str]:
    """The problem of an invisible character, and its hint."""
    return Sentence("there is an invisible character here, U+{code:04X}", code=ord(character)), Sentence("Delete it")


def _place(before: str) -> tuple[int, int]:
    lines = _BREAK.split(before)
    return len(lines), len(lines[-1]) + 1
