"""A text, a list of texts, or a mapping of them, as YAML: in its previous notation, if that can hold the new text, else in the
plainest one that can. Every form is read again before it is used, so that nothing depends on knowing all of YAML's
rules. Knows neither flows nor files."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.flows.language.problems import UNSEEN
from app.flows.yaml.source import read

Value = str | tuple[str, ...] | Mapping[str, "Value"]
"""A text, or a mapping in its place: its languages, or an option with its label and its other wordings."""

WIDTH = 120
"""A longer line is folded where the file allows it."""

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\r\n]*)?")
_PLAIN_START = re.compile(r"[^\W\d_]|[¿¡«“]")
_MISREAD = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
"""Texts that other programs take for something else if they have no quotes."""


@dataclass(frozen=True, slots=True)
class Room:
    """The place of a value to be written. `indent` is the column of its key, `taken` the length of the line before
    it. `inline`: something follows on the line, so that the value must end there. `brackets`: within `{}` or `[]`,
    and so inline."""

    indent: int
    taken: int
    newline: str
    inline: bool = False
    brackets: bool = False

    def below(self, key: str, indent: int) -> "Room":
        """The room beside a key on a line of its own."""
        return replace(self, indent=indent, taken=indent + len(key) + 2)


def scalar(text: str, room: Room, old: str = "") -> str:
    """A text as YAML. `old` is the YAML it replaces."""
    return next(
        (form for form in _forms(text, room, old) if _reads_as(form, text, room)), _double(text) + _comment(old)
    )


def bracketed(value: Value, room: Room) -> str:
    """A value on one line: a mapping in `{}`, a list in `[]`."""
    if isinstance(value, str):
        return scalar(value, room)
    inner = replace(room, inline=True, brackets=True)
    if isinstance(value, tuple):
        return "[" + ", ".join(scalar(item, inner) for item in value) + "]"
    return "{" + ", ".join(f"{key}: {bracketed(item, inner)}" for key, item in value.items()) + "}"


def mapping(value: Mapping[str, Value], room: Room, kept: Mapping[str, str]) -> str:
    """A mapping: on one line if it fits, else each key on a line of its own.

    `kept` has the YAML of unchanged texts, left as it is where keys have lines of their own.
    """
    line = bracketed(value, room)
    block = any(yaml[0] in "|>" for yaml in kept.values()) or (not room.inline and "\\n" in line)
    if room.brackets or (not block and room.taken + len(line) <= WIDTH):
        return line
    return "".join(entries(value, replace(room, indent=room.indent + 2), kept))


def entries(value: Mapping[str, Value], room: Room, kept: Mapping[str, str]) -> Iterator[str]:
    """Keys and values, each on a line of its own, that begins with its line break."""
    for place, (key, item) in enumerate(value.items(), 1):
        beside = replace(room.below(key, room.indent), inline=room.inline and place == len(value))
        if isinstance(item, Mapping):
            written = mapping(item, beside, kept)
        elif isinstance(item, tuple):
            written = bracketed(item, beside)
        else:
            written = _shifted(kept[item]) if item in kept else scalar(item, beside)
        yield f"{room.newline}{' ' * room.indent}{key}: {written}"


def _shifted(yaml: str) -> str:
    """YAML of more than one line, two columns to the right."""
    first, *rest = yaml.split("\n")
    return "\n".join([first, *(f"  {line}" if line.strip() else line for line in rest)])


# -- forms of a text ----------------------------------------------------------------------------------------------------


def _forms(text: str, room: Room, old: str) -> Iterator[str]:
    """Candidate notations of a text, the best one first."""
    style = old[:1]
    if style in ("|", ">") and not room.inline:
        yield _block(style, text, room, old)
        yield _block("|", text, room, old)
        return
    flat = _flat(text, style)
    widest = max(WIDTH, room.taken + len(old) if "\n" not in old else 0)
    if flat and (room.inline or room.taken + len(flat) <= widest):
        yield flat
    elif not room.inline:
        yield _block("|" if "\n" in text else ">", text, room, "")


def _flat(text: str, style: str) -> str:
    """A text on one line; none if it has several."""
    if "\n" in text:
        return ""
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style == '"' or not _PLAIN_START.match(text) or text.lower() in _MISREAD:
        return _double(text)
    return text


def _double(text: str) -> str:
    """In double quotes, which can hold every text. YAML reads JSON's escapes."""
    return "".join(_escaped(char) for char in json.dumps(text, ensure_ascii=False))


def _escaped(char: str) -> str:
    hidden = UNSEEN.match(char) or unicodedata.category(char) == "Cc"
    return f"\\u{ord(char):04x}" if hidden else char


def _block(style: str, text: str, room: Room, old: str) -> str:
    """As a block: `|` keeps lines, `>` folds them."""
    lines = text.removesuffix("\n").split("\n")
    old_lines = old.splitlines()[1:] if old[:1] == style else []
    first = next((line for line in old_lines if line.strip()), "")
    indent = max(len(first) - len(first.lstrip(" ")), room.indent + 1) if first else room.indent + 2
    if style == ">":
        lines = _folded(lines, [line.strip() for line in old_lines], WIDTH - indent)
    chomping = "" if text.endswith("\n") else "-"
    return room.newline.join(
        [f"{style}{chomping}{_comment(old)}", *(f"{' ' * indent}{line}" if line else "" for line in lines)]
    )


def _folded(paragraphs: Sequence[str], old_lines: Sequence[str], width: int) -> list[str]:
    """Paragraphs folded into lines. Lines of the old text stay up to the first change."""
    before: list[list[str]] = [[]]
    for line in old_lines:
        if line:
            before[-1].append(line)
        else:
            before.append([])
    lines: list[str] = []
    for place, paragraph in enumerate(paragraphs):
        lines += [""] if place else []
        lines += _wrapped(paragraph, before[place] if place < len(before) else [], width) if paragraph else []
    return lines


def _wrapped(paragraph: str, old_lines: Sequence[str], width: int) -> list[str]:
    kept: list[str] = []
    for line in old_lines:
        if not f"{paragraph} ".startswith(f"{line} "):
            break
        kept.append(line)
        paragraph = paragraph[len(line) + 1 :]
    new: list[str] = []
    for word in re.split(r"(?<=\S) (?=\S)", paragraph) if paragraph else []:
        if new and len(new[-1]) + 1 + len(word) <= width:
            new[-1] += f" {word}"
        else:
            new.append(word)
    return kept + new


def _comment(old: str) -> str:
    """The comment after the `|` or `>` of a text."""
    header = _BLOCK_HEADER.match(old)
    return header["comment"] or "" if header else ""


def _reads_as(form: str, text: str, room: Room) -> bool:
    source = read(f"{{k: {form}, z: 1}}" if room.brackets else f"{' ' * room.indent}k: {form}\n", "")
    return source.value(("k",)) == text and not (source.problems or source.dates or source.zeros)
