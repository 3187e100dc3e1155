"""The table `nudges`: one row for each flow that was planned for an officer, begun or not, with the reason if not."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.exports.columns import NUDGES
from app.exports.selection import officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.store.tables import (
    CAMPAIGN_VERSION,
    FLOW_VERSION,
    NUDGE,
    with_officer,
)


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the planned moment."""
    nudge = NUDGE.c
    query = (
        select(
            nudge.id,
            *WHO,
            nudge.campaign,
            func.substr(FLOW_VERSION.c.hash, 1, 12),
            nudge.origin,
            nudge.rule,
            nudge.slot,
            nudge.wave,
            nudge.flow,
            nudge.status,
            nudge.reason,
            nudge.session_id,
            utc(nudge.planned_for),
            utc(nudge.due_at),
            utc(nudge.closes_at),
            utc(nudge.decided_at),
            utc(nudge.planned_for),
            source.waves.in_sql(WHO[2], nudge.wave),
            ZONE,
        )
        .select_from(
            with_officer(NUDGE)
            .join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == nudge.campaign_version_id)
            .join(FLOW_VERSION, FLOW_VERSION.c.id == CAMPAIGN_VERSION.c.flow_version_id)
        )
        .where(*officer_conditions(source.selection), *time_conditions(source.selection, nudge.planned_for))
        .order_by(nudge.id)
    )
    return source.table(query, NUDGES)
