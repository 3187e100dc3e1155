"""The variables of a programme's questions: which conversation records which variable, and how its answers are
scored. Reads a definition only; officers' answers are for `self_reports.py` and `scoring.py`."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.flows.engine.compiled import Unresolved, answer_of, expand
from app.flows.language import definition as d
from app.flows.variants import may_occur

MEASURING = frozenset({d.FlowKind.quiz, d.FlowKind.survey})
"""Kinds of conversations that measure. All others are part of the treatment."""


@dataclass(frozen=True, slots=True)
class ItemScale:
    """The scale of an item for scoring: the ends of its scale or number, and whether it is reversed."""

    low: float | None = None
    high: float | None = None
    reverse: bool = False


def asked(programme: d.Programme, flow: str, variant: str | None = None) -> Iterator[tuple[str, d.Ask]]:
    """The questions of a conversation and of those that it calls, by their variables: all, or those of one variant. Empty for an
    unknown conversation."""
    yield from _asked(programme, flow, variant, set())


def _asked(programme: d.Programme, flow: str, variant: str | None, seen: set[str]) -> Iterator[tuple[str, d.Ask]]:
    if flow in seen or flow not in programme.flows:
        return
    seen.add(flow)
    for step in expand(programme.flows[flow]):
        match step:
            case d.Ask() if may_occur(step.when, variant):
                yield d.variable_name(flow, step), step
            case d.Call() if may_occur(step.when, variant):
                yield from _asked(programme, step.flow, variant, seen)
            case d.Say() | d.Ask() | d.Branch() | d.Set() | d.Call() | d.End() | d.Repeat():
                pass


def variables_of(programme: d.Programme, flow: str, variant: str | None = None) -> frozenset[str]:
    """The variables that a conversation, and those that it calls, may record: all, or those of one variant."""
    return frozenset(name for name, _ in asked(programme, flow, variant))


def measured(programme: d.Programme) -> dict[str, ItemScale]:
    """Every variable that a measurement records."""
    return {
        name: item_of(programme, ask)
        for code, flow in programme.flows.items()
        if flow.kind in MEASURING
        for name, ask in asked(programme, code)
    }


def item_of(programme: d.Programme, ask: d.Ask) -> ItemScale:
    """The scale of a question's answers."""
    try:
        answer = answer_of(programme, ask.answer)
    except Unresolved:
        return ItemScale()
    bounds = answer.scale or answer.number
    return ItemScale(reverse=ask.reverse) if bounds is None else ItemScale(bounds.min, bounds.max, ask.reverse)
