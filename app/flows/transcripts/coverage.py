"""The coverage of a programme by rehearsals: its steps, and the ways out of every step that has more than one.
Feedback to an option counts as a way of its own. Counts only; runs nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.flows.engine.compiled import END, Ask, CompiledProgramme
from app.flows.engine.events import ResponseRecorded, SessionEnded, SessionOutcome, Sprint
from app.flows.engine.graph import graph
from app.flows.engine.state import State
from app.flows.language import definition as d
from app.wording import Sentence

StepKey = tuple[str, str]
"""A flow and a step."""
WayKey = tuple[str, str, str]
"""A flow, a step, and its target; for feedback, `feedback ` and the option."""


@dataclass(slots=True)
class Visits:
    """The steps and ways that were walked."""

    steps: set[StepKey] = field(default_factory=set)
    ways: set[WayKey] = field(default_factory=set)

    def add(self, other: "Visits") -> None:
        """Add the visits of another rehearsal."""
        self.steps |= other.steps
        self.ways |= other.ways

    def record(self, compiled: CompiledProgramme, before: State | None, sprint: Sprint) -> None:
        """Add the visits of one turn, from the state before it."""
        stack = [(frame.flow, frame.step) for frame in before.frames] if before else []
        for flow, _, step in (name.partition(".") for name in sprint.path):
            self.steps.add((flow, step))
            self._come_to(stack, flow, step)
        if _walked_out(compiled, stack, sprint):
            self._leave(stack, 0)
        for event in sprint.events:
            if isinstance(event, ResponseRecorded):
                self._fed_back(compiled, event)

    def _come_to(self, stack: list[StepKey], flow: str, step: str) -> None:
        """Move to a step of the flow on top, of one below it (those above have ended), or of one just called."""
        open_flows = [name for name, _ in stack]
        if flow not in open_flows:
            stack.append((flow, step))
            return
        self._leave(stack, open_flows.index(flow) + 1)
        self.ways.add((flow, stack[-1][1], step))
        stack[-1] = (flow, step)

    def _leave(self, stack: list[StepKey], depth: int) -> None:
        while len(stack) > depth:
            flow, step = stack.pop()
            self.ways.add((flow, step, END))

    def _fed_back(self, compiled: CompiledProgramme, event: ResponseRecorded) -> None:
        ask = compiled.step(event.flow, event.step)
        if not isinstance(ask, Ask) or event.status != "ok":
            return
        key = "missing" if event.missing else event.key or "else"
        key = key if key in ask.feedback else "else"
        if key in ask.feedback:
            self.ways.add((event.flow, event.step, f"feedback {key}"))


def _walked_out(compiled: CompiledProgramme, stack: list[StepKey], sprint: Sprint) -> bool:
    """Whether the session ended on its last step's own way, including a timeout; not by expiry or a failure."""
    ended = next((event for event in sprint.events if isinstance(event, SessionEnded)), None)
    if ended is None or not stack:
        return False
    if ended.outcome is SessionOutcome.completed:
        return True
    last = compiled.step(*stack[-1])
    return ended.outcome is SessionOutcome.expired and isinstance(last, Ask) and last.timeout is not None


@dataclass(frozen=True, slots=True)
class FlowCoverage:
    """The coverage of one flow. `missing` lists what was not walked, for a person."""

    flow: str
    steps: tuple[int, int]
    branches: tuple[int, int]
    missing: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def measure(programme: d.Programme, visits: Visits) -> list[FlowCoverage]:
    """The coverage of every flow of a programme."""
    return [_of_flow(programme, code, visits) for code in programme.flows]


def _of_flow(programme: d.Programme, code: str, visits: Visits) -> FlowCoverage:
    drawn = graph(programme, code)
    ways: dict[WayKey, str] = {}
    for name, node in drawn.nodes.items():
        out = [edge for edge in drawn.edges if edge.source == name]
        if len(out) > 1:
            ways |= {(code, name, edge.target): _spell(name, edge.target, edge.ways) for edge in out}
        if isinstance(node.step, d.Ask):
            ways |= {
                (code, name, f"feedback {key}"): Sentence("{name}: feedback to {key}", name=name, key=key)
                for key in node.step.feedback
            }
    unseen = [name for name in drawn.nodes if (code, name) not in visits.steps]
    untaken = [text for way, text in ways.items() if way not in visits.ways]
    return FlowCoverage(
        code,
        (len(drawn.nodes) - len(unseen), len(drawn.nodes)),
        (len(ways) - len(untaken), len(ways)),
        tuple([Sentence("{name}: never reached", name=name) for name in unseen] + untaken),
    )


def _spell(source: str, target: str, ways: Iterable[str]) -> str:
    return f"{source} → {target}" + (f" ({', '.join(ways)})" if ways else "")


def total(covered: Iterable[FlowCoverage]) -> FlowCoverage:
    """All flows together."""
    listed = list(covered)
    return FlowCoverage(
        "",
        (sum(item.steps[0] for item in listed), sum(item.steps[1] for item in listed)),
        (sum(item.branches[0] for item in listed), sum(item.branches[1] for item in listed)),
        tuple(f"{item.flow}: {text}" for item in listed for text in item.missing),
    )
