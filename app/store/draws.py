"""Draws of micro-randomisation, one for a nudge at most. Never changed."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.store.tables import Draw, Nudge

_draw = Draw.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]


def times(tx: Connection, contact: int, campaign: str, choice: str) -> int:
    """How often a campaign has drawn this choice for an officer, in whichever slot."""
    found = (
        select(func.count())
        .select_from(_draw.join(_nudge, _nudge.c.id == _draw.c.nudge_id))
        .where(_nudge.c.contact_id == contact, _nudge.c.campaign == campaign, _draw.c.choice == choice)
    )
    return int(tx.execute(found).scalar_one())


def keep(tx: Connection, nudge: int, choice: str, eligible: Mapping[str, float], seed: int, now: datetime) -> None:
    """Keep what was drawn for a nudge, from which choices and how likely each was."""
    row = {
        "nudge_id": nudge,
        "choice": choice,
        "probability": eligible[choice],
        "eligible": json.dumps(eligible),
        "seed": seed,
        "at": now,
    }
    tx.execute(insert(_draw), row)
