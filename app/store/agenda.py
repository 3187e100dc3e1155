"""When something is due next: for a rehearsal, whose clock jumps from one such moment to the next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.tables import MessageStatus, Nudge, NudgeStatus, OutboundMessage, Session

_nudge = Nudge.__table__  # type: ignore[attr-defined]
_outbound = OutboundMessage.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]

_DUE = select(
    select(func.min(_nudge.c.due_at)).where(_nudge.c.status == NudgeStatus.planned).scalar_subquery().label("nudges"),
    select(func.min(_session.c.wake_at)).where(_session.c.ended_at.is_(None)).scalar_subquery().label("sessions"),
    select(func.min(_outbound.c.due_at))
    .where(_outbound.c.status == MessageStatus.queued)
    .scalar_subquery()
    .label("messages"),
)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The earliest moment of each, None if there is none."""

    nudges: datetime | None
    sessions: datetime | None
    messages: datetime | None


def read(tx: Connection) -> Agenda:
    """When a nudge, a session and a message are due next."""
    return Agenda(*tx.execute(_DUE).one())
