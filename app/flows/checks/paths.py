"""Where conversations lead: steps nobody reaches, ways that never end, loops without a question."""

from collections.abc import Iterator

from app.flows import definition as d
from app.flows.book import END
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.graph import Graph, components, reachable
from app.flows.problems import Severity


@check("unreachable-step", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
        go: end
      - say: gracias
        text: Gracias por su trabajo.
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
        go: gracias
      - say: gracias
        text: Gracias por su trabajo.
        template: aviso_gracias
""")
def unreachable_step(context: Context) -> Iterator[Finding]:
    """No way leads to this step, so no officer will ever see it.

    Steps run downward unless `go` says otherwise; a step after one with `go` needs another way to it.
    """
    for graph in context.graphs.values():
        seen = reachable(graph.successors, [graph.start])
        for node in graph.nodes.values():
            if node.name not in seen:
                yield Finding(node.path, f"no way leads to the step {node.name}", "Remove it, or let a go lead to it")


@check("dead-end", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: listo
        text: ¿Está listo?
        answer: yes_no
        level: internal
        template: aviso_listo
        go: listo
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: listo
        text: ¿Está listo?
        answer: yes_no
        level: internal
        template: aviso_listo
        go: {no: listo, unclear: end}
""")
def dead_end(context: Context) -> Iterator[Finding]:
    """From this step the conversation can never come to its end: whatever the officer answers, it goes round.

    It would only stop when it expires, and count as unanswered.
    """
    for graph in context.graphs.values():
        backwards: dict[str, tuple[str, ...]] = {}
        for edge in graph.edges:
            backwards[edge.target] = (*backwards.get(edge.target, ()), edge.source)
        ending = reachable(backwards, [END])
        seen = reachable(graph.successors, [graph.start])
        trapped = [name for name in graph.nodes if name in seen and name not in ending]
        if trapped:
            path = graph.nodes[trapped[0]].path
            yield Finding(path, f"from {trapped[0]} on, the conversation never ends", "Let one way lead to end")


@check("loop-without-wait", Severity.error, fails="""\
fields: [turno]
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
      - say: gracias
        text: Gracias por su trabajo.
        go: hola
        when: {field: turno, is: noche}
""", passes="""\
fields: [turno]
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
      - say: gracias
        text: Gracias por su trabajo.
        when: {field: turno, is: noche}
""")
def loop_without_wait(context: Context) -> Iterator[Finding]:
    """Steps that lead back to themselves without a question between: messages would go out without end.

    The engine stops such a conversation after a number of steps and records a failure.
    """
    silent = _flows_without_questions(context)
    for graph in context.graphs.values():
        passing = {name for name, node in graph.nodes.items() if _passes(node.step, silent)}
        ways = {name: tuple(to for to in graph.successors[name] if to in passing) for name in passing}
        for loop in components(ways):
            first = min(loop, key=lambda name: graph.nodes[name].index)
            if len(loop) > 1 or first in ways[first]:
                names = " → ".join(sorted(loop, key=lambda name: graph.nodes[name].index)[:5])
                text = f"these steps go round without a question: {names}"
                yield Finding(graph.nodes[first].path, text, "Let one of them ask, or lead on")


def _passes(step: d.Step, silent: set[str]) -> bool:
    match step:
        case d.Say() | d.Set() | d.Branch():
            return True
        case d.Call():
            return step.flow in silent
    return False


def _flows_without_questions(context: Context) -> set[str]:
    """Flows that may be passed through without any question, by themselves or in what they call."""
    calls = {code: _called(graph) for code, graph in context.graphs.items()}
    asking = {code for code, graph in context.graphs.items() if any(node.waits for node in graph.nodes.values())}
    return {code for code in calls if not reachable(calls, [code]) & asking}


def _called(graph: Graph) -> tuple[str, ...]:
    return tuple(node.step.flow for node in graph.nodes.values() if isinstance(node.step, d.Call))


@check("call-loop", Severity.error, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - call: otro
        flow: saludo
  saludo:
    title: Saludo
    kind: tip
    steps:
      - call: otro
        flow: aviso
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - call: otro
        flow: saludo
  saludo:
    title: Saludo
    kind: tip
    steps:
      - say: hola
        text: Buen día.
""")
def call_loop(context: Context) -> Iterator[Finding]:
    """A flow calls itself, by itself or through another one. To go back within a flow, use `go`."""
    calls = {code: _called(graph) for code, graph in context.graphs.items()}
    for code, graph in context.graphs.items():
        for node in graph.nodes.values():
            if isinstance(node.step, d.Call) and code in reachable(calls, [node.step.flow]):
                text = f"{node.step.flow} leads back to {code}" if node.step.flow != code else f"{code} calls itself"
                yield Finding((*node.path, "flow"), text)


PATHS: tuple[Check, ...] = (unreachable_step, dead_end, loop_without_wait, call_loop)
