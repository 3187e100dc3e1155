"""Status callbacks of the carrier, which arrive late, twice and out of order. Each status is stored once and advances its message,
never back. All functions take a transaction and commit nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, func, select, update

from app.store.dialect import insert_ignore
from app.store.tables import MESSAGE_EVENT, OUTBOUND, RANKS, MessageStatus

S = MessageStatus
_MOMENT = OUTBOUND.c.sent_at.type
"""The type to give to parameters inside SQL functions: without one, a moment would be written in the driver's own form."""

WORDS = {
    "accepted": S.accepted,
    "scheduled": S.accepted,
    "queued": S.accepted,
    "sending": S.accepted,
    "sent": S.sent,
    "delivered": S.delivered,
    "read": S.read,
    "failed": S.failed,
    "undelivered": S.undelivered,
    "canceled": S.cancelled,
}
"""The carrier's words for a status, as ours."""

FAILURES = frozenset({S.failed, S.undelivered})


class StatusReport(Protocol):
    """A status reported by the carrier."""

    @property
    def sid(self) -> str:
        """The carrier's id of the message."""

    @property
    def status(self) -> str:
        """The carrier's word for the status."""

    @property
    def uid(self) -> str | None:
        """Our id of the message, from the callback URL."""

    @property
    def error_code(self) -> int | None:
        """The carrier's error code, if it failed."""


def advance(tx: Connection, statuses: Sequence[StatusReport], now: datetime) -> list[int]:
    """Store each (message, status) once and advance the messages. If we crashed before storing a SID, finds the row by the uid in
    the callback URL. Works in the order of SIDs, so that two processes with the same messages do not deadlock. Returns the
    ids of messages that have newly failed: each once, however often the failure is reported."""
    statuses = sorted(statuses, key=lambda report: report.sid)
    known = [report for report in statuses if report.status in WORDS]
    _link(tx, known, now)
    failing = _not_yet_failed(tx, {report.sid for report in known if WORDS[report.status] in FAILURES})
    ids = _by_sid(tx, {report.sid for report in statuses})
    insert_ignore(
        tx,
        MESSAGE_EVENT,
        [
            {
                "outbound_id": ids.get(report.sid),
                "sid": report.sid,
                "status": report.status[:20],
                "error_code": report.error_code,
                "at": now,
            }
            for report in statuses
        ],
    )
    rows = [_move(report, now) for report in known if report.sid in ids]
    if rows:
        tx.execute(_ADVANCE, rows)
    return failing


_LINK = (
    update(OUTBOUND)
    .where(OUTBOUND.c.uid == bindparam("its_uid"), OUTBOUND.c.sid.is_(None))
    .values(
        sid=bindparam("its_sid"),
        sent_at=func.coalesce(OUTBOUND.c.sent_at, bindparam("at", type_=_MOMENT)),
        lease_until=None,
        lease_owner=None,
    )
)
_ADVANCE = (
    update(OUTBOUND)
    .where(OUTBOUND.c.sid == bindparam("its_sid"), OUTBOUND.c.rank < bindparam("to_rank"))
    .values(
        status=bindparam("to_status"),
        rank=bindparam("to_rank"),
        error_code=func.coalesce(bindparam("code"), OUTBOUND.c.error_code),
        delivered_at=func.coalesce(OUTBOUND.c.delivered_at, bindparam("delivered", type_=_MOMENT)),
        read_at=func.coalesce(OUTBOUND.c.read_at, bindparam("seen", type_=_MOMENT)),
    )
)


def _link(tx: Connection, statuses: Sequence[StatusReport], now: datetime) -> None:
    rows = [{"its_uid": report.uid, "its_sid": report.sid, "at": now} for report in statuses if report.uid]
    if rows:
        tx.execute(_LINK, rows)


def _not_yet_failed(tx: Connection, sids: set[str]) -> list[int]:
    """Locks the rows: another process with the same report waits, and then finds the message failed."""
    if not sids:
        return []
    found = select(OUTBOUND.c.id).where(OUTBOUND.c.sid.in_(sids), OUTBOUND.c.rank < RANKS[S.failed])
    return list(tx.execute(found.order_by(OUTBOUND.c.sid).with_for_update()).scalars())


def _by_sid(tx: Connection, sids: set[str]) -> dict[str, int]:
    rows = tx.execute(select(OUTBOUND.c.sid, OUTBOUND.c.id).where(OUTBOUND.c.sid.in_(sids)))
    return dict(rows.all())


def _move(report: StatusReport, now: datetime) -> dict[str, Any]:
    status = WORDS[report.status]
    return {
        "its_sid": report.sid,
        "to_status": status.value,
        "to_rank": RANKS[status],
        "code": report.error_code,
        "delivered": now if status in (S.delivered, S.read) else None,
        "seen": now if status is S.read else None,
    }


def contact_of(tx: Connection, sid: str) -> int | None:
    """Whose message this is, by the carrier's name of it."""
    return tx.execute(select(OUTBOUND.c.contact_id).where(OUTBOUND.c.sid == sid)).scalar_one_or_none()
