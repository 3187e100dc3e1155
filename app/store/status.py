"""Counts for `trato status` and for monitoring. Counts only: no name, number or message text."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, and_, cast, func, select

from app.store import alert_deliveries, alerts, cases, heartbeat, holds, sweeps
from app.store.cases import CaseCount
from app.store.holds import Hold
from app.store.our_numbers import resting
from app.store.pauses import held_officers, is_stopped, paused_cohorts
from app.store.silent import SILENT
from app.store.tables import (
    BUCKET,
    CONTACT,
    DEAD_LETTER,
    DEFERRED,
    INBOUND,
    MEDIA,
    OUTBOUND,
    RESPONSE,
    SESSION,
)
from app.store.tryouts import begun_by_officers, of_real, officers

UNTRIED = timedelta(minutes=5)
"""How late the delivery of an alert may be before it is reported."""


def spent(tx: Connection, since: datetime | None) -> dict[str, Any]:
    """Messages accepted by the carrier since this moment, their segments, and their cost by currency as far as the carrier has
    reported it."""
    sent = (
        OUTBOUND.c.sid.is_not(None) if since is None else and_(OUTBOUND.c.sid.is_not(None), OUTBOUND.c.sent_at > since)
    )
    messages, segments = tx.execute(
        select(func.count(), func.coalesce(func.sum(OUTBOUND.c.segments), 0)).where(sent)
    ).one()
    cost = func.sum(cast(OUTBOUND.c.price, Float))
    rows = tx.execute(
        select(OUTBOUND.c.price_unit, cost).where(sent, OUTBOUND.c.price.is_not(None)).group_by(OUTBOUND.c.price_unit)
    )
    return {
        "messages": int(messages),
        "segments": int(segments),
        "cost": {unit or "": round(total, 5) for unit, total in rows.all()},
    }


def counts(tx: Connection, now: datetime) -> dict[str, Any]:
    """The other counts that an operator looks at first. Officers, sessions and answers of tryouts do not count; what a tryout sends, or leaves
    for a person to see to, does."""
    queued = OUTBOUND.c.status == "queued"
    due = and_(queued, OUTBOUND.c.due_at <= now)
    oldest = tx.execute(select(func.min(OUTBOUND.c.due_at)).where(due)).scalar_one_or_none()
    return {
        "contacts": _by(tx, CONTACT.c.status, of_real()),
        "sessions_open": _count(tx, and_(SESSION.c.ended_at.is_(None), begun_by_officers())),
        "responses": _count(tx, and_(RESPONSE.c.status == "ok", RESPONSE.c.contact_id.not_in(officers()))),
        "outbox_due": _count(tx, due),
        "outbox_oldest_seconds": 0 if oldest is None else int((now - oldest).total_seconds()),
        "outbox_unknown": _count(tx, OUTBOUND.c.status == "unknown"),
        "messages_silent": _count(
            tx, and_(OUTBOUND.c.status.in_(("accepted", "sent")), OUTBOUND.c.error_class == SILENT)
        ),
        "messages_failed": _count(tx, OUTBOUND.c.status.in_(("failed", "undelivered", "expired"))),
        "needs_person": _count(tx, INBOUND.c.needs_person.is_(True)),
        "cases": {why: _waiting(one, now) for why, one in cases.counts(tx, now).items()},
        "unknown_senders": _count(tx, INBOUND.c.outcome == "unknown_sender"),
        "dead_letters": _count(tx, DEAD_LETTER.c.replayed_at.is_(None)),
        "deferred_messages": _count(tx, DEFERRED.c.id.is_not(None)),
        "files": _by(tx, MEDIA.c.status),
        "on_hold": on_hold(tx),
        "failing_jobs": failing_jobs(tx),
        "not_ready": not_ready(tx),
        "alerts_undelivered": alert_deliveries.undelivered(tx, now - UNTRIED),
        "senders_resting": resting(tx, now),
        **stopped(tx),
    }


def _waiting(found: CaseCount, now: datetime) -> dict[str, int]:
    """The open cases of a reason: how many, how many that nobody has taken, and the age of the oldest in hours."""
    return {"open": found.cases, "new": found.new, "oldest_hours": int((now - found.oldest) / timedelta(hours=1))}


def running(tx: Connection, now: datetime) -> dict[str, str]:
    """Whether the clock ticks, in any process, and how far the sweep is."""
    ticks = heartbeat.is_ticking(tx, now)
    return {"clock": "ticking" if ticks else "stopped", "sweep": sweeps.state(tx, now)}


def stopped(tx: Connection) -> dict[str, Any]:
    """The pauses in force: numbers, cohorts, officers, the whole service."""
    return {
        "senders_paused": list(tx.execute(select(BUCKET.c.sender).where(BUCKET.c.paused_at.is_not(None))).scalars()),
        "cohorts_paused": paused_cohorts(tx),
        "officers_held": held_officers(tx),
        "stopped": is_stopped(tx),
    }


def on_hold(tx: Connection) -> dict[str, list[str]]:
    """The study ids of the officers on hold, by the most serious reason of each: see `Hold`."""
    rows = tx.execute(
        select(CONTACT.c.study_id, CONTACT.c.held_at, CONTACT.c.held_for)
        .where(CONTACT.c.held_at.is_not(None))
        .order_by(CONTACT.c.id)
    )
    found: dict[str, list[str]] = {}
    for study_id, held_at, held_for in rows:
        worst = min(holds.read(held_at, held_for), key=list(Hold).index)
        found.setdefault(worst, []).append(study_id)
    return found


def not_ready(tx: Connection) -> dict[str, list[str]]:
    """The programmes that may not begin any campaign, with the codes of `trato check --for-launch` that say why."""
    return {
        one.subject.partition(":")[2]: list(json.loads(one.detail).get("lacking", ()))
        for one in alerts.open_alerts(tx)
        if one.kind == alerts.NOT_READY
    }


def failing_jobs(tx: Connection) -> dict[str, str]:
    """The jobs that fail again and again in any process, each with the type and the place of its first error."""
    return {
        one.subject: str(json.loads(one.detail).get("error", ""))
        for one in alerts.open_alerts(tx)
        if one.kind == alerts.JOB
    }


def _count(tx: Connection, condition: Any) -> int:  # noqa: ANN401 - any of SQLAlchemy's conditions
    return int(tx.execute(select(func.count()).where(condition)).scalar_one())


def _by(tx: Connection, column: Any, *conditions: ColumnElement[bool]) -> dict[str, int]:  # noqa: ANN401
    counted = select(column, func.count()).where(*conditions).group_by(column)
    return {value: int(count) for value, count in tx.execute(counted).all()}
