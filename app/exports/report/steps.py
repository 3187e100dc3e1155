"""Drop-off: for each question of each flow, how often it was sent and how often it was answered."""

from dataclasses import dataclass

from app.exports.report.conversations import Conversations
from app.exports.report.tally import Shares
from app.exports.statistics.suppression import Share


@dataclass(frozen=True, slots=True)
class Step:
    """A question, with the sessions in which it was answered out of those in which it was sent."""

    flow: str
    step: str
    answered: Share


def steps(talks: Conversations) -> list[Step]:
    """The questions sent within the time of the sample, in no order."""
    found = Shares[tuple[str, str]]()
    found.extend(talks.questions, *talks.steps())
    return [Step(flow, step, answered) for (flow, step), answered in found.all().items()]
