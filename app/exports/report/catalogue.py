"""What the published versions say of flows and questions, for reports: kinds, principles, titles, the order of questions, and what
a question measures. What an answer stands for is read from the flow file and never guessed from answers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.flows import definition as d
from app.flows.book import answer_of, expand, items, options_of, plain
from app.flows.definition import FlowKind, Level
from app.flows.loader import load
from app.flows.replies.forms import Kind
from app.store import versions

NOT_APPLICABLE = "n"
MEASURING = frozenset({FlowKind.quiz, FlowKind.survey})
REACTION, BARRIER = "reaction", "barrier"
"""How the variables end that say how a person reacted, and what stood in the way."""

_ITEM = re.compile(r"\{\{\s*item\s*\}\}")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a version asks it. `low` and `high` are the ends of a scale or number; `options` labels by value."""

    step: str
    variable: str
    kind: Kind
    level: Level | None
    principle: str | None
    wording: str
    reverse: bool = False
    low: float | None = None
    high: float | None = None
    options: dict[str, str] = field(default_factory=dict)

    @property
    def applies(self) -> bool:
        """Whether it asks for the application of a principle: yes, no, or did not apply. Only `n` tells such a question from
        any other with two answers, and only with it the denominator is right."""
        return self.level is Level.behaviour and self.kind is Kind.choice and set(self.options) == {"0", "1", NOT_APPLICABLE}

    @property
    def counts(self) -> bool:
        """Whether it asks in how many of the last so many contacts a principle was applied."""
        return self.level is Level.behaviour and self.kind is Kind.number and self.low == 0 and bool(self.high) and bool(self.principle)

    def about(self, what: str) -> bool:
        """Whether it asks for a reaction or a barrier."""
        return self.kind is Kind.choice and (self.variable == what or self.variable.endswith(f"_{what}"))


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as a version has it, with its questions in their order."""

    code: str
    title: str
    kind: FlowKind
    principle: str | None
    questions: dict[str, Question]
    branches: bool = False           # whether what is answered decides what is asked next


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All flows of some versions. `latest` has each flow as the newest of them has it, `principles` the labels."""

    flows: dict[tuple[int, str], Flow]
    latest: dict[str, Flow]
    principles: dict[str, str]
    waves: dict[str, str]
    title: str

    def flow(self, version: int, code: str) -> Flow | None:
        """A flow of a version; None if its file cannot be read any more."""
        return self.flows.get((version, code))

    def question(self, version: int, flow: str, step: str) -> Question | None:
        """A question of a version."""
        found = self.flow(version, flow)
        return None if found is None else found.questions.get(step)


def catalogue(tx: Connection, code: str, used: Iterable[int]) -> Catalogue:
    """The catalogue of a programme from the versions that were used, and the current one."""
    flows: dict[tuple[int, str], Flow] = {}
    latest: dict[str, Flow] = {}
    principles: dict[str, str] = {}
    waves: dict[str, str] = {}
    title = code
    for version in sorted({*used, versions.current(tx)[code]}):
        stored = versions.read(tx, version)
        programme = load(stored.source, stored.programme).programme
        if programme is None:
            continue
        title = programme.title
        own = {name: _flow(programme, name, flow) for name, flow in programme.flows.items()}
        flows |= {(version, name): flow for name, flow in own.items()}
        latest |= own
        principles |= {name: plain(principle.label, programme.language) for name, principle in programme.principles.items()}
        waves |= {
            wave.suffix: name.replace("_", " ") for campaign in programme.campaigns.values() for name, wave in campaign.waves.items()
        }
    return Catalogue(flows, latest, principles, waves, title)


def _flow(programme: d.Programme, code: str, flow: d.Flow) -> Flow:
    inner = {name: plain(text, programme.language) for name, text in items(flow).items()}
    asks = [step for step in expand(flow) if isinstance(step, d.Ask)]
    questions = {step.ask: _question(programme, code, flow, step, inner.get(step.ask)) for step in asks}
    branches = any(isinstance(step, d.Branch) or getattr(step, "when", None) or isinstance(getattr(step, "go", None), dict) for step in flow.steps)
    return Flow(code, flow.title, flow.kind, flow.principle, questions, branches)


def _question(programme: d.Programme, code: str, flow: d.Flow, step: d.Ask, item: str | None) -> Question:
    answer = answer_of(programme, step.answer)
    options = {
        str(key if option.value is None else option.value): plain(option.label, programme.language)
        for key, option in options_of(programme, answer).items()
    }
    text = plain(step.text, programme.language)
    bounds = answer.scale or answer.number
    return Question(
        step.ask, step.records or f"{code}_{step.ask}"[:32], answer.kind, step.level, step.principle or flow.principle,
        " ".join((text if item is None else _ITEM.sub(lambda _: item, text) if _ITEM.search(text) else item).split()),
        step.reverse, *((bounds.min, bounds.max) if bounds is not None else (None, None)), options,
    )
