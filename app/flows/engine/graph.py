"""A flow as a graph: its steps, with every `repeat` replaced by its questions, and the edges between them. Used by
the lints and the diagram. Follows the rules of the language and runs nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.flows.engine.compiled import END, Unresolved, answer_of, expand, options_of, step_name
from app.flows.language import definition as d
from app.flows.yaml.source import Path

SKIPPED = "skipped"
"""The edge past a step whose `when` is false."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step. `waits` is true for questions; `index` is its position among the steps as written out."""

    name: str
    index: int
    path: Path
    step: d.Step

    @property
    def waits(self) -> bool:
        """Whether the conversation stops here until a reply comes."""
        return isinstance(self.step, d.Ask)


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge from a step to another, or to `end`. `ways` are the conditions that take it: options' keys, `unclear`,
    `timeout`, `missing`, `else`, `skipped`, the text of a case; empty if it is the only edge."""

    source: str
    target: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow's steps in order and the edges between them; at most one edge from one step to another.

    `unknown` means that a target does not exist, so that edges are missing.
    """

    flow: str
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    unknown: bool = False
    variants: tuple[str, ...] = ()
    successors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def start(self) -> str:
        """The first step."""
        return next(iter(self.nodes))


def graph(programme: d.Programme, code: str) -> Graph:
    """The graph of one flow. The names of its steps must be unique."""
    flow = programme.flows[code]
    nodes = {
        step_name(step): Node(step_name(step), index, path, step)
        for index, (path, step) in enumerate(expanded(code, flow))
    }
    order = list(nodes)
    edges: list[Edge] = []
    unknown = False
    for node in nodes.values():
        follows = order[node.index + 1] if node.index + 1 < len(order) else END
        for target, ways in _merged(_ways(programme, node.step, follows)).items():
            known = target == END or target in nodes
            unknown = unknown or not known
            if known:
                edges.append(Edge(node.name, target, ways))
    successors: dict[str, list[str]] = {name: [] for name in nodes}
    for edge in edges:
        successors[edge.source].append(edge.target)
    onward = {name: tuple(targets) for name, targets in successors.items()}
    return Graph(code, nodes, tuple(edges), unknown, tuple(flow.variants), onward)


def expanded(code: str, flow: d.Flow) -> Iterator[tuple[Path, d.Step]]:
    """The steps of a flow with every `repeat` replaced by its questions, each with its place in the file: that of the
    step, or of the item of a `repeat`."""
    written = iter(expand(flow))
    for position, step in enumerate(flow.steps):
        path: Path = ("flows", code, "steps", position)
        for place in [(*path, "items", item) for item in step.items] if isinstance(step, d.Repeat) else [path]:
            yield place, next(written)


def _merged(ways: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Edges by target, in order; without conditions if there is only one target."""
    targets: dict[str, list[str]] = {}
    for way, target in ways:
        targets.setdefault(target, []).append(way)
    if len(targets) == 1:
        return dict.fromkeys(targets, ())
    return {target: tuple(way for way in names if way) for target, names in targets.items()}


def _ways(programme: d.Programme, step: d.Step, follows: str) -> Iterator[tuple[str, str]]:
    match step:
        case d.Ask():
            yield from _replies(programme, step, follows)
        case d.Branch():
            yield from ((condition_text(case.when), case.go) for case in step.cases)
            yield "else", step.else_ or follows
        case d.End():
            yield "", END
        case d.Say() | d.Set() | d.Call():
            yield "", step.go or follows
        case d.Repeat():
            pass  # written out
    if not isinstance(step, d.Branch | d.Repeat) and step.when is not None:
        yield SKIPPED, follows


def _replies(programme: d.Programme, ask: d.Ask, follows: str) -> Iterator[tuple[str, str]]:
    """As in the engine: an option's own target, else `else`, else the next step."""
    go = {"else": ask.go} if isinstance(ask.go, str) else ask.go or {}
    otherwise = go.get("else", follows)
    try:
        answer = answer_of(programme, ask.answer)
        options = list(options_of(programme, answer))
    except Unresolved:
        answer, options = None, []
    # A scale may name points in `go` that have no label.
    named = [key for key in go if key not in ("unclear", "timeout", "missing", "else") and key not in options]
    for key in [*options, *named]:
        yield key, go.get(key, otherwise)
    if not options or (answer is not None and answer.scale is not None):
        yield "else", otherwise
    if answer is not None and answer.missing:
        yield "missing", go.get("missing", otherwise)
    yield "unclear", go.get("unclear", otherwise)
    if ask.timeout is not None:
        yield "timeout", go.get("timeout", END)


def condition_text(condition: d.Condition) -> str:
    """A condition in short form: `explico = si`."""
    for word, parts in ((" and ", condition.all), (" or ", condition.any)):
        if parts is not None:
            return word.join(condition_text(part) for part in parts)
    if condition.not_ is not None:
        return f"not ({condition_text(condition.not_)})"
    subject = condition.step or condition.var or condition.field or ""
    tests = [
        f"= {condition.is_}" if condition.is_ is not None else "",
        f"in {', '.join(map(str, condition.in_))}" if condition.in_ is not None else "",
        f"≥ {condition.at_least:g}" if condition.at_least is not None else "",
        f"≤ {condition.at_most:g}" if condition.at_most is not None else "",
        {True: "answered", False: "not answered", None: ""}[condition.answered],
    ]
    return " ".join([subject, *filter(None, tests)])


def reachable(successors: dict[str, tuple[str, ...]], starts: Iterable[str]) -> set[str]:
    """Every name that can be reached from the starts, themselves included."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(successors.get(name, ()))
    return found


def components(successors: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """The strongly connected components, in reverse topological order (Tarjan 1972, without recursion)."""
    search = _Search(successors)
    for root in successors:
        if root not in search.index:
            search.run(root)
    return search.found


class _Search:
    """The state of Tarjan's depth-first search. `open` are the names whose component is not known yet, in order."""

    def __init__(self, successors: dict[str, tuple[str, ...]]) -> None:
        self.successors = successors
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.open: dict[str, None] = {}
        self.found: list[list[str]] = []

    def run(self, root: str) -> None:
        """Search everything reachable from one name."""
        work = [self.enter(root)]
        while work:
            name, targets = work[-1]
            deeper = next((target for target in targets if self.is_new(name, target)), None)
            if deeper is not None:
                work.append(self.enter(deeper))
                continue
            work.pop()
            if work:
                above = work[-1][0]
                self.low[above] = min(self.low[above], self.low[name])
            if self.low[name] == self.index[name]:
                self.found.append(self.taken(name))

    def enter(self, name: str) -> tuple[str, Iterator[str]]:
        """Open a name, with its targets still to be visited."""
        self.index[name] = self.low[name] = len(self.index)
        self.open[name] = None
        return name, iter(self.successors[name])

    def is_new(self, name: str, target: str) -> bool:
        """Whether a target must be searched; an open one already shows how far back its component reaches."""
        if target in self.open:
            self.low[name] = min(self.low[name], self.index[target])
        return target in self.successors and target not in self.index

    def taken(self, name: str) -> list[str]:
        """The component that a name closes: everything opened since."""
        component: list[str] = []
        while not component or component[-1] != name:
            component.append(self.open.popitem()[0])
        return component
