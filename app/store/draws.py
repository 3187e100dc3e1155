"""Random draws of micro-randomisation: at most one per nudge, never changed."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from app.store.tables import DRAW, NUDGE


def count(tx: Connection, contact: int, campaign: str, choice: str) -> int:
    """How often a campaign has drawn this choice for an officer, over all slots."""
    return int(tx.execute(_COUNT, {"contact": contact, "of_campaign": campaign, "wanted": choice}).scalar_one())


_COUNT = (
    select(func.count())
    .select_from(DRAW.join(NUDGE, NUDGE.c.id == DRAW.c.nudge_id))
    .where(
        NUDGE.c.contact_id == bindparam("contact"),
        NUDGE.c.campaign == bindparam("of_campaign"),
        DRAW.c.choice == bindparam("wanted"),
    )
)


def record(tx: Connection, nudge: int, choice: str, eligible: Mapping[str, float], seed: int, now: datetime) -> None:
    """Record a nudge's draw. `eligible` maps each possible choice to its probability."""
    row = {
        "nudge_id": nudge,
        "choice": choice,
        "probability": eligible[choice],
        "eligible": json.dumps(eligible),
        "seed": seed,
        "at": now,
    }
    tx.execute(insert(DRAW), row)
