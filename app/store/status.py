"""Counts for `trato status` and for people who watch a running service. Counts only: nobody's name, number or words."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from app.store.tables import (
    Bucket,
    Contact,
    DeadLetter,
    InboundMessage,
    Media,
    Nudge,
    OutboundMessage,
    Response,
    Session,
    Setting,
)

_bucket = Bucket.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_inbound = InboundMessage.__table__  # type: ignore[attr-defined]
_letter = DeadLetter.__table__  # type: ignore[attr-defined]
_media = Media.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_outbound = OutboundMessage.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]
_setting = Setting.__table__  # type: ignore[attr-defined]

SENT = ("accepted", "sent", "delivered", "read", "undelivered")
DELIVERED = ("delivered", "read")


def funnel(tx: Connection, since: datetime | None, now: datetime) -> dict[str, int]:
    """Flows planned for the time since then, and how far they came: planned, begun, sent, delivered, replied, completed.
    Each step counts flows, not messages; a flow is delivered when any message of it is."""
    session = _session.c.id == _nudge.c.session_id
    first = select(_outbound.c.session_id, _outbound.c.status).where(_outbound.c.session_id.is_not(None)).subquery()
    reached = (
        select(
            first.c.session_id,
            func.max(case((first.c.status.in_(SENT), 1), else_=0)).label("sent"),
            func.max(case((first.c.status.in_(DELIVERED), 1), else_=0)).label("delivered"),
        )
        .group_by(first.c.session_id)
        .subquery()
    )
    replied = select(_response.c.session_id).distinct().subquery()
    when = _nudge.c.planned_for <= now if since is None else and_(_nudge.c.planned_for > since, _nudge.c.planned_for <= now)
    row = tx.execute(
        select(
            func.count(),
            func.count(_nudge.c.session_id),
            func.coalesce(func.sum(reached.c.sent), 0),
            func.coalesce(func.sum(reached.c.delivered), 0),
            func.count(replied.c.session_id),
            func.count(case((_session.c.outcome == "completed", 1))),
        )
        .select_from(
            _nudge.outerjoin(_session, session)
            .outerjoin(reached, reached.c.session_id == _nudge.c.session_id)
            .outerjoin(replied, replied.c.session_id == _nudge.c.session_id)
        )
        .where(when)
    ).one()
    return dict(zip(("planned", "begun", "sent", "delivered", "replied", "completed"), map(int, row), strict=True))


def counts(tx: Connection, now: datetime) -> dict[str, Any]:
    """What else an operator looks at first."""
    queued = _outbound.c.status == "queued"
    due = and_(queued, _outbound.c.due_at <= now)
    oldest = tx.execute(select(func.min(_outbound.c.due_at)).where(due)).scalar_one_or_none()
    return {
        "contacts": _by(tx, _contact.c.status),
        "sessions_open": _count(tx, _session.c.ended_at.is_(None)),
        "responses": _count(tx, _response.c.status == "ok"),
        "outbox_due": _count(tx, due),
        "outbox_oldest_seconds": 0 if oldest is None else int((now - oldest).total_seconds()),
        "outbox_unknown": _count(tx, _outbound.c.status == "unknown"),
        "messages_failed": _count(tx, _outbound.c.status.in_(("failed", "undelivered", "expired"))),
        "needs_person": _count(tx, _inbound.c.needs_person.is_(True)),
        "unknown_senders": _count(tx, _inbound.c.outcome == "unknown_sender"),
        "dead_letters": _count(tx, _letter.c.replayed_at.is_(None)),
        "files": _by(tx, _media.c.status),
        "senders_paused": list(tx.execute(select(_bucket.c.sender).where(_bucket.c.paused_at.is_not(None))).scalars()),
        "stopped": tx.execute(select(_setting.c.value).where(_setting.c.name == "stopped")).scalar_one_or_none() == "1",
    }


def _count(tx: Connection, condition: Any) -> int:  # noqa: ANN401 - any of SQLAlchemy's conditions
    return int(tx.execute(select(func.count()).where(condition)).scalar_one())


def _by(tx: Connection, column: Any) -> dict[str, int]:  # noqa: ANN401
    return {value: int(count) for value, count in tx.execute(select(column, func.count()).group_by(column)).all()}
