"""What goes out to phones: how many SMS it costs, what WhatsApp asks of templates, languages, quiet hours."""

import re
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import pairwise

from app.flows import definition as d
from app.flows.book import END, options_of
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.references import answer_of_or_none
from app.flows.checks.walk import all_questions, steps, texts, wordings
from app.flows.graph import Graph, Node
from app.flows.problems import Severity
from app.flows.render import numbered
from app.flows.segments import measure
from app.flows.source import Path

SEGMENTS = 4
"""The most SMS that one message should cost: 268 characters with accents, 612 without."""

WINDOW = timedelta(hours=24)
"""WhatsApp takes free text only so long after the officer's last message."""

QUIET_FROM, QUIET_TO = time(21), time(9)
"""Mexico's guideline for messages to phones."""

_VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TYPICAL = "Guadalupe"
"""Stands in for whatever a variable will be."""


@check("too-many-segments", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        template: aviso_hola
        text: >-
          Buen día. Cuando una persona le cuenta lo que pasó, escúchela hasta el final antes de decidir. No la interrumpa
          y no adelante su conclusión. Después dígale con sus palabras lo que entendió, y pregunte si así fue. Las personas
          aceptan mejor una decisión, aunque no les convenga, si antes alguien escuchó su versión con atención y respeto.
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        template: aviso_hola
        text: >-
          Buen día. Cuando una persona le cuenta lo que pasó, escúchela hasta el final antes de decidir. Después dígale con
          sus palabras lo que entendió, y pregunte si así fue.
""")
def too_many_segments(context: Context) -> Iterator[Finding]:
    """A message costs more than 4 SMS.

    An SMS holds 160 plain characters, or 153 each in a longer message. But á, í, ó, ú, emoji and typographic quotes are not
    among the plain ones (é, ñ, ü, ¿ and ¡ are): with a single one of them, an SMS holds 70 characters, or 67. The options of
    a question are counted with its text, and a variable as nine letters.
    """
    options = _options(context)
    for wording in wordings(context):
        if wording.path[-1] in ("label", "meaning") or "variables" in wording.path or wording.path[-2] in ("values", "with"):
            continue
        lines = options.get(wording.path[:4], ()) if _is_question(wording.path, wording.language) else ()
        text = numbered(_VARIABLE.sub(_TYPICAL, wording.text.strip()), lines)
        found = measure(text)
        if found.segments > SEGMENTS:
            word = found.forced_by if found.forced_by and found.forced_by in wording.text else ""
            yield Finding(wording.path, *_cost(text, found.segments, found.forced_by, found.plain), word=word)


def _is_question(path: Path, language: str | None) -> bool:
    return (path[:-1] if language else path)[4:] in (("text",), ("unclear",))


def _options(context: Context) -> dict[Path, list[tuple[int, str]]]:
    """The options as they are added to the text of each question, by the place of its step."""
    found: dict[Path, list[tuple[int, str]]] = {}
    for question in all_questions(context):
        answer = answer_of_or_none(context, question.ask)
        if answer is not None and not question.ask.options_in_text:
            labels = [option.label for option in options_of(context.programme, answer).values()]
            plain = [label if isinstance(label, str) else next(iter(label.values())) for label in labels]
            found[question.path[:4]] = list(enumerate(plain, 1))
    return found


def _cost(text: str, segments: int, forced_by: str | None, plain: str) -> tuple[str, str]:
    if forced_by is None:
        return f"costs {segments} SMS ({len(text)} characters)", "Shorten it"
    cheaper = measure(plain).segments
    said = f'costs {segments} SMS because of "{forced_by}"; {cheaper} without accents and signs'
    return said, f"Shorten it, or write: {' '.join(plain.split())}"


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

    A template may not begin or end with a variable, nor have two variables side by side, and holds 1,024 characters.
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
    found = list(_VARIABLE.finditer(text))
    if found and found[0].start() == 0:
        return "a template may not begin with a variable"
    if found and found[-1].end() == len(text):
        return "a template may not end with a variable"
    if any(not text[one.end() : two.start()].strip() for one, two in pairwise(found)):
        return "a template may not have two variables side by side"
    return f"a template holds 1024 characters, and this has {len(text)}" if len(text) > 1024 else None


@check("missing-translation", Severity.warning, fails="""\
languages: [en]
notices:
  help: {es-MX: Escríbanos., en: Write to us.}
  opted_out: {es-MX: Hecho., en: Done.}
  opted_in: {es-MX: Hecho., en: Done.}
  paused: {es-MX: Hecho., en: Done.}
  nothing_open: {es-MX: Gracias., en: Thank you.}
  unclear: {es-MX: Responda con el número.}
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: {es-MX: Buen día., en: Good morning.}
        template: aviso_hola
""", passes="""\
languages: [en]
notices:
  help: {es-MX: Escríbanos., en: Write to us.}
  opted_out: {es-MX: Hecho., en: Done.}
  opted_in: {es-MX: Hecho., en: Done.}
  paused: {es-MX: Hecho., en: Done.}
  nothing_open: {es-MX: Gracias., en: Thank you.}
  unclear: {es-MX: Responda con el número., en: Answer with the number.}
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: {es-MX: Buen día., en: Good morning.}
        template: aviso_hola
""")
def missing_translation(context: Context) -> Iterator[Finding]:
    """A text lacks one of the `languages` of the programme, or has one that the programme does not list.

    Who speaks that language would get the text in the programme's own. A text given for `es` serves `es-MX` and every
    other kind of Spanish.
    """
    own, others = context.programme.language, context.programme.languages
    for path, text in texts(context):
        given = [own] if isinstance(text, str) else list(text)
        families = {language.partition("-")[0] for language in given if "-" not in language}
        wanted = [own, *others] if isinstance(text, dict) else others
        if missing := [one for one in wanted if one not in given and one.partition("-")[0] not in families]:
            yield Finding(path, f"there is no {', '.join(missing)} text", f"Write it as {{{own}: …, {missing[0]}: …}}")
        known = {own, *others} | {one.partition("-")[0] for one in (own, *others)}
        for language in given if isinstance(text, dict) else ():
            if language not in known:
                hint = "Add it to languages, or remove it"
                yield Finding((*path, language), f"{language} is not a language of the programme", hint, key=True)


@check("quiet-hours", Severity.warning, fails="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "07:00", to: "20:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [aviso]}
""", passes="""\
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "20:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [aviso]}
""")
def quiet_hours(context: Context) -> Iterator[Finding]:
    """The `window` of a campaign reaches into the quiet hours, 21:00 to 09:00, in which nothing should be sent."""
    for code, campaign in context.programme.campaigns.items():
        path = ("campaigns", code, "window")
        for name, hour in (("from", campaign.window.start), ("to", campaign.window.end)):
            if hour < QUIET_TO or hour > QUIET_FROM:
                text = f"{hour:%H:%M} is within the quiet hours, {QUIET_FROM:%H:%M} to {QUIET_TO:%H:%M}"
                yield Finding((*path, name), text, "Send between 09:00 and 21:00")


MESSAGES: tuple[Check, ...] = (
    too_many_segments, template_missing, template_body, missing_translation, quiet_hours,
)
