"""The officers of a micro-randomised programme on whom a treatment works at a moment: their last draw sent something, and the time of its
declared outcome is not over. For a known effect in a rehearsal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.flows.language.campaign import Campaign, Slot
from app.flows.nudge_rules import SlotRule
from app.store.tables import DRAW, NUDGE, OUTBOUND


@dataclass(frozen=True, slots=True)
class Treatments:
    """The slots of a rehearsal that draw between something and nothing and declare an outcome of answers, by campaign and rule."""

    slots: Mapping[tuple[str, str], Slot]

    @classmethod
    def of(cls, followed: Mapping[str, Campaign]) -> "Treatments":
        """Those of campaigns, by their codes."""
        return cls(
            {
                (code, str(SlotRule(place))): slot
                for code, campaign in followed.items()
                for place, slot in enumerate(campaign.slots)
                if slot.outcome is not None
                and slot.outcome.records
                and len({bool(choice.flows) for choice in slot.draw.values()}) > 1
            }
        )

    def working_on(self, tx: Connection, uids: Collection[str], now: datetime) -> frozenset[str]:
        """Those of these messages, by uid, that come to an officer while a treatment works."""
        longest = max(slot.outcome.within for slot in self.slots.values() if slot.outcome is not None)
        query = (
            select(OUTBOUND.c.uid, NUDGE.c.campaign, NUDGE.c.rule, DRAW.c.choice, DRAW.c.at)
            .select_from(OUTBOUND.join(NUDGE, NUDGE.c.contact_id == OUTBOUND.c.contact_id))
            .join(DRAW, DRAW.c.nudge_id == NUDGE.c.id)
            .where(OUTBOUND.c.uid.in_(uids), DRAW.c.at > now - longest)
            .order_by(DRAW.c.at, DRAW.c.id)
        )
        works: dict[str, bool] = {}  # by the last draw
        for uid, campaign, rule, choice, at in tx.execute(query):
            slot = self.slots.get((campaign, rule))
            if slot is not None and slot.outcome is not None:
                works[uid] = now <= at + slot.outcome.within and bool(slot.draw[choice].flows)
        return frozenset(uid for uid, does in works.items() if does)
