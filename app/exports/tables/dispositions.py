"""The table `dispositions`: one row for each officer and measurement wave, with what came of it in AAPOR's words, and with all that
this was judged by, so that it can be judged otherwise. The rules are in `judge`."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, func, select

from app.exports.columns import DISPOSITIONS
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.exports.tables.sessions import answers, received, sent
from app.exports.wanted import in_time, of_officer
from app.store.dialect import bytewise
from app.store.tables import Cohort, Consent, Contact, Nudge, Session

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_consent = Consent.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]

AAPOR = {
    "complete": "I", "partial": "P", "refusal": "R", "non_contact": "NC", "other": "O", "not_eligible": "NE", "unknown": "UO",
}

_OUT_OF_REACH = frozenset({"no_consent", "blocked", "ignored"})
"""Reasons to skip a flow that are the officer's silence: nothing went out, for nobody answered before."""

_COUNTED = [column.name for column in DISPOSITIONS]
_DISPOSITION, _AAPOR, _REASONS = (_COUNTED.index(name) for name in ("disposition", "aapor", "reasons"))


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the wave's first planned moment."""
    for batch in source.table(_query(source), DISPOSITIONS):
        for row in batch:
            reasons = sorted(set((row[_REASONS] or "").split()))
            found = judge(dict(zip(_COUNTED, row, strict=True)), reasons, too_late=row[_DISPOSITION])
            row[_DISPOSITION], row[_AAPOR], row[_REASONS] = found, AAPOR[found], " ".join(reasons) or None
        yield batch


def judge(row: Mapping[str, Any], reasons: list[str], *, too_late: int) -> str:
    """What came of a wave. `too_late` counts the flows for which there was no room when they were laid out."""
    if row["completed"] == row["flows"]:
        return "complete"
    if row["answers"]:
        return "partial"
    if row["opted_out"] or row["declined"]:
        return "refusal"
    if not row["closed"]:
        return "unknown"
    if row["replied"]:
        return "other"  # something was written, and nothing of it understood
    if too_late == row["flows"]:
        return "not_eligible"
    if row["sent"] or (reasons and _OUT_OF_REACH.issuperset(reasons)):
        return "non_contact"
    return "unknown"


def _query(source: Source) -> Select[Any]:
    nudge, session, out, heard, answered = _nudge.c, _session.c, sent(), received(), answers()
    latest = select(_consent.c.contact_id, func.max(_consent.c.id).label("id")).group_by(_consent.c.contact_id).subquery()
    opens, closes = func.min(nudge.planned_for), func.max(nudge.closes_at)
    pending = _sum(nudge.status == "planned") + _sum(and_(session.id.is_not(None), session.ended_at.is_(None)))
    refused_at = case((_consent.c.granted.is_(False), _consent.c.at))
    return (
        select(
            *WHO, nudge.campaign, nudge.wave, _sum(and_(nudge.status == "skipped", nudge.decided_at == nudge.created_at)),
            func.count(), case((pending == 0, 1), else_=0), func.count(), func.count(nudge.session_id),
            _sum(session.outcome == "completed"), cast(func.coalesce(func.sum(answered.c.ok), 0), Integer),
            *(_any(out.c[name].is_not(None)) for name in ("sent_at", "delivered_at", "read_at")),
            _any(heard.c.messages > 0),
            case((func.max(_contact.c.opted_out_at) <= closes, 1), else_=0),
            case((func.max(refused_at) <= closes, 1), else_=0),
            func.aggregate_strings(case((nudge.status == "skipped", nudge.reason)), " "),
            utc(opens), utc(closes), utc(func.min(heard.c.first_at)), utc(func.max(session.ended_at)), ZONE,
        )
        .select_from(
            _nudge.join(_contact, _contact.c.id == nudge.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            .outerjoin(_session, session.id == nudge.session_id)
            .outerjoin(out, out.c.session_id == nudge.session_id)
            .outerjoin(heard, heard.c.session_id == nudge.session_id)
            .outerjoin(answered, answered.c.session_id == nudge.session_id)
            .outerjoin(latest, latest.c.contact_id == nudge.contact_id)
            .outerjoin(_consent, _consent.c.id == latest.c.id)
        )
        .where(nudge.wave.is_not(None), *of_officer(source.wanted))
        .group_by(*WHO, ZONE, nudge.campaign, nudge.wave)
        .having(*in_time(source.wanted, opens))
        .order_by(bytewise(WHO[0]), bytewise(nudge.campaign), bytewise(nudge.wave))
    )


def _sum(condition: Any) -> Any:  # noqa: ANN401 - of SQLAlchemy
    return func.sum(case((condition, 1), else_=0))


def _any(condition: Any) -> Any:  # noqa: ANN401 - of SQLAlchemy
    return func.max(case((condition, 1), else_=0))
