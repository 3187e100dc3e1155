"""The table `nudges`: one row for each flow that was planned for an officer, begun or not, with the reason if not."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.exports.columns import NUDGES
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.exports.wanted import in_time, of_officer
from app.store.tables import CampaignVersion, Cohort, Contact, FlowVersion, Nudge

_campaign = CampaignVersion.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_version = FlowVersion.__table__  # type: ignore[attr-defined]


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the planned moment."""
    nudge = _nudge.c
    query = (
        select(
            nudge.id,
            *WHO,
            nudge.campaign,
            func.substr(_version.c.hash, 1, 12),
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
            ZONE,
        )
        .select_from(
            _nudge.join(_contact, _contact.c.id == nudge.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            .join(_campaign, _campaign.c.id == nudge.campaign_version_id)
            .join(_version, _version.c.id == _campaign.c.flow_version_id)
        )
        .where(*of_officer(source.wanted), *in_time(source.wanted, nudge.planned_for))
        .order_by(nudge.id)
    )
    return source.table(query, NUDGES)
