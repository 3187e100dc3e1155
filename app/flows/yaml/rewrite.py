"""Replaces texts in a flow file, or adds to a list of them, and changes nothing else: comments, order, blank lines, indentation and the quotes of
every other value stay byte for byte. Writes at the places that `source.py` records, and reads the result again as
proof. Refuses what cannot be replaced in place."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.flows.yaml.emit import Room, Value, bracketed, entries, mapping, scalar
from app.flows.yaml.source import Path, YamlNode, YamlSource, at, read

_LINE_END = re.compile(r"\r?\n|\Z")
_KEEPS_BREAKS = re.compile(r"[|>][0-9]?\+")
"""A text to which the empty lines below it belong: it cannot be moved without them."""


class Unwritable(ValueError):
    """A text cannot be replaced without changing other parts of the file. `path` is its place."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"cannot be written in place: {path}")
        self.path = path


@dataclass(frozen=True, slots=True, order=True)
class _Patch:
    start: int
    stop: int
    text: str


def rewrite(text: str, values: Mapping[Path, Value]) -> str:
    """The text of a file with other values at these places, each a text or the languages of one. Raises Unwritable.

    The file must be readable and have the places, or their mappings. Keys of a mapping that the new value lacks are removed; a list
    keeps its items, and grows at its end.
    """
    source = read(text, "")
    expected = copy.deepcopy(source.data)
    patches: list[_Patch] = []
    for path, value in values.items():
        at(expected, path[:-1])[path[-1]] = _plain(value)
        patches += _Patches(text, source).of(path, value)
    for patch in sorted(patches, reverse=True):
        text = text[: patch.start] + patch.text + text[patch.stop :]
    found = read(text, "").data
    if found != expected:
        raise Unwritable(next((path for path, value in values.items() if at(found, path) != value), next(iter(values))))
    return text


@dataclass(frozen=True, slots=True)
class _Patches:
    """The changes to a text, value by value."""

    text: str
    source: YamlSource

    def of(self, path: Path, value: Value) -> Iterator[_Patch]:
        """The patch that gives the value at a path."""
        node, old = self.source.node(path), self.source.value(path)
        if node is None:
            yield from self.added(path, value)
            return
        if old == _plain(value):
            return
        written, room = self.text[node.span[0] : self.stop(node)], self.room(path, node)
        match old, value, node.children:
            case str(), str(), _:
                yield _Patch(node.span[0], self.stop(node), scalar(value, room, written))
            case str(), Mapping(), _:
                kept = {} if _KEEPS_BREAKS.match(written) else {old: written}
                new = mapping(value, room, kept)
                start = len(self.text[: node.span[0]].rstrip()) if new.startswith(room.newline) else node.span[0]
                yield _Patch(start, self.stop(node), new)
            case dict(), Mapping(), dict() as children if any(key in value for key in children):
                for key in [key for key in children if key in value]:
                    yield from self.of((*path, key), value[key])
                yield from self.keys(path, children, value)
            case list(), tuple(), list() as items if items and list(value[: len(old)]) == old:
                yield self.longer(path, items, value[len(old) :])
            case _:
                raise Unwritable(path)

    def added(self, path: Path, value: Value) -> Iterator[_Patch]:
        """A new key of a mapping, behind the last one that has a text; before all of them if none has."""
        above = self.source.node(path[:-1])
        if above is None or not isinstance(above.children, dict) or not above.children:
            raise Unwritable(path)
        key, new = str(path[-1]), {str(path[-1]): value}
        plain = [other for other, node in above.children.items() if node.children is None]
        if plain:
            yield self.behind((*path[:-1], plain[-1]), above.children[plain[-1]], new)
            return
        name, first = next(iter(above.children.items()))
        room = self.room((*path[:-1], name), first)
        between = ", " if room.brackets else f"{room.newline}{' ' * room.indent}"
        yield _Patch(first.key_at, first.key_at, f"{key}: {bracketed(value, replace(room, inline=True))}{between}")

    def longer(self, path: Path, items: Sequence[YamlNode], new: tuple[str, ...]) -> _Patch:
        """New items behind the last one of a list."""
        last = items[-1]
        room = self.room((*path, len(items) - 1), last)
        if room.brackets:
            return _Patch(self.stop(last), self.stop(last), "".join(f", {bracketed(item, room)}" for item in new))
        start = self.text.rfind("\n", 0, last.span[0]) + 1
        dash = self.text.rfind("-", start, last.span[0])
        if dash < start or self.text[start:dash].strip():
            raise Unwritable(path)
        end = self.line_end(self.stop(last))
        return _Patch(
            end,
            end,
            "".join(
                f"{room.newline}{self.text[start:dash]}- {scalar(item, replace(room, inline=True))}" for item in new
            ),
        )

    def behind(self, path: Path, last: YamlNode, new: Mapping[str, Value]) -> _Patch:
        """New keys behind one of a mapping."""
        room = self.room(path, last)
        if room.brackets:
            stop = self.stop(last)
            return _Patch(stop, stop, "".join(f", {key}: {bracketed(item, room)}" for key, item in new.items()))
        end = self.lines(last)[1]
        return _Patch(end, end, "".join(entries(new, replace(room, inline=False), {})))

    def keys(self, path: Path, children: Mapping[str, YamlNode], value: Mapping[str, Value]) -> Iterator[_Patch]:
        """Removed keys, and new keys after the last of those that stay."""
        stay = [key for key in children if key in value]
        last = children[stay[-1]]
        room = self.room((*path, stay[-1]), last)
        new = {key: item for key, item in value.items() if key not in children}
        if room.brackets:
            yield from self.out_of_brackets(children, stay)
        else:
            yield from (_Patch(*self.lines(node), "") for key, node in children.items() if key not in value)
        yield self.behind((*path, stay[-1]), last, new)

    def out_of_brackets(self, children: Mapping[str, YamlNode], stay: Sequence[str]) -> Iterator[_Patch]:
        """Take keys out, each with the comma before it; those before the first that stays, with the comma after them."""
        keys = list(children)
        first = keys.index(stay[0])
        yield _Patch(children[keys[0]].key_at, children[stay[0]].key_at, "")
        for before, key in zip(keys[first:], keys[first + 1 :], strict=False):
            if key not in stay:
                yield _Patch(self.stop(children[before]), self.stop(children[key]), "")

    def room(self, path: Path, node: YamlNode) -> Room:
        """The surroundings of a value."""
        above = (self.source.node(path[:length]) for length in range(len(path)))
        brackets = any(holder is not None and bool(holder.style) for holder in above)
        follows = self.text[self.stop(node) : self.line_end(self.stop(node))].strip()
        return Room(
            indent=(node.key[1] if node.key else node.column) - 1,
            taken=node.span[0] - self.text.rfind("\n", 0, node.span[0]) - 1,
            newline="\r\n" if "\r\n" in self.text else "\n",
            inline=brackets or node.key is None or bool(follows),
            brackets=brackets,
        )

    def stop(self, node: YamlNode) -> int:
        """Where a value ends; a text on lines of its own ends with the last line that has something on it."""
        start, stop = node.span
        return start + len(self.text[start:stop].rstrip()) if node.style in ("|", ">") else stop

    def line_end(self, offset: int) -> int:
        found = _LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def lines(self, node: YamlNode) -> tuple[int, int]:
        """The lines of a key and its value, with the line break before them, without the one after them."""
        before = self.text.rfind("\n", 0, node.key_at)
        return max(0, before - self.text.startswith("\r", before - 1)), self.line_end(self.stop(node))


def _plain(value: Value) -> object:
    """A value as it is read."""
    match value:
        case tuple():
            return list(value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value
