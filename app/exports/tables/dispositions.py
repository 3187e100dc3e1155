"""The table `dispositions`: one row for each officer and measurement wave, with what came of it in AAPOR's words, and with all that
this was judged by, so that it can be judged otherwise. The rules are those of `statistics/dispositions.py`, as in the report."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Integer, Select, Subquery, and_, case, cast, func, literal, or_, select

from app.exports.columns import DISPOSITIONS
from app.exports.selection import officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.exports.statistics.dispositions import WaveHistory, final_disposition
from app.exports.tables.sessions import answers, received, sent
from app.store.consents import first_consents
from app.store.dialect import bytewise
from app.store.tables import (
    CONSENT,
    CONTACT,
    NUDGE,
    SESSION,
    ContactStatus,
    with_officer,
)

_COUNTED = [column.name for column in DISPOSITIONS]
_DISPOSITION, _AAPOR, _REASONS = (_COUNTED.index(name) for name in ("disposition", "aapor", "reasons"))


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the wave's first planned moment."""
    for batch in source.table(_query(source), DISPOSITIONS):
        for row in batch:
            found = final_disposition(_history(dict(zip(_COUNTED, row, strict=True))))
            row[_DISPOSITION], row[_AAPOR] = found.name, found.value
            row[_REASONS] = " ".join(sorted(set((row[_REASONS] or "").split()))) or None
        yield batch


def _history(row: Mapping[str, Any]) -> WaveHistory:
    """The outcome, by the columns. Of an officer without consent, the question for consent tells whether anything arrives."""
    of = "" if row["consented"] else "consent_"
    return WaveHistory(
        row["flows"],
        row["completed"],
        answered=bool(row["answers"]),
        wrote=bool(row["answers"] or row["unclear"]),
        refused=bool(row["opted_out"] or row["declined"]),
        delivered=bool(row[f"{of}delivered"]),
        failed=bool(row[f"{of}failed"]),
        enrolled_late=bool(row["enrolled_late"]),
    )


def _query(source: Source) -> Select[Any]:
    nudge, session, out, heard, answered = NUDGE.c, SESSION.c, sent(), received(), answers()
    latest = select(CONSENT.c.contact_id, func.max(CONSENT.c.id).label("id")).group_by(CONSENT.c.contact_id).subquery()
    opens, closes = func.min(nudge.planned_for), func.max(nudge.closes_at)
    pending = _sum(nudge.status == "planned") + _sum(and_(session.id.is_not(None), session.ended_at.is_(None)))
    refused_at = case((CONSENT.c.granted.is_(False), CONSENT.c.at))
    blocked = CONTACT.c.status == ContactStatus.blocked
    asking, given = _asking(), first_consents()
    return (
        select(
            *WHO,
            nudge.campaign,
            nudge.wave,
            literal(""),
            literal(""),
            case((pending == 0, 1), else_=0),
            func.count(),
            func.count(nudge.session_id),
            _sum(session.outcome == "completed"),
            *(cast(func.coalesce(func.sum(answered.c[name]), 0), Integer) for name in ("ok", "unclear")),
            _any(out.c.sent_at.is_not(None)),
            _any(or_(out.c.arrived == 1, out.c.delivered_at.is_not(None))),
            _any(out.c.read_at.is_not(None)),
            _any(or_(out.c.failed == 1, blocked)),
            _any(heard.c.messages > 0),
            case((func.max(CONTACT.c.opted_out_at) <= closes, 1), else_=0),
            case((func.max(refused_at) <= closes, 1), else_=0),
            case((func.max(func.coalesce(given.c.at, CONTACT.c.consented_at)) <= closes, 1), else_=0),
            _any(asking.c.arrived == 1),
            _any(or_(asking.c.failed == 1, blocked)),
            case((func.max(CONTACT.c.created_at) >= closes, 1), else_=0),
            func.aggregate_strings(case((nudge.status == "skipped", nudge.reason)), " "),
            utc(opens),
            utc(closes),
            utc(func.min(heard.c.first_at)),
            utc(func.max(session.ended_at)),
            source.waves.in_sql(WHO[2], nudge.wave),
            ZONE,
        )
        .select_from(
            with_officer(NUDGE)
            .outerjoin(SESSION, session.id == nudge.session_id)
            .outerjoin(out, out.c.session_id == nudge.session_id)
            .outerjoin(heard, heard.c.session_id == nudge.session_id)
            .outerjoin(answered, answered.c.session_id == nudge.session_id)
            .outerjoin(asking, asking.c.contact_id == nudge.contact_id)
            .outerjoin(given, given.c.contact_id == nudge.contact_id)
            .outerjoin(latest, latest.c.contact_id == nudge.contact_id)
            .outerjoin(CONSENT, CONSENT.c.id == latest.c.id)
        )
        .where(nudge.wave.is_not(None), *officer_conditions(source.selection))
        .group_by(*WHO, ZONE, nudge.campaign, nudge.wave)
        .having(*time_conditions(source.selection, opens))
        .order_by(bytewise(WHO[0]), bytewise(nudge.campaign), bytewise(nudge.wave))
    )


def _asking() -> Subquery:
    """By officer: whether the question for consent arrived, or failed."""
    out = sent()
    return (
        select(NUDGE.c.contact_id, *(func.max(out.c[name]).label(name) for name in ("arrived", "failed")))
        .join(out, out.c.session_id == NUDGE.c.session_id)
        .where(NUDGE.c.slot == "consent")
        .group_by(NUDGE.c.contact_id)
        .subquery("asking")
    )


def _sum(condition: Any) -> Any:  # noqa: ANN401 - of SQLAlchemy
    return func.sum(case((condition, 1), else_=0))


def _any(condition: Any) -> Any:  # noqa: ANN401 - of SQLAlchemy
    return func.max(case((condition, 1), else_=0))
