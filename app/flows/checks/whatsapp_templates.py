"""WhatsApp templates: where one is needed, and the text it may have."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import VARIABLE, steps, wordings
from app.flows.engine.compiled import END
from app.flows.engine.engine import MOST_CALLS
from app.flows.engine.graph import Graph, Node
from app.flows.free_text_window import WINDOW
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.flows.variants import occurs
from app.flows.yaml.source import Path
from app.wording import Sentence


@check("template-missing", Severity.warning)
def template_missing(context: Context) -> Iterator[Finding]:
    """A message that may go out more than 24 hours after the officer's last one, and has no `template`."""
    for name, openings in context.programme.openings.items():
        for place, one in enumerate(openings):
            if one.template is None:
                yield Finding(
                    ("openings", name, place), Sentence("an opening needs a template"), Sentence("Add template")
                )
    for code, flow in context.sound.items():
        if flow.reminder is not None and flow.reminder.template is None:
            yield Finding(
                ("flows", code, "reminder"), Sentence("a reminder needs a template"), Sentence("Add template"), key=True
            )
    called = {step.flow for _, _, step in steps(context) if isinstance(step, d.Call)}
    found: dict[Path, str] = {}
    for code, graph in context.graphs.items():
        for variant in graph.variants or (None,):
            # What is only called is walked where it is called.
            found |= _Silence(context, variant).walked(graph, WINDOW if code not in called else timedelta())
    for path, name in found.items():
        yield Finding(
            path,
            Sentence("{name} can go out after 24 hours without an answer, and has no template", name=name),
            Sentence("Add template"),
        )


class _Silence:
    """Walks flows, in one variant, with the longest time that may have passed since the officer wrote; beyond a day it is all the
    same."""

    def __init__(self, context: Context, variant: str | None) -> None:
        self.context = context
        self.variant = variant
        self.found: dict[Path, str] = {}
        self.ends: dict[tuple[str, timedelta], timedelta | None] = {}

    def walked(self, graph: Graph, silence: timedelta) -> dict[Path, str]:
        """The steps without a template that may be reached after a day of silence."""
        self.walk(graph, silence)
        return self.found

    def walk(self, graph: Graph, silence: timedelta, depth: int = 0) -> timedelta | None:
        """The longest silence with which the end of the flow may be reached; None if it is not."""
        if (graph.flow, silence) in self.ends or depth > MOST_CALLS:
            return self.ends.get((graph.flow, silence))
        self.ends[graph.flow, silence] = None
        longest: dict[str, timedelta] = {}
        pending = [(graph.start, silence)]
        while pending:
            name, silent = pending.pop()
            if name in longest and longest[name] >= silent:
                continue
            longest[name] = silent
            if name != END:
                node = graph.nodes[name]
                if silent >= WINDOW and self.occurs(node) is not False:
                    self.note(node)
                pending.extend(self.ways(graph, node, silent, depth))
        self.ends[graph.flow, silence] = longest.get(END)
        return longest.get(END)

    def note(self, node: Node) -> None:
        match node.step:
            case d.Say(template=None) | d.Ask(template=None, opening=None):
                self.found[node.path] = node.name
            case d.End(text=text) if text is not None:
                self.found[node.path] = node.name
            case d.Say() | d.Ask() | d.End() | d.Branch() | d.Set() | d.Call() | d.Repeat():
                pass

    def ways(self, graph: Graph, node: Node, silent: timedelta, depth: int) -> Iterator[tuple[str, timedelta]]:
        """Where it goes from a step, and how long the officer has been silent there."""
        order = [*graph.nodes, END]
        if self.occurs(node) is not True:
            yield order[node.index + 1], silent
        if self.occurs(node) is not False:
            yield from self.onward(graph, node, silent, depth)

    def occurs(self, node: Node) -> bool | None:
        return occurs(getattr(node.step, "when", None), self.variant)

    def onward(self, graph: Graph, node: Node, silent: timedelta, depth: int) -> Iterator[tuple[str, timedelta]]:
        """Where it goes from a step that occurs."""
        match node.step:
            case d.Ask(go=go, timeout=timeout):
                yield from ((target, timedelta()) for target in graph.successors[node.name])
                if timeout is not None:
                    yield go.get("timeout", END) if isinstance(go, dict) else END, min(silent + timeout, WINDOW)
            case d.Call(flow=flow) if (called := self.context.graphs.get(flow)) is not None:
                if (after := self.walk(called, silent, depth + 1)) is not None:
                    yield from ((target, after) for target in graph.successors[node.name])
            case d.Say() | d.Set() | d.Branch():
                yield from ((target, silent) for target in graph.successors[node.name])
            case d.Call() | d.End() | d.Repeat():
                pass


@check("template-body", Severity.warning)
def template_body(context: Context) -> Iterator[Finding]:
    """The text of a step with a `template` would not be approved by WhatsApp as a template."""
    templated = {path for _, path, step in steps(context) if getattr(step, "template", None) is not None}
    for code, flow in context.programme.flows.items():
        if flow.reminder is not None and flow.reminder.template is not None:
            templated.add(("flows", code, "reminder"))
    for name, openings in context.programme.openings.items():
        templated |= {("openings", name, place) for place, one in enumerate(openings) if one.template is not None}
    for wording in wordings(context):
        owner = wording.path[:-2] if wording.language else wording.path[:-1]
        named = wording.path[-2] if wording.language else wording.path[-1]
        if owner in templated and named == "text" and (text := _against_templates(wording.text.strip())):
            yield Finding(
                wording.path,
                text,
                Sentence("Put words around the variable") if "variable" in text else Sentence("Shorten it"),
            )


def _against_templates(text: str) -> str | None:
    found = list(VARIABLE.finditer(text))
    if found and found[0].start() == 0:
        return Sentence("a template may not begin with a variable")
    if found and not any(character.isalnum() for character in text[found[-1].end() :]):
        return Sentence("a template may not end with a variable")
    if any(not text[one.end() : two.start()].strip() for one, two in pairwise(found)):
        return Sentence("a template may not have two variables side by side")
    return (
        Sentence("a template holds 1024 characters, and this has {count}", count=len(text))
        if len(text) > 1024
        else None
    )


TEMPLATES: tuple[Check, ...] = (template_missing, template_body)
