"""The burden on officers: the most questions that one can be asked in a flow, and what they get by week. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from app.flows.engine.compiled import END
from app.flows.engine.engine import MOST_CALLS
from app.flows.engine.graph import Graph, components, graph
from app.flows.language import definition as d
from app.flows.variants import may_occur


@dataclass(frozen=True, slots=True)
class WeekBurden:
    """The questions of one week, from its Monday on: how many officers get any, and the median and the most of one of them."""

    week: str
    officers: int
    median: float
    most: int
    questions: int


def by_week(asked: Iterable[tuple[str, date, int]]) -> list[WeekBurden]:
    """The burden of each week, in order, from officer, local day and number of questions."""
    counts: dict[date, Counter[str]] = {}
    for officer, day, questions in asked:
        if questions:
            counts.setdefault(day - timedelta(days=day.weekday()), Counter())[officer] += questions
    return [
        WeekBurden(monday.isoformat(), len(each), median(each.values()), max(each.values()), each.total())
        for monday, each in sorted(counts.items())
    ]


def questions_by_flow(programme: d.Programme) -> dict[str, int]:
    """The most questions of each flow of a programme without errors."""
    graphs = {code: graph(programme, code) for code in programme.flows}
    return {code: most_questions(graphs, code) for code in graphs}


def most_questions(graphs: Mapping[str, Graph], flow: str) -> int:
    """The most questions on any way through a flow and the flows that it calls; of a flow with variants, in any of them. A loop
    counts each of its questions once."""
    variants = graphs[flow].variants or (None,)
    return max(_Longest(graphs, variant).of(flow) for variant in variants)


class _Longest:
    """The longest ways in one variant."""

    def __init__(self, graphs: Mapping[str, Graph], variant: str | None) -> None:
        self.graphs = graphs
        self.variant = variant
        self.counted: dict[str, int] = {}

    def of(self, flow: str, within: tuple[str, ...] = ()) -> int:
        if flow in self.counted or flow in within or flow not in self.graphs or len(within) > MOST_CALLS:
            return self.counted.get(flow, 0)
        walked, order = self.graphs[flow], [*self.graphs[flow].nodes, END]
        onward = {
            name: targets if self._occurs(walked, name) else (order[walked.nodes[name].index + 1],)
            for name, targets in walked.successors.items()
        }
        best: dict[str, int] = {}
        for component in components(onward):
            own = sum(self._asks(walked, name, within) for name in component)
            after = max((best.get(target, 0) for name in component for target in onward[name]), default=0)
            best.update(dict.fromkeys(component, own + after))
        self.counted[flow] = best[walked.start]
        return self.counted[flow]

    def _occurs(self, walked: Graph, name: str) -> bool:
        return may_occur(getattr(walked.nodes[name].step, "when", None), self.variant)

    def _asks(self, walked: Graph, name: str, within: tuple[str, ...]) -> int:
        step = walked.nodes[name].step
        if not self._occurs(walked, name):
            return 0
        return self.of(step.flow, (*within, walked.flow)) if isinstance(step, d.Call) else int(walked.nodes[name].waits)
