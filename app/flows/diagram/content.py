"""The content of a diagram of a flow: its steps with their texts, and the ways from each answer to the next step, in
words. Takes the ways from `engine/graph.py` and adds a start, an end and Spanish labels; called flows can be
written out in place. `page` and `mermaid` give it a form."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.flows.diagram.words import SKIPS, FlowWords, duration, value_text
from app.flows.engine import graph as g
from app.flows.engine.compiled import END as OUT
from app.flows.engine.compiled import items
from app.flows.engine.engine import MOST_CALLS
from app.flows.engine.render import compile_text, variables_in
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text

START, END = "START", "END"
"""Names of the nodes where a conversation begins and ends. In capitals: no step can be called so."""

_MOST = 2000
"""Number of nodes after which called flows are no longer written out: flows that call flows multiply."""

KINDS = {
    d.FlowKind.consent: "Consentimiento", d.FlowKind.tip: "Consejo", d.FlowKind.vignette: "Caso", d.FlowKind.plan: "Plan",
    d.FlowKind.report: "Reporte", d.FlowKind.reflection: "Reflexión", d.FlowKind.story: "Historia",
    d.FlowKind.quiz: "Medición de conocimiento", d.FlowKind.survey: "Medición",
}  # fmt: skip
"""The kinds of flows in Spanish."""


class NodeKind(StrEnum):
    """The kind of a node: the start, the end, or a step of some kind."""

    start = "start"
    say = "say"
    ask = "ask"
    branch = "branch"
    set = "set"
    call = "call"
    stop = "stop"
    end = "end"


WORDS = {
    NodeKind.start: "inicio", NodeKind.say: "mensaje", NodeKind.ask: "pregunta", NodeKind.branch: "decisión", NodeKind.set: "guarda un dato",
    NodeKind.call: "otra conversación", NodeKind.stop: "termina", NodeKind.end: "fin",
}  # fmt: skip
"""The kinds in Spanish."""

FILLS = {
    NodeKind.ask: "#dce9f7", NodeKind.say: "#e4f1e4", NodeKind.branch: "#fbeccb", NodeKind.set: "#ececec", NodeKind.call: "#ece3f6",
    NodeKind.stop: "#f6e0de",
}  # fmt: skip
"""Light colours by kind, the same on the page (`page.css`) and in Mermaid. Colour is never the only sign."""


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """A step. `condition` says when it happens, if not always; `notes` are further remarks. `within` are the nodes of
    the calls around a step of a called flow, the outermost first."""

    name: str
    kind: NodeKind
    text: str = ""
    condition: str = ""
    notes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


def name_of(node: DiagramNode) -> str:
    """The name of a step without those of the calls around it."""
    return node.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """A way from one node to another; `labels` are the answers or conditions that take it, none if it is the only
    one."""

    source: str
    target: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """The diagram of a flow. Nodes are in the order of the file, between the start and the end."""

    programme: str
    flow: str
    title: str
    about: tuple[str, ...]
    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...]


def diagram(programme: d.Programme, code: str, *, expand: bool = False) -> Diagram:
    """The diagram of one flow of a checked programme. `expand` writes called flows out where they are called."""
    flow = programme.flows[code]
    collected = _Collected(programme, expand, [], [])
    collected.edges.append(DiagramEdge(START, g.graph(programme, code).start))
    collected.add(code, "", END, ())
    nodes = (DiagramNode(START, NodeKind.start), *collected.nodes, DiagramNode(END, NodeKind.end))
    return Diagram(programme.programme, code, flow.title, tuple(_about(programme, flow)), nodes, tuple(collected.edges))


def _about(programme: d.Programme, flow: d.Flow) -> Iterator[str]:
    principle = programme.principles.get(flow.principle) if flow.principle else None
    label = FlowWords(programme, {}).text(principle.label) if principle else ""
    yield KINDS[flow.kind] + (f" · {label}" if label else "")
    if flow.variants:
        crossed = ", y en la ola siguiente otra" if flow.crossover else ""
        yield f"A cada oficial le toca al azar una versión{crossed}: {', '.join(flow.variants)}."
    opening = next((step.opening for step in flow.steps if isinstance(step, d.Ask) and step.opening), None)
    if opening is not None:
        yield f"Empieza con una de {len(programme.openings[opening])} aperturas que se turnan: «{opening}»."
    if not any(isinstance(step, d.Ask | d.Repeat | d.Call) for step in flow.steps):
        return
    reminder = f"se recuerda tras {duration(flow.reminder.after)} y " if flow.reminder else ""
    yield f"Si no contestan: {reminder}se termina tras {duration(flow.expires)}."


@dataclass(frozen=True, slots=True)
class _Collected:
    """The nodes and edges found so far."""

    programme: d.Programme
    expand: bool
    nodes: list[DiagramNode]
    edges: list[DiagramEdge]

    def add(self, code: str, prefix: str, after: str, within: tuple[str, ...]) -> None:
        """Add a flow, with `prefix` before the names of its steps. `after` is the node after its end."""
        flow = self.programme.flows[code]
        graph = g.graph(self.programme, code)
        words = FlowWords(self.programme, {name: node.step for name, node in graph.nodes.items()})
        inner = items(flow)
        leaving: dict[str, list[g.Edge]] = {name: [] for name in graph.nodes}
        for edge in graph.edges:
            leaving[edge.source].append(edge)
        for name, node in graph.nodes.items():
            step, here = node.step, prefix + name
            self.nodes.append(_node(words, here, step, inner.get(name), within, alone=len(leaving[name]) == 1))
            ways = [
                DiagramEdge(here, after if way.target == OUT else prefix + way.target, words.ways(step, way.ways))
                for way in leaving[name]
            ]
            match step:
                case d.Call() if (first := self._written_out(step, len(within) + 1)) is not None:
                    self.edges.extend(_led(ways, f"{here}.{first}", step.when))
                    self.add(step.flow, f"{here}.", ways[0].target, (*within, here))
                case d.End():
                    self.edges.extend(_led(ways, END, step.when))
                case d.Say() | d.Ask() | d.Branch() | d.Set() | d.Call() | d.Repeat():
                    self.edges.extend(ways)

    def _written_out(self, step: d.Call, open_flows: int) -> str | None:
        """The first step of a called flow, if it is to be written out; no deeper than the engine goes."""
        if not self.expand or open_flows >= MOST_CALLS or len(self.nodes) >= _MOST:
            return None
        return g.graph(self.programme, step.flow).start


def _led(ways: list[DiagramEdge], elsewhere: str, when: d.Condition | None) -> Iterator[DiagramEdge]:
    """The ways out of a step, with the first, the step's own, redirected; the way past the step stays."""
    own, *others = ways
    yield DiagramEdge(own.source, elsewhere, own.labels)
    if when is not None and not others and own.target != elsewhere:
        others = [DiagramEdge(own.source, own.target, (SKIPS,))]
    yield from others


def _node(
    words: FlowWords, name: str, step: d.Step, item: Text | None, within: tuple[str, ...], *, alone: bool
) -> DiagramNode:
    condition = "" if isinstance(step, d.Branch | d.Repeat) or step.when is None else words.condition(step.when)
    match step:
        case d.Say():
            return DiagramNode(name, NodeKind.say, words.text(step.text), condition, within=within)
        case d.Ask():
            text = _with_item(words.text(step.text), "" if item is None else words.text(item))
            return DiagramNode(name, NodeKind.ask, text, condition, tuple(_notes(words, step, alone=alone)), within)
        case d.Set():
            values = "\n".join(f"{variable} = {value_text(value)}" for variable, value in step.values.items())
            return DiagramNode(name, NodeKind.set, values, condition, within=within)
        case d.Call():
            title = words.programme.flows[step.flow].title
            return DiagramNode(
                name, NodeKind.call, f"Pasa por «{title}» ({step.flow}) y regresa.", condition, within=within
            )
        case d.End():
            return DiagramNode(
                name, NodeKind.stop, words.text(step.text) if step.text else "", condition, within=within
            )
        case d.Branch() | d.Repeat():
            return DiagramNode(name, NodeKind.branch, within=within)


def _notes(words: FlowWords, ask: d.Ask, *, alone: bool) -> Iterator[str]:
    """The possible answers, unless the ways or the text list them, and the feedback to each answer."""
    options = words.options(ask)
    if not options or (alone and not ask.options_in_text):
        yield f"Se contesta: {words.expected(ask)}"
    for key, text in ask.feedback.items():
        others = "A las demás respuestas" if len(ask.feedback) > 1 else "A toda respuesta"
        label = options.get(key) or "".join(words.ways(ask, (key,)))
        yield f"{others if key == 'else' else f'A «{label}»'}: {words.text(text)}"


def _with_item(text: str, item: str) -> str:
    """A question with its item in place; every other variable stays as the author wrote it."""
    if not item:
        return text
    names = dict.fromkeys([*variables_in(text), *variables_in(item)])
    written = {name: f"{{{{ {name} }}}}" for name in names}
    return compile_text(text).render({**written, "item": compile_text(item).render(written)})
