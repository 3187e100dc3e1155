"""The answers on which it depends whether a question is asked, in Spanish words: for the codebook. Follows the graph of the flow: a step
counts if some of its ways lead to the question and others never do. Knows no other flow, such as one that calls this one."""

from collections.abc import Iterator

from app.flows.diagram.words import FlowWords
from app.flows.engine.compiled import END
from app.flows.engine.graph import SKIPPED, Edge, Graph, condition_text, graph, reachable
from app.flows.language import definition as d


def asked_if(programme: d.Programme, flow: str) -> dict[str, str]:
    """By question of a flow, the ways of earlier steps that lead to it, and its own condition; those that are always asked are left
    out. The flow must be sound."""
    found = _Logic(programme, graph(programme, flow))
    told = {name: "; ".join(found.of(name)) for name, node in found.graph.nodes.items() if node.waits}
    return {name: words for name, words in told.items() if words}


class _Logic:
    """The conditions of one flow's questions."""

    def __init__(self, programme: d.Programme, found: Graph) -> None:
        self.graph = found
        self.words = FlowWords(programme, {name: node.step for name, node in found.nodes.items()})
        self.leads_to = {name: reachable(found.successors, [name]) for name in (*found.nodes, END)}
        self.leaving: dict[str, list[Edge]] = {}
        for edge in found.edges:
            self.leaving.setdefault(edge.source, []).append(edge)

    def of(self, question: str) -> Iterator[str]:
        """What must have been answered for a question to be asked."""
        for name, edges in self.leaving.items():
            leading = [edge for edge in edges if question in self.leads_to[edge.target]]
            if name != question and 0 < len(leading) < len(edges):
                yield self._ways(self.graph.nodes[name].step, name, tuple(way for edge in leading for way in edge.ways))
        step = self.graph.nodes[question].step
        if isinstance(step, d.Ask) and step.when is not None:
            yield self.words.condition(step.when)

    def _ways(self, step: d.Step, name: str, ways: tuple[str, ...]) -> str:
        match step:
            case d.Ask():
                return f"{name}: {' o '.join(self.words.ways(step, ways))}"
            case d.Branch():
                cases = {condition_text(case.when): self.words.condition(case.when) for case in step.cases}
                others = f"no se cumple que {' o que '.join(cases.values())}"
                return " o ".join(cases.get(way, others) for way in ways)
            case d.Say() | d.Set() | d.Call() | d.End() | d.Repeat():
                condition = "" if isinstance(step, d.Repeat) or step.when is None else self.words.condition(step.when)
                return f"no se cumple que {condition}" if SKIPPED in ways else condition
