"""A YAML text as plain data with the place of every value. YAML 1.2 from a parser's events, with a tree of its
own: `no` and `12:30` stay text, every duplicate key is reported, and anchors, aliases, tags, deep nesting and huge
files are refused early. Knows nothing of flows, reads no file and never raises on any input."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from app.flows.language.problems import UNSEEN, Problem
from app.flows.yaml.events import Doubtful, exact_events, quick_events
from app.flows.yaml.misread import syntax
from app.flows.yaml.spaces import tabs, without_strange_spaces
from app.flows.yaml.unreadable import limit, misnamed, undecodable, unseen, utf_16, without_invisible
from app.wording import Sentence

PathPart = str | int | float | bool | None
Path = tuple[PathPart, ...]
"""Keys and indexes from the top of the document down to a value."""

Data = Any
"""A value of YAML: a dict, a list, a str, an int, a float, a bool or None."""

MAX_BYTES = 750_000
MAX_DEPTH = 50
MAX_EVENTS = 40_000
"""About 15,000 lines. Together the three bounds keep the worst file under a second."""

_MAX_PROBLEMS = 100
_COMMENT = re.compile(r"\s+#.*")
_SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which cannot be written to any file."""
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]{1,18}(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")
_WORDS = {
    word: value
    for value, words in {
        None: ("", "~", "null", "Null", "NULL"),
        True: ("true", "True", "TRUE"),
        False: ("false", "False", "FALSE"),
    }.items()
    for word in words
}


@dataclass(slots=True)
class YamlNode:
    """The place of one value, and of its key, if it has one. Lines and columns count from 1.

    `span` and `key_at` are the same as offsets in the text, for rewriting. The span of a block scalar includes the
    empty lines below; that of a collection is its beginning. `style` is the notation of the value: a quote, `|` or
    `>`; `{` for any collection in brackets; else empty.
    """

    line: int
    column: int
    end: tuple[int, int]
    key: tuple[int, int] | None = None
    children: "dict[Any, YamlNode] | list[YamlNode] | None" = None
    span: tuple[int, int] = (0, 0)
    key_at: int = 0
    style: str = ""


@dataclass(frozen=True, slots=True)
class YamlSource:
    """The result of reading. `data` is None if the text could not be read to its end, for which `problems` gives the
    reason.

    `dates` and `zeros` are the places of unquoted values that other programs would read as a date, or without their
    leading zero; here they are text. `unseen` are those of values with an escape for an invisible character.
    """

    file: str
    lines: tuple[str, ...]
    data: Data
    root: YamlNode | None
    problems: tuple[Problem, ...]
    dates: tuple[Path, ...] = ()
    zeros: tuple[Path, ...] = ()
    unseen: tuple[Path, ...] = ()

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a value, or of its key; of the nearest thing above it if it is not in the document."""
        node, place = self.root, (1, 1)
        for step, part in enumerate(path, 1):
            child = _child(node, part)
            if child is None:
                break
            node, place = child, (child.line, child.column)
            if key and step == len(path) and child.key is not None:
                place = child.key
        return place if path and place != (1, 1) else (self.root.line, self.root.column) if self.root else (1, 1)

    def node(self, path: Path) -> YamlNode | None:
        """The node at a path; None if there is none."""
        node = self.root
        for part in path:
            node = _child(node, part)
        return node

    def word(self, path: Path, word: str) -> tuple[int, int] | None:
        """Line and column of a word within a text; None if the word is not written there as it is."""
        node = self.node(path)
        if node is None:
            return None
        for line in range(node.line, min(node.end[0], len(self.lines)) + 1):
            start = node.column - 1 if line == node.line else 0
            stop = node.end[1] - 1 if line == node.end[0] else None
            if (column := self.lines[line - 1].find(word, start, stop)) >= 0:
                return line, column + 1
        return None

    def comment(self, path: Path) -> str:
        """The comment in the place of a value that is empty: `#hola` of `text: #hola`. Empty without one."""
        line, column = self.place(path)
        found = _COMMENT.match(self.lines[line - 1], column - 1) if line <= len(self.lines) else None
        return found[0].strip() if found else ""

    def end(self, path: Path) -> tuple[int, int]:
        """Line and column after a value; its beginning if it is not in the document."""
        node = self.node(path)
        return self.place(path) if node is None else node.end

    def value(self, path: Path) -> Data:
        """The value at a path; None if there is none."""
        return at(self.data, path)


def at(data: Data, path: Path) -> Data:
    """The value at a path within plain data; None if there is none."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _child(node: YamlNode | None, part: object) -> YamlNode | None:
    children = node.children if node else None
    if isinstance(children, dict):
        return children.get(part)
    if isinstance(children, list) and isinstance(part, int) and part < len(children):
        return children[part]
    return None


def spell(path: Path) -> str:
    """A path for a person: `voz → steps[1] → scale`."""
    words: list[str] = []
    for part in path[1:] if path[:1] == ("flows",) and len(path) > 1 else path:
        if isinstance(part, int) and not isinstance(part, bool) and words:
            words[-1] += f"[{part}]"
        else:
            words.append(str(part))
    return " → ".join(words)


def read(text: str | bytes, file: str) -> YamlSource:
    """Read one YAML document. Problems instead of exceptions, whatever the input is."""
    source = _read(text, file)
    named = misnamed(file)
    return source if named is None else replace(source, problems=(named, *source.problems))


def _read(text: str | bytes, file: str) -> YamlSource:
    if len(text) > MAX_BYTES:
        return _refused(file, (), limit(file, Sentence("the file is larger than {size} kB", size=MAX_BYTES // 1000)))
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if (problem := utf_16(raw, file)) is not None:
        return _refused(file, (), problem)
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(file, _lines(raw.decode("utf-8", "replace")), undecodable(raw, file, error))
    lines = _lines(decoded)
    decoded, invisible = without_invisible(decoded, file)
    decoded, strange = without_strange_spaces(decoded, file)
    try:
        return _built(_Builder(file, lines, [*invisible, *strange]), quick_events(decoded)).source()
    except (Doubtful, _Stop):
        builder = _Builder(file, lines, [*invisible, *strange])
    try:
        return _built(builder, exact_events(decoded)).source()
    except _Stop as stop:
        builder.problems.append(stop.problem)
    except MarkedYAMLError as error:
        builder.problems += tabs(decoded, file, error) or [syntax(error, file, lines, builder.last)]
    except (YAMLError, ValueError, OverflowError, LookupError, AssertionError):
        # ruamel trips over a few malformed escapes and directives with errors of Python's own.
        builder.problems.append(Problem(file, 1, 1, "yaml-syntax", "", Sentence("this is not valid YAML")))
    return _refused(file, lines, *builder.problems)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"\r\n|\r|\n", text))


def _refused(file: str, lines: tuple[str, ...], *problems: Problem) -> YamlSource:
    return YamlSource(file, lines, None, None, problems)


class _Stop(Exception):
    """Leaves the event loop: nothing more can be read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _built(builder: "_Builder", events: Iterator[Event]) -> "_Builder":
    # Events, not a composer: no recursion, and refused as soon as a bound is passed.
    for count, event in enumerate(events):
        if count > MAX_EVENTS:
            raise _Stop(limit(builder.file, Sentence("the file has too many keys and values"), event))
        builder.handle(event)
    return builder


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that has not ended. `key` is the pending key of a mapping, with its event."""

    data: Data
    node: YamlNode
    path: Path
    key: Any = None
    key_event: Event | None = None


@dataclass(slots=True)
class _Builder:
    file: str
    lines: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    dates: list[Path] = field(default_factory=list)
    zeros: list[Path] = field(default_factory=list)
    unseen: list[Path] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    root: YamlNode | None = None
    data: Data = None
    documents: int = 0
    last: ScalarEvent | None = None

    def source(self) -> YamlSource:
        if self.root is None or self.data is None:
            self.problems.append(Problem(self.file, 1, 1, "yaml-empty", "", Sentence("the file is empty")))
        return YamlSource(
            self.file,
            self.lines,
            self.data,
            self.root,
            tuple(self.problems),
            tuple(self.dates),
            tuple(self.zeros),
            tuple(self.unseen),
        )

    def handle(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self.document(event)
            case MappingEndEvent() | SequenceEndEvent():
                self.stack.pop()
            case NodeEvent():
                self.check(event)
                self.last = event if isinstance(event, ScalarEvent) else None
                if self.awaits_key():
                    self.name(event)
                else:
                    self.add(event)
            case _:
                pass

    def document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Stop(self.problem(event, "yaml-documents", Sentence("a file holds one document: remove this ---")))
        if event.version or event.tags:
            raise _Stop(self.problem(event, "yaml-syntax", Sentence("lines that begin with % are not used here")))

    def check(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _Stop(
                self.problem(
                    event,
                    "yaml-alias",
                    Sentence("anchors (&) and aliases (*) are not used here"),
                    Sentence(
                        "To write something once, use answers, call or repeat; put a text that begins with & or * in quotes"
                    ),
                )
            )
        if getattr(event, "ctag", None) is not None:
            raise _Stop(
                self.problem(
                    event,
                    "yaml-tag",
                    Sentence("tags are not used here"),
                    Sentence("Put a text that begins with ! in quotes"),
                )
            )
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(limit(self.file, Sentence("nested more than {most} levels deep", most=MAX_DEPTH), event))

    def see(self, event: NodeEvent, characters: re.Pattern[str]) -> None:
        """Find invisible characters written as escapes; the text itself was searched before."""
        if isinstance(event, ScalarEvent) and event.style == '"' and (found := characters.search(event.value)):
            self.report(self.problem(event, "yaml-encoding", *unseen(found[0])), event)
            event.value = characters.sub(" ", event.value)

    def report(self, problem: Problem, event: Event) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MAX_PROBLEMS:
            raise _Stop(limit(self.file, Sentence("too many problems to go on"), event))

    def awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].data, dict) and self.stack[-1].key_event is None

    def name(self, event: NodeEvent) -> None:
        """Handle a key."""
        if not isinstance(event, ScalarEvent):
            raise _Stop(self.not_a_name(event))
        self.see(event, UNSEEN)
        top = self.stack[-1]
        top.key, top.key_event = _scalar(event)[0], event
        if top.key not in top.data:
            return
        line = first.key[0] if (first := _child(top.node, top.key)) and first.key else 0
        self.report(
            self.problem(
                event,
                "yaml-duplicate-key",
                Sentence("the key {key} is already on line {line}", key=top.key, line=line),
                Sentence("Only one of them would count: rename or remove one"),
                (*top.path, top.key),
            ),
            event,
        )

    def not_a_name(self, event: NodeEvent) -> Problem:
        mark = event.start_mark
        before = self.lines[mark.line][: mark.column]
        if before.endswith("{") and self.lines[mark.line][mark.column : mark.column + 1] == "{":
            return self.problem(
                event,
                "yaml-key",
                Sentence("a text that begins with {{{{ needs quotes"),
                Sentence('Write the whole text in "quotes"'),
            )
        return self.problem(
            event,
            "yaml-key",
            Sentence("a key must be a plain name"),
            Sentence("Put a text that begins with {{ or [ in quotes"),
        )

    def add(self, event: NodeEvent) -> None:
        """Handle a value."""
        start, end = event.start_mark, event.end_mark
        (line, column), stop = (start.line + 1, start.column + 1), (end.line + 1, end.column + 1)
        key = self.stack[-1].key_event if self.stack else None
        if isinstance(event, ScalarEvent) and key is not None and not event.value and not event.style:
            # Nothing: the parser is at the next word by now. Its place is behind the colon of its key.
            line, column = stop = (key.end_mark.line + 1, key.end_mark.column + 2)
        node = YamlNode(line, column, stop, span=(start.index, end.index))
        path = self.attach(node) if self.stack else ()
        match event:
            case ScalarEvent():
                self.see(event, _SURROGATES)
                data, odd = _scalar(event)
                if event.style == '"' and UNSEEN.search(event.value):
                    self.unseen.append(path)
                node.style = event.style or ""
                if odd is not None:
                    (self.dates if odd == "date" else self.zeros).append(path)
            case MappingStartEvent():
                data, node.children = {}, {}
            case _:
                data, node.children = [], []
        if not self.stack:
            self.root, self.data = node, data
        else:
            self.put(data)
        if isinstance(event, CollectionStartEvent):
            node.style = "{" if event.flow_style else ""
            self.stack.append(_Open(data, node, path))

    def attach(self, node: YamlNode) -> Path:
        top = self.stack[-1]
        if isinstance(top.node.children, dict):
            mark = top.key_event.start_mark  # type: ignore[union-attr]
            node.key, node.key_at = (mark.line + 1, mark.column + 1), mark.index
            # The first of two equal keys keeps its place; the second has been reported.
            top.node.children.setdefault(top.key, node)
            return (*top.path, top.key)
        top.node.children.append(node)  # type: ignore[union-attr]
        return (*top.path, len(top.data))

    def put(self, data: Data) -> None:
        top = self.stack[-1]
        if isinstance(top.data, list):
            top.data.append(data)
        else:
            top.data.setdefault(top.key, data)
            top.key_event = None

    def problem(self, event: Event, code: str, text: str, hint: str = "", path: Path | None = None) -> Problem:
        mark = event.start_mark
        where = path if path is not None else self.stack[-1].path if self.stack else ()
        return Problem(self.file, mark.line + 1, mark.column + 1, code, spell(where), text, hint)


def _scalar(event: ScalarEvent) -> tuple[Any, str | None]:
    """The value of a scalar by YAML 1.2's core schema, and whether it is a doubtful one: `date` or `zero`."""
    text = event.value
    if event.style is not None and event.style != "":
        return text, None
    if text in _WORDS:
        return _WORDS[text], None
    if not text[0].isdigit() and text[0] not in "-+.":
        return text, None
    if _INT.fullmatch(text):
        return int(text), None
    if _LEADING_ZERO.fullmatch(text):
        return text, "zero"
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number, None
    return text, "date" if _DATE.fullmatch(text) else None
