"""Spaced repetition: an officer's memory of each principle, by the FSRS algorithm, and the next flow to review. Pure,
without FSRS's random fuzz. The unit is the day: there are no learning steps of minutes, so that nothing is due
again on the day it was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsrs import Scheduler

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of one principle: `card` is the library's JSON."""

    card: str
    due_at: datetime
    reviewed_at: datetime


def reviewed(card: str | None, at: datetime, *, right: bool, attempt: int = 1) -> Memory:
    """The memory after an answer; `card` is the state before, None for the first. A wrong answer is *again*, a right
    one *good*, one that needed a second try *hard*. A late message does not turn time back."""
    fsrs, scheduler = _library()
    before = fsrs.Card(card_id=0, due=at) if card is None else fsrs.Card.from_json(card)
    moment = max(at.astimezone(UTC), before.last_review or _NEVER)
    rating = fsrs.Rating.Again if not right else fsrs.Rating.Good if attempt == 1 else fsrs.Rating.Hard
    after, _ = scheduler.review_card(before, rating, moment)
    return Memory(after.to_json(), after.due, moment)


@lru_cache(maxsize=1)
def _library() -> "tuple[ModuleType, Scheduler]":
    import fsrs  # noqa: PLC0415 - 6 ms, which only the first answer of a quiz needs

    return fsrs, fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def most_due(
    flows: Sequence[str],
    principles: Mapping[str, str | None],
    due: Mapping[str, datetime],
    begun: Mapping[str, datetime],
) -> str:
    """The flow to review next. Principles that were never asked come first, in the order of `flows`; then the one
    that has been due the longest, where one that was asked and left unanswered is due since it was asked. Of a
    principle's flows, the one begun longest ago. Flows without a principle are used if there is no other.

    `principles` is by flow, `due` by principle, `begun` by flow: the last time with this officer.
    """
    groups: dict[str, list[str]] = {}
    for flow in flows:
        if principle := principles[flow]:
            groups.setdefault(principle, []).append(flow)

    def moment(principle: str) -> datetime:
        return max(due.get(principle, _NEVER), *[begun.get(flow, _NEVER) for flow in groups[principle]])

    wanted = groups[min(groups, key=moment)] if groups else flows
    return min(wanted, key=lambda flow: begun.get(flow, _NEVER))
