"""Outcomes of the planned flows: how far each came, response and its time. Reads row by row and returns counts with the number of
officers behind them; no row leaves this module."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from app.exports.report.programme import ProgrammeSummary
from app.exports.report.sample import Sample
from app.exports.report.tally import Parts, Shares
from app.flows.language.definition import FlowKind
from app.store.funnel import DELIVERED, SENT
from app.store.tables import (
    CAMPAIGN_VERSION,
    CONTACT,
    NUDGE,
    OUTBOUND,
    RESPONSE,
    SESSION,
    NudgeStatus,
)

BATCH = 5_000
GRID = (5, 15, 30, 60, 120, 240, 480, 720, 1440, 2160, 2880, 4320)
"""Minutes after the question at which the curve of answers is read."""

DIMENSIONS = ("wave", "week", "principle", "channel", "hour", "arm")


class Reached(IntEnum):
    """The last stage that a planned flow reached."""

    planned = 0
    sent = 1
    delivered = 2
    replied = 3
    completed = 4


@dataclass(slots=True)
class FlowCounts:
    """Counts of the planned flows that ask something and of those that only inform; consent is excluded. `finished` is by flow, with the
    total under an empty name."""

    asking: Parts[Reached] = field(default_factory=Parts)
    telling: Parts[Reached] = field(default_factory=Parts)
    reasons: Parts[str] = field(default_factory=Parts)
    rates: dict[str, Shares[str]] = field(default_factory=lambda: {name: Shares() for name in ("all", *DIMENSIONS)})
    finished: Shares[str] = field(default_factory=Shares)
    happened: Counter[float] = field(default_factory=Counter)
    given_up: Counter[float] = field(default_factory=Counter)
    answered_by: Parts[int] = field(default_factory=Parts)


def used_versions(tx: Connection, sample: Sample) -> set[int]:
    """The versions of the programme's file that the sample's flows were planned with or asked from."""
    own = sample.officers()
    planned = select(CAMPAIGN_VERSION.c.flow_version_id).join(
        NUDGE, NUDGE.c.campaign_version_id == CAMPAIGN_VERSION.c.id
    )
    found = tx.execute(planned.where(NUDGE.c.contact_id.in_(own)).distinct()).scalars().all()
    asked = select(RESPONSE.c.flow_version_id).where(RESPONSE.c.contact_id.in_(own)).distinct()
    return {*found, *tx.execute(asked).scalars()}


def flow_counts(tx: Connection, sample: Sample, programme: ProgrammeSummary, now: datetime) -> FlowCounts:
    """All flows of the plan whose moment has come by `now`, the last moment of the data."""
    found = FlowCounts()
    for row in tx.execute(_query(sample, now), execution_options={"yield_per": BATCH}):
        _add(found, row, programme, now)
    return found


def _query(sample: Sample, now: datetime) -> Select[Any]:
    own, arms = sample.officers(), sample.arms()
    asks = case((and_(OUTBOUND.c.kind == "ask", OUTBOUND.c.status.in_(SENT)), OUTBOUND.c.sent_at))
    messages = (
        select(
            OUTBOUND.c.session_id,
            func.max(case((OUTBOUND.c.status.in_(SENT), 1), else_=0)).label("sent"),
            func.max(case((OUTBOUND.c.status.in_(DELIVERED), 1), else_=0)).label("delivered"),
            func.min(asks, type_=OUTBOUND.c.sent_at.type).label("asked_at"),
        )
        .where(OUTBOUND.c.session_id.is_not(None), OUTBOUND.c.contact_id.in_(own))
        .group_by(OUTBOUND.c.session_id)
        .subquery()
    )
    replies = (
        select(RESPONSE.c.session_id, func.min(RESPONSE.c.answered_at).label("answered_at"))
        .where(RESPONSE.c.contact_id.in_(own))
        .group_by(RESPONSE.c.session_id)
        .subquery()
    )
    return (
        select(
            NUDGE.c.contact_id,
            NUDGE.c.wave,
            NUDGE.c.flow,
            NUDGE.c.planned_for,
            NUDGE.c.status,
            NUDGE.c.reason,
            func.coalesce(SESSION.c.flow_version_id, CAMPAIGN_VERSION.c.flow_version_id).label("version"),
            SESSION.c.started_at,
            SESSION.c.ended_at,
            SESSION.c.outcome,
            SESSION.c.channel,
            CONTACT.c.timezone,
            arms.c.arm,
            messages.c.sent,
            messages.c.delivered,
            messages.c.asked_at,
            replies.c.answered_at,
        )
        .select_from(
            NUDGE.join(CONTACT, CONTACT.c.id == NUDGE.c.contact_id)
            .join(CAMPAIGN_VERSION, CAMPAIGN_VERSION.c.id == NUDGE.c.campaign_version_id)
            .outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id)
            .outerjoin(messages, messages.c.session_id == NUDGE.c.session_id)
            .outerjoin(replies, replies.c.session_id == NUDGE.c.session_id)
            .outerjoin(arms, arms.c.contact_id == NUDGE.c.contact_id)
        )
        .where(
            NUDGE.c.contact_id.in_(own),
            NUDGE.c.planned_for <= now,
            *sample.within(NUDGE.c.planned_for, NUDGE.c.contact_id),
        )
    )


def _add(found: FlowCounts, row: Row[Any], programme: ProgrammeSummary, now: datetime) -> None:
    flow = programme.flow(row.version, row.flow)
    if flow is not None and flow.kind is FlowKind.consent:
        return
    asks = flow is None or flow.asks
    (found.asking if asks else found.telling).add(_reached(row, asks=asks), row.contact_id)
    if not row.sent:
        reason = row.reason or ("not_delivered" if row.started_at else "waiting")
        found.reasons.add(reason if row.status == NudgeStatus.skipped or row.started_at else "waiting", row.contact_id)
    if not asks or not row.sent:
        return
    replied = row.answered_at is not None
    principle = None if flow is None else flow.principle
    for name, key in _keys(row, principle).items():
        found.rates[name].add(key, row.contact_id, yes=replied)
    for flow_ in ("", row.flow):
        found.finished.add(flow_, row.contact_id, yes=replied and row.outcome == "completed")
    if row.asked_at is not None:
        _add_time(found, row, now)


def _reached(row: Row[Any], *, asks: bool) -> Reached:
    """The last step in a row. A reply proves that the message arrived, whatever the carrier has told."""
    replied = row.answered_at is not None
    if not row.sent:
        return Reached.planned
    if asks and replied:
        return Reached.completed if row.outcome == "completed" else Reached.replied
    return Reached.delivered if row.delivered else Reached.sent


def _keys(row: Row[Any], principle: str | None) -> dict[str, str]:
    """Where a flow that was sent counts; an empty name is that of the rest."""
    begun: datetime = row.started_at.astimezone(ZoneInfo(row.timezone))
    monday = begun.date() - timedelta(days=begun.weekday())
    return {
        "all": "",
        "wave": row.wave or "",
        "week": monday.isoformat(),
        "principle": principle or "",
        "channel": row.channel,
        "hour": f"{begun.hour:02}",
        "arm": row.arm or "",
    }


def _add_time(found: FlowCounts, row: Row[Any], now: datetime) -> None:
    """How long the first answer took from the first question; or until when it was waited for in vain."""
    asked: datetime = row.asked_at.astimezone(UTC)
    if row.answered_at is None:
        found.given_up[_minutes(asked, row.ended_at or now)] += 1
        found.answered_by.add(len(GRID) + 1, row.contact_id)
        return
    minutes = _minutes(asked, row.answered_at)
    found.happened[minutes] += 1
    found.answered_by.add(next((place for place, end in enumerate(GRID) if minutes <= end), len(GRID)), row.contact_id)


def _minutes(since: datetime, until: datetime) -> float:
    return float(max(0, int((until - since).total_seconds() // 60)))
