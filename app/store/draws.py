"""Random draws of micro-randomisation: at most one per nudge, never changed."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.store.tables import DRAW, NUDGE


def count(tx: Connection, contact: int, campaign: str, choice: str) -> int:
    """How often a campaign has drawn this choice for an officer, over all slots."""
    found = (
        select(func.count())
        .select_from(DRAW.join(NUDGE, NUDGE.c.id == DRAW.c.nudge_id))
        .where(NUDGE.c.contact_id == contact, NUDGE.c.campaign == campaign, DRAW.c.choice == choice)
    )
    return int(tx.execute(found).scalar_one())


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
