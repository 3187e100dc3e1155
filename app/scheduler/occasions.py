"""The slots of a campaign as occasions: which flow on which day. Pure. Names of occasions are stable: those of a week are numbered
across all slots in their order, so that a slot added at the end renames none."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.flows.language.campaign import Campaign, Cap, Recurrence, Slot, Wave, Window
from app.flows.nudge_rules import ConsentRule, FollowupRule, Rule, SlotRule, WaveRule

Days = Callable[[Recurrence, date, date], Sequence[date]]
"""The days of a recurrence from one day to another, both included."""

CONSENT = "consent"
"""The occasion of the question for consent. `consent@aviso_2` asks those again who agreed to an earlier notice."""
ANY_DAY = date(2026, 3, 2)
"""An anchor for callers that only need the number or the names of occasions."""


def consent_slot(version: str | None = None) -> str:
    """The occasion of the question for consent, or of the question for this version after an earlier one."""
    return CONSENT if version is None else f"{CONSENT}@{version}"


def asks_consent(slot: str) -> bool:
    """Whether an occasion is the question for consent."""
    return slot.partition("@")[0] == CONSENT


@dataclass(frozen=True, slots=True)
class Occasion:
    """A flow on a day. The flow of a draw is only the first that it could be; the draw itself is made when the occasion is
    due."""

    name: str
    flow: str
    day: date
    rule: SlotRule
    slot: Slot


def occasions(slots: Sequence[Slot], anchor: date, days: Days) -> Iterator[Occasion]:
    """The occasions of slots, each slot's in the order of days. Week 1 begins the day after the anchor."""
    numbers: Counter[int] = Counter()
    for index, slot in enumerate(slots):
        flows = slot.flows or _drawn(slot)
        if not flows:
            continue
        rule = SlotRule(index)
        for place, day in enumerate(_days(slot, anchor, days)):
            week = (day - 1) // 7 + 1
            numbers[week] += 1
            yield Occasion(
                f"w{week:02d}.{numbers[week]}", flows[place % len(flows)], anchor + timedelta(days=day), rule, slot
            )


def renames(before: Sequence[Slot], after: Sequence[Slot], days: Days) -> bool:
    """Whether an unchanged slot has other occasions: officers who have had some of them may get one again, or miss one."""

    def named(slots: Sequence[Slot]) -> list[tuple[Slot, list[str]]]:
        found = [(slot, list[str]()) for slot in slots]
        for occasion in occasions(slots, ANY_DAY, days):
            found[occasion.rule.index][1].append(occasion.name)
        return found

    was, now = named(before), named(after)
    kept = [pair for pair in was if any(pair[0] == slot for slot, _ in now)]
    return any(pair not in now for pair in kept)


def rule_of(campaign: Campaign, rule: Rule | None) -> Slot | Wave | None:
    """The slot or wave that a rule names; None for any other rule, and for one that the campaign has no longer."""
    match rule:
        case SlotRule(index):
            return campaign.slots[index] if index < len(campaign.slots) else None
        case WaveRule(name):
            return campaign.waves.get(name)
        case ConsentRule() | FollowupRule() | None:
            return None


def window_of(campaign: Campaign, rule: Rule | None) -> Window | None:
    """A rule's own window, None if it has none."""
    found = rule_of(campaign, rule)
    return None if found is None else found.window


def cap_of(campaign: Campaign, rule: Rule | None) -> Cap:
    """The cap within which a rule's flows begin: its own, or the campaign's."""
    found = rule_of(campaign, rule)
    return campaign.cap if found is None or found.cap is None else found.cap


def _drawn(slot: Slot) -> list[str]:
    return next((choice.flows[:1] for choice in slot.draw.values() if choice.flows), [])


def _days(slot: Slot, anchor: date, days: Days) -> Iterator[int]:
    """Days counted from the anchor."""
    if slot.weeks is None:
        yield from slot.days or ()
        return
    first, last = 1 + (slot.weeks[0] - 1) * 7, slot.weeks[1] * 7
    if slot.on is not None:
        yield from (
            (day - anchor).days for day in days(slot.on, anchor + timedelta(days=first), anchor + timedelta(days=last))
        )
    elif slot.per_week is None:
        yield from range(first, last + 1, max(1, (slot.every or timedelta(days=1)).days))
    else:
        for week in range(first, last + 1, 7):
            yield from (week + place * 7 // slot.per_week for place in range(slot.per_week))
