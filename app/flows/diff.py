"""Changes between two versions of a programme, by step and in words, for the coordinator who approves them. Compares
meaning, not notation: comments, quotes and line breaks are not changes. Changes that affect the exported data are
marked. Reads no file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import SequenceMatcher
from enum import StrEnum

from app.flows.engine.compiled import step_name
from app.flows.engine.graph import condition_text
from app.flows.language import definition as d
from app.flows.language.vocabulary import Model

Path = tuple[str, ...]
"""Keys from the top of the programme down; steps and items by name, not by position."""

KIND = "kind"
"""The key of a step's kind in its path."""

_SECTIONS = frozenset(
    {
        "notices",
        "principles",
        "answers",
        "flows",
        "campaigns",
        "reports",
        "scores",
        "codes",
        "openings",
        "misconceptions",
        "facts",
        "reviews",
    }
)
_MEASURES = frozenset(
    {
        "records",
        "level",
        "principle",
        "correct",
        "misconception",
        "crossover",
        "reverse",
        "consent",
        "invitation",
        "value",
        "answer",
        "steps",
        "items",
    }
)
"""Keys below which a change reaches the data, unless it only changes a wording."""
_WORDING = frozenset(
    {"text", "label", "labels", "also", "title", "meaning", "unclear", "feedback", "template", "variables"}
)


_SILENT = frozenset({"say", "branch", "set", "end"})
"""Kinds of step that record nothing."""


class ChangeKind(StrEnum):
    """The kind of a change."""

    added = "added"
    removed = "removed"
    changed = "changed"
    moved = "moved"
    renamed = "renamed"
    reordered = "reordered"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `before` and `after` are the old and the new text, shortened; for a part that moved or was renamed,
    the step before it or its name; for options in another order, their keys. `data`: it may change the recorded data."""

    kind: ChangeKind
    path: Path
    before: str | None = None
    after: str | None = None
    data: bool = False

    @property
    def reading(self) -> bool:
        """Whether replies are read differently from then on: another wording of an option."""
        return "also" in self.path


def compare(old: d.Programme, new: d.Programme) -> tuple[Change, ...]:
    """Every change from one programme to the other, in the order of the new one; removed parts come last."""
    names = {code: _renamed(flow, new.flows[code]) for code, flow in old.flows.items() if code in new.flows}
    was = {_following(leaf.path, names): leaf for leaf in _leaves(old, ())}
    now = {leaf.path: leaf for leaf in _leaves(new, ())}
    changes = [
        *_renamings(new, names),
        *_moved(old, new, names),
        *_reordered(was, now),
        *_added(now, was, ChangeKind.added),
        *(
            Change(
                ChangeKind.changed,
                path,
                was[path].text,
                leaf.text,
                _reaches_data(path) or _takes_over(path, leaf.text, was),
            )
            for path, leaf in now.items()
            if path in was and was[path].text != leaf.text
        ),
        *_added(was, now, ChangeKind.removed),
    ]
    order = {path: place for place, path in enumerate(_prefixes(now))}
    return tuple(sorted(changes, key=lambda change: order.get(change.path, len(order))))


def _prefixes(leaves: Iterable[Path]) -> Iterator[Path]:
    seen: dict[Path, None] = {}
    for path in leaves:
        for length in range(1, len(path) + 1):
            seen.setdefault(path[:length])
    yield from seen


# -- a programme as leaves ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value of a programme, and its place. `said` is false for defaults that are not written."""

    path: Path
    text: str
    said: bool


def _leaves(value: object, path: Path, *, said: bool = True) -> Iterator[_Leaf]:
    """All values of a programme, each with its place."""
    match value:
        case d.Condition():
            yield _Leaf(path, condition_text(value), said)
        case d.OfficerField():
            yield _Leaf(path, value.label or "", said)
            if value.codes:
                yield _Leaf((*path, "codes"), "; ".join(f"{one}={number}" for one, number in value.codes.items()), said)
        case Model():
            yield from _of_model(value, path, said=said)
        case dict():
            for key, item in value.items():
                yield from _leaves(item, (*path, str(key)), said=said)
        case list() if value and isinstance(value[0], Model):
            for place, item in enumerate(value, 1):
                name = step_name(item) if path[-1:] == ("steps",) else str(place)
                yield from _leaves(item, (*path, name), said=said)
        case list() if not value:
            pass
        case _:
            yield _Leaf(path, _plain(value), said)


def _of_model(value: Model, path: Path, *, said: bool) -> Iterator[_Leaf]:
    empty = True
    for name, info in type(value).model_fields.items():
        found = getattr(value, name)
        if found is None:
            continue
        own = found != info.get_default(call_default_factory=True)
        empty = empty and not own
        if name in d.STEP_KINDS:  # the step's name, by which it is found already
            yield _Leaf((*path, KIND), name, said)
        else:
            yield from _leaves(found, (*path, info.alias or name), said=said and own)
    if empty:
        yield _Leaf(path, "", said)


def _plain(value: object) -> str:
    match value:
        case bool():
            return "sí" if value else "no"
        case float():
            return f"{value:g}"
        case timedelta():
            return _duration(value)
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return "-".join(dict.fromkeys(map(_plain, value)))
        case list():
            return ", ".join(map(str, value))
        case _:
            return " ".join(str(value).split())


def _duration(value: timedelta) -> str:
    minutes = int(value.total_seconds()) // 60
    for unit, size in (("w", 7 * 24 * 60), ("d", 24 * 60), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


# -- finding changes ----------------------------------------------------------------------------------------------------


def _added(here: Mapping[Path, _Leaf], there: Mapping[Path, _Leaf], kind: ChangeKind) -> Iterator[Change]:
    """Values that only one of the versions has, whole parts as one change."""
    known = set(_prefixes(there))
    parts: dict[Path, dict[Path, str]] = {}
    for path, leaf in here.items():
        if path not in there and leaf.said:
            shortest = 2 if path[0] in _SECTIONS and len(path) > 1 else 1
            length = next((length for length in range(shortest, len(path)) if path[:length] not in known), len(path))
            parts.setdefault(path[:length], {})[path] = leaf.text
    for path, leaves in parts.items():
        text = _gist(path, leaves)
        was, now = (None, text) if kind is ChangeKind.added else (text, None)
        yield Change(kind, path, was, now, _reaches_data(path) and leaves.get((*path, KIND)) not in _SILENT)


def _gist(path: Path, leaves: Mapping[Path, str]) -> str:
    """A part in one line: its wording, or all its values."""
    for key in ("text", "label", "title"):
        if (text := leaves.get((*path, key))) is not None:
            return text
    return "; ".join(text for text in leaves.values() if text)


def _reaches_data(path: Path) -> bool:
    inner = path[4:] if path[0] == "flows" and path[2:3] == ("steps",) else path[2:]
    if path[0] == "answers":
        return not _WORDING & set(path[2:])
    if path[0] in {"reports", "scores"}:
        return "title" not in path[2:]
    if path[0] == "codes":
        return path[2:] != ("title",)
    if path[0] == "fields":
        return "codes" in path[2:]
    if path[0] == "study" or "draw" in path[2:]:  # who gets what
        return not _WORDING & set(path[1:])
    if path[0] != "flows" or _WORDING & set(inner):
        return False
    return bool(_MEASURES & set(inner or path[2:3]))


def _option(path: Path) -> tuple[Path, str] | None:
    """The list and the key of the option whose label this is; None if it is none."""
    place = next((place for place in (len(path) - 1, len(path) - 2) if place > 1 and path[place] == "label"), None)
    if place is None or path[0] not in ("answers", "flows") or path[place - 2] in ("steps", "items"):
        return None  # that of a question is the label of its variable
    return path[: place - 1], path[place - 1]


def _lists(leaves: Iterable[Path]) -> dict[Path, list[str]]:
    """The keys of each list of options, in their order, which numbers them."""
    found: dict[Path, dict[str, None]] = {}
    for path in leaves:
        if (option := _option(path)) is not None:
            found.setdefault(option[0], {})[option[1]] = None
    return {path: list(keys) for path, keys in found.items()}


def _reordered(was: Mapping[Path, _Leaf], now: Mapping[Path, _Leaf]) -> Iterator[Change]:
    """Lists whose options are in another order: a number means another option."""
    before = _lists(was)
    for path, keys in _lists(now).items():
        common = [key for key in keys if key in before.get(path, ())]
        earlier = [key for key in before.get(path, ()) if key in keys]
        if common != earlier:
            yield Change(ChangeKind.reordered, path, ", ".join(earlier), ", ".join(common), data=True)


def _takes_over(path: Path, text: str, was: Mapping[Path, _Leaf]) -> bool:
    """Whether an option's new label was another option's: the same answer gets another value."""
    mine = _option(path)
    return mine is not None and any(
        leaf.text == text and (other := _option(place)) is not None and other[0] == mine[0] and other[1] != mine[1]
        for place, leaf in was.items()
    )


def _renamed(old: d.Flow, new: d.Flow) -> dict[str, str]:
    """Steps with the same content under another name: the new name by the old one."""
    before, after = _by_name(old), _by_name(new)
    gone = {name: step for name, step in before.items() if name not in after}
    fresh = {name: step for name, step in after.items() if name not in before}
    pairs: dict[str, str] = {}
    for was, step in gone.items():
        said = _nameless(step)
        now = next(
            (name for name, other in fresh.items() if _nameless(other) == said and name not in pairs.values()), None
        )
        if now is not None:
            pairs[was] = now
    return pairs


def _renamings(new: d.Programme, names: Mapping[str, Mapping[str, str]]) -> Iterator[Change]:
    for code, pairs in names.items():
        steps = _by_name(new.flows[code])
        for was, now in pairs.items():
            # Without `records`, the variable is made of the step's name.
            data = isinstance(steps[now], d.Ask | d.Repeat) and getattr(steps[now], "records", None) is None
            yield Change(ChangeKind.renamed, ("flows", code, "steps", now), was, now, data)


def _by_name(flow: d.Flow) -> dict[str, d.Step]:
    return {step_name(step): step for step in flow.steps}


def _nameless(step: d.Step) -> dict[str, object]:
    return {name: value for name, value in step if name not in d.STEP_KINDS} | {"kind": type(step).__name__}


def _following(path: Path, names: Mapping[str, Mapping[str, str]]) -> Path:
    """The path in the new programme of a part of the old one."""
    if path[0] == "flows" and path[2:3] == ("steps",):
        return (*path[:3], names.get(path[1], {}).get(path[3], path[3]), *path[4:])
    return path


def _moved(old: d.Programme, new: d.Programme, names: Mapping[str, Mapping[str, str]]) -> Iterator[Change]:
    """Steps in another position among those that both versions have."""
    for code, pairs in names.items():
        before = [pairs.get(name, name) for name in _by_name(old.flows[code])]
        after = list(_by_name(new.flows[code]))
        common = [name for name in after if name in before]
        was = [name for name in before if name in after]
        matches = SequenceMatcher(None, was, common, autojunk=False).get_matching_blocks()
        kept = {was[block.a + place] for block in matches for place in range(block.size)}
        for name in common:
            if name not in kept:
                yield Change(
                    ChangeKind.moved, ("flows", code, "steps", name), _above(before, name), _above(after, name)
                )


def _above(names: list[str], name: str) -> str | None:
    place = names.index(name)
    return names[place - 1] if place else None
