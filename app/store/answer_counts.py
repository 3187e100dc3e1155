"""The number of answers to each question of a flow. Only reads; `ix_response_of_question` has all that it needs."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.store.tables import FLOW_VERSION, RESPONSE


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """Answers to one question: those that count, and those that were not understood."""

    understood: int = 0
    unclear: int = 0


def of_flow(tx: Connection, programme: str, flow: str) -> dict[str, AnswerCount]:
    """The answers to the questions of a flow, in every version of its programme, by the name of the step."""
    own = select(FLOW_VERSION.c.id).where(FLOW_VERSION.c.programme == programme)
    counted = select(RESPONSE.c.step, RESPONSE.c.status, func.count())
    theirs = counted.where(RESPONSE.c.flow_version_id.in_(own), RESPONSE.c.flow == flow)
    found: dict[str, dict[str, int]] = {}
    for step, status, count in tx.execute(theirs.group_by(RESPONSE.c.step, RESPONSE.c.status)):
        found.setdefault(step, {})[status] = count
    return {step: AnswerCount(counts.get("ok", 0), counts.get("unclear", 0)) for step, counts in found.items()}
