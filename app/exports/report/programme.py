"""The flows and questions of the published versions, for the report: kinds, principles, titles, and the order of questions. The meaning
of answers comes from the tables of the export, which the report counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.flows.engine.compiled import expand, plain
from app.flows.language import definition as d
from app.flows.language.definition import FlowKind
from app.flows.variables import asked


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow of a version, with the variables of its own questions in their order. `asks`: it, or a flow that it calls, asks something."""

    code: str
    title: str
    kind: FlowKind
    principle: str | None
    questions: dict[str, str]
    asks: bool


@dataclass(frozen=True, slots=True)
class ProgrammeSummary:
    """The flows of some versions. `latest` has the newest definition of each flow; `principles` and `waves` have the labels."""

    flows: dict[tuple[int, str], FlowSummary]
    latest: dict[str, FlowSummary]
    principles: dict[str, str]
    waves: dict[str, str]
    title: str

    def flow(self, version: int, code: str) -> FlowSummary | None:
        """A flow of a version; None if the version is unreadable."""
        return self.flows.get((version, code))


def summary(code: str, programmes: Mapping[int, d.Programme]) -> ProgrammeSummary:
    """The summary of a programme from its versions in use, the newest last."""
    flows: dict[tuple[int, str], FlowSummary] = {}
    latest: dict[str, FlowSummary] = {}
    principles: dict[str, str] = {}
    waves: dict[str, str] = {}
    title = code
    for version, programme in programmes.items():
        title = programme.title
        own = {name: _flow(programme, name, flow) for name, flow in programme.flows.items()}
        flows |= {(version, name): flow for name, flow in own.items()}
        latest |= own
        principles |= {
            name: plain(principle.label, programme.language) for name, principle in programme.principles.items()
        }
        waves |= {
            wave.suffix: name.replace("_", " ")
            for campaign in programme.campaigns.values()
            for name, wave in campaign.waves.items()
        }
    return ProgrammeSummary(flows, latest, principles, waves, title)


def _flow(programme: d.Programme, code: str, flow: d.Flow) -> FlowSummary:
    own = {step.ask: d.variable_name(code, step) for step in expand(flow) if isinstance(step, d.Ask)}
    return FlowSummary(code, flow.title, flow.kind, flow.principle, own, any(True for _ in asked(programme, code)))
