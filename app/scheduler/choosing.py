"""Which flow a nudge that may begin begins: the planned one; where its slot draws, what is drawn, at this moment and never
again; where its slot reviews, the flow of the principle that is the most due. Within the transaction that begins it."""

from datetime import datetime

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.engine.compiled import CompiledProgramme
from app.flows.language.campaign import Slot
from app.flows.micro_randomisation import draw
from app.flows.spacing import most_due
from app.scheduler.nudge_policy import Decision, Skip, Start
from app.store import draws, memory_cards, nudges
from app.store.contacts import Officer
from app.store.nudges import Due

MEASURED = "measured_already"
"""The reason of a measurement that was begun for its wave before."""


def choose(
    tx: Connection, library: Library, officer: Officer, due: Due, decision: Decision, now: datetime
) -> tuple[Decision, str]:
    """What was decided, and the flow to begin. A nudge that might begin is skipped if nothing is to be sent; one that may not
    is left as it is, without a draw. The officer is locked."""
    chosen = _chosen(tx, library, officer, due, now) if isinstance(decision, Start) else due.flow
    return (chosen, due.flow) if isinstance(chosen, Skip) else (decision, chosen)


def _chosen(tx: Connection, library: Library, officer: Officer, due: Due, now: datetime) -> str | Skip:
    compiled = library.programmes[library.current[officer.programme]]
    campaign = compiled.definition.campaigns[due.campaign]
    kind, _, name = (due.rule or "").partition(".")
    if kind == "followups":  # it may be older than the version in use
        return due.flow if name in campaign.followups and due.flow in compiled.flows else Skip("followup_withdrawn")
    if kind == "waves" and nudges.is_measured(tx, due):  # a wave that was renamed is planned once more
        return Skip(MEASURED)
    slot = campaign.slots[int(name)] if kind == "slots" else None
    if slot is not None and slot.draw:
        return _drawn(tx, slot, campaign.seed, officer, due, now)
    if slot is not None and slot.pick == "due":
        return _reviewing(tx, slot, compiled, officer)
    return due.flow


def _drawn(tx: Connection, slot: Slot, seed: int, officer: Officer, due: Due, now: datetime) -> str | Skip:
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
