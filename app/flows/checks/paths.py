"""Ways through conversations: unreachable steps, endless ways, loops without a question."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import sound_questions
from app.flows.engine.compiled import END
from app.flows.engine.engine import MOST_CALLS
from app.flows.engine.graph import Graph, components, reachable
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.wording import Sentence


@check("unreachable-step", Severity.warning)
def unreachable_step(context: Context) -> Iterator[Finding]:
    """No way leads to this step, so no officer will ever see it."""
    for graph in context.graphs.values():
        seen = reachable(graph.successors, [graph.start])
        for node in graph.nodes.values():
            if node.name not in seen:
                yield Finding(
                    node.path,
                    Sentence("no way leads to the step {name}", name=node.name),
                    Sentence("Remove it, or let a go lead to it"),
                )


@check("dead-end", Severity.warning)
def dead_end(context: Context) -> Iterator[Finding]:
    """From this step the conversation can never come to its end: whatever the officer answers, it goes round."""
    for graph in context.graphs.values():
        backwards: dict[str, tuple[str, ...]] = {}
        for edge in graph.edges:
            backwards[edge.target] = (*backwards.get(edge.target, ()), edge.source)
        ending = reachable(backwards, [END])
        seen = reachable(graph.successors, [graph.start])
        trapped = [name for name in graph.nodes if name in seen and name not in ending]
        if trapped:
            path = graph.nodes[trapped[0]].path
            yield Finding(
                path,
                Sentence("from {name} on, the conversation never ends", name=trapped[0]),
                Sentence("Let one way lead to end"),
            )


@check("loop-without-wait", Severity.error)
def loop_without_wait(context: Context) -> Iterator[Finding]:
    """Steps that lead back to themselves without a question between: messages would go out without end."""
    silent = _flows_to_pass_through(context)
    for graph in context.graphs.values():
        ways = _silent_ways(graph, silent)
        for loop in components(ways):
            first = min(loop, key=lambda name: graph.nodes[name].index)
            if len(loop) > 1 or first in ways[first]:
                names = " → ".join(sorted(loop, key=lambda name: graph.nodes[name].index)[:5])
                text = Sentence("these steps go round without a question: {names}", names=names)
                yield Finding(graph.nodes[first].path, text, Sentence("Let one of them ask, or lead on"))


def _silent_ways(graph: Graph, silent: set[str]) -> dict[str, tuple[str, ...]]:
    """Where each step leads without an answer: a question only past itself, if its `when` does not hold."""
    order = [*graph.nodes, END]
    ways = {}
    for name, node in graph.nodes.items():
        skipped = (order[node.index + 1],) if getattr(node.step, "when", None) is not None else ()
        ways[name] = graph.successors[name] if _passes(node.step, silent) else skipped
    return ways


def _passes(step: d.Step, silent: set[str]) -> bool:
    """Whether the conversation walks on from a step without an answer."""
    match step:
        case d.Say() | d.Set() | d.Branch():
            return True
        case d.Call():
            return step.flow in silent
        case d.Ask() | d.End() | d.Repeat():
            return False


def _flows_to_pass_through(context: Context) -> set[str]:
    """Flows that may be walked from their beginning to their end without a question. Flows that call each other in a circle are not among them."""
    silent: set[str] = set()
    for component in components(_calls(context)):
        for code in component:
            if (graph := context.graphs.get(code)) and END in reachable(_silent_ways(graph, silent), [graph.start]):
                silent.add(code)
    return silent


def _calls(context: Context) -> dict[str, tuple[str, ...]]:
    """The flows that each flow calls."""
    return {
        code: tuple(node.step.flow for node in graph.nodes.values() if isinstance(node.step, d.Call))
        for code, graph in context.graphs.items()
    }


@check("call-loop", Severity.error)
def call_loop(context: Context) -> Iterator[Finding]:
    """A flow calls itself, by itself or through another one. To go back within a flow, use `go`."""
    together = {code: set(component) for component in components(_calls(context)) for code in component}
    for code, graph in context.graphs.items():
        for node in graph.nodes.values():
            if isinstance(node.step, d.Call) and node.step.flow in together[code]:
                text = (
                    Sentence("{flow} leads back to {code}", flow=node.step.flow, code=code)
                    if node.step.flow != code
                    else Sentence("{code} calls itself", code=code)
                )
                yield Finding((*node.path, "flow"), text, Sentence("Go back within a flow by go"))


@check("call-depth", Severity.error)
def call_depth(context: Context) -> Iterator[Finding]:
    """A flow calls one that calls another, and so on, through more than 8 flows. The engine would stop there with a failure."""
    calls = _calls(context)
    depth: dict[str, int] = {}
    for component in components(calls):
        for code in component:
            depth[code] = 1 + max((depth.get(called, 0) for called in calls[code]), default=0)
    called = {name for names in calls.values() for name in names}
    for code, deep in depth.items():
        if deep > MOST_CALLS and code not in called:
            text = Sentence(
                "its calls go through {deep} flows, one within the other; {most} are the most",
                deep=deep,
                most=MOST_CALLS,
            )
            yield Finding(("flows", code), text, Sentence("Join some of them"), key=True)


@check("never-happens", Severity.warning)
def never_happens(context: Context) -> Iterator[Finding]:
    """A reminder or a `timeout` that comes only when the flow has expired, or a way in `go` that nothing leads to."""
    for code, flow in context.sound.items():
        if flow.reminder is not None and flow.reminder.after >= flow.expires:
            yield Finding(
                ("flows", code, "reminder", "after"),
                Sentence("the flow has expired before"),
                Sentence("Write less, or a longer expires"),
            )
    for question in sound_questions(context):
        ask, go = question.ask, question.ask.go if isinstance(question.ask.go, dict) else {}
        if ask.timeout is not None and ask.timeout >= context.programme.flows[question.flow].expires:
            yield Finding(
                (*question.answer[:-1], "timeout"),
                Sentence("the flow has expired before"),
                Sentence("Write less, or a longer expires of the flow"),
            )
        if "timeout" in go and ask.timeout is None:
            yield Finding(
                (*question.path, "go", "timeout"),
                Sentence("the question has no timeout"),
                Sentence("Add timeout: 24h to the question"),
                key=True,
            )
        answer = answer_of_or_none(context, question)
        if "missing" in go and answer is not None and not answer.missing:
            yield Finding(
                (*question.path, "go", "missing"),
                Sentence("the answer allows nothing missing"),
                Sentence("Add missing: [r] to the answer"),
                key=True,
            )


PATHS: tuple[Check, ...] = (unreachable_step, dead_end, never_happens, loop_without_wait, call_loop, call_depth)
