"""When something is due next: for a rehearsal, whose clock jumps from one such moment to the next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.tables import NUDGE, OUTBOUND, SESSION, MessageStatus, NudgeStatus

_DUE = select(
    select(func.min(NUDGE.c.due_at)).where(NUDGE.c.status == NudgeStatus.planned).scalar_subquery().label("nudges"),
    select(func.min(SESSION.c.wake_at)).where(SESSION.c.ended_at.is_(None)).scalar_subquery().label("sessions"),
    select(func.min(OUTBOUND.c.due_at))
    .where(OUTBOUND.c.status == MessageStatus.queued)
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
