"""The flow of a nudge that may begin: the planned one; for a slot with a draw, the drawn one, drawn once, now; for a slot with
`pick: due`, the flow of the principle that is due the most. In the transaction that begins the nudge."""

from datetime import datetime

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.engine.compiled import CompiledProgramme
from app.flows.language.campaign import Slot
from app.flows.micro_randomisation import draw
from app.flows.nudge_rules import ConsentRule, FollowupRule, SlotRule, WaveRule
from app.flows.spacing import most_due
from app.scheduler.nudge_policy import Begin, NudgeDecision, Skip
from app.store import draws, memory_cards, nudges
from app.store.contacts import Officer
from app.store.nudges import DueNudge

MEASURED = "measured_already"
"""The reason of a measurement that has begun for its wave before."""


def choose(
    tx: Connection, library: Library, officer: Officer, due: DueNudge, decision: NudgeDecision, now: datetime
) -> tuple[NudgeDecision, str]:
    """The decision, and the flow to begin. `Begin` becomes `Skip` if there is nothing to send; other decisions stay, without a
    draw. The officer is locked."""
    chosen = _chosen(tx, library, officer, due, now) if isinstance(decision, Begin) else due.flow
    return (chosen, due.flow) if isinstance(chosen, Skip) else (decision, chosen)


def _chosen(tx: Connection, library: Library, officer: Officer, due: DueNudge, now: datetime) -> str | Skip:
    compiled = library.programmes[library.current[officer.programme]]
    campaign = compiled.definition.campaigns[due.campaign]
    match due.rule:
        case FollowupRule(code):  # it may be older than the version in use
            return due.flow if code in campaign.followups and due.flow in compiled.flows else Skip("followup_withdrawn")
        case WaveRule() if nudges.is_measured(tx, due):  # a wave that was renamed is planned once more
            return Skip(MEASURED)
        case SlotRule(index) if (slot := campaign.slots[index]).draw:
            return _drawn(tx, slot, campaign.seed, officer, due, now)
        case SlotRule(index) if (slot := campaign.slots[index]).pick == "due":
            return _reviewing(tx, slot, compiled, officer)
        case ConsentRule() | SlotRule() | WaveRule() | None:
            planned = compiled.flows.get(due.flow)
            return Skip("nothing_to_say") if planned is not None and planned.is_silent else due.flow


def _drawn(tx: Connection, slot: Slot, seed: int, officer: Officer, due: DueNudge, now: datetime) -> str | Skip:
    drawn = draw(slot.draw, officer.attributes, str(seed), officer.study_id, due.campaign, due.slot)
    if drawn is None:
        return Skip("nothing_eligible")
    before = draws.count(tx, officer.id, due.campaign, drawn.choice)
    draws.record(tx, due.id, drawn.choice, drawn.eligible, seed, now)
    flows = slot.draw[drawn.choice].flows
    return flows[before % len(flows)] if flows else Skip("drawn_nothing")


def _reviewing(tx: Connection, slot: Slot, compiled: CompiledProgramme, officer: Officer) -> str:
    principles = {flow: compiled.flows[flow].principle for flow in slot.flows}
    return most_due(
        slot.flows, principles, memory_cards.due(tx, officer.id), memory_cards.last_started(tx, officer.id, slot.flows)
    )
