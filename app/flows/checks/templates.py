"""WhatsApp's templates: where one is needed, and what it may say."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from app.flows import definition as d
from app.flows.book import END
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.walk import VARIABLE, steps, wordings
from app.flows.graph import Graph, Node
from app.flows.problems import Severity
from app.flows.source import Path

WINDOW = timedelta(hours=24)
"""WhatsApp takes free text only so long after the officer's last message."""


@check("template-missing", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
""")
def template_missing(context: Context) -> Iterator[Finding]:
    """A message that may go out more than 24 hours after the officer's last one, and has no `template`.

    WhatsApp takes free text only within those 24 hours, so such a message would be refused (error 63016). This holds for
    everything before the first answer, for what follows a `timeout` of a day or more, and for reminders.
    """
    for code, flow in context.sound.items():
        if flow.reminder is not None and flow.reminder.template is None:
            yield Finding(("flows", code, "reminder"), "a reminder needs a template", "Add template", key=True)
    called = {step.flow for _, _, step in steps(context) if isinstance(step, d.Call)}
    cold = _Cold(context)
    for code, graph in context.graphs.items():
        if code not in called:
            cold.walk(graph, graph.start)
        for node in graph.nodes.values():
            if isinstance(node.step, d.Ask) and (node.step.timeout or timedelta()) >= WINDOW:
                cold.walk(graph, _after_timeout(node.step))
    for path, name in cold.found.items():
        yield Finding(path, f"{name} can go out after 24 hours without an answer, and has no template", "Add template")


def _after_timeout(ask: d.Ask) -> str:
    return ask.go.get("timeout", END) if isinstance(ask.go, dict) else END


class _Cold:
    """Walks what is said before any answer, into called flows too."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.found: dict[Path, str] = {}
        self.seen: dict[tuple[str, str], bool] = {}

    def walk(self, graph: Graph, start: str) -> bool:
        """Whether the end of the flow may be reached from here without an answer."""
        through, pending = False, [start]
        while pending:
            name = pending.pop()
            if name == END:
                through = True
            elif (graph.flow, name) not in self.seen:
                self.seen[graph.flow, name] = True
                node = graph.nodes[name]
                self.note(node)
                pending.extend(graph.successors[name] if self.passes(node) else self.skipping(graph, node))
        return through

    def note(self, node: Node) -> None:
        if isinstance(node.step, d.Say | d.Ask) and node.step.template is None:
            self.found[node.path] = node.name
        if isinstance(node.step, d.End) and node.step.text is not None:
            self.found[node.path] = node.name

    def passes(self, node: Node) -> bool:
        """Whether the walk goes on behind this step without an answer."""
        if isinstance(node.step, d.Call) and (called := self.context.graphs.get(node.step.flow)):
            return self.walk(called, called.start)
        return not node.waits

    def skipping(self, graph: Graph, node: Node) -> list[str]:
        """The way past a question or a call whose `when` does not hold."""
        if getattr(node.step, "when", None) is None:
            return []
        order = [*graph.nodes, END]
        return [order[node.index + 1]]


@check("template-body", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "{{ nombre }}, buen día."
        template: aviso_hola
        variables: ["{{ nombre }}"]
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: "Buen día, {{ nombre }}. Le escribe el equipo del taller."
        template: aviso_hola
        variables: ["{{ nombre }}"]
""")
def template_body(context: Context) -> Iterator[Finding]:
    """The text of a step with a `template` would not be approved by WhatsApp as a template.

    A template may not begin or end with a variable, nor have two variables side by side, and holds 1,024 characters. A full
    stop behind a variable does not help: there must be a word. `trato templates` shows what is to be submitted.
    """
    templated = {path for _, path, step in steps(context) if getattr(step, "template", None) is not None}
    for code, flow in context.programme.flows.items():
        if flow.reminder is not None and flow.reminder.template is not None:
            templated.add(("flows", code, "reminder"))
    for wording in wordings(context):
        owner = wording.path[:-2] if wording.language else wording.path[:-1]
        named = wording.path[-2] if wording.language else wording.path[-1]
        if owner in templated and named == "text" and (text := _against_templates(wording.text.strip())):
            yield Finding(wording.path, text, "Put words around the variable" if "variable" in text else "Shorten it")


def _against_templates(text: str) -> str | None:
    found = list(VARIABLE.finditer(text))
    if found and found[0].start() == 0:
        return "a template may not begin with a variable"
    if found and not any(character.isalnum() for character in text[found[-1].end() :]):
        return "a template may not end with a variable"
    if any(not text[one.end() : two.start()].strip() for one, two in pairwise(found)):
        return "a template may not have two variables side by side"
    return f"a template holds 1024 characters, and this has {len(text)}" if len(text) > 1024 else None


TEMPLATES: tuple[Check, ...] = (template_missing, template_body)
