"""The parts of every check: the `Check` itself, its `Finding`s, and the `Context` in which it looks at a programme.
Knows no check in particular."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from app.flows.engine.compiled import END
from app.flows.engine.graph import Graph, expanded, graph
from app.flows.language import definition as d
from app.flows.language.mend import name as right_name
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import NAME
from app.flows.yaml.source import Path, PathPart, YamlSource

_MOST_NAMES = 5000


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault found by a check. `key` points at the key instead of its value, `word` at a part of the text, `shift`
    characters into it, `at` at a line and a column."""

    path: Path
    text: str
    hint: str = ""
    key: bool = False
    word: str = ""
    shift: int = 0
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A code that authors see, and the function that looks for its fault. Its page is `docs/lints/<code>.md`."""

    code: str
    severity: Severity
    find: "Callable[[Context], Iterator[Finding]]"


def check(code: str, severity: Severity) -> "Callable[[Callable[[Context], Iterator[Finding]]], Check]":
    """Make a check from a function."""

    def made(find: "Callable[[Context], Iterator[Finding]]") -> Check:
        return Check(code, severity, find)

    return made


class Context:
    """A programme being checked.

    `programme` may lack damaged parts; `damage` are their places, and `whole` means that there are none. Names are
    looked up in the file as written, so that a damaged part is not reported again as unknown; a wrongly written name
    counts in its right form too.
    """

    def __init__(self, source: YamlSource, programme: d.Programme, damage: frozenset[Path] = frozenset()) -> None:
        self.source = source
        self.programme = programme
        self.damage = damage
        self.whole = not damage
        self.damaged = {path[1] for path in damage if path[0] == "flows" and len(path) > 1}
        self._steps: dict[str, dict[str, Path]] = {}

    def is_damaged(self, path: Path) -> bool:
        """Whether something was taken out or filled in here, below, or above."""
        return path in self._around_damage or any(path[:length] in self.damage for length in range(1, len(path)))

    @cached_property
    def _around_damage(self) -> set[Path]:
        return {path[:length] for path in self.damage for length in range(1, len(path) + 1)}

    @cached_property
    def sound(self) -> dict[str, d.Flow]:
        """The flows in which nothing was damaged."""
        return {code: flow for code, flow in self.programme.flows.items() if code not in self.damaged}

    @cached_property
    def expanded(self) -> dict[str, list[tuple[Path, d.Step]]]:
        """The steps of each flow with every `repeat` written out, each with its place."""
        return {code: list(expanded(code, flow)) for code, flow in self.programme.flows.items()}

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """The sound flows as graphs, but for those whose steps' names or targets are wrong."""
        graphs = {code: graph(self.programme, code) for code in self.sound if self._names_are_good(code)}
        return {code: found for code, found in graphs.items() if not found.unknown}

    def _names_are_good(self, flow: str) -> bool:
        names = [name for name, _ in step_names(self.source.value(("flows", flow, "steps")), flow)]
        return len(names) == len({*names, END}) - 1

    def written(self, *path: PathPart) -> set[str]:
        """The names in a section or a list of the file, such as `flows` or `fields`."""
        found = self.source.value(path)
        keys = islice(found, _MOST_NAMES) if isinstance(found, dict | list) else ()
        names = [name for name in keys if isinstance(name, str)]
        return {*names, *(right_name(name) for name in names if not NAME.fullmatch(name))}

    def steps(self, flow: str) -> dict[str, Path]:
        """The step names of a flow, as written and with `repeat` written out, each with its first place."""
        if flow not in self._steps:
            self._steps[flow] = {}
            for name, path in step_names(self.source.value(("flows", flow, "steps")), flow):
                self._steps[flow].setdefault(name, path)
                if not NAME.fullmatch(name):
                    self._steps[flow].setdefault(right_name(name), path)
        return self._steps[flow]


def step_names(steps: object, flow: str) -> Iterator[tuple[str, Path]]:
    """Every step name in the plain data of a flow's steps, with the place of the name."""
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        path: Path = ("flows", flow, "steps", index)
        for kind in _kinds(step) if isinstance(step, dict) else ():
            name = step.get(kind)
            if not isinstance(name, str):
                continue
            items = step.get("items")
            if kind != "repeat":
                yield name, (*path, kind)
            elif isinstance(items, dict):
                yield from ((f"{name}_{item}", (*path, "items", item)) for item in items)


def _kinds(step: dict[str, object]) -> list[str]:
    """The kind of a step; if it has none, its first key, where its name will be."""
    return [kind for kind in d.STEP_KINDS if kind in step] or list(step)[:1]
