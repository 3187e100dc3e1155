"""The next due moments, for a rehearsal: its clock jumps from one to the next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.dialect import literal
from app.store.tables import NUDGE, OUTBOUND, SESSION, MessageStatus, NudgeStatus

_DUE = select(
    select(func.min(NUDGE.c.due_at))
    .where(NUDGE.c.status == literal(NudgeStatus.planned))
    .scalar_subquery()
    .label("nudges"),
    select(func.min(SESSION.c.wake_at)).where(SESSION.c.ended_at.is_(None)).scalar_subquery().label("sessions"),
    select(func.min(OUTBOUND.c.due_at))
    .where(OUTBOUND.c.status == literal(MessageStatus.queued))
    .scalar_subquery()
    .label("messages"),
)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The earliest due nudge, session and message; None where there is none."""

    nudges: datetime | None
    sessions: datetime | None
    messages: datetime | None


def read(tx: Connection) -> Agenda:
    """Read the next due moments."""
    return Agenda(*tx.execute(_DUE).one())
